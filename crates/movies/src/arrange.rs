//! From the names of files to films. Pure.

use std::collections::HashMap;

use catalog::kind::{Arrangement, Candidate, CandidateFile, Homes, Listed};
use naming::{Kind, MediaClass, Parsed};

use crate::MOVIE;

mod disc;

/// What the files of one folder tree are.
pub fn arrange(listed: &[Listed<'_>]) -> Arrangement {
    let mut films = Films::default();
    let streams = disc::largest_streams(listed);
    let (mains, rest): (Vec<_>, Vec<_>) =
        listed.iter().enumerate().partition(|(position, file)| {
            let is_lesser = disc::is_stream(file)
                && streams.get(file.folder()).is_some_and(|it| it != position);
            is_film(file) && !is_lesser
        });
    for (position, file) in mains {
        films.add_main(position, file);
    }
    for (position, file) in rest {
        films.add_beside(position, file);
    }
    for film in &mut films.found {
        disc::number_pieces(film, listed);
        film.tell_versions_apart(listed);
        film.sort_artwork(listed);
    }
    Arrangement { items: films.found, refused: Vec::new() }
}

/// In a library of films every video that is no extra is a film, whatever else its name looks like.
fn is_film(file: &Listed<'_>) -> bool {
    file.class == MediaClass::Video && file.parsed.kind != Kind::Extra && !disc::is_menu(file)
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

#[cfg(test)]
mod tests;
