//! What several sources say of one item, in the order of their strength, becomes one. Pure.

use metadata::Described;
use metadata::described::{EpisodeDescribed, EpisodeOrder, OrderKind, SeasonDescribed};

/// The source that the names of files are. Always the weakest.
pub const NAME: &str = "name";
/// The source that NFO files are.
pub const NFO: &str = "nfo";
/// The source that the tags inside files are.
pub const TAGS: &str = "tags";

/// The source that NFO files are which we wrote ourselves: hardly stronger than the name.
pub const WRITTEN: &str = "written";

/// Strongest first, where neither the server nor the library says otherwise.
pub const USUAL_ORDER: [&str; 10] =
    [NFO, TAGS, "radarr", "sonarr", "tmdb", "tvdb", "tvmaze", "wikidata", "omdb", "fanart"];

/// One source's word on one item.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// [`NAME`], [`NFO`], [`TAGS`] or a provider.
    pub name: String,
    /// What it is called there.
    pub provider_id: Option<String>,
    /// What it says.
    pub said: Described,
}

/// `order` made complete: what it does not name follows in the usual order, unknown words are dropped by nobody.
pub fn complete_order(order: &[String]) -> Vec<String> {
    let mut complete: Vec<String> = Vec::new();
    for name in order.iter().map(String::as_str).chain(USUAL_ORDER) {
        if ![NAME, WRITTEN].contains(&name) && !complete.iter().any(|it| it == name) {
            complete.push(name.to_owned());
        }
    }
    complete
}

/// Puts `sources` in `order`, the strongest first, and the name last.
pub fn sort(sources: &mut [Source], order: &[String]) {
    sources.sort_by_key(|it| {
        let place = order.iter().position(|name| *name == it.name);
        (it.name == NAME, it.name == WRITTEN, place.unwrap_or(order.len()))
    });
}

/// One of all: texts from the strongest that has them, lists whole, pictures one source after the other.
pub fn merge(sources: &[Source]) -> Described {
    let mut merged = Described {
        facts: metadata::merge(sources.iter().map(|it| it.said.facts.clone())),
        ..Described::default()
    };
    for source in sources {
        merged.artwork.extend(source.said.artwork.iter().cloned());
        for translation in &source.said.translations {
            let known =
                merged.translations.iter_mut().find(|it| it.language == translation.language);
            match known {
                Some(it) => {
                    it.title = it.title.take().or_else(|| translation.title.clone());
                    it.tagline = it.tagline.take().or_else(|| translation.tagline.clone());
                    it.overview = it.overview.take().or_else(|| translation.overview.clone());
                }
                None => merged.translations.push(translation.clone()),
            }
        }
        for other in &source.said.other_titles {
            if !merged.other_titles.iter().any(|it| it.title == other.title) {
                merged.other_titles.push(other.clone());
            }
        }
    }
    merged
}

/// How the files of a series count their episodes.
pub type Ordering = Option<OrderKind>;

/// The episode order that a stable name stands for; `aired` is none of the others.
pub fn ordering(name: &str) -> Option<Ordering> {
    Some(match name {
        "aired" => None,
        "dvd" => Some(OrderKind::Dvd),
        "absolute" => Some(OrderKind::Absolute),
        "story" => Some(OrderKind::Story),
        "alternate" => Some(OrderKind::Alternate),
        _ => return None,
    })
}

/// What an episode's own row says of its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Season; 0 holds the specials.
    pub season: Option<i32>,
    /// Number in it.
    pub number: Option<i32>,
    /// The last number, of several episodes in one file.
    pub number_end: Option<i32>,
    /// Number through all seasons.
    pub absolute: Option<i32>,
    /// Day of broadcast.
    pub aired_on: Option<chrono::NaiveDate>,
}

/// One provider's guide to a series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Guide {
    /// Whose.
    pub source: String,
    /// Its seasons.
    pub seasons: Vec<SeasonDescribed>,
    /// Its episodes as they were aired.
    pub episodes: Vec<EpisodeDescribed>,
    /// Its other orders.
    pub orders: Vec<EpisodeOrder>,
}

