//! Each fact as the element it is written in.

use super::super::tree;
use super::text;
use crate::facts::Status;
use crate::local::nfo::Subject;
use crate::{Credit, Facts, Role};

/// An element that is written, and which old ones it stands for.
pub struct Written {
    /// In lower case.
    pub name: &'static str,
    pub xml: String,
    /// The attribute that tells elements of this name apart, where not all are replaced.
    key: Option<(&'static str, String)>,
}

impl Written {
    fn new(name: &'static str, xml: String) -> Self {
        Self { name, xml, key: None }
    }

    /// Whether an old element says what this one says better.
    pub fn replaces(&self, name: &str, old: &str) -> bool {
        if name != self.name && !older_names(self.name).contains(&name) {
            return false;
        }
        let Some((attribute, value)) = &self.key else { return true };
        let old = tree::read(old).ok().and_then(|(roots, _)| roots.into_iter().next());
        old.is_some_and(|it| {
            it.attribute(attribute).is_some_and(|it| it.eq_ignore_ascii_case(value))
        })
    }
}

/// Elements of other tools and times that say the same.
fn older_names(name: &str) -> &'static [&'static str] {
    match name {
        "ratings" => &["rating", "votes"],
        "premiered" => &["releasedate"],
        "aired" => &["premiered"],
        _ => &[],
    }
}

/// The elements that say `facts`.
pub fn of(subject: Subject, facts: &Facts) -> Vec<Written> {
    let mut written = Vec::new();
    let mut one = |name: &'static str, value: Option<String>| {
        written.extend(value.map(|it| Written::new(name, tag(name, &it))));
    };
    one("title", facts.title.clone());
    one("originaltitle", facts.original_title.clone());
    one("sorttitle", facts.sort_title.clone());
    one("tagline", facts.tagline.clone());
    one("plot", facts.overview.clone());
    one("year", facts.year.map(|it| it.to_string()));
    match subject {
        Subject::Episode => one("aired", facts.released_on.map(|it| it.to_string())),
        _ => one("premiered", facts.released_on.map(|it| it.to_string())),
    }
    one("enddate", facts.ended_on.map(|it| it.to_string()));
    one("runtime", facts.runtime_ms.map(|it| ((it + 30_000) / 60_000).max(1).to_string()));
    one("mpaa", facts.content_rating.clone());
    if subject == Subject::Series {
        one("status", facts.status.map(status));
    }
    match subject {
        Subject::Episode => {
            one("season", facts.season.map(|it| it.to_string()));
            one("episode", facts.episode.map(|it| it.to_string()));
            one("displayseason", facts.airs_before.map(|it| it.0.to_string()));
            one("displayepisode", facts.airs_before.and_then(|it| it.1).map(|it| it.to_string()));
            one("airsafter_season", facts.airs_after_season.map(|it| it.to_string()));
        }
        Subject::Season => one("seasonnumber", facts.season.map(|it| it.to_string())),
        _ => {}
    }
    for (name, values) in [
        ("genre", &facts.genres),
        ("tag", &facts.tags),
        ("studio", &facts.studios),
        ("network", &facts.networks),
        ("country", &facts.countries),
    ] {
        for value in values {
            one(name, Some(value.clone()));
        }
    }
    for trailer in facts.trailers.iter().take(1) {
        one("trailer", Some(trailer.url.to_string()));
    }
    written.extend(ratings(facts));
    written.extend(collection(facts));
    written.extend(episode_guide(subject, facts));
    let default = default_provider(subject, facts);
    for (provider, id) in &facts.ids {
        let is_default = if default == Some(provider.as_str()) { " default=\"true\"" } else { "" };
        let xml =
            format!("<uniqueid type=\"{}\"{is_default}>{}</uniqueid>", text(provider), text(id));
        let key = Some(("type", provider.clone()));
        written.push(Written { name: "uniqueid", xml, key });
    }
    written.extend(facts.credits.iter().filter_map(crew));
    let cast = facts.credits.iter().filter(|it| matches!(it.role, Role::Actor | Role::Guest));
    written.extend(cast.zip(0..).map(|(credit, order)| actor(credit, order)));
    written
}

fn status(status: Status) -> String {
    match status {
        Status::Continuing => "Continuing",
        Status::Ended => "Ended",
        Status::Upcoming => "Upcoming",
    }
    .to_owned()
}

