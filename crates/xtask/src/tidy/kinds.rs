//! A content kind is a leaf: outside its own folders nothing names it, or it could not be added or taken away alone.

use super::edges::{KINDS, Role, role_of};
use super::{Finding, Tree};

/// Where kinds are listed.
const LISTS: [&str; 2] = ["crates/revenge/src/kinds.rs", "web/src/lib/kinds.ts"];
/// Words of people's languages, tools that make media, and the addresses of other services, which have words of their own.
const FREE_FOLDERS: [&str; 5] = [
    "crates/naming/src/lexicon/",
    "crates/metadata/src/",
    "crates/xtask/",
    "web/src/lib/i18n/",
    "crates/testkit/",
];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = vec![];
    for file in tree.written(&["rs", "ts", "svelte"]) {
        let is_free = file.is_test()
            || LISTS.contains(&file.path.as_str())
            || FREE_FOLDERS.iter().any(|it| file.path.starts_with(it))
            || file.crate_name().and_then(role_of) == Some(Role::Dialect);
        if is_free {
            continue;
        }
        for kind in KINDS {
            let is_own = file.path.split(['/', '.']).any(|it| it == kind);
            if is_own {
                continue;
            }
            for (number, _) in file.code_lines().filter(|(_, line)| names(line, kind)) {
                let message = format!(
                    "line {number}: names the kind \"{kind}\": the spine needs a concept for this"
                );
                findings.push(Finding { rule: "kinds", path: file.path.clone(), message });
            }
        }
    }
    findings
}

/// Whether a line means the kind, not the English word: as a path, a quoted id or a part of a route.
fn names(line: &str, kind: &str) -> bool {
    let is_foreign_address = line.contains(".com/");
    !is_foreign_address
        && line.match_indices(kind).any(|(at, _)| {
            let (before, after) = (line[..at].chars().next_back(), &line[at + kind.len()..]);
            let starts = !before.is_some_and(|it| it.is_alphanumeric() || it == '_');
            let is_quoted = before.is_some_and(|it| "\"'`/".contains(it))
                && after.starts_with(['"', '\'', '`', '/']);
            starts && (is_quoted || after.starts_with("::"))
        })
}

#[cfg(test)]
mod tests {
    use super::{Tree, check};

    #[test]
    fn a_kind_named_outside_its_folders_is_found() {
        for (path, line, expected) in [
            ("crates/catalog/src/home.rs", "if kind == \"movies\" {", 1),
            ("crates/catalog/src/home.rs", "movies::list()", 1),
            ("crates/catalog/src/home.rs", "    // movies::list() is not called here", 0),
            ("crates/revenge/src/doctor.rs", "let text = \"shows what is wrong\";", 0),
            ("crates/metadata/src/nfo.rs", "\"example.com/shows/\"", 0),
            ("crates/revenge/src/kinds.rs", "&movies::KIND,", 0),
            ("crates/movies/src/lib.rs", "id: \"movies\",", 0),
            ("web/src/routes/(app)/shows/+page.svelte", "<a href=\"/shows/\">", 0),
            ("web/src/routes/(app)/+page.svelte", "<a href=\"/shows/\">", 1),
        ] {
            assert_eq!(check(&Tree::sample(&[(path, line)])).len(), expected, "{path}: {line}");
        }
    }
}
