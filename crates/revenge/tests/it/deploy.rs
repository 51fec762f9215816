//! What stands in `deploy/` for other programs: readable for them, and about what the server really measures.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use saphyr::{LoadableYamlNode as _, Yaml};
use serde_json::Value;

fn deploy(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every `revenge_...` word, without what Prometheus puts behind the name of a distribution.
fn measurements(text: &str) -> BTreeSet<String> {
    let words = text.split(|it: char| !it.is_ascii_alphanumeric() && it != '_');
    let names = words.filter(|it| it.starts_with("revenge_"));
    let plain = |it: &str| {
        let end = ["_sum", "_count"].into_iter().find_map(|end| it.strip_suffix(end));
        end.unwrap_or(it).to_owned()
    };
    names.map(plain).collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            files.push(path);
        }
    }
    files
}

/// What the server writes: the first word of every measurement in its source.
fn written() -> BTreeSet<String> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the folder of all crates");
    let mut names = BTreeSet::new();
    for path in rust_files(crates) {
        let text = std::fs::read_to_string(path).expect("a source");
        for begin in ["counter!(\"", "gauge!(\"", "histogram!(\""] {
            let found = text.split(begin).skip(1).filter_map(|it| it.split('"').next());
            names.extend(found.map(str::to_owned));
        }
    }
    names
}

#[test]
fn the_dashboard_and_the_alerts_are_about_what_the_server_measures() {
    let written = written();
    assert!(written.len() >= 6, "{written:?}");
    for name in ["monitoring/grafana-dashboard.json", "monitoring/alerts.yaml"] {
        for measurement in measurements(&deploy(name)) {
            assert!(written.contains(&measurement), "{name}: nothing measures {measurement}");
        }
    }
}

#[test]
fn everything_measured_is_described() {
    let described = deploy("README.md");
    for measurement in written() {
        assert!(
            described.contains(&format!("`{measurement}`")),
            "{measurement} is not in deploy/README.md"
        );
    }
}

#[test]
fn the_dashboard_is_one() {
    let dashboard: Value =
        serde_json::from_str(&deploy("monitoring/grafana-dashboard.json")).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let mut ids = BTreeSet::new();
    for panel in panels {
        assert!(ids.insert(panel["id"].as_u64().expect("an id")), "{panel}");
        for target in panel["targets"].as_array().expect("questions") {
            is_balanced(target["expr"].as_str().expect("a question"));
        }
    }
}

#[test]
fn the_rules_are_read_as_yaml_and_each_says_what_to_do() {
    for name in ["monitoring/alerts.yaml", "monitoring/prometheus.yaml", "compose.yaml"] {
        let text = deploy(name);
        let documents = Yaml::load_from_str(&text).expect("YAML");
        assert_eq!(documents.len(), 1, "{name}");
    }
    let text = deploy("monitoring/alerts.yaml");
    let documents = Yaml::load_from_str(&text).expect("YAML");
    let rules = documents[0]["groups"][0]["rules"].as_vec().expect("rules");
    assert!(rules.len() >= 5);
    for rule in rules {
        is_balanced(rule["expr"].as_str().expect("a question"));
        for field in ["summary", "what"] {
            assert!(
                rule["annotations"][field].as_str().is_some_and(|it| !it.is_empty()),
                "{rule:?}"
            );
        }
    }
}

/// That every bracket that opens also closes, in order.
fn is_balanced(text: &str) {
    let mut open = Vec::new();
    for it in text.chars() {
        match it {
            '(' | '[' | '{' => open.push(it),
            ')' | ']' | '}' => {
                let pair = (open.pop(), it);
                assert!(
                    matches!(pair, (Some('('), ')') | (Some('['), ']') | (Some('{'), '}')),
                    "{text}"
                );
            }
            _ => {}
        }
    }
    assert!(open.is_empty(), "{text}");
}
