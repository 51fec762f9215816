//! Which hardware codes pictures here: found out by really coding some, once after the start, and set aside when it fails.
//!
//! Invariant: nothing waits for it. Until something is known to work, and wherever nothing does, pictures are coded in
//! software.

mod nodes;
mod trials;

pub use self::trials::try_libass;

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use media::Stream;
use media::tool::Confined;
use media::tool::confine::lacking;
use media::transcode::{self, Abilities, Hardware, Rung};
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use super::Settings;

/// How long hardware that failed is left alone at first; twice as long after every further failure.
const FIRST_REST: Duration = Duration::from_mins(1);
/// And at the most.
const LONGEST_REST: Duration = Duration::from_hours(1);
/// Reasons are cut to so many characters.
const MAX_REASON_CHARS: usize = 300;
/// Which hardware may be used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Choice {
    /// The first that works.
    #[default]
    Auto,
    /// None.
    Off,
    /// This, if it works.
    Only(Hardware),
}

/// What a trial found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It works.
    Works,
    /// It cannot work, or was tried and does not: why.
    Fails(String),
    /// Nobody tried: why.
    NotTried(String),
}

/// What is known of the encoders of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Encoders {
    /// Every kind of hardware that was thought of.
    pub findings: Vec<(Hardware, Finding)>,
    /// What is used for new films at this moment; nothing is x264.
    pub used: Option<Hardware>,
    /// Why what works is not used at this moment, if so.
    pub aside: Option<String>,
    /// What was found of the filter that makes ordinary colours of Dolby Vision.
    pub libplacebo: Option<Finding>,
    /// What was found of the filter that draws text into pictures.
    pub libass: Option<Finding>,
}

/// Hardware that works, and the number of its device node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Chosen {
    #[serde(with = "by_name")]
    hardware: Hardware,
    render_node: u16,
}

#[derive(Debug)]
struct Found {
    findings: Vec<(Hardware, Finding)>,
    chosen: Option<Chosen>,
    libplacebo: Finding,
}

/// Hardware that failed.
#[derive(Debug)]
struct Aside {
    until: Instant,
    rest: Duration,
    reason: String,
}

/// Where the encoders are known.
#[derive(Debug)]
pub(super) struct Desk {
    choice: Choice,
    ffmpeg: Option<Confined>,
    abilities: Abilities,
    /// What FFmpeg says of itself.
    build: String,
    /// A file that says what worked before the start.
    kept: Option<PathBuf>,
    found: OnceCell<Found>,
    /// What was found of the filter that draws text into pictures. Found out apart: people wait for it.
    libass: OnceCell<Finding>,
    aside: Mutex<Option<Aside>>,
}

impl Desk {
    pub fn new(settings: &Settings) -> Self {
        Self {
            choice: settings.hardware,
            ffmpeg: settings.ffmpeg.clone(),
            abilities: settings.abilities,
            build: settings.build.clone(),
            kept: settings.trials.clone(),
            found: OnceCell::new(),
            libass: OnceCell::new(),
            aside: Mutex::default(),
        }
    }

    /// Finds out what works, unless that is known. Takes seconds where a device does not answer.
    pub async fn try_all(&self) {
        self.try_libass().await;
        let found = self.found.get_or_init(|| async { self.look().await }).await;
        let used = found.chosen.map_or("x264", |it| it.hardware.name());
        for (hardware, finding) in &found.findings {
            match finding {
                Finding::Works => {}
                Finding::Fails(reason) | Finding::NotTried(reason) => {
                    tracing::debug!(hardware = hardware.name(), reason, "encoder.not_used");
                }
            }
        }
        tracing::debug!(used, "encoder.found");
    }

    /// Whether text is drawn into pictures here, which takes a moment to find out.
    pub async fn try_libass(&self) -> &Finding {
        let look = || async {
            match &self.ffmpeg {
                Some(ffmpeg) => trials::try_libass(ffmpeg).await,
                None => Finding::NotTried("nothing is converted here".to_owned()),
            }
        };
        self.libass.get_or_init(look).await
    }

    /// What is known so far; `None` while it is being found out.
    pub fn known(&self, now: Instant) -> Option<Encoders> {
        let found = self.found.get()?;
        let aside = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        let reason = aside.as_ref().filter(|it| now < it.until).map(|it| it.reason.clone());
        Some(Encoders {
            findings: found.findings.clone(),
            used: found.chosen.filter(|_| reason.is_none()).map(|it| it.hardware),
            aside: reason,
            libplacebo: Some(found.libplacebo.clone()),
            libass: self.libass.get().cloned(),
        })
    }

    /// The hardware that is used for a stream in a size that begins now.
    pub fn for_new(&self, stream: &Stream, rung: Rung, now: Instant) -> Option<Hardware> {
        let hardware = self.found.get()?.chosen?.hardware;
        let is_free = !transcode::needs_graphics(stream, self.abilities());
        let is_used = is_free && hardware.takes(stream, rung) && !self.is_aside(now);
        is_used.then_some(hardware)
    }

    /// FFmpeg with access to this hardware, and the abilities that name its device: where it works, and is not set aside.
    pub fn at_work(&self, hardware: Hardware, now: Instant) -> Option<(Confined, Abilities)> {
        let chosen = self.found.get()?.chosen.filter(|it| it.hardware == hardware)?;
        if self.is_aside(now) {
            return None;
        }
        self.with_access(chosen)
    }

