//! From the names of files to series, seasons and episodes. Pure.

use std::collections::{BTreeMap, HashMap};

use catalog::kind::{Arrangement, Candidate, CandidateFile, Homes, ImageRole, Listed};
use naming::{Kind, MediaClass, Parsed};

use crate::series::Place;
use crate::{EPISODE, SEASON, SERIES};

/// Why a video is part of no series.
const NO_SERIES: &str =
    "its name says neither season, episode nor date, and it lies in the folder of no series";

/// What the files of one folder tree are.
pub fn arrange(listed: &[Listed<'_>]) -> Arrangement {
    let mut shows = Shows::default();
    let (numbered, rest): (Vec<_>, Vec<_>) =
        listed.iter().enumerate().partition(|(_, file)| is_numbered_episode(file));
    for (position, file) in numbered {
        shows.add_episode(position, file);
    }
    for (position, file) in rest {
        shows.add_beside(position, file);
    }
    let refused = shows.refused.iter().map(|it| (*it, NO_SERIES)).collect();
    let mut items: Vec<Candidate> = shows.found.into_iter().map(Show::into_candidate).collect();
    for series in &mut items {
        for episode in series.children.iter_mut().flat_map(|it| &mut it.children) {
            episode.tell_versions_apart(listed);
        }
        share_with_seasons(series, listed);
        series.sort_artwork(listed);
    }
    Arrangement { items, refused }
}

fn is_numbered_episode(file: &Listed<'_>) -> bool {
    file.class == MediaClass::Video
        && file.parsed.kind == Kind::Episode
        && Place::of(file.parsed).is_some()
        && title(file.parsed).is_some()
}

/// A series on the way: seasons and episodes in the order of their keys.
struct Show {
    series: Candidate,
    seasons: BTreeMap<i32, Season>,
}

struct Season {
    season: Candidate,
    episodes: BTreeMap<String, Candidate>,
}

#[derive(Default)]
struct Shows<'a> {
    found: Vec<Show>,
    by_title: HashMap<(String, Option<i32>), usize>,
    by_id: HashMap<String, usize>,
    homes: Homes<'a>,
    refused: Vec<usize>,
}

impl<'a> Shows<'a> {
    fn add_episode(&mut self, position: usize, file: &Listed<'a>) {
        let (Some(title), Some(place)) = (title(file.parsed), Place::of(file.parsed)) else {
            return;
        };
        let show = self.show(title, file.parsed);
        self.homes.add(file.folder(), show);
        // The folder of a season lies in that of its series.
        if let Some((above, _)) = file.folder().rsplit_once('/') {
            self.homes.add(above, show);
        }
        let show = &mut self.found[show];
        let episode = show.episode(&place, file.parsed);
        let version = [&file.parsed.edition, &file.parsed.version];
        let version: Vec<&str> = version.into_iter().flatten().map(String::as_str).collect();
        episode.files.push(CandidateFile {
            version: (!version.is_empty()).then(|| version.join(" ")),
            part: file.parsed.part.and_then(|it| i16::try_from(it).ok()),
            ..CandidateFile::main(position)
        });
    }

    /// The series of this title: by id, by title and year, or by title where either has no year.
    fn show(&mut self, title: &str, parsed: &Parsed) -> usize {
        let year = parsed.year.map(i32::from);
        let key = (naming::fold(title), year);
        let ids = ids(parsed);
        let known = self.known(&key, &ids);
        let show = known.unwrap_or_else(|| {
            let identity =
                format!("{}|{}", key.0, year.map(|it| it.to_string()).unwrap_or_default());
            let mut series = Candidate::new(SERIES, identity, title);
            series.year = year;
            self.found.push(Show { series, seasons: BTreeMap::new() });
            self.found.len() - 1
        });
        self.by_title.entry(key).or_insert(show);
        let series = &mut self.found[show].series;
        if series.year.is_none() && year.is_some() && series.ids.is_empty() {
            series.identity = format!("{}|{}", naming::fold(title), year.unwrap_or_default());
        }
        series.year = series.year.or(year);
        for id in ids {
            if series.ids.is_empty() {
                series.identity = written(&id);
            }
            self.by_id.entry(written(&id)).or_insert(show);
            if !series.ids.iter().any(|it| it.0 == id.0) {
                series.ids.push(id);
            }
        }
        show
    }

