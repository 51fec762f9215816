//! Paths read together: what the files of one folder say about each other.

use std::collections::{HashMap, HashSet};

use crate::{
    Hint, MediaClass,
    context::{Folders, Place},
    fold,
    media_class::extension,
    parsed::{Kind, Parsed},
    path,
    video::Siblings,
};

/// Most places in a name at which the name of a video beside it is looked for.
const MOST_CUTS: usize = 12;

#[derive(Default)]
struct Neighbours<'a> {
    video_stems: HashSet<&'a str>,
    /// Folded titles of the videos in the folder.
    titles: HashSet<String>,
    /// Folded title of the folder that they would belong to.
    owner: Option<String>,
}

/// Reads `paths`, each with its siblings known; one result for each, in the same order.
pub fn parse(paths: &[&str], hint: Hint) -> Vec<Parsed> {
    let mut folders: HashMap<&str, Folders> = HashMap::new();
    let mut neighbours: HashMap<&str, Neighbours> = HashMap::new();
    // First the videos alone: they tell what their folders are.
    let mut first_readings: Vec<Option<Parsed>> = vec![None; paths.len()];
    for (whole, first_reading) in paths.iter().zip(&mut first_readings) {
        let place = Place::of(whole);
        if !is_video(place.file) {
            continue;
        }
        let around = folders.entry(place.dir).or_insert_with(|| Folders::new(place.dir, hint));
        let neighbours = neighbours.entry(place.dir).or_insert_with(|| Neighbours {
            owner: around.owner().and_then(|it| it.reading.title_text()).map(|it| fold(&it)),
            ..Neighbours::default()
        });
        let stem = extension(place.file)
            .map_or(place.file, |(it, _)| &place.file[..place.file.len() - it.len() - 1]);
        neighbours.video_stems.insert(stem);
        let alone =
            path::parse(&place, around, Siblings { is_collection: true }, path::Beside::default());
        if alone.kind == Kind::Movie
            && alone.part.is_none()
            && let Some(title) = &alone.title
        {
            neighbours.titles.insert(fold(title));
        }
        *first_reading = Some(alone);
    }
    paths
        .iter()
        .zip(first_readings)
        .map(|(whole, first_reading)| {
            let place = Place::of(whole);
            let around = folders.entry(place.dir).or_insert_with(|| Folders::new(place.dir, hint));
            let Some(near) = neighbours.get(place.dir) else {
                return path::parse(&place, around, Siblings::default(), path::Beside::default());
            };
            let siblings = Siblings { is_collection: near.titles.len() > 1 };
            // Only a film in a folder of its own says more beside the others than alone.
            if let Some(first) = first_reading
                && (siblings.is_collection
                    || place.dir.is_empty()
                    || first.kind == Kind::Episode
                    || first.kind == Kind::Movie && is_called_as_folder(&first, near))
            {
                return first;
            }
            let beside = path::Beside { video: longest_stem(place.file, &near.video_stems) };
            path::parse(&place, around, siblings, beside)
        })
        .collect()
}

/// Whether a film has its folder's title, or there is no folder to have one from: then the others beside it say nothing more.
fn is_called_as_folder(film: &Parsed, near: &Neighbours) -> bool {
    near.owner.is_none() || film.title.as_deref().map(fold) == near.owner
}

fn is_video(file: &str) -> bool {
    MediaClass::of(file) == MediaClass::Video
}

/// The longest stem of a video that `file` begins with.
fn longest_stem<'a>(file: &'a str, stems: &HashSet<&str>) -> Option<&'a str> {
    if is_video(file) {
        return None;
    }
    let cuts = file.rmatch_indices(['.', '-', '_', ' ', '(', '[']).map(|(at, _)| &file[..at]);
    cuts.take(MOST_CUTS)
        .find_map(|it| [it, it.trim_end()].into_iter().find(|it| stems.contains(it)))
}
