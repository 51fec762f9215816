//! No file is feared: Rust stays under 800 lines, Svelte under 400.

use super::{Finding, Tree};

const LIMITS: [(&str, usize); 2] = [("rs", 800), ("svelte", 400)];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = vec![];
    for (extension, limit) in LIMITS {
        for file in tree.written(&[extension]) {
            let n_lines = file.text.lines().count();
            if n_lines > limit {
                let message = format!("{n_lines} lines, at most {limit}: split it by noun or verb");
                findings.push(Finding { rule: "length", path: file.path.clone(), message });
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{Tree, check};

    #[test]
    fn a_long_file_is_found_unless_generated() {
        let (rust, svelte) = ("\n".repeat(801), "\n".repeat(401));
        let generated = format!("// @generated\n{rust}");
        let tree = Tree::sample(&[
            ("crates/catalog/src/long.rs", &rust),
            ("crates/catalog/src/fine.rs", &"\n".repeat(800)),
            ("crates/catalog/src/table.rs", &generated),
            ("web/src/Long.svelte", &svelte),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|it| it.path).collect();
        assert_eq!(found, ["crates/catalog/src/long.rs", "web/src/Long.svelte"]);
    }
}