    fn known(&self, key: &(String, Option<i32>), ids: &[(&'static str, String)]) -> Option<usize> {
        let by_id = ids.iter().find_map(|it| self.by_id.get(&written(it)));
        let exact = by_id.or_else(|| self.by_title.get(key)).copied();
        exact.or_else(|| {
            let is_alike = |(title, year): &(String, Option<i32>)| {
                *title == key.0 && (year.is_none() || key.1.is_none())
            };
            let mut alike =
                self.by_title.iter().filter(|(it, _)| is_alike(it)).map(|(_, show)| *show);
            let only = alike.next()?;
            alike.all(|it| it == only).then_some(only)
        })
    }

    fn add_beside(&mut self, position: usize, file: &Listed<'a>) {
        let key = title(file.parsed).or(file.parsed.title.as_deref());
        let key = key.map(|it| (naming::fold(it), file.parsed.year.map(i32::from)));
        let show = key.and_then(|it| self.known(&it, &ids(file.parsed)));
        let show = show.or_else(|| self.homes.nearest(file.folder()));
        let is_film = file.class == MediaClass::Video && file.parsed.kind != Kind::Extra;
        let Some(show) = show else {
            if is_film {
                self.refused.push(position);
            }
            return;
        };
        let show = &mut self.found[show];
        if is_film {
            show.special(position, file);
            return;
        }
        let item = show.part(file.parsed);
        if let Some(beside) = CandidateFile::beside(position, file.parsed) {
            item.files.push(beside);
        } else if file.class == MediaClass::Nfo {
            item.nfo.push(position);
        } else if file.class == MediaClass::Image {
            // An episode has a still; whatever the file is called, it is wide.
            if item.kind == EPISODE && file.parsed.artwork.is_some() {
                item.artwork.push((ImageRole::Thumb, position));
            } else {
                item.add_picture(position, file.parsed);
            }
        }
    }
}

impl Show {
    fn season(&mut self, number: i32) -> &mut Season {
        self.seasons.entry(number).or_insert_with(|| {
            let title =
                if number == 0 { "Specials".to_owned() } else { format!("Season {number}") };
            let mut season = Candidate::new(SEASON, format!("s{number:02}"), &title);
            season.number = Some(number);
            // Seasons are put in order as their episodes are: specials last.
            season.parent_number = Some(number);
            Season { season, episodes: BTreeMap::new() }
        })
    }

    fn episode(&mut self, place: &Place, parsed: &Parsed) -> &mut Candidate {
        let named = parsed.episode_title.clone().or_else(|| parsed.title.clone());
        let season = self.season(place.season);
        let episode = season.episodes.entry(place.identity.clone()).or_insert_with(|| {
            let title = place.title().unwrap_or_default();
            let mut episode = Candidate::new(EPISODE, place.identity.clone(), &title);
            episode.is_title_weak = true;
            episode.number = place.number;
            episode.absolute_number = place.absolute;
            episode.parent_number = Some(place.season);
            episode.released_on = place.date;
            episode
        });
        episode.number_end = episode.number_end.max(place.number_end);
        if let Some(title) = named
            && episode.is_title_weak
        {
            episode.sort_title = naming::sort_title(&title);
            episode.title = title;
            episode.is_title_weak = false;
        }
        episode
    }

    /// A video without numbers is a special called like its file.
    fn special(&mut self, position: usize, file: &Listed<'_>) {
        let season = self.season(file.parsed.season.map_or(0, i32::from));
        let number = season.season.number;
        let title = file.parsed.title.as_deref().unwrap_or(file.stem());
        let key = format!("s{:02}|{}", number.unwrap_or(0), naming::fold(title));
        let episode = season.episodes.entry(key.clone()).or_insert_with(|| {
            let mut episode = Candidate::new(EPISODE, key, title);
            episode.parent_number = number;
            episode
        });
        episode.files.push(CandidateFile::main(position));
    }

    /// The episode that a name speaks of, else the season, else the series; only those that are there.
    fn part(&mut self, parsed: &Parsed) -> &mut Candidate {
        let place = Place::of(parsed);
        let season = place.as_ref().map(|it| it.season).or(parsed.season.map(i32::from));
        let Some(season) = season.and_then(|it| self.seasons.get_mut(&it)) else {
            return &mut self.series;
        };
        match place.and_then(|it| season.episodes.get_mut(&it.identity)) {
            Some(episode) => episode,
            None if parsed.episode.is_none() && parsed.absolute.is_none() => &mut season.season,
            None => &mut self.series,
        }
    }

    fn into_candidate(self) -> Candidate {
        let mut series = self.series;
        for (number, Season { mut season, episodes }) in self.seasons {
            season.identity = format!("{}|{}", series.identity, season.identity);
            season.sort_title = format!("{number:06}");
            season.children = episodes.into_values().collect();
            for episode in &mut season.children {
                episode.identity = format!("{}|{}", series.identity, episode.identity);
            }
            series.children.push(season);
        }
        series
    }
}

/// A picture of all seasons is one of each of them, too.
fn share_with_seasons(series: &mut Candidate, listed: &[Listed<'_>]) {
    let is_of_all = |position: usize| {
        listed[position].stem().get(..10).is_some_and(|it| it.eq_ignore_ascii_case("season-all"))
    };
    let shared: Vec<_> =
        series.artwork.iter().copied().filter(|(_, position)| is_of_all(*position)).collect();
    for season in &mut series.children {
        season.artwork.extend(&shared);
    }
}

fn title(parsed: &Parsed) -> Option<&str> {
    parsed.series.as_deref().map(str::trim).filter(|it| !it.is_empty())
}

/// The ids in a name, the one that names the series first.
fn ids(parsed: &Parsed) -> Vec<(&'static str, String)> {
    let known = [
        ("tvdb", &parsed.ids.tvdb),
        ("tmdb", &parsed.ids.tmdb),
        ("imdb", &parsed.ids.imdb),
        ("tvmaze", &parsed.ids.tvmaze),
    ];
    known.into_iter().filter_map(|(provider, id)| Some((provider, id.clone()?))).collect()
}

fn written((provider, id): &(&'static str, String)) -> String {
    format!("{provider}:{id}")
}

#[cfg(test)]
mod tests;