impl Guide {
    /// What it says of a season.
    pub fn season(&self, number: i32) -> Option<Described> {
        let season = self.seasons.iter().find(|it| it.number == number)?;
        Some(Described {
            facts: season.facts.clone(),
            translations: season.translations.clone(),
            artwork: season.artwork.clone(),
            ..Described::default()
        })
    }

    /// What it says of the episodes at `place`, counted by `ordering`: of several in one file all their titles.
    pub fn episode(&self, place: Place, ordering: Ordering) -> Option<Described> {
        let found = self.find(place, ordering);
        let (first, rest) = found.split_first()?;
        let mut said = described(first);
        for next in rest {
            let next = described(next);
            let titles = [said.facts.title.take(), next.facts.title.clone()];
            said.facts.title = join(titles, " / ");
            let texts = [said.facts.overview.take(), next.facts.overview.clone()];
            said.facts.overview = join(texts, "\n\n");
            // The running time of the file itself is known; that of one episode would be wrong.
            said.facts.runtime_ms = None;
        }
        if !rest.is_empty() {
            said.translations.clear();
        }
        Some(said)
    }

    /// The episodes at `place`: by season and number, through number, or day.
    pub fn find(&self, place: Place, ordering: Ordering) -> Vec<&EpisodeDescribed> {
        if let Some(first) = place.absolute {
            let last = place.number_end.unwrap_or(first);
            return (first..=last.min(first.saturating_add(MAX_IN_ONE_FILE)))
                .filter_map(|it| self.by_absolute(it))
                .collect();
        }
        if let (Some(season), Some(first)) = (place.season, place.number) {
            let last = place.number_end.unwrap_or(first);
            let numbers = first..=last.min(first.saturating_add(MAX_IN_ONE_FILE));
            return numbers.filter_map(|it| self.by_number(season, it, ordering)).collect();
        }
        let by_day = |it: &&EpisodeDescribed| it.facts.released_on == place.aired_on;
        place.aired_on.and_then(|_| self.episodes.iter().find(by_day)).into_iter().collect()
    }

    fn by_number(&self, season: i32, number: i32, ordering: Ordering) -> Option<&EpisodeDescribed> {
        let order = ordering.and_then(|kind| self.orders.iter().find(|it| it.kind == kind));
        let (season, number) = match order.filter(|_| season != 0) {
            Some(order) => {
                let slot =
                    order.slots.iter().find(|it| it.season == season && it.number == number)?;
                (slot.aired_season, slot.aired_number)
            }
            None => (season, number),
        };
        self.aired(season, number)
    }

    fn by_absolute(&self, number: i32) -> Option<&EpisodeDescribed> {
        if let Some(found) =
            self.episodes.iter().find(|it| it.facts.absolute_number == Some(number))
        {
            return Some(found);
        }
        if let Some(order) = self.orders.iter().find(|it| it.kind == OrderKind::Absolute) {
            let slot = order.slots.iter().find(|it| it.number == number)?;
            return self.aired(slot.aired_season, slot.aired_number);
        }
        // Nobody counted through: the regular episodes in their order are the count.
        let regular = self.episodes.iter().filter(|it| it.season > 0);
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        regular.into_iter().nth(place)
    }

    fn aired(&self, season: i32, number: i32) -> Option<&EpisodeDescribed> {
        self.episodes.iter().find(|it| it.season == season && it.number == number)
    }
}

/// A file holds a few episodes; a range of more is a slip in its name.
const MAX_IN_ONE_FILE: i32 = 30;

fn described(episode: &EpisodeDescribed) -> Described {
    Described {
        facts: episode.facts.clone(),
        translations: episode.translations.clone(),
        artwork: episode.artwork.clone(),
        ..Described::default()
    }
}

fn join(texts: [Option<String>; 2], between: &str) -> Option<String> {
    texts.into_iter().flatten().reduce(|one, other| format!("{one}{between}{other}"))
}

#[cfg(test)]
mod tests {
    use metadata::Facts;
    use metadata::described::{OrderSlot, Translation};

    use super::*;

