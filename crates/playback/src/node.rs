//! FFmpeg on another machine: what is said between a server and a node, and both ends of it.
//!
//! One run is one request over a connection of its own, in HTTP/2: the order and the feed go there, FFmpeg's answer comes
//! back while it is made. So nothing is shared but the secret, and whoever lets go of the connection ends the child.
//!
//! | request | body | answer |
//! |---|---|---|
//! | `GET /v1/abilities` | none | [`Offer`] as JSON |
//! | `POST /v1/runs` | four bytes with the length of the order, the order as JSON, the feed | FFmpeg's output; then, as trailers, `x-outcome`: `made` or `failed`, and `x-said`: the end of what it complained about, in base64 |
//!
//! Both want `authorization: Bearer SECRET` where the node has a secret. A refusal is a status with a line of text: 400 no
//! order, 401 not the secret, 409 another version, 422 not with this FFmpeg, 503 with `retry-after` all places are taken.

pub mod call;
pub mod serve;
pub mod tls;

use serde::{Deserialize, Serialize};

/// Counts up when requests and answers change.
pub const PROTOCOL: u32 = 2;

/// Where abilities are asked for.
const ABILITIES: &str = "/v1/abilities";
/// Where runs are ordered.
const RUNS: &str = "/v1/runs";
/// Bytes of an order. With every key frame of the longest segment it has some five thousand.
const MAX_ORDER_BYTES: usize = 64 << 10;
/// How a run ended.
const OUTCOME: &str = "x-outcome";
/// It was made.
const MADE: &str = "made";
/// It was not.
const FAILED: &str = "failed";
/// The end of what FFmpeg complained about.
const SAID: &str = "x-said";

/// What a node can do, and how much of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// [`PROTOCOL`] of the node.
    pub protocol: u32,
    /// [`media::transcode::MAKING`] of the node.
    pub making: u32,
    /// What its FFmpeg says of itself.
    pub build: String,
    /// That FFmpeg has the filter `zscale`.
    pub has_zscale: bool,
    /// That FFmpeg draws text into pictures.
    pub has_libass: bool,
    /// Cores of the machine.
    pub n_cores: usize,
    /// Pictures that are made at once.
    pub n_pictures: usize,
    /// Sound tracks that are made at once.
    pub n_sounds: usize,
}
