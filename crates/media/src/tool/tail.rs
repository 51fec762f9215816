//! The end of what a child complains about.

use std::io;
use std::sync::{Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::hang::Traffic;

/// How much of the end of standard error is kept for the message.
const TAIL_BYTES: usize = 4096;

/// What came so far, to be read while more may come.
#[derive(Debug, Default)]
pub(super) struct Tail(Mutex<Vec<u8>>);

impl Tail {
    /// Listens to the end.
    pub async fn listen(
        &self,
        pipe: &mut Option<impl AsyncRead + Unpin>,
        traffic: &Traffic,
    ) -> io::Result<()> {
        let Some(pipe) = pipe else { return Ok(()) };
        let mut buffer = [0; TAIL_BYTES];
        loop {
            let n = pipe.read(&mut buffer).await?;
            if n == 0 {
                return Ok(());
            }
            traffic.pass();
            let mut tail = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            tail.extend_from_slice(&buffer[..n]);
            let excess = tail.len().saturating_sub(TAIL_BYTES);
            tail.drain(..excess);
        }
    }

    /// As text.
    pub fn text(&self) -> String {
        let tail = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&tail).trim().to_owned()
    }
}