    fn titled(name: &str, title: Option<&str>, year: Option<i32>) -> Source {
        let facts = Facts { title: title.map(str::to_owned), year, ..Facts::default() };
        let said = Described { facts, ..Described::default() };
        Source { name: name.to_owned(), provider_id: None, said }
    }

    fn episode(season: i32, number: i32, absolute: Option<i32>, title: &str) -> EpisodeDescribed {
        let facts = Facts {
            title: Some(title.to_owned()),
            absolute_number: absolute,
            released_on: chrono::NaiveDate::from_ymd_opt(2020, 1, number as u32),
            ..Facts::default()
        };
        EpisodeDescribed { season, number, facts, ..EpisodeDescribed::default() }
    }

    fn guide() -> Guide {
        let slot = |season, number, aired_season, aired_number| OrderSlot {
            season,
            number,
            aired_season,
            aired_number,
        };
        Guide {
            source: "tvdb".to_owned(),
            seasons: Vec::new(),
            episodes: vec![
                episode(0, 1, None, "Special"),
                episode(1, 1, None, "Ebb"),
                episode(1, 2, None, "Flow"),
                episode(2, 1, None, "Tide"),
            ],
            orders: vec![EpisodeOrder {
                kind: OrderKind::Dvd,
                name: None,
                slots: vec![slot(1, 1, 1, 2), slot(1, 2, 1, 1)],
            }],
        }
    }

    #[test]
    fn the_order_decides_which_source_is_believed() {
        let sources = [
            titled(NAME, Some("heat"), Some(1995)),
            titled("tmdb", Some("Heat"), None),
            titled(NFO, None, Some(1996)),
            titled("omdb", Some("HEAT"), None),
        ];
        for (order, title) in [(&[][..], "Heat"), (&["omdb".to_owned()][..], "HEAT")] {
            let mut sources = sources.to_vec();
            sort(&mut sources, &complete_order(order));
            let merged = merge(&sources);
            assert_eq!(merged.facts.title.as_deref(), Some(title));
            assert_eq!(merged.facts.year, Some(1996));
        }
    }

    #[test]
    fn translations_of_several_sources_complete_each_other() {
        let said = |title: Option<&str>, overview: Option<&str>| {
            let translation = Translation {
                language: "de".to_owned(),
                title: title.map(str::to_owned),
                overview: overview.map(str::to_owned),
                ..Translation::default()
            };
            let said = Described { translations: vec![translation], ..Described::default() };
            Source { said, ..titled("x", None, None) }
        };
        let merged = merge(&[said(Some("Hitze"), None), said(Some("Heat"), Some("Zwei."))]);
        assert_eq!(merged.translations.len(), 1);
        assert_eq!(merged.translations[0].title.as_deref(), Some("Hitze"));
        assert_eq!(merged.translations[0].overview.as_deref(), Some("Zwei."));
    }

    #[test]
    fn an_episode_is_found_by_number_order_count_and_day() {
        let guide = guide();
        let at = |season, number| Place {
            season: Some(season),
            number: Some(number),
            ..Place::default()
        };
        let day = chrono::NaiveDate::from_ymd_opt(2020, 1, 2);
        for (place, ordering, title) in [
            (at(1, 1), None, Some("Ebb")),
            (at(1, 1), Some(OrderKind::Dvd), Some("Flow")),
            (at(0, 1), Some(OrderKind::Dvd), Some("Special")),
            (at(2, 1), Some(OrderKind::Dvd), None),
            (at(2, 1), Some(OrderKind::Story), Some("Tide")),
            (at(3, 1), None, None),
            (Place { number_end: Some(2), ..at(1, 1) }, None, Some("Ebb / Flow")),
            (Place { number_end: Some(i32::MAX), ..at(1, 1) }, None, Some("Ebb / Flow")),
            (Place { absolute: Some(3), ..at(1, 3) }, None, Some("Tide")),
            (Place { absolute: Some(i32::MIN), ..at(1, 3) }, None, None),
            (Place { aired_on: day, ..Place::default() }, None, Some("Flow")),
            (Place::default(), None, None),
        ] {
            let found = guide.episode(place, ordering).and_then(|it| it.facts.title);
            assert_eq!(found.as_deref(), title, "{place:?} {ordering:?}");
        }
    }
}
