//! Finding out that a child hangs: it takes nothing, gives nothing, and nothing it does costs the machine any time.
//!
//! Invariant: who waits for us does not hang, and who is slow does not either. A busy machine gives even the last in the row
//! a hundredth of a second in the time that is waited, and that is seen.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use rustix::process::Pid;
use tokio::io::AsyncWrite;
use tokio::time::MissedTickBehavior;

/// How often it is looked in the time after which a child is believed to hang. Looks are counted rather than seconds: a
/// server that was itself not heard of for a while must not take its children for dead.
const LOOKS: u32 = 10;

/// What passes between us and a child, and whose turn it is.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    n_passed: AtomicU64,
    /// We have input for it that it does not take, or no more.
    is_fed: AtomicBool,
    /// We wait for its output, or it gives no more.
    is_heard: AtomicBool,
}

impl Traffic {
    /// Something went either way.
    pub fn pass(&self) {
        self.n_passed.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether it could not want any input of us.
    pub fn feed(&self, is_fed: bool) {
        self.is_fed.store(is_fed, Ordering::Relaxed);
    }

    /// Whether it could not wait for us to take its output.
    pub fn hear(&self, is_heard: bool) {
        self.is_heard.store(is_heard, Ordering::Relaxed);
    }

    fn waits_for_us(&self) -> bool {
        !self.is_fed.load(Ordering::Relaxed) || !self.is_heard.load(Ordering::Relaxed)
    }
}

/// A child's input, with what it takes noted.
#[derive(Debug)]
pub(super) struct Noted<'a, W> {
    pub pipe: W,
    pub traffic: &'a Traffic,
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Noted<'_, W> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.pipe).poll_write(context, bytes);
        self.traffic.feed(written.is_pending());
        if written.is_ready() {
            self.traffic.pass();
        }
        written
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.pipe).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        self.traffic.feed(true);
        Pin::new(&mut self.pipe).poll_shutdown(context)
    }
}

/// Comes when the processes of this group have hung for so long. Never, where it cannot be seen what they do.
pub(super) async fn hung(group: Option<Pid>, traffic: &Traffic, patience: Duration) {
    let Some(group) = group else { return std::future::pending().await };
    let every = (patience / LOOKS).max(Duration::from_millis(1));
    let mut looks = tokio::time::interval(every);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut n_passed, mut seen, mut n_alike) = (0, None, 0);
    loop {
        looks.tick().await;
        let passed = traffic.n_passed.load(Ordering::Relaxed);
        if passed != n_passed || traffic.waits_for_us() {
            (n_passed, seen, n_alike) = (passed, None, 0);
            continue;
        }
        // It is only looked for where nothing else is to be seen.
        let now = tokio::task::spawn_blocking(move || pulse(group)).await.ok().flatten();
        n_alike = if now.is_some() && now == seen { n_alike + 1 } else { 0 };
        seen = now;
        if n_alike >= LOOKS {
            return;
        }
    }
}

/// How many processes are in a group, and a number that changes as soon as one of them does anything: the time of the
/// processor that they had, and the pages that they waited for. `None` where the system does not tell.
fn pulse(group: Pid) -> Option<(usize, u64)> {
    let (mut n_processes, mut sum) = (0, 0_u64);
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        let name = entry.file_name();
        if !name.as_encoded_bytes().iter().all(u8::is_ascii_digit) {
            continue;
        }
        // Who is gone in the meantime is not counted.
        let Ok(stat) = std::fs::read(entry.path().join("stat")) else { continue };
        if let Some((of, spent)) = read_stat(&stat)
            && of == i64::from(group.as_raw_nonzero().get())
        {
            n_processes += 1;
            sum = sum.wrapping_add(spent);
        }
    }
    (n_processes > 0).then_some((n_processes, sum))
}

/// A process's group, and what it and the children that it outlived spent, from `/proc/PID/stat` (proc_pid_stat(5)).
fn read_stat(stat: &[u8]) -> Option<(i64, u64)> {
    // Its name, the second field, is its own choice, brackets and spaces included.
    let behind = stat.iter().rposition(|it| *it == b')')? + 1;
    let fields = std::str::from_utf8(stat.get(behind..)?).ok()?;
    // The first here is the third there.
    let fields: Vec<&str> = fields.split_ascii_whitespace().take(15).collect();
    let number = |number: usize| fields.get(number - 3)?.parse::<i64>().ok();
    let group = number(5)?;
    let (pages, times) = ([12, 13], [14, 15, 16, 17]);
    let spent = pages.iter().chain(&times).map(|it| number(*it)).sum::<Option<i64>>()?;
    Some((group, spent.cast_unsigned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_process_spent_is_read_whatever_its_name() {
        let rest = "S 1 4711 4711 0 -1 4194560 900 800 7 6 50 40 30 20 20 0 1 0 1 2 3";
        for name in ["(ffmpeg)", "(a) S 9 (9)", "(\u{fffd} 1 2 3)"] {
            let stat = format!("4712 {name} {rest}");
            assert_eq!(read_stat(stat.as_bytes()), Some((4711, 7 + 6 + 50 + 40 + 30 + 20)));
        }
        for broken in ["", "1 (x", "1 (x) S", "1 (x) S 1 2 3 4 5 6 7 8 9 x 11 12 13 14 15"] {
            assert_eq!(read_stat(broken.as_bytes()), None, "{broken}");
        }
    }

    #[test]
    fn ones_own_group_has_a_pulse_and_one_that_is_not_there_has_none() {
        let own = rustix::process::getpgrp();
        let before = pulse(own).expect("this process");
        let mut sum = 0_u64;
        // Until the system has counted some of it.
        while pulse(own).expect("this process") == before {
            sum = (0..10_000_000).fold(sum, |sum, it| std::hint::black_box(sum ^ it));
        }
        assert_eq!(pulse(Pid::from_raw(i32::MAX).expect("a number")), None);
    }
}
