//! The Python environment of the tests: foreign clients and servers that keep ours honest.

use std::path::PathBuf;

/// The interpreter that has the packages of `crates/testkit/requirements.txt`.
///
/// # Panics
/// When it was not set up; the message says how to.
pub fn python() -> PathBuf {
    let workspace = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let python = PathBuf::from(workspace).join(".tools/python/bin/python");
    assert!(
        python.exists(),
        "no Python environment for the tests. Make it: python3 -m venv .tools/python && \
         .tools/python/bin/pip install -r crates/testkit/requirements.txt"
    );
    python
}
