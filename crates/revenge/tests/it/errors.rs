//! Every code a client may branch on is explained.

use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_error_code_is_documented() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut used: BTreeSet<String> =
        ["unauthenticated", "not_found", "forbidden", "invalid", "busy", "overloaded"]
            .into_iter()
            .chain(["unavailable", "internal", "accounts.outside_hours"])
            .map(str::to_owned)
            .collect();
    collect(&root.join("crates"), &mut used);
    let page = std::fs::read_to_string(root.join("docs/errors.md")).expect("docs/errors.md");
    let documented: BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .map(|it| it.trim().trim_matches('`').to_owned())
        .collect();
    assert_eq!(used, documented, "docs/errors.md has one heading for each code, and no other");
}

/// The codes that `Error::conflict("...")` is given in the sources.
fn collect(folder: &Path, codes: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            if path.file_name().is_some_and(|it| it != "tests" && it != "target") {
                collect(&path, codes);
            }
        } else if path.extension().is_some_and(|it| it == "rs") && !path.ends_with("tests.rs") {
            let text = std::fs::read_to_string(&path).expect("a source");
            for call in text.split("Error::conflict(").skip(1) {
                if let Some(code) =
                    call.trim_start().strip_prefix('"').and_then(|it| it.split('"').next())
                {
                    codes.insert(code.to_owned());
                }
            }
        }
    }
}
