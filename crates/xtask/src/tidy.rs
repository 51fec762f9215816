//! The rules of the house that no lint knows. Each rule reads the tree or the crates and returns what breaks it.
//!
//! Exceptions are lines of `tidy/allowed.txt`. One that excuses nothing any more is an error, so the list only shrinks.

mod edges;
mod exceptions;
mod kinds;
mod length;
mod locks;
mod names;
mod notes;
mod sql;
mod tree;

use anyhow::{Result, bail};

use self::tree::Tree;

/// Something that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    /// The rule's name, as in the list of exceptions.
    rule: &'static str,
    /// The file or crate.
    path: String,
    /// What is wrong and what to do.
    message: String,
}

/// Checks every rule on the workspace.
pub fn run() -> Result<()> {
    let tree = Tree::of_workspace()?;
    let crates = edges::Crate::of_workspace()?;
    let findings = [
        length::check(&tree),
        notes::check(&tree),
        names::check(&tree),
        sql::check(&tree),
        kinds::check(&tree),
        locks::check(&tree),
        edges::check(&crates),
    ]
    .concat();
    let mut findings = exceptions::apply(include_str!("tidy/allowed.txt"), &findings);
    findings.sort();
    for it in &findings {
        println!("{}: {} [{}]", it.path, it.message, it.rule);
    }
    match findings.len() {
        0 => Ok(()),
        1 => bail!("one rule of the house is broken"),
        n => bail!("{n} rules of the house are broken"),
    }
}
