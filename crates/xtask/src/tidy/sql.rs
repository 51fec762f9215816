//! SQL stands in stores only, where scope and indexes are looked after. A dialect has none at all.

use super::edges::{Role, role_of};
use super::{Finding, Tree};

const MARKS: [&str; 7] = [
    "sqlx::query",
    "sqlx::raw_sql",
    "sqlx::QueryBuilder",
    "query!(",
    "query_as!(",
    "query_scalar!(",
    "raw_sql(",
];
/// Crates that are about the database itself, or about tests.
const FREE_CRATES: [&str; 4] = ["jobs", "postgres", "testkit", "xtask"];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = vec![];
    for file in tree.written(&["rs", "toml"]) {
        let Some(name) = file.crate_name() else { continue };
        let is_dialect = role_of(name) == Some(Role::Dialect);
        let is_store = file.path.ends_with("/store.rs") || file.path.contains("/store/");
        if is_dialect {
            for (number, _) in
                file.code_lines().filter(|(_, it)| it.contains("sqlx") || it.contains("store::"))
            {
                let message = format!(
                    "line {number}: a dialect translates and never queries: call a service"
                );
                findings.push(Finding { rule: "sql", path: file.path.clone(), message });
            }
        } else if !is_store && !file.is_test() && !FREE_CRATES.contains(&name) {
            for (number, _) in
                file.code_lines().filter(|(_, line)| MARKS.iter().any(|it| line.contains(it)))
            {
                let message =
                    format!("line {number}: SQL outside a store: move the query to store.rs");
                findings.push(Finding { rule: "sql", path: file.path.clone(), message });
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{Tree, check};

    #[test]
    fn sql_outside_a_store_is_found() {
        const QUERY: &str = "let row = sqlx::query!(\"SELECT 1\");\n";
        for (path, expected) in [
            ("crates/catalog/src/service.rs", 1),
            ("crates/catalog/src/store.rs", 0),
            ("crates/catalog/src/store/items.rs", 0),
            ("crates/postgres/src/pool.rs", 0),
            ("crates/jellyfin/src/map.rs", 1),
            ("crates/jellyfin/src/store.rs", 1),
        ] {
            assert_eq!(check(&Tree::sample(&[(path, QUERY)])).len(), expected, "{path}");
        }
    }

    #[test]
    fn a_dialect_may_not_even_depend_on_sqlx() {
        let tree = Tree::sample(&[("crates/opds/Cargo.toml", "sqlx.workspace = true\n")]);
        assert_eq!(check(&tree).len(), 1);
    }
}
