//! How other servers write dates, ids, names and numbers. Pure; what makes no sense is nothing.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// A text is cut here: no title is longer.
const MAX_TEXT: usize = 1_000;
/// A path at the most.
const MAX_PATH: usize = 8_000;
/// Nobody played anything before.
const FIRST_YEAR: i32 = 1990;

/// A name without what cannot be seen, cut to what a name may have; none where nothing is left.
pub fn text(raw: &str) -> Option<String> {
    let clean: String = raw.chars().filter(|it| !it.is_control()).take(MAX_TEXT).collect();
    let clean = clean.trim();
    (!clean.is_empty()).then(|| clean.to_owned())
}

/// Bytes as people write them down.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |it: u8| char::from_digit(u32::from(it), 16).unwrap_or('0');
    bytes.iter().flat_map(|it| [digit(it >> 4), digit(it & 15)]).collect()
}

/// A path as it stands there.
pub fn path(raw: &str) -> Option<String> {
    let is_path = !raw.is_empty() && raw.len() <= MAX_PATH && !raw.contains('\0');
    is_path.then(|| raw.to_owned())
}

/// A year that films have.
pub fn year(raw: i64) -> Option<i32> {
    i32::try_from(raw).ok().filter(|it| (1870..=2200).contains(it))
}

/// The number of a season or an episode.
pub fn number(raw: i64) -> Option<i32> {
    i32::try_from(raw).ok().filter(|it| (0..=100_000).contains(it))
}

/// How often something was played.
pub fn count(raw: i64) -> i32 {
    i32::try_from(raw.clamp(0, 100_000)).unwrap_or_default()
}

/// A position: at most a hundred hours.
pub fn position_ms(raw: i64) -> i64 {
    if (0..=360_000_000).contains(&raw) { raw } else { 0 }
}

/// Half stars of a rating from 0 to 10, where 0 and less is none.
pub fn half_stars(raw: f64) -> Option<i16> {
    let is_rating = raw.is_finite() && raw > 0.0 && raw <= 10.0;
    is_rating.then(|| (raw.round() as i16).clamp(1, 10))
}

/// A moment that somebody may have played something at.
fn moment(at: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let first = NaiveDate::from_ymd_opt(FIRST_YEAR, 1, 1)?.and_hms_opt(0, 0, 0)?.and_utc();
    // The database keeps microseconds: what is brought again must be the same.
    let at = DateTime::from_timestamp_micros(at.timestamp_micros())?;
    (at >= first && at <= now).then_some(at)
}

/// Seconds since 1970.
pub fn seconds(raw: i64, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    moment(DateTime::from_timestamp(raw, 0)?, now)
}

/// A date and time as text, in UTC: with a blank or a T, with or without fractions, Z or an offset.
pub fn date(raw: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let raw = raw.trim();
    if raw.len() > 64 {
        return None;
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(raw) {
        return moment(at.to_utc(), now);
    }
    let bare = raw.trim_end_matches('Z');
    ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(bare, form).ok())
        .and_then(|it| moment(it.and_utc(), now))
}

/// A provider as we call it, of those by which we find items.
pub fn provider(raw: &str) -> Option<&'static str> {
    match raw.trim().to_ascii_lowercase().as_str() {
        "imdb" => Some("imdb"),
        "tmdb" | "themoviedb" => Some("tmdb"),
        "tvdb" | "thetvdb" => Some("tvdb"),
        _ => None,
    }
}

/// An id of a provider: letters and digits.
pub fn provider_id(provider: &str, raw: &str) -> Option<(String, String)> {
    let provider = self::provider(provider)?;
    let id = raw.trim();
    let is_id = (1..=32).contains(&id.len())
        && id.bytes().all(|it| it.is_ascii_alphanumeric())
        && id != "0";
    let is_id = is_id && (provider == "imdb") == id.starts_with("tt");
    is_id.then(|| (provider.to_owned(), id.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
    }

    #[test]
    fn dates_are_read_as_both_servers_write_them() {
        let expect = DateTime::from_timestamp(1_577_880_000, 0);
        for raw in [
            "2020-01-01 12:00:00",
            "2020-01-01 12:00:00.0000000",
            "2020-01-01T12:00:00Z",
            "2020-01-01T12:00:00.0000000Z",
            "2020-01-01T13:00:00+01:00",
            " 2020-01-01 12:00:00Z ",
        ] {
            assert_eq!(date(raw, now()), expect, "{raw}");
        }
        for raw in ["", "yesterday", "0001-01-01 00:00:00", "2999-01-01 00:00:00", &"9".repeat(99)]
        {
            assert_eq!(date(raw, now()), None, "{raw}");
        }
        assert_eq!(seconds(1_577_880_000, now()), expect);
        assert_eq!(seconds(i64::MAX, now()), None);
        assert_eq!(seconds(0, now()), None);
    }

    #[test]
    fn ids_are_those_of_providers_that_we_know() {
        for (provider, raw, expect) in [
            ("Tmdb", "603", Some(("tmdb", "603"))),
            ("Imdb", "tt0133093", Some(("imdb", "tt0133093"))),
            ("thetvdb", " 121361 ", Some(("tvdb", "121361"))),
            ("Imdb", "0133093", None),
            ("Tmdb", "tt0133093", None),
            ("Tmdb", "", None),
            ("Tmdb", "0", None),
            ("Tmdb", "6 0 3", None),
            ("TmdbCollection", "2344", None),
        ] {
            let expect = expect.map(|(it, id)| (it.to_owned(), id.to_owned()));
            assert_eq!(provider_id(provider, raw), expect, "{provider} {raw}");
        }
    }

    #[test]
    fn ratings_are_half_stars() {
        let ratings = [7.0, 0.4, 10.0, 0.0, -1.0, 11.0, f64::NAN].map(half_stars);
        assert_eq!(ratings, [Some(7), Some(1), Some(10), None, None, None, None]);
    }

    proptest! {
        #[test]
        fn nothing_that_anybody_writes_breaks_it(raw in ".{0,80}", number_there in any::<i64>()) {
            let _ = (date(&raw, now()), text(&raw), path(&raw), provider_id(&raw, &raw));
            let _ = (year(number_there), number(number_there), seconds(number_there, now()));
            prop_assert!((0..=100_000).contains(&count(number_there)));
            prop_assert!(position_ms(number_there) >= 0);
        }
    }
}
