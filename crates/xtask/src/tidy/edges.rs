//! Who may depend on whom. Only normal dependencies count: tests may know anyone.

use anyhow::Result;
use cargo_metadata::{DependencyKind, MetadataCommand};

use super::Finding;
use crate::root::root;

/// What a crate is to the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Knows nobody.
    Ground,
    /// Pure knowledge of media files.
    Media,
    /// What the machine and the network offer.
    Platform,
    /// A domain with tables of its own.
    Domain,
    /// The spine of all content.
    Spine,
    /// What plays.
    Playback,
    /// What brings households from other servers.
    Arrivals,
    /// What tells people outside of the app.
    Notices,
    /// What people ask for.
    Requests,
    /// A kind of content.
    Kind,
    /// Another server's protocol.
    Dialect,
    /// The test house.
    Testkit,
    /// The program.
    Program,
}

/// The content kinds.
pub const KINDS: [&str; 2] = ["movies", "shows"];

const PLATFORM: [&str; 6] = ["wire", "postgres", "cache", "search", "jobs", "outbound"];

/// A crate's role; none for one that this list has not heard of.
pub fn role_of(name: &str) -> Option<Role> {
    match name {
        "kernel" | "naming" | "xtask" => Some(Role::Ground),
        "media" => Some(Role::Media),
        "metadata" | "accounts" | "backup" => Some(Role::Domain),
        "catalog" => Some(Role::Spine),
        "playback" => Some(Role::Playback),
        "arrivals" => Some(Role::Arrivals),
        "notices" => Some(Role::Notices),
        "requests" => Some(Role::Requests),
        "jellyfin" | "opensubsonic" | "opds" => Some(Role::Dialect),
        "testkit" => Some(Role::Testkit),
        "revenge" => Some(Role::Program),
        _ if PLATFORM.contains(&name) => Some(Role::Platform),
        // Also an area with a catalog of its own, so that the program does name it.
        "adult" => Some(Role::Kind),
        _ if KINDS.contains(&name) => Some(Role::Kind),
        _ => None,
    }
}

impl Role {
    /// Whether a crate of this role may depend on the crate `other`.
    fn may_know(self, other: &str) -> bool {
        let knows_platform = other == "kernel" || PLATFORM.contains(&other);
        match self {
            Self::Ground => false,
            Self::Media | Self::Platform => other == "kernel",
            Self::Domain | Self::Testkit => knows_platform,
            Self::Spine => knows_platform || ["naming", "media", "metadata"].contains(&other),
            Self::Playback => knows_platform || ["catalog", "media"].contains(&other),
            Self::Arrivals => knows_platform || ["accounts", "catalog", "naming"].contains(&other),
            Self::Notices => knows_platform || ["accounts", "catalog"].contains(&other),
            Self::Requests => {
                knows_platform || ["accounts", "catalog", "metadata", "naming"].contains(&other)
            }
            Self::Kind => {
                knows_platform || ["catalog", "naming", "media", "metadata"].contains(&other)
            }
            Self::Dialect => ["kernel", "wire", "accounts", "catalog", "playback"].contains(&other),
            Self::Program => other != "testkit" && other != "xtask",
        }
    }
}

/// A crate of the workspace and the others it depends on.
pub struct Crate {
    name: String,
    knows: Vec<String>,
}

impl Crate {
    /// All crates, as Cargo sees them.
    pub fn of_workspace() -> Result<Vec<Self>> {
        let metadata =
            MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec()?;
        let names: Vec<String> = metadata.packages.iter().map(|it| it.name.to_string()).collect();
        let known = |package: &cargo_metadata::Package| {
            let normal = package.dependencies.iter().filter(|it| it.kind == DependencyKind::Normal);
            normal.map(|it| it.name.clone()).filter(|it| names.contains(it)).collect()
        };
        Ok(metadata
            .packages
            .iter()
            .map(|it| Self { name: it.name.to_string(), knows: known(it) })
            .collect())
    }
}

pub fn check(crates: &[Crate]) -> Vec<Finding> {
    let mut findings = vec![];
    for it in crates {
        let path = format!("crates/{}", it.name);
        let Some(role) = role_of(&it.name) else {
            let message = "has no role: give it one in tidy/edges.rs".to_owned();
            findings.push(Finding { rule: "edges", path, message });
            continue;
        };
        for other in it.knows.iter().filter(|other| !role.may_know(other)) {
            let message = format!("depends on {other}, which its role ({role:?}) does not allow");
            findings.push(Finding { rule: "edges", path: path.clone(), message });
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{Crate, check};

    #[test]
    fn an_edge_that_points_the_wrong_way_is_found() {
        for (name, knows, expected) in [
            ("kernel", "wire", 1),
            ("naming", "kernel", 1),
            ("media", "kernel", 0),
            ("catalog", "naming", 0),
            ("catalog", "metadata", 0),
            ("metadata", "catalog", 1),
            ("movies", "shows", 1),
            ("movies", "metadata", 0),
            ("jellyfin", "postgres", 1),
            ("jellyfin", "movies", 1),
            ("testkit", "catalog", 1),
            ("revenge", "shows", 0),
            ("revenge", "testkit", 1),
            ("comics", "kernel", 1),
        ] {
            let crates = [Crate { name: name.to_owned(), knows: vec![knows.to_owned()] }];
            assert_eq!(check(&crates).len(), expected, "{name} -> {knows}");
        }
    }
}
