//! The parts of a running server: which are there, in which version, and what to do about those that are not fine.

mod clock;
mod disks;
mod measure;
pub mod places;
mod previous;
pub mod reach;
mod replicas;
mod store;

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use jobs::{JobState, Rule};
use media::tool;
use media::transcode::Hardware;
use playback::transcode::NodeReport;
use playback::transcode::encoders::{Encoders, Finding};
use serde::Serialize;
use utoipa::ToSchema;

pub use self::disks::{disks, watch as watch_disks};
pub use self::measure::measure;
use crate::backups::job::MakeBackup;
use crate::wiring::House;

/// How a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nothing to do.
    Fine,
    /// The server works, with less.
    Degraded,
    /// The server cannot do its work.
    Failed,
}

/// One part of the server.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Part {
    /// What it is called.
    pub name: &'static str,
    /// How it is.
    pub status: Status,
    /// What was found: a version, a place, an error.
    pub found: String,
    /// What to do where it is not fine.
    pub advice: Option<String>,
}

impl Part {
    /// A part with nothing to do about it.
    pub fn fine(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, status: Status::Fine, found: found.into(), advice: None }
    }

    /// A part without which the server does less.
    pub fn degraded(
        name: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self { name, status: Status::Degraded, found: found.into(), advice: Some(advice.into()) }
    }

    /// A part without which the server does nothing.
    pub fn failed(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, status: Status::Failed, found: found.into(), advice: Some(advice.into()) }
    }
}

/// The part that codes pictures.
const ENCODER: &str = "encoder";
/// The part that brings a high range down.
const TONE_MAP: &str = "tone_map";
const DRAWN_TEXT: &str = "drawn_text";
const BACKUP: &str = "backup";

/// A part that does not answer within this time is away.
const PATIENCE: Duration = Duration::from_secs(3);

/// The parts that requests need, asked quickly.
pub async fn health(house: &House) -> Vec<Part> {
    let mut parts = servers(house).await;
    parts.extend(replicas::part(house));
    parts
}

async fn servers(house: &House) -> Vec<Part> {
    let postgres = async {
        let answer =
            tokio::time::timeout(PATIENCE, sqlx::query("SELECT 1").execute(&house.pool)).await;
        match answer {
            Ok(Ok(_)) => Part::fine("postgresql", house.postgres_version.to_string()),
            Ok(Err(error)) => Part::failed("postgresql", error.to_string(), "see `revenge doctor`"),
            Err(_) => Part::failed("postgresql", "no answer", "see `revenge doctor`"),
        }
    };
    let cache = async {
        match tokio::time::timeout(PATIENCE, house.cache.health()).await {
            Ok(Ok(())) => Part::fine("cache", house.cache.engine()),
            Ok(Err(error)) => {
                Part::degraded("cache", error.to_string(), "start Dragonfly, or correct cache.host")
            }
            Err(_) => {
                Part::degraded("cache", "no answer", "start Dragonfly, or correct cache.host")
            }
        }
    };
    let search = async {
        match tokio::time::timeout(PATIENCE, house.search.health()).await {
            Ok(Ok(())) => Part::fine("search", house.search.engine()),
            Ok(Err(error)) => Part::degraded(
                "search",
                error.to_string(),
                "start Typesense, or correct search.host",
            ),
            Err(_) => {
                Part::degraded("search", "no answer", "start Typesense, or correct search.host")
            }
        }
    };
    let (postgres, cache, search) = tokio::join!(postgres, cache, search);
    vec![postgres, cache, search]
}

/// Every part, looked at thoroughly.
pub async fn report(house: &House) -> Vec<Part> {
    let mut parts = servers(house).await;
    parts.extend(replicas::parts(house).await);
    parts.push(tool_part("ffmpeg", house.tools.ffmpeg.as_deref()).await);
    parts.push(tool_part("ffprobe", house.tools.ffprobe.as_deref()).await);
    parts.push(encoder_part(house).await);
    parts.push(tone_map_part(house));
    parts.push(drawn_text_part(house));
    parts.extend(places::own_parts(house).await);
    parts.extend(previous::part(&house.data_dir));
    parts.push(clock::part(&house.pool).await);
    parts.extend(reach::unnamed_proxy_part(house.unnamed_proxy.get().copied()));
    parts.push(backup_part(house).await);
    parts.extend(house.playback.nodes().await.into_iter().map(node_part));
    parts
}

