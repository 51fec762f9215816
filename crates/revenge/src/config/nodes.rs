//! Machines that make films anew for others, and what they do.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Another machine that runs `revenge transcoder`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NodeSection {
    /// Where it listens: `http://gpu.lan:8097`, or `https://` where it has a certificate.
    pub url: String,
    /// Its `transcoder.secret`.
    pub secret: Option<String>,
    /// With `https://`: its certificate, or that of who signed it; a file in PEM.
    pub certificate: Option<PathBuf>,
}

/// What `revenge transcoder` does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TranscoderSection {
    /// The address and port to listen on.
    pub listen: SocketAddr,
    /// What servers must know; without it, the transcoder listens to this machine only.
    pub secret: Option<String>,
    /// Films whose pictures are made at once; 0 is one for every two cores, and at least two.
    pub max_films: u16,
    /// With it servers connect encrypted: certificates in PEM, its own first.
    pub certificate: Option<PathBuf>,
    /// The key of that certificate, in PEM.
    pub certificate_key: Option<PathBuf>,
}

impl Default for TranscoderSection {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8097)),
            secret: None,
            max_films: 0,
            certificate: None,
            certificate_key: None,
        }
    }
}
