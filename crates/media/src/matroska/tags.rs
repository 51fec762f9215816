//! Tags of the whole file, and the statistics that mkvmerge writes per track.

use super::ebml::{Child, Children};
use super::tracks::Track;
use crate::probe::Probe;

const TAG: u32 = 0x7373;
const TARGETS: u32 = 0x63c0;
const TARGET_TYPE_VALUE: u32 = 0x68ca;
const TARGET_TRACK_UID: u32 = 0x63c5;
/// Editions, chapters, attachments.
const OTHER_TARGETS: [u32; 3] = [0x63c9, 0x63c4, 0x63c6];
const SIMPLE_TAG: u32 = 0x67c8;
const TAG_NAME: u32 = 0x45a3;
const TAG_STRING: u32 = 0x4487;

pub(super) fn read(body: &[u8], tracks: &[Track], probe: &mut Probe) {
    for tag in Children(body).filter(|it| it.id == TAG) {
        let target = |id: u32| {
            let targets = tag.children().find(|it| it.id == TARGETS)?;
            targets.children().find(|it| it.id == id).map(Child::uint).filter(|it| *it != 0)
        };
        if OTHER_TARGETS.into_iter().any(|it| target(it).is_some()) {
            continue;
        }
        if let Some(uid) = target(TARGET_TRACK_UID) {
            if let Some(track) = tracks.iter().find(|it| it.uid == uid) {
                read_statistics(tag, track, probe);
            }
            continue;
        }
        // What is said of a season or a whole series is kept apart from what is said of this work.
        let prefix = match target(TARGET_TYPE_VALUE) {
            Some(70) => "collection/",
            Some(60) => "season/",
            _ => "",
        };
        for (name, value) in simple_tags(tag) {
            probe.tags.add(&format!("{prefix}{}", usual_name(&name)), &value);
        }
    }
}

fn simple_tags(tag: Child<'_>) -> impl Iterator<Item = (String, String)> {
    tag.children().filter(|it| it.id == SIMPLE_TAG).filter_map(|simple| {
        let name = simple.children().find(|it| it.id == TAG_NAME)?.text();
        let value = simple.children().find(|it| it.id == TAG_STRING)?.text();
        Some((name, value))
    })
}

/// Matroska's names, lower case, and the general name where FFmpeg has one.
fn usual_name(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "date_released" | "date_release" => "date".to_owned(),
        "part_number" => "track".to_owned(),
        _ => name,
    }
}

fn read_statistics(tag: Child<'_>, track: &Track, probe: &mut Probe) {
    let Some(stream) = probe.streams.iter_mut().find(|it| it.index == track.index) else { return };
    for (name, value) in simple_tags(tag) {
        let number = value.trim().parse::<i64>().ok().filter(|it| *it > 0);
        match name.as_str() {
            "BPS" => stream.bitrate = number.or(stream.bitrate),
            "NUMBER_OF_FRAMES" => stream.n_frames = number.or(stream.n_frames),
            _ => {}
        }
    }
}
