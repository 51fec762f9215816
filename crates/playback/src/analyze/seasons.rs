//! Where intro, recap and credits are: by the titles of chapters, by what the episodes of a season share, and by the pictures
//! of a film that has neither.

use std::collections::HashMap;

use catalog::analysis::{Analysis, DueFile, Print, PrintPart, Segment, SegmentKind, SegmentSource};
use jobs::{Context, JobError};
use kernel::id::{FileId, ItemId};
use media::StreamKind;
use media::listen;
use media::tool::Limits;
use rusty_chromaprint::{Configuration, Fingerprinter};

use super::alike::{STEP_S, agreed, shared};
use super::{Analyst, Failure, titles};

/// Counts up when the same files would give other segments.
pub(super) const FINDING: i32 = 2;

/// Of an episode so much is listened to at its beginning and at its end, and never more than a quarter.
const HEAD_MS: i64 = 600_000;
const TAIL_MS: i64 = 450_000;
const PART: i64 = 4;
/// What is shorter has no titles.
const SHORTEST_EPISODE_MS: i64 = 60_000;
/// What sounds alike for longer at the beginning, or at the end, is the same episode twice.
const LONGEST_S: (f64, f64) = (240.0, 420.0);
/// Episodes before and behind that each is compared with: openings change from season to season, seldom within.
const NEIGHBOURS: usize = 8;
/// So many others who say the same are as sure as sounds can be.
const ENOUGH: usize = 4;
/// Of one other, and of enough.
const CONFIDENCE: (f32, f32) = (0.6, 0.9);
/// Credits that end so near to the end last to the end.
const END_SLACK_MS: i64 = 20_000;
/// A number is about some seconds of sound behind its moment: the first that agrees is heard before they share anything,
/// the last ends behind its moment.
const AHEAD_S: f64 = 1.2;
const BEHIND_S: f64 = 1.2;

impl Analyst {
    /// Finds the segments of all files for which they are due, season by season.
    pub(super) async fn find_all_segments(&self, context: &Context) -> Result<(), JobError> {
        let what = Analysis::Segments;
        let total = self.catalog.count_due_files(what, FINDING).await?.unsigned_abs();
        let (mut n_done, mut after) = (0, None);
        let mut season: Vec<DueFile> = Vec::new();
        loop {
            let page = self.catalog.list_due_files(what, FINDING, after.as_ref()).await?;
            after = page.last().cloned();
            let is_last = page.is_empty();
            for file in page {
                context.check()?;
                context.progress(n_done, total, &*file.title);
                n_done += 1;
                // What belongs to no season stands alone, and is written at once.
                let is_other = |it: &DueFile| it.group_id.is_none() || it.group_id != file.group_id;
                if season.first().is_some_and(is_other) {
                    self.find_of_season(context, std::mem::take(&mut season)).await?;
                }
                match self.listen_to(context, &file).await {
                    Ok(()) => {}
                    // Its chapters may still tell.
                    Err(Failure::File(reason)) => context.log(format!("{}: {reason}", file.title)),
                    Err(Failure::Passing(reason)) => {
                        context.log(format!("{}: {reason}", file.title));
                        continue;
                    }
                    Err(Failure::Work(error)) => return Err(error),
                }
                season.push(file);
            }
            if is_last {
                break;
            }
        }
        self.find_of_season(context, season).await
    }

    /// Keeps how an episode sounds at its beginning and at its end.
    async fn listen_to(&self, context: &Context, file: &DueFile) -> Result<(), Failure> {
        if file.group_id.is_none() || self.settings.ffmpeg.is_none() {
            return Ok(());
        }
        let known = self.catalog.list_known_prints(file).await?;
        for part in [PrintPart::Head, PrintPart::Tail] {
            if known.contains(&part) {
                continue;
            }
            self.wait(context).await?;
            let opened = self.open(context, file).await?;
            let duration_ms = opened.film.plan.end_ns / 1_000_000;
            let sounds = opened.film.tracks.iter().filter(|it| it.stream.kind == StreamKind::Audio);
            // The music is the same in every language; what is chosen by default every episode has.
            let chosen = sounds.clone().find(|it| it.stream.flags.default);
            let Some(stream) = chosen.or(sounds.clone().next()).map(|it| it.stream.index) else {
                return Ok(());
            };
            if duration_ms < SHORTEST_EPISODE_MS {
                return Ok(());
            }
            let (from_ms, to_ms) = match part {
                PrintPart::Head => (0, HEAD_MS.min(duration_ms / PART)),
                PrintPart::Tail => (duration_ms - TAIL_MS.min(duration_ms / PART), duration_ms),
            };
            let film = std::sync::Arc::clone(&opened);
            let work = self
                .films
                .read_at_leisure(move || {
                    listen::samples(&film.film, &*film.file, stream, from_ms, to_ms)
                })
                .await?;
            let output = self.run(context, &opened, &work.args, work.feed, Limits::LISTEN).await?;
            let points = tokio::task::spawn_blocking(move || print_of(&output.stdout));
            let points = points.await.map_err(anyhow::Error::from).map_err(JobError::from)?;
            let points = points.map_err(Failure::File)?;
            let points = points.iter().flat_map(|it| it.to_le_bytes()).collect();
            let print = Print { part, start_ms: from_ms, points };
            self.catalog.keep_print(file, &print).await?;
        }
        Ok(())
    }

