//! A name says what a thing does. Words that fit everything are no names: neither for a module nor at a type's end.

use super::{Finding, Tree};

const MODULE_WORDS: [&str; 12] = [
    "common", "core", "shared", "helper", "helpers", "util", "utils", "misc", "manager",
    "managers", "tools", "stuff",
];
const TYPE_ENDINGS: [&str; 9] =
    ["Manager", "Helper", "Helpers", "Util", "Utils", "Service", "Info", "Data", "Common"];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = vec![];
    for file in tree.written(&["rs", "ts", "js", "svelte"]) {
        let stem = file.path.rsplit_once('.').map_or(file.path.as_str(), |it| it.0);
        for part in stem.split('/') {
            let last_word = part.rsplit(['_', '-']).next().unwrap_or(part).to_lowercase();
            if MODULE_WORDS.contains(&last_word.as_str()) {
                let message = format!("\"{part}\" says nothing: name it for what it knows");
                findings.push(Finding { rule: "names", path: file.path.clone(), message });
            }
        }
        for (number, line) in file.code_lines() {
            if let Some(name) = declared_type(line).filter(|it| ends_badly(it)) {
                let message = format!("line {number}: \"{name}\" ends in a word that says nothing");
                findings.push(Finding { rule: "names", path: file.path.clone(), message });
            }
        }
    }
    findings
}

/// The type that a line of Rust or TypeScript declares.
fn declared_type(line: &str) -> Option<&str> {
    let mut words =
        line.split_whitespace().skip_while(|it| it.starts_with("pub") || *it == "export");
    let keyword = words.next()?;
    if !["struct", "enum", "trait", "class", "interface"].contains(&keyword) {
        return None;
    }
    words.next()?.split(|it: char| !it.is_alphanumeric()).next()
}

fn ends_badly(name: &str) -> bool {
    TYPE_ENDINGS.iter().any(|it| name.ends_with(it))
}

#[cfg(test)]
mod tests {
    use super::{Tree, check};

    #[test]
    fn a_module_named_for_nothing_is_found() {
        for path in [
            "crates/catalog/src/utils.rs",
            "web/src/lib/helpers/time.ts",
            "crates/search/src/index_manager.rs",
        ] {
            assert_eq!(check(&Tree::sample(&[(path, "")])).len(), 1, "{path}");
        }
        assert_eq!(check(&Tree::sample(&[("crates/media/src/tool.rs", "")])), []);
    }

    #[test]
    fn a_type_that_ends_in_an_empty_word_is_found() {
        for (line, expected) in [
            ("pub struct ScanManager {", 1),
            ("pub(crate) enum MediaInfo {", 1),
            ("export interface UserData {", 1),
            ("pub struct Scan {", 0),
            ("// struct ScanManager", 0),
        ] {
            assert_eq!(check(&Tree::sample(&[("a.rs", line)])).len(), expected, "{line}");
        }
    }
}