/// The backups: whether the last attempt went well, and whether there is one as young as the schedule says.
async fn backup_part(house: &House) -> Part {
    let rule = house.schedules.rule_of::<MakeBackup>();
    let last = match house.jobs.last_of::<MakeBackup>().await {
        Ok(last) => last,
        Err(error) => return Part::degraded(BACKUP, error.to_string(), "see the part postgresql"),
    };
    let kept = match house.backups.list().await {
        Ok(kept) => kept,
        Err(error) => {
            let advice = "let the server read backup.folder, or name another";
            return Part::degraded(BACKUP, format!("{error:#}"), advice);
        }
    };
    let failure =
        last.filter(|it| it.state != JobState::Completed && it.state != JobState::Running);
    let failure = failure.and_then(|it| it.failures.last().map(|it| it.message.clone()));
    let newest = kept.first().map(|it| it.created_at);
    tell_backups(&rule, failure, newest, house.started_at, house.clock.now())
}

/// `failure`: why the last attempt failed, if it did; `newest`: when the last one was made.
fn tell_backups(
    rule: &Rule,
    failure: Option<String>,
    newest: Option<DateTime<Utc>>,
    started_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Part {
    let found = match newest {
        Some(newest) => format!("the last is of {}", newest.format("%Y-%m-%d %H:%M UTC")),
        None => "none yet".to_owned(),
    };
    if let Some(why) = failure {
        let advice = "mend what it says, then make one: Settings, Backups, or `revenge backup`";
        return Part::degraded(BACKUP, format!("the last attempt failed: {why}; {found}"), advice);
    }
    if *rule == Rule::Never {
        let found = format!("{found}; none are scheduled (Settings, Jobs, or backup.schedule)");
        return Part::fine(BACKUP, found);
    }
    // One that was due, and the next one as well.
    let since = newest.unwrap_or(started_at);
    let missed = rule.next_after(since).and_then(|it| rule.next_after(it));
    if missed.is_some_and(|it| it <= now) {
        let advice = "look at the background work: Settings, Jobs; backups wait there or fail";
        return Part::degraded(BACKUP, format!("{found}, older than the schedule says"), advice);
    }
    Part::fine(BACKUP, found)
}

/// Another machine that converts films.
fn node_part(node: NodeReport) -> Part {
    let NodeReport { url, offer, trouble } = node;
    let advice = "films are converted elsewhere meanwhile; start `revenge transcoder` there, of this version and with the secret of transcode.nodes";
    match (offer, trouble) {
        (Some(offer), None) => {
            let version = offer.build.split(" Copyright").next().unwrap_or_default();
            Part::fine("transcoder", format!("{url}: {version}, {} cores", offer.n_cores))
        }
        (_, trouble) => {
            let trouble = trouble.unwrap_or_else(|| "it was not asked yet".to_owned());
            Part::degraded("transcoder", format!("{url}: {trouble}"), advice)
        }
    }
}

/// FFmpeg or FFprobe.
pub async fn tool_part(name: &'static str, program: Option<&Path>) -> Part {
    let what = match name {
        "ffmpeg" => "pictures of films without artwork",
        _ => "files other than Matroska, MP4 and common audio",
    };
    let advice = || {
        format!(
            "install it (Debian: apt install ffmpeg) or set media.{name}; without it there are no {what}"
        )
    };
    let Some(program) = program else { return Part::degraded(name, "not found", advice()) };
    match tool::version(program).await {
        Ok(version) => Part::fine(name, format!("{version} at {}", program.display())),
        Err(error) => Part::degraded(name, error.to_string(), advice()),
    }
}

/// What codes pictures: hardware or x264, and why nothing else.
async fn encoder_part(house: &House) -> Part {
    // Found out soon after the start; who asks before that waits a little.
    let _ = tokio::time::timeout(PATIENCE, house.playback.try_encoders()).await;
    let Some(encoders) = house.playback.encoders() else {
        return Part::fine(ENCODER, "which hardware works is still being tried");
    };
    tell_encoders(&encoders, house.wants_hardware)
}

/// What makes ordinary colours of HDR, and of Dolby Vision that is nothing else.
fn tone_map_part(house: &House) -> Part {
    let libplacebo = match house.playback.encoders().and_then(|it| it.libplacebo) {
        Some(Finding::Works) => None,
        Some(Finding::Fails(why) | Finding::NotTried(why)) => Some(why),
        None => Some("still being tried".to_owned()),
    };
    tell_tone_map(house.tools.has_zscale, libplacebo)
}

/// What draws subtitles that are text into pictures, for players that show none.
fn drawn_text_part(house: &House) -> Part {
    match house.playback.encoders().and_then(|it| it.libass) {
        Some(Finding::Works) => Part::fine(DRAWN_TEXT, "libass"),
        Some(Finding::Fails(why)) => Part::degraded(
            DRAWN_TEXT,
            format!("not with this FFmpeg: {why}"),
            "players that show no subtitles play films without; install an FFmpeg with libass",
        ),
        Some(Finding::NotTried(why)) => Part::fine(DRAWN_TEXT, format!("not used: {why}")),
        None => Part::fine(DRAWN_TEXT, "still being tried"),
    }
}

/// `libplacebo`: why it is not used, if so.
fn tell_tone_map(has_zscale: bool, libplacebo: Option<String>) -> Part {
    match (has_zscale, libplacebo) {
        (true, None) => Part::fine(TONE_MAP, "zscale; libplacebo for Dolby Vision"),
        (false, None) => Part::fine(TONE_MAP, "libplacebo"),
        (true, Some(why)) => {
            let found = format!("zscale; no Dolby Vision of profile 5, libplacebo: {why}");
            Part::fine(TONE_MAP, found)
        }
        (false, Some(why)) => Part::degraded(
            TONE_MAP,
            format!("zscale: not in this FFmpeg; libplacebo: {why}"),
            "HDR films look pale where they are converted; install an FFmpeg that has the filter zscale",
        ),
    }
}

/// `is_wanted`: the configuration names a kind of hardware, which therefore should work.
fn tell_encoders(encoders: &Encoders, is_wanted: bool) -> Part {
    let used = encoders.used.map_or("x264", Hardware::title);
    let reasons = encoders.findings.iter().filter_map(|(hardware, finding)| match finding {
        Finding::Works => None,
        Finding::Fails(why) | Finding::NotTried(why) => {
            Some(format!("{}: {why}", hardware.title()))
        }
    });
    let reasons = encoders.aside.clone().into_iter().chain(reasons);
    let found = std::iter::once(used.to_owned()).chain(reasons).collect::<Vec<_>>().join("; ");
    let advice = "films are converted by the processors meanwhile; look at the driver and the \
                  rights on the device, or set transcode.hardware";
    if encoders.aside.is_some() || is_wanted && encoders.used.is_none() {
        Part::degraded(ENCODER, found, advice)
    } else {
        Part::fine(ENCODER, found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_codes_pictures_is_told_with_why_nothing_else_does() {
        let findings = vec![
            (Hardware::Nvenc, Finding::NotTried("there is no /dev/nvidia*".to_owned())),
            (Hardware::Vaapi, Finding::Works),
        ];
        let works = Encoders { findings, used: Some(Hardware::Vaapi), ..Encoders::default() };
        let part = tell_encoders(&works, true);
        assert_eq!(part.status, Status::Fine);
        assert_eq!(part.found, "VAAPI; NVENC: there is no /dev/nvidia*");
        let aside = Some("VAAPI failed: gone".to_owned());
        let part = tell_encoders(&Encoders { used: None, aside, ..works }, false);
        assert_eq!(part.status, Status::Degraded);
        assert_eq!(part.found, "x264; VAAPI failed: gone; NVENC: there is no /dev/nvidia*");
        assert_eq!(tell_encoders(&Encoders::default(), false).status, Status::Fine);
        assert_eq!(tell_encoders(&Encoders::default(), true).status, Status::Degraded, "wished");
    }

    #[test]
    fn backups_that_failed_or_did_not_come_are_told() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        let started = at("2026-01-01T12:00:00Z");
        let nightly = &Rule::Cron { expression: "0 3 * * *".to_owned() };
        let tell = |rule: &Rule, failure: Option<&str>, newest: Option<&str>, now| {
            let failure = failure.map(str::to_owned);
            tell_backups(rule, failure, newest.map(at), started, at(now)).status
        };
        let day_two = Some("2026-01-02T03:00:10Z");
        assert_eq!(tell(&Rule::Never, None, None, "2027-01-01T00:00:00Z"), Status::Fine);
        assert_eq!(
            tell(&Rule::Never, Some("full"), None, "2026-01-01T12:00:00Z"),
            Status::Degraded
        );
        assert_eq!(tell(nightly, None, None, "2026-01-02T04:00:00Z"), Status::Fine);
        assert_eq!(tell(nightly, None, None, "2026-01-03T03:00:00Z"), Status::Degraded);
        assert_eq!(tell(nightly, None, day_two, "2026-01-04T02:59:00Z"), Status::Fine);
        assert_eq!(tell(nightly, None, day_two, "2026-01-04T03:00:00Z"), Status::Degraded);
        assert_eq!(tell(nightly, Some("full"), day_two, "2026-01-02T04:00:00Z"), Status::Degraded);
    }

    #[test]
    fn what_brings_hdr_down_is_told_with_what_it_cannot() {
        let why = || Some("there is no graphics card".to_owned());
        assert_eq!(tell_tone_map(true, None).status, Status::Fine);
        assert!(tell_tone_map(true, why()).found.contains("no graphics card"));
        assert_eq!(tell_tone_map(false, None).found, "libplacebo");
        assert_eq!(tell_tone_map(false, why()).status, Status::Degraded);
    }
}