    /// Writes the segments of files of one season, and of the others there, which may be better known by now.
    async fn find_of_season(&self, context: &Context, files: Vec<DueFile>) -> Result<(), JobError> {
        let Some(first) = files.first() else { return Ok(()) };
        let mut by_sound = match first.group_id {
            Some(season) => self.compare(season).await?,
            None => HashMap::new(),
        };
        for file in &files {
            by_sound.entry(file.id).or_default();
        }
        for (id, heard) in by_sound {
            let duration_ms = files.iter().find(|it| it.id == id).and_then(|it| it.duration_ms);
            let chapters = self.catalog.list_chapters(id).await?;
            let duration_ms = match duration_ms {
                Some(stated) => stated,
                None => self.catalog.find_duration(id).await?.unwrap_or(0),
            };
            let mut found = titles::segments(&chapters, duration_ms);
            for mut segment in heard {
                if duration_ms - segment.end_ms < END_SLACK_MS {
                    segment.end_ms = segment.end_ms.max(duration_ms);
                }
                if found.iter().all(|it| it.kind != segment.kind) {
                    found.push(segment);
                }
            }
            let alone = files.iter().find(|it| it.id == id && it.group_id.is_none());
            if let Some(file) = alone
                && found.iter().all(|it| it.kind != SegmentKind::Credits)
            {
                match self.see_credits(context, file).await {
                    Ok(seen) => found.extend(seen),
                    Err(Failure::Work(error)) => return Err(error),
                    // Its chapters may still tell.
                    Err(Failure::File(reason)) => context.log(format!("{}: {reason}", file.title)),
                    Err(Failure::Passing(reason)) => {
                        context.log(format!("{}: {reason}", file.title));
                        return Ok(());
                    }
                }
            }
            found.sort_by_key(|it| (it.start_ms, it.end_ms));
            self.catalog.note_segments(id, &found).await?;
        }
        for file in &files {
            self.catalog.note_analysis(file, Analysis::Segments, FINDING, None).await?;
        }
        Ok(())
    }

    /// What the episodes of a season share, by file.
    async fn compare(&self, season: ItemId) -> Result<HashMap<FileId, Vec<Segment>>, JobError> {
        let prints = self.catalog.list_prints(season).await?;
        let comparing = tokio::task::spawn_blocking(move || compare(&prints));
        Ok(comparing.await.map_err(anyhow::Error::from)?)
    }
}

/// The numbers that stand for a sound.
fn print_of(pcm: &[u8]) -> Result<Vec<u32>, String> {
    let samples: Vec<i16> =
        pcm.chunks_exact(2).map(|it| i16::from_le_bytes([it[0], it[1]])).collect();
    let mut printer = Fingerprinter::new(&Configuration::preset_test2());
    printer.start(listen::RATE, 1).map_err(|it| it.to_string())?;
    printer.consume(&samples);
    printer.finish();
    Ok(printer.fingerprint().to_vec())
}

fn compare(prints: &[(FileId, Print)]) -> HashMap<FileId, Vec<Segment>> {
    let mut found: HashMap<FileId, Vec<Segment>> = HashMap::new();
    for part in [PrintPart::Head, PrintPart::Tail] {
        let episodes: Vec<(FileId, i64, Vec<u32>)> = prints
            .iter()
            .filter(|it| it.1.part == part)
            .map(|(id, print)| (*id, print.start_ms, numbers(&print.points)))
            .collect();
        let longest_s = if part == PrintPart::Head { LONGEST_S.0 } else { LONGEST_S.1 };
        let stretches = stretches(&episodes, (longest_s / STEP_S) as usize);
        for ((id, start_ms, _), stretches) in episodes.iter().zip(stretches) {
            let of = found.entry(*id).or_default();
            let Some(((from, to), n_others)) = agreed(&stretches) else { continue };
            let ms = |steps: usize, more_s: f64| {
                start_ms + ((steps as f64 * STEP_S + more_s) * 1000.0).round() as i64
            };
            let sure = (n_others.min(ENOUGH) - 1) as f32 / (ENOUGH - 1) as f32;
            of.push(Segment {
                kind: match part {
                    PrintPart::Head => SegmentKind::Intro,
                    PrintPart::Tail => SegmentKind::Credits,
                },
                start_ms: ms(from, AHEAD_S),
                end_ms: ms(to, BEHIND_S),
                confidence: CONFIDENCE.0 + (CONFIDENCE.1 - CONFIDENCE.0) * sure,
                source: SegmentSource::Sound,
            });
        }
    }
    found
}

/// Of each episode where it has what it shares with each of its neighbours.
fn stretches(episodes: &[(FileId, i64, Vec<u32>)], longest: usize) -> Vec<Vec<(usize, usize)>> {
    let mut all = vec![Vec::new(); episodes.len()];
    for (at, one) in episodes.iter().enumerate() {
        for (other_at, other) in episodes.iter().enumerate().skip(at + 1).take(NEIGHBOURS) {
            let Some(it) = shared(&one.2, &other.2) else { continue };
            // Two versions of one episode share nearly all of it.
            let is_same = it.length * 10 > one.2.len().min(other.2.len()) * 9;
            if is_same || it.length > longest {
                continue;
            }
            all[at].push((it.from, it.from + it.length));
            all[other_at].push((it.other_from, it.other_from + it.length));
        }
    }
    all
}

fn numbers(points: &[u8]) -> Vec<u32> {
    points.chunks_exact(4).map(|it| u32::from_le_bytes([it[0], it[1], it[2], it[3]])).collect()
}
