//! Where a copy of the database is.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// Each is asked every second, by every node.
const MAX_REPLICAS: usize = 16;

/// Where a replica is. What is not said is as for the primary: port, user, password, encryption, and always the name of the
/// database.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReplicaSection {
    /// All of it in one, as `database.url`.
    pub url: Option<String>,
    /// Host name, address or the folder of a unix socket.
    pub host: Option<String>,
    /// Its port.
    pub port: Option<u16>,
    /// The role.
    pub user: Option<String>,
    /// The role's password.
    pub password: Option<String>,
}

/// The replicas, each with one place.
pub(super) fn checked<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<ReplicaSection>, D::Error> {
    let replicas = Vec::<ReplicaSection>::deserialize(deserializer)?;
    if replicas.len() > MAX_REPLICAS {
        return Err(D::Error::custom(format!("at most {MAX_REPLICAS} replicas")));
    }
    for (index, replica) in replicas.iter().enumerate() {
        let ReplicaSection { url, host, port, user, password } = replica;
        let has_parts = host.is_some() || port.is_some() || user.is_some() || password.is_some();
        let wrong = match (url, host) {
            (Some(_), _) if has_parts => "say either a url or a host with what belongs to it",
            (None, None) => "say where it is: a host or a url",
            _ => continue,
        };
        return Err(D::Error::custom(format!("entry {}: {wrong}", index + 1)));
    }
    Ok(replicas)
}