/// Whose id tools look at first. Kodi wants one of them to be that.
fn default_provider(subject: Subject, facts: &Facts) -> Option<&str> {
    let order = match subject {
        Subject::Movie | Subject::Unknown => ["tmdb", "imdb", "tvdb"],
        Subject::Series | Subject::Season | Subject::Episode => ["tvdb", "tmdb", "imdb"],
    };
    let known = order.into_iter().find(|it| facts.ids.contains_key(*it));
    known.or_else(|| facts.ids.keys().next().map(String::as_str))
}

/// Where Kodi's scrapers look for the episodes of a series that they did not find themselves.
fn episode_guide(subject: Subject, facts: &Facts) -> Option<Written> {
    if subject != Subject::Series || facts.ids.is_empty() {
        return None;
    }
    let guide = serde_json::to_string(&facts.ids).ok()?;
    Some(Written::new("episodeguide", tag("episodeguide", &guide)))
}

fn ratings(facts: &Facts) -> Option<Written> {
    if facts.ratings.is_empty() {
        let rating = facts.rating?;
        return Some(Written::new("rating", format!("<rating>{rating:.1}</rating>")));
    }
    let main = facts.ratings.iter().position(|it| Some(it.value) == facts.rating).unwrap_or(0);
    let ratings = facts.ratings.iter().enumerate().map(|(position, rating)| {
        // As Kodi's own scrapers name them.
        let name = match rating.source.as_str() {
            "tmdb" => "themoviedb",
            "tvdb" => "thetvdb",
            other => other,
        };
        let name = text(name);
        let is_default = if position == main { " default=\"true\"" } else { "" };
        let votes = rating.votes.map(|it| tag("votes", &it.to_string())).unwrap_or_default();
        let value = tag("value", &format!("{:.1}", rating.value));
        format!("<rating name=\"{name}\" max=\"10\"{is_default}>{value}{votes}</rating>")
    });
    let xml = format!("<ratings>{}</ratings>", ratings.collect::<Vec<_>>().concat());
    Some(Written::new("ratings", xml))
}

fn collection(facts: &Facts) -> Option<Written> {
    let set = facts.collection.as_ref()?;
    let id = set.ids.get("tmdb").map(|it| format!(" tmdbcolid=\"{}\"", text(it)));
    let overview = set.overview.as_ref().map(|it| tag("overview", it));
    let (id, overview) = (id.unwrap_or_default(), overview.unwrap_or_default());
    let xml = format!("<set{id}>{}{overview}</set>", tag("name", &set.name));
    Some(Written::new("set", xml))
}

fn crew(credit: &Credit) -> Option<Written> {
    let name = match credit.role {
        Role::Director => "director",
        Role::Writer => "credits",
        Role::Creator => "creator",
        Role::Producer => "producer",
        Role::Composer => "composer",
        _ => return None,
    };
    let ids: Vec<String> = person_ids(credit)
        .map(|(provider, id)| format!(" {provider}id=\"{}\"", text(id)))
        .collect();
    let ids = ids.concat();
    Some(Written::new(name, format!("<{name}{ids}>{}</{name}>", text(&credit.name))))
}

fn actor(credit: &Credit, order: i32) -> Written {
    let kind = if credit.role == Role::Guest { "GuestStar" } else { "Actor" };
    let mut parts = vec![tag("name", &credit.name)];
    parts.extend(credit.character.as_ref().map(|it| tag("role", it)));
    parts.extend([tag("type", kind), tag("order", &order.to_string())]);
    parts.extend(credit.picture.as_ref().map(|it| tag("thumb", it.as_str())));
    parts.extend(person_ids(credit).map(|(provider, id)| tag(&format!("{provider}id"), id)));
    Written::new("actor", format!("<actor>{}</actor>", parts.concat()))
}

/// The ids of a person that tools know how to read.
fn person_ids(credit: &Credit) -> impl Iterator<Item = (&String, &String)> {
    let known = ["tmdb", "imdb", "tvdb"];
    credit.ids.iter().filter(move |(provider, _)| known.contains(&provider.as_str()))
}

/// An element that holds only a text.
fn tag(name: &str, value: &str) -> String {
    format!("<{name}>{}</{name}>", text(value))
}
