//! From the names of files to films. Pure.

use std::collections::HashMap;

use catalog::kind::{Arrangement, Candidate, CandidateFile, FileRole, Homes, Listed};
use naming::{Kind, MediaClass, Parsed};

use crate::MOVIE;

/// What the files of one folder tree are.
pub fn arrange(listed: &[Listed<'_>]) -> Arrangement {
    let mut films = Films::default();
    for (position, file) in listed.iter().enumerate() {
        if is_film(file) {
            films.add_main(position, file);
        }
    }
    for (position, file) in listed.iter().enumerate() {
        if !is_film(file) {
            films.add_beside(position, file);
        }
    }
    for film in &mut films.found {
        tell_versions_apart(film, listed);
        film.sort_artwork(listed);
    }
    Arrangement { items: films.found, refused: Vec::new() }
}

/// In a library of films every video that is no extra is a film, whatever else its name looks like.
fn is_film(file: &Listed<'_>) -> bool {
    let plays = file.class == MediaClass::Video && file.parsed.kind != Kind::Extra;
    plays && !is_disc_inside(file)
}

/// The files of a disc beside those that play: menus, indexes, backups of them.
fn is_disc_inside(file: &Listed<'_>) -> bool {
    let ending = file.path.rsplit('.').next().unwrap_or_default();
    ["ifo", "bdmv", "bup"].iter().any(|it| ending.eq_ignore_ascii_case(it))
}

#[derive(Default)]
struct Films<'a> {
    found: Vec<Candidate>,
    /// Folded title and year.
    by_title: HashMap<(String, Option<i32>), usize>,
    /// `provider:id`.
    by_id: HashMap<String, usize>,
    homes: Homes<'a>,
}

impl<'a> Films<'a> {
    fn add_main(&mut self, position: usize, file: &Listed<'a>) {
        let named = title(file.parsed);
        let title = named.clone().unwrap_or_else(|| file.stem().to_owned());
        let year = file.parsed.year.map(i32::from);
        let key = (naming::fold(&title), year);
        let ids = ids(file.parsed);
        let known = ids.iter().find_map(|it| self.by_id.get(&written(it)));
        let film = known.or_else(|| self.by_title.get(&key)).copied().unwrap_or_else(|| {
            let identity =
                format!("{}|{}", key.0, year.map(|it| it.to_string()).unwrap_or_default());
            let mut film = Candidate::new(MOVIE, identity, &title);
            film.is_title_weak = named.is_none();
            film.year = year;
            film.other_titles.extend(file.parsed.alternative.clone());
            self.found.push(film);
            self.found.len() - 1
        });
        self.by_title.entry(key).or_insert(film);
        for id in ids {
            self.by_id.entry(written(&id)).or_insert(film);
            let candidate = &mut self.found[film];
            if candidate.ids.is_empty() {
                candidate.identity = written(&id);
            }
            if !candidate.ids.iter().any(|it| it.0 == id.0) {
                candidate.ids.push(id);
            }
        }
        let version = [&file.parsed.edition, &file.parsed.version];
        let version: Vec<&str> = version.into_iter().flatten().map(String::as_str).collect();
        self.found[film].files.push(CandidateFile {
            version: (!version.is_empty()).then(|| version.join(" ")),
            part: file.parsed.part.and_then(|it| i16::try_from(it).ok()),
            ..CandidateFile::main(position)
        });
        self.homes.add(file.folder(), film);
    }

    fn add_beside(&mut self, position: usize, file: &Listed<'a>) {
        let Some(film) = self.owner(file) else { return };
        let candidate = &mut self.found[film];
        if let Some(beside) = CandidateFile::beside(position, file.parsed) {
            candidate.files.push(beside);
        } else if file.class == MediaClass::Nfo {
            candidate.nfo.push(position);
        } else if file.class == MediaClass::Image {
            candidate.add_picture(position, file.parsed);
        }
    }

    /// The film that a file beside films belongs to: by id, by title and year, by title alone, by folder.
    fn owner(&self, file: &Listed<'_>) -> Option<usize> {
        let by_id = || ids(file.parsed).iter().find_map(|it| self.by_id.get(&written(it)).copied());
        let by_title = || {
            let title = naming::fold(&title(file.parsed)?);
            let year = file.parsed.year.map(i32::from);
            let exact = self.by_title.get(&(title.clone(), year)).copied();
            exact.or_else(|| {
                let mut alike = self
                    .by_title
                    .iter()
                    .filter(|((it, other), _)| *it == title && (year.is_none() || other.is_none()));
                let only = alike.next().map(|(_, film)| *film);
                only.filter(|only| alike.all(|(_, film)| film == only))
            })
        };
        by_id().or_else(by_title).or_else(|| self.homes.nearest(file.folder()))
    }
}

fn title(parsed: &Parsed) -> Option<String> {
    parsed.title.clone().or_else(|| parsed.series.clone()).filter(|it| !it.trim().is_empty())
}

/// The ids in a name, the one that names the film first.
fn ids(parsed: &Parsed) -> Vec<(&'static str, String)> {
    let known =
        [("imdb", &parsed.ids.imdb), ("tmdb", &parsed.ids.tmdb), ("tvdb", &parsed.ids.tvdb)];
    known.into_iter().filter_map(|(provider, id)| Some((provider, id.clone()?))).collect()
}

fn written((provider, id): &(&'static str, String)) -> String {
    format!("{provider}:{id}")
}

/// Two files of a film are versions unless they are parts; each version has a name of its own for a person to choose by.
fn tell_versions_apart(film: &mut Candidate, listed: &[Listed<'_>]) {
    let is_main = |it: &&mut CandidateFile| it.role == FileRole::Main;
    let mut names: HashMap<(Option<String>, Option<i16>), usize> = HashMap::new();
    for file in film.files.iter_mut().filter(is_main) {
        *names.entry((file.version.clone(), file.part)).or_default() += 1;
    }
    for file in film.files.iter_mut().filter(is_main) {
        if names[&(file.version.clone(), file.part)] > 1 {
            let listed = &listed[file.position];
            let resolution = listed.parsed.resolution.map(str::to_owned);
            let told = resolution.filter(|it| !names.contains_key(&(Some(it.clone()), file.part)));
            let told = told.unwrap_or_else(|| listed.stem().to_owned());
            names.insert((Some(told.clone()), file.part), 1);
            file.version = Some(told);
        }
    }
}

#[cfg(test)]
mod tests;