    fn with_access(&self, chosen: Chosen) -> Option<(Confined, Abilities)> {
        let devices = nodes::paths(chosen.hardware.node(chosen.render_node));
        let ffmpeg = Confined { devices, ..self.ffmpeg.clone()? };
        Some((ffmpeg, Abilities { render_node: chosen.render_node, ..self.abilities() }))
    }

    /// What FFmpeg can do, as far as that is known.
    pub fn abilities(&self) -> Abilities {
        let has_libplacebo = self.found.get().is_some_and(|it| it.libplacebo == Finding::Works);
        let has_libass = self.libass.get() == Some(&Finding::Works);
        Abilities { has_libplacebo, has_libass, ..self.abilities }
    }

    fn is_aside(&self, now: Instant) -> bool {
        let aside = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        aside.as_ref().is_some_and(|it| now < it.until)
    }

    /// Hardware failed where software did not: it is left alone for a time.
    pub fn set_aside(&self, hardware: Hardware, reason: &str, now: Instant) {
        let mut aside = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        let rest = match &*aside {
            // Several runs failed by one fault.
            Some(it) if now < it.until => it.rest,
            Some(it) => (it.rest * 2).min(LONGEST_REST),
            None => FIRST_REST,
        };
        let reason = format!("{} failed: {}", hardware.title(), short(reason));
        tracing::warn!(reason, rest_s = rest.as_secs(), "encoder.set_aside");
        *aside = Some(Aside { until: now + rest, rest, reason });
    }

    /// Hardware made a run: the next failure is the first again.
    pub fn praise(&self, now: Instant) {
        let mut aside = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        if aside.as_ref().is_some_and(|it| it.until <= now) {
            *aside = None;
        }
    }

    /// What is kept of the trials no longer holds: they are made again after the next start.
    pub async fn forget(&self) {
        if let Some(path) = &self.kept {
            let _ = tokio::fs::remove_file(path).await;
        }
    }
}

/// FFmpeg with access to all graphics cards.
pub(super) fn with_graphics(ffmpeg: &Confined) -> Confined {
    Confined { devices: nodes::graphics(), ..ffmpeg.clone() }
}

/// The first line that says something, without the address that FFmpeg puts before it.
pub(super) fn short(said: &str) -> String {
    let says = |it: &&str| !it.is_empty() && lacking(it).next().is_none();
    let line = said.lines().map(str::trim).find(says).unwrap_or("no reason given");
    let line = match line.strip_prefix('[').and_then(|it| it.split_once("] ")) {
        Some((part, rest)) => {
            format!("{}: {rest}", part.split_once(" @").map_or(part, |it| it.0))
        }
        None => line.to_owned(),
    };
    line.chars().take(MAX_REASON_CHARS).collect()
}

/// Hardware as its name.
mod by_name {
    use media::transcode::Hardware;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub fn serialize<S: Serializer>(it: &Hardware, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(it.name())
    }

    pub fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Hardware, D::Error> {
        let name = String::deserialize(from)?;
        Hardware::named(&name).ok_or_else(|| de::Error::custom("no hardware of ours"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desk(hardware: Choice) -> Desk {
        Desk::new(&Settings { hardware, ..Settings::disabled() })
    }

    #[tokio::test]
    async fn what_fails_is_left_alone_for_longer_and_longer() {
        let desk = desk(Choice::Auto);
        let chosen = Chosen { hardware: Hardware::Vaapi, render_node: 128 };
        let findings = vec![(Hardware::Vaapi, Finding::Works)];
        desk.found
            .set(Found { findings, chosen: Some(chosen), libplacebo: Finding::Works })
            .expect("the first");
        let start = Instant::now();
        assert_eq!(desk.known(start).and_then(|it| it.used), Some(Hardware::Vaapi));
        desk.set_aside(Hardware::Vaapi, "[h264_vaapi @ 0x1] gone\nmore", start);
        let known = desk.known(start).expect("known");
        assert_eq!(
            (known.used, known.aside.as_deref()),
            (None, Some("VAAPI failed: h264_vaapi: gone"))
        );
        desk.set_aside(Hardware::Vaapi, "of the same fault", start);
        let later = start + FIRST_REST;
        assert!(!desk.is_aside(later), "one fault, one rest");
        desk.set_aside(Hardware::Vaapi, "again", later);
        assert!(desk.is_aside(later + FIRST_REST));
        assert!(!desk.is_aside(later + FIRST_REST * 2));
        desk.praise(later + FIRST_REST * 2);
        desk.set_aside(Hardware::Vaapi, "much later", later + FIRST_REST * 9);
        assert!(!desk.is_aside(later + FIRST_REST * 10), "the first again");
    }

    #[tokio::test]
    async fn where_nothing_is_converted_nothing_is_tried() {
        let desk = desk(Choice::Auto);
        assert_eq!(desk.known(Instant::now()), None, "not yet");
        desk.try_all().await;
        let known = desk.known(Instant::now()).expect("known");
        assert_eq!((known.findings.len(), known.used), (5, None));
    }

    #[test]
    fn of_what_ffmpeg_says_the_first_line_is_told() {
        let said = "\n[AVHWDeviceContext @ 0x55d] No VA display found for device /dev/dri/renderD128.\nDevice creation failed: -22.";
        assert_eq!(
            short(said),
            "AVHWDeviceContext: No VA display found for device /dev/dri/renderD128."
        );
        assert_eq!(short(""), "no reason given");
        assert_eq!(short("plain"), "plain");
        assert_eq!(short(&"x".repeat(999)).len(), 300);
    }
}
