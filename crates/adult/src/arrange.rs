//! From the names of files to scenes. Pure.

use std::collections::HashMap;

use catalog::kind::{Arrangement, Candidate, CandidateFile, Homes, ImageRole, Listed};
use naming::{Kind, MediaClass};

use crate::SCENE;
use crate::scene_name::{SceneName, parse};

/// What the files of one folder tree are.
pub fn arrange(listed: &[Listed<'_>]) -> Arrangement {
    let mut scenes = Scenes::default();
    let (mains, rest): (Vec<_>, Vec<_>) =
        listed.iter().enumerate().partition(|(_, file)| is_scene(file));
    for (position, file) in mains {
        scenes.add_main(position, file);
    }
    for (position, file) in rest {
        scenes.add_beside(position, file);
    }
    for scene in &mut scenes.found {
        scene.tell_versions_apart(listed);
        scene.sort_artwork(listed);
    }
    Arrangement { items: scenes.found, refused: Vec::new() }
}

/// Every video but trailers and samples.
fn is_scene(file: &Listed<'_>) -> bool {
    let is_lesser = file.parsed.kind == Kind::Extra
        && matches!(file.parsed.extra_type, Some("trailer" | "sample"));
    file.class == MediaClass::Video && !is_lesser
}

#[derive(Default)]
struct Scenes<'a> {
    found: Vec<Candidate>,
    by_identity: HashMap<String, usize>,
    /// Folder and stem of each main file.
    by_stem: HashMap<(&'a str, &'a str), usize>,
    homes: Homes<'a>,
}

impl<'a> Scenes<'a> {
    fn add_main(&mut self, position: usize, file: &Listed<'a>) {
        let name = name_of(file);
        let title = name.title.clone().unwrap_or_else(|| file.stem().to_owned());
        let identity = identity(&name, &title);
        let scene = *self.by_identity.entry(identity.clone()).or_insert_with(|| {
            let mut scene = Candidate::new(SCENE, identity, &title);
            scene.is_title_weak = name.title.is_none();
            scene.year = name.released_on.map(|it| chrono::Datelike::year(&it)).or(name.year);
            scene.released_on = name.released_on;
            scene.studios.extend(name.studio);
            scene.cast = name.cast;
            self.found.push(scene);
            self.found.len() - 1
        });
        self.found[scene].files.push(CandidateFile {
            version: file
                .parsed
                .version
                .clone()
                .or_else(|| file.parsed.resolution.map(str::to_owned)),
            ..CandidateFile::main(position)
        });
        self.by_stem.insert((file.folder(), file.stem()), scene);
        self.homes.add(file.folder(), scene);
    }

    fn add_beside(&mut self, position: usize, file: &Listed<'a>) {
        let same_stem = self.by_stem.get(&(file.folder(), file.stem())).copied();
        let Some(scene) = same_stem.or_else(|| self.owner(file)) else { return };
        let candidate = &mut self.found[scene];
        if let Some(beside) = CandidateFile::beside(position, file.parsed) {
            candidate.files.push(beside);
        } else if file.class == MediaClass::Nfo {
            candidate.nfo.push(position);
        } else if file.class == MediaClass::Image {
            match file.parsed.artwork {
                // A picture called like the scene shows it, and scenes are wide.
                None if same_stem.is_some() => candidate.artwork.push((ImageRole::Thumb, position)),
                _ => candidate.add_picture(position, file.parsed),
            }
        }
    }

    /// The scene whose file's name the name begins with, the longest such; else the only one of the nearest folder.
    fn owner(&self, file: &Listed<'_>) -> Option<usize> {
        let (folder, stem) = (file.folder(), file.stem());
        let ends = stem.char_indices().map(|(at, _)| at).rev();
        let begun =
            ends.take_while(|at| *at > 0).find_map(|at| self.by_stem.get(&(folder, &stem[..at])));
        begun.copied().or_else(|| self.homes.nearest(folder))
    }
}

/// What file and folders say: the file's own name first, the folder of a single scene where that says a day and the file
/// does not, the folder at the top as a studio.
fn name_of(file: &Listed<'_>) -> SceneName {
    let mut name = parse(file.stem());
    let mut folders = file.folder().split('/').filter(|it| !it.is_empty());
    let top = folders.next();
    if name.released_on.is_none()
        && let Some(above) = folders.next_back().or(top)
    {
        let above = parse(above);
        if above.released_on.is_some() {
            name = above;
        }
    }
    let top_is_scene = top.is_some_and(|it| parse(it).released_on.is_some());
    if name.studio.is_none() && !top_is_scene {
        name.studio = top.map(str::to_owned);
    }
    name
}

/// The same wherever the file lies: what is called alike, of one studio and day, is one scene.
fn identity(name: &SceneName, title: &str) -> String {
    let studio = name.studio.as_deref().map(naming::fold).unwrap_or_default();
    let day = name.released_on.map(|it| it.to_string());
    let day = day.or_else(|| name.year.map(|it| it.to_string())).unwrap_or_default();
    format!("{studio}|{day}|{}", naming::fold(title))
}

#[cfg(test)]
mod tests;
