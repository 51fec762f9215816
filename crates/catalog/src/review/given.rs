//! Ids as people paste them: bare, with their provider, or as the address of a page. Pure.

/// Providers that ids may be of.
pub const KNOWN: [&str; 9] =
    ["imdb", "tmdb", "tvdb", "tvmaze", "wikidata", "omdb", "fanart", "radarr", "sonarr"];

/// Letters of an id at the most.
const MAX_ID: usize = 64;

/// The provider and id that `text` names; none where it names none.
pub fn parse(text: &str) -> Option<(&'static str, String)> {
    let text = text.trim();
    if text.len() > 2048 {
        return None;
    }
    if let Some((_, rest)) = text.split_once("://") {
        return of_address(rest);
    }
    if let Some(found) = of_address(text).filter(|_| text.contains('/')) {
        return Some(found);
    }
    let bare = text.trim_matches(['[', ']', '{', '}', '(', ')']);
    if is_imdb(bare) {
        return Some(("imdb", bare.to_owned()));
    }
    if is_wikidata(bare) {
        return Some(("wikidata", bare.to_owned()));
    }
    let (name, id) = bare.split_once([':', '=', '-'])?;
    let name = name.trim().to_ascii_lowercase();
    let name = name.strip_suffix("id").unwrap_or(&name);
    let provider = KNOWN.iter().find(|it| **it == name || alias(name) == Some(**it))?;
    checked(provider, id.trim())
}

/// Whether this provider can have that id.
pub fn is_possible(provider: &str, id: &str) -> bool {
    (KNOWN.contains(&provider) || metadata::boxes::BOXES.contains(&provider))
        && !id.is_empty()
        && id.len() <= MAX_ID
        && id.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.' | ':'))
}

fn alias(name: &str) -> Option<&'static str> {
    match name {
        "themoviedb" | "moviedb" => Some("tmdb"),
        "thetvdb" => Some("tvdb"),
        _ => None,
    }
}

fn checked(provider: &'static str, id: &str) -> Option<(&'static str, String)> {
    let is_right = match provider {
        "imdb" => is_imdb(id),
        "wikidata" => is_wikidata(id),
        "tmdb" | "tvdb" | "tvmaze" => is_number(id),
        _ => is_possible(provider, id),
    };
    is_right.then(|| (provider, id.to_owned()))
}

fn is_number(id: &str) -> bool {
    (1..=12).contains(&id.len()) && id.bytes().all(|it| it.is_ascii_digit())
}

fn is_imdb(id: &str) -> bool {
    id.strip_prefix("tt").is_some_and(|it| (6..=10).contains(&it.len()) && is_number(it))
}

fn is_wikidata(id: &str) -> bool {
    id.strip_prefix('Q').is_some_and(is_number)
}

/// The id in the address of a page, without its scheme.
fn of_address(address: &str) -> Option<(&'static str, String)> {
    let (host, path) = address.split_once('/')?;
    let host = host.trim_start_matches("www.").trim_start_matches("m.");
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let parts: Vec<&str> = path.split('/').filter(|it| !it.is_empty()).collect();
    // "949-heat" is number 949.
    let number = |part: &str| -> String { part.chars().take_while(char::is_ascii_digit).collect() };
    let after = |words: &[&str]| {
        let place = parts.iter().position(|it| words.contains(it))?;
        parts.get(place + 1).copied()
    };
    match host {
        "imdb.com" => checked("imdb", parts.iter().find(|it| is_imdb(it))?),
        "themoviedb.org" => checked("tmdb", &number(after(&["movie", "tv"])?)),
        // The word before the number is the same for all of its pages.
        "tvmaze.com" => checked("tvmaze", &number(parts.get(1)?)),
        "wikidata.org" => checked("wikidata", after(&["wiki"])?),
        // Its ordinary pages have names instead of numbers; only those that lead there by number have one.
        "thetvdb.com" if parts.first() == Some(&"dereferrer") => checked("tvdb", parts.last()?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_people_paste_them() {
        for (text, expect) in [
            ("tt0113277", Some(("imdb", "tt0113277"))),
            (" tt0113277 ", Some(("imdb", "tt0113277"))),
            ("[imdbid-tt0113277]", Some(("imdb", "tt0113277"))),
            ("{tmdb-949}", Some(("tmdb", "949"))),
            ("tmdb:949", Some(("tmdb", "949"))),
            ("TMDB: 949", Some(("tmdb", "949"))),
            ("tvdbid=78804", Some(("tvdb", "78804"))),
            ("thetvdb:78804", Some(("tvdb", "78804"))),
            ("tvmaze:82", Some(("tvmaze", "82"))),
            ("Q42198", Some(("wikidata", "Q42198"))),
            ("https://www.themoviedb.org/movie/949", Some(("tmdb", "949"))),
            ("https://www.themoviedb.org/movie/949-heat?language=de", Some(("tmdb", "949"))),
            ("https://www.themoviedb.org/tv/1396-breaking-bad/season/1", Some(("tmdb", "1396"))),
            ("www.imdb.com/title/tt0113277/", Some(("imdb", "tt0113277"))),
            ("https://m.imdb.com/de/title/tt0113277/?ref_=x", Some(("imdb", "tt0113277"))),
            ("https://www.tvmaze.com/shows/82/game-of-thrones", Some(("tvmaze", "82"))),
            ("https://www.wikidata.org/wiki/Q42198", Some(("wikidata", "Q42198"))),
            ("https://thetvdb.com/dereferrer/series/78804", Some(("tvdb", "78804"))),
            ("https://thetvdb.com/series/doctor-who-2005", None),
            ("https://example.org/movie/949", None),
            ("tmdb:heat", None),
            ("imdb:949", None),
            ("949", None),
            ("Heat", None),
            ("tt1", None),
            ("", None),
            ("://", None),
            ("https:///", None),
            ("tmdb:9999999999999999", None),
        ] {
            let found = parse(text);
            let found = found.as_ref().map(|(provider, id)| (*provider, id.as_str()));
            assert_eq!(found, expect, "{text}");
        }
        assert_eq!(parse(&"9".repeat(5000)), None);
    }

    #[test]
    fn what_can_be_no_id_is_not_taken_for_one() {
        assert!(is_possible("radarr", "main:17"));
        assert!(!is_possible("imdb", "tt 1"));
        assert!(!is_possible("nobody", "1"));
        assert!(!is_possible("tmdb", "a\0b"));
    }
}
