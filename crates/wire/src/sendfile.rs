//! Bytes that go from a file to a client inside the kernel, by `sendfile(2)`, through a server that only knows bytes in
//! memory.
//!
//! The body of an answer gives [bytes that stand](Line::stand_in) for a stretch of a file: a piece of an array that nobody
//! reads or writes. The [`Connection`] knows them by their address and sends the stretch in their place. That holds as long
//! as nothing between the two copies or drops bytes; where something does, lengths do not agree, and the connection ends.
//! HTTP/2 mixes answers on a connection, so its requests have no line.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use axum::body::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

/// As many bytes as one stretch has at the most.
pub const MAX_STRETCH: usize = 1 << 20;

/// What stands for bytes of files. It is never touched, so it takes no memory.
static VOID: [u8; MAX_STRETCH] = [0; MAX_STRETCH];

/// A stretch of a file that is due on a connection.
#[derive(Debug)]
struct Stretch {
    file: Arc<File>,
    at: u64,
    left: usize,
}

/// The stretches that are due on one connection, in the order they are sent. Requests carry it in their extensions.
#[derive(Clone, Debug, Default)]
pub struct Line(Arc<Mutex<VecDeque<Stretch>>>);

impl Line {
    /// Bytes for the body of an answer that stand for as many of `file` from `at` on: `length`, at most [`MAX_STRETCH`].
    /// Whoever asks sees to it that they are in memory: the kernel would wait for the disk, and with it everybody else.
    pub fn stand_in(&self, file: &Arc<File>, at: u64, length: usize) -> Bytes {
        let left = length.min(MAX_STRETCH);
        let stretch = Stretch { file: Arc::clone(file), at, left };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(stretch);
        Bytes::from_static(&VOID[..left])
    }

    /// Sends what `slice` stands for, or the first part of it: how many bytes.
    fn send(&self, tcp: &TcpStream, slice: &[u8]) -> io::Result<usize> {
        let mut line = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(stretch) = line.front_mut().filter(|it| it.left == slice.len()) else {
            return Err(io::Error::other("bytes of another stretch of a file are due"));
        };
        let sent = rustix::io::retry_on_intr(|| {
            let mut at = stretch.at;
            rustix::fs::sendfile(tcp, &stretch.file, Some(&mut at), stretch.left)
        })?;
        if sent == 0 {
            // The answer's length was promised; a file that got shorter must end the connection, not look complete.
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the file got shorter while it was sent",
            ));
        }
        stretch.at += sent as u64;
        stretch.left -= sent;
        if stretch.left == 0 {
            line.pop_front();
        }
        Ok(sent)
    }
}

/// Whether bytes stand for a stretch of a file.
fn is_stand_in(slice: &[u8]) -> bool {
    VOID.as_ptr_range().contains(&slice.as_ptr()) && !slice.is_empty()
}

/// A client's connection, on which stretches of files are sent in place of what stands for them.
#[derive(Debug)]
pub struct Connection {
    tcp: TcpStream,
    line: Line,
}

impl Connection {
    /// Takes over a connection.
    pub fn new(tcp: TcpStream) -> Self {
        Self { tcp, line: Line::default() }
    }

    /// For the bodies of what is answered on it over HTTP/1.
    pub fn line(&self) -> Line {
        self.line.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(buffer)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let n_own = slices.iter().position(|it| is_stand_in(it)).unwrap_or(slices.len());
        let Some(stand_in) =
            slices.get(n_own).filter(|_| slices[..n_own].iter().all(|it| it.is_empty()))
        else {
            return Pin::new(&mut self.tcp).poll_write_vectored(context, &slices[..n_own]);
        };
        loop {
            ready!(self.tcp.poll_write_ready(context))?;
            let send = || self.line.send(&self.tcp, stand_in);
            match self.tcp.try_io(Interest::WRITABLE, send) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                sent => return Poll::Ready(sent),
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    fn file(length: usize) -> (Arc<File>, Vec<u8>) {
        let bytes: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        let mut file = tempfile::tempfile().expect("a file");
        io::Write::write_all(&mut file, &bytes).expect("space for it");
        (Arc::new(file), bytes)
    }

    async fn connected() -> (Connection, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let (accepted, client) = tokio::join!(listener.accept(), TcpStream::connect(address));
        (Connection::new(accepted.expect("a client").0), client.expect("a server"))
    }

    /// Writes all of it as an HTTP server does: whatever is left, again and again.
    async fn write(connection: &mut Connection, parts: &[Bytes]) -> io::Result<()> {
        let mut left: VecDeque<Bytes> = parts.iter().cloned().collect();
        while !left.is_empty() {
            let slices: Vec<_> = left.iter().map(|it| IoSlice::new(it)).collect();
            let send = |context: &mut Context<'_>| {
                Pin::new(&mut *connection).poll_write_vectored(context, &slices)
            };
            let mut sent = poll_fn(send).await?;
            while let Some(first) = left.front_mut() {
                let part = first.split_to(sent.min(first.len()));
                sent -= part.len();
                if !first.is_empty() {
                    break;
                }
                left.pop_front();
            }
        }
        Ok(())
    }

    #[tokio::test]
    async fn stretches_of_files_and_bytes_of_memory_come_in_their_order() {
        let (film, bytes) = file(3 << 20);
        let (mut connection, mut client) = connected().await;
        let line = connection.line();
        let parts = [
            Bytes::from_static(b"head"),
            line.stand_in(&film, 7, MAX_STRETCH),
            line.stand_in(&film, 3, 1),
            Bytes::from_static(b"between"),
            Bytes::new(),
            line.stand_in(&film, 0, 2_000_000),
        ];
        let expected =
            [b"head", &bytes[7..7 + MAX_STRETCH], &bytes[3..4], b"between", &bytes[..MAX_STRETCH]]
                .concat();
        // More than the kernel takes at once, and a client who comes late.
        let sending = tokio::spawn(async move {
            write(&mut connection, &parts).await.expect("a connection");
            connection.shutdown().await.expect("an end");
        });
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        let mut received = Vec::new();
        client.read_to_end(&mut received).await.expect("all of it");
        sending.await.expect("no panic");
        assert!(received == expected, "{} of {} bytes", received.len(), expected.len());
    }

    #[tokio::test]
    async fn a_file_that_got_shorter_ends_the_connection() {
        let (film, _) = file(1000);
        let (mut connection, _client) = connected().await;
        let stand_in = connection.line().stand_in(&film, 500, 501);
        let error = write(&mut connection, &[stand_in]).await.expect_err("an end");
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[tokio::test]
    async fn what_stands_for_something_else_is_never_sent_as_it_is() {
        let (film, _) = file(1000);
        let (mut connection, mut client) = connected().await;
        let other = Line::default().stand_in(&film, 0, 100);
        write(&mut connection, &[other]).await.expect_err("nothing is due here");
        let cut = connection.line().stand_in(&film, 0, 100).slice(..40);
        write(&mut connection, &[cut]).await.expect_err("another length is due");
        drop(connection);
        let mut received = Vec::new();
        client.read_to_end(&mut received).await.expect("an end");
        assert!(received.is_empty());
    }
}
