//! Lock files name packages and their digests, not the address they were once fetched from: it may be a mirror that
//! nobody else reaches.

use super::{Finding, Tree};

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = vec![];
    for file in &tree.files {
        if file.path.ends_with("package-lock.json") && file.text.contains("\"resolved\"") {
            let message =
                "names addresses: install with omit-lockfile-registry-resolved=true in .npmrc"
                    .to_owned();
            findings.push(Finding { rule: "locks", path: file.path.clone(), message });
        }
        if file.path.ends_with("Cargo.lock") {
            let sources = file.text.lines().filter(|it| it.starts_with("source = "));
            let foreign = sources
                .filter(|it| !it.contains("registry+https://github.com/rust-lang/crates.io-index"));
            if foreign.count() > 0 {
                let message = "has packages that are not from crates.io".to_owned();
                findings.push(Finding { rule: "locks", path: file.path.clone(), message });
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{Tree, check};

    #[test]
    fn a_lock_file_that_names_a_mirror_is_found() {
        let tree = Tree::sample(&[
            ("web/package-lock.json", "\"resolved\": \"https://mirror.example/x.tgz\""),
            ("Cargo.lock", "source = \"registry+https://mirror.example/index\""),
            ("deploy/postgresql/package-lock.json", "\"integrity\": \"sha512-x\""),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|it| it.path).collect();
        assert_eq!(found, ["web/package-lock.json", "Cargo.lock"]);
    }
}
