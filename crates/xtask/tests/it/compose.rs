//! `deploy/compose.yaml`: the images it uses have traps, and each is asserted here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::Value;

fn deploy(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(name)
}

fn text() -> String {
    fs::read_to_string(deploy("compose.yaml")).expect("the file is in the repository")
}

fn compose() -> Value {
    let documents = Yaml::load_from_str(&text()).expect("it is YAML");
    json(&documents[0])
}

/// The same as JSON, which answers a question for a missing key with null.
fn json(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Value(Scalar::Boolean(it)) => Value::from(*it),
        Yaml::Value(Scalar::Integer(it)) => Value::from(*it),
        Yaml::Value(Scalar::String(it)) => Value::from(it.as_ref()),
        Yaml::Sequence(items) => items.iter().map(json).collect(),
        Yaml::Mapping(entries) => {
            let key = |it: &Yaml| it.as_str().expect("every key is a text").to_owned();
            entries.iter().map(|(name, value)| (key(name), json(value))).collect()
        }
        other => panic!("not expected in a compose file: {other:?}"),
    }
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

const SERVICES: [&str; 4] = ["revenge", "postgres", "dragonfly", "typesense"];

#[test]
fn every_service_has_a_health_check_a_limit_and_a_fixed_version() {
    let compose = compose();
    let services = compose["services"].as_object().expect("services");
    assert_eq!(services.keys().map(String::as_str).collect::<Vec<_>>(), SERVICES);
    for (name, service) in services {
        let test = strings(&service["healthcheck"]["test"]);
        assert_eq!(test.first(), Some(&"CMD"), "{name}");
        for key in ["interval", "timeout", "retries", "start_period"] {
            assert!(!service["healthcheck"][key].is_null(), "{name}: {key}");
        }
        assert!(service["deploy"]["resources"]["limits"]["memory"].is_string(), "{name}");
        let image = service["image"].as_str().expect("an image");
        let version = image.rsplit_once(':').map(|it| it.1);
        assert!(name == "revenge" || version.is_some_and(|it| it != "latest"), "{image}");
    }
}

#[test]
fn revenge_waits_for_healthy_parts_and_runs_without_privileges() {
    let revenge = &compose()["services"]["revenge"];
    for part in &SERVICES[1..] {
        assert_eq!(revenge["depends_on"][part]["condition"], "service_healthy", "{part}");
    }
    assert_eq!(revenge["read_only"], true);
    assert_eq!(strings(&revenge["cap_drop"]), ["ALL"]);
    assert!(strings(&revenge["volumes"]).iter().any(|it| it.ends_with(":/media:ro")));
}

#[test]
fn the_volume_of_postgres_lies_above_its_version_folders() {
    let postgres = &compose()["services"]["postgres"];
    assert_eq!(postgres["image"], "postgres:18");
    assert_eq!(strings(&postgres["volumes"]), ["postgres:/var/lib/postgresql"]);
}

#[test]
fn typesense_is_checked_without_the_curl_that_its_image_lacks() {
    let compose = compose();
    let test = strings(&compose["services"]["typesense"]["healthcheck"]["test"]);
    assert!(test.iter().all(|it| !it.contains("curl") && !it.contains("wget")), "{test:?}");
    assert!(test.iter().any(|it| it.contains("/dev/tcp/127.0.0.1/8108")), "{test:?}");
}

#[test]
fn dragonfly_evicts_by_its_own_flag() {
    let compose = compose();
    let command = strings(&compose["services"]["dragonfly"]["command"]);
    assert!(command.contains(&"--cache_mode=true"), "{command:?}");
    assert!(!command.iter().any(|it| it.contains("maxmemory-policy")), "{command:?}");
}

#[test]
fn every_volume_and_network_is_declared_and_no_secret_is_written_down() {
    let compose = compose();
    for name in SERVICES {
        let service = &compose["services"][name];
        for volume in strings(&service["volumes"]) {
            let source = volume.split(':').next().expect("a source");
            let is_declared = compose["volumes"].get(source).is_some();
            assert!(is_declared || source.starts_with('$'), "{name}: {volume}");
        }
        for network in strings(&service["networks"]) {
            assert!(compose["networks"].get(network).is_some(), "{name}: {network}");
        }
        for (key, value) in service["environment"].as_object().into_iter().flatten() {
            if !(key.contains("PASSWORD") || key.contains("API_KEY")) {
                continue;
            }
            let secret = value.as_str().and_then(|it| it.strip_prefix("/run/secrets/"));
            let is_handed_over =
                secret.is_some_and(|it| strings(&service["secrets"]).contains(&it));
            assert!(key.ends_with("_FILE") && is_handed_over, "{name}: {key}");
        }
        for secret in strings(&service["secrets"]) {
            let file = compose["secrets"][secret]["file"].as_str();
            assert_eq!(
                file,
                Some(format!("./secrets/{secret}").as_str()),
                "Git ignores the folder"
            );
        }
    }
}

/// What Docker Compose says of such a file, with `media` in the example of its variables; it starts nothing.
#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
fn read_by_compose(text: &str, media: &str) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    // The version of Debian 12 checks by the schema of 1.29, which does not know the project's name yet.
    let text = text.replacen("\nname: revenge\n", "\n", 1);
    fs::write(folder.path().join("compose.yaml"), text).expect("written");
    let example = fs::read_to_string(deploy("example.env")).expect("the file is in the repository");
    let filled = example.replacen("\nMEDIA=\n", &format!("\nMEDIA={media}\n"), 1);
    fs::write(folder.path().join(".env"), filled).expect("written");
    let mut command = Command::new("docker-compose");
    command.current_dir(folder.path()).args(["-f", "compose.yaml", "config"]);
    command.output().expect("`make setup` installs docker-compose")
}

#[test]
fn docker_compose_understands_every_word() {
    let read = read_by_compose(&text(), "/films");
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let told = String::from_utf8_lossy(&read.stdout);
    for name in SERVICES {
        assert!(told.contains(&format!("  {name}:\n")), "{told}");
    }
    let unset = read_by_compose(&text(), "");
    assert!(String::from_utf8_lossy(&unset.stderr).contains("set it in deploy/.env"), "{unset:?}");
    for (right, wrong) in [("read_only: true", "read_onli: true"), ("retries: 3", "retries: many")]
    {
        let broken = text().replacen(right, wrong, 1);
        assert_ne!(broken, text(), "{right}");
        assert!(
            !read_by_compose(&broken, "/films").status.success(),
            "it would not tell of {wrong}"
        );
    }
}
