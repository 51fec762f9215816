//! What the name of a scene says: studio, day, title, performers. Pure.
//!
//! Understood are names whose parts stand between dashes (`Studio - 2021-05-04 - Title - Jane Doe, John Roe`), with the day
//! in front or in the middle or left out, studios in brackets (`[Studio] Title (2021)`), and names of releases
//! (`studio.21.05.04.some.words.Xxx.1080p`), which say not where performers end and the title begins.

use chrono::{Datelike as _, NaiveDate};

/// What a name says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SceneName {
    pub studio: Option<String>,
    pub released_on: Option<NaiveDate>,
    pub year: Option<i32>,
    pub title: Option<String>,
    pub cast: Vec<String>,
}

/// Performers that one name may name; what has more is no list of people.
const MAX_CAST: usize = 20;

/// Words of a release's name at which what it says of the scene is over.
const TECHNICAL: [&str; 19] = [
    "xxx", "480p", "540p", "720p", "1080p", "1440p", "2160p", "4k", "8k", "sd", "hd", "uhd", "web",
    "webrip", "web-dl", "mp4", "x264", "x265", "hevc",
];

/// What `stem`, a name without folder and extension, says.
pub fn parse(stem: &str) -> SceneName {
    let stem = stem.trim();
    if let Some(name) = release(stem) {
        return name;
    }
    let (stem, bracketed) = without_brackets(stem);
    let mut name = SceneName { studio: bracketed, ..SceneName::default() };
    let stem = name.take_trailing_year(&stem);
    let parts = stem.split(" - ").map(str::trim).filter(|it| !it.is_empty());
    let mut parts: Vec<&str> = parts.collect();
    let day = parts.iter().position(|it| date(it).is_some());
    if let Some(at) = day {
        name.released_on = date(parts[at]);
        let after = parts.split_off(at + 1);
        parts.truncate(at);
        if !parts.is_empty() && name.studio.is_none() {
            name.studio = Some(parts.join(" - "));
        }
        name.take_title_and_cast(&after);
    } else {
        if parts.len() >= 3 && name.studio.is_none() {
            name.studio = Some(parts.remove(0).to_owned());
        }
        name.take_title_and_cast(&parts);
    }
    name
}

impl SceneName {
    /// The last of several parts is people where it is a list of names; else it belongs to the title.
    fn take_title_and_cast(&mut self, parts: &[&str]) {
        let (title, cast) = match parts {
            [title @ .., last] if !title.is_empty() && is_people(last) => (title, Some(*last)),
            all => (all, None),
        };
        self.cast = cast.map(people).unwrap_or_default();
        self.title = (!title.is_empty()).then(|| title.join(" - "));
    }

    /// `Title (2021)` and `Title (2021-05-04)`.
    fn take_trailing_year(&mut self, text: &str) -> String {
        let Some((before, inside)) = text.strip_suffix(')').and_then(|it| it.rsplit_once('('))
        else {
            return text.to_owned();
        };
        let inside = inside.trim();
        if let Some(day) = date(inside) {
            self.released_on = Some(day);
        } else if let Ok(year @ 1900..=2100) = inside.parse::<i32>() {
            self.year = Some(year);
        } else {
            return text.to_owned();
        }
        before.trim().to_owned()
    }
}

/// `2021-05-04` and `2021.05.04`.
fn date(text: &str) -> Option<NaiveDate> {
    let text = text.trim_matches(|it| "()[]".contains(it));
    let is_day = text.len() == 10 && text.bytes().filter(u8::is_ascii_digit).count() == 8;
    let parsed = |format| NaiveDate::parse_from_str(text, format).ok();
    let day = is_day.then(|| parsed("%Y-%m-%d").or_else(|| parsed("%Y.%m.%d"))).flatten();
    day.filter(|it| (1900..=2100).contains(&it.year()))
}

/// The text without what stands in square brackets, and what stood in those at its front if that is a studio.
fn without_brackets(text: &str) -> (String, Option<String>) {
    let mut studio = None;
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, (inside, after))) =
        rest.split_once('[').and_then(|(before, it)| Some((before, it.split_once(']')?)))
    {
        let is_first = out.trim().is_empty() && before.trim().is_empty();
        if is_first && date(inside).is_none() && !is_technical(inside) {
            studio = Some(inside.trim().to_owned()).filter(|it| !it.is_empty());
        }
        out.push_str(before);
        rest = after;
    }
    out.push_str(rest);
    let out = out.trim().trim_start_matches("- ").to_owned();
    // A name of brackets alone says what it says.
    if out.is_empty() { (text.to_owned(), None) } else { (out, studio) }
}

fn is_technical(word: &str) -> bool {
    TECHNICAL.contains(&word.to_lowercase().as_str())
}

/// Whether a part of a name is a list of people: several, or one of two or three words that all begin with a capital.
fn is_people(part: &str) -> bool {
    let names = people(part);
    let is_name = |it: &String| {
        let n_words = it.split_whitespace().count();
        (1..=4).contains(&n_words)
            && !it.chars().any(|it| it.is_ascii_digit())
            && it.split_whitespace().all(|word| word.chars().next().is_some_and(char::is_uppercase))
    };
    let is_several = names.len() > 1;
    (1..=MAX_CAST).contains(&names.len())
        && names.iter().all(is_name)
        && (is_several || (2..=3).contains(&part.split_whitespace().count()))
}

fn people(part: &str) -> Vec<String> {
    let names = part.split([',', '&', '+', ';']).flat_map(|it| it.split(" and "));
    let names = names.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
    names.collect()
}

/// `studio.21.05.04.some.words.Xxx.1080p.MP4-GROUP`.
fn release(stem: &str) -> Option<SceneName> {
    if stem.contains(' ') {
        return None;
    }
    let words: Vec<&str> = stem.split('.').filter(|it| !it.is_empty()).collect();
    let is_two_digits = |it: &str| it.len() == 2 && it.bytes().all(|it| it.is_ascii_digit());
    let at = words.windows(3).position(|it| it.iter().all(|it| is_two_digits(it)))?;
    let [year, month, day]: [u32; 3] =
        [words[at].parse().ok()?, words[at + 1].parse().ok()?, words[at + 2].parse().ok()?];
    let released_on = NaiveDate::from_ymd_opt(2000 + i32::try_from(year).ok()?, month, day)?;
    let title = words[at + 3..].iter().take_while(|it| !is_technical(it));
    let title = title.copied().collect::<Vec<_>>().join(" ");
    let studio = words[..at].join(" ");
    Some(SceneName {
        studio: Some(studio).filter(|it| !it.is_empty()),
        released_on: Some(released_on),
        title: Some(title).filter(|it| !it.is_empty()),
        ..SceneName::default()
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn check(stem: &str, expected: &str) {
        let name = parse(stem);
        let told = [
            name.studio.unwrap_or_default(),
            name.released_on.map(|it| it.to_string()).unwrap_or_default(),
            name.year.map(|it| it.to_string()).unwrap_or_default(),
            name.title.unwrap_or_default(),
            name.cast.join(", "),
        ];
        assert_eq!(told.join("|"), expected, "{stem}");
    }

    #[test]
    fn names_say_studio_day_title_and_performers() {
        for (stem, expected) in [
            (
                "Night Works - 2021-05-04 - The Long Way Home - Jane Doe, John Roe",
                "Night Works|2021-05-04||The Long Way Home|Jane Doe, John Roe",
            ),
            ("2021-05-04 - The Long Way Home", "|2021-05-04||The Long Way Home|"),
            (
                "Night Works - The Long Way Home - Jane Doe",
                "Night Works|||The Long Way Home|Jane Doe",
            ),
            ("The Long Way Home - Jane Doe & John Roe", "|||The Long Way Home|Jane Doe, John Roe"),
            (
                "[Night Works] The Long Way Home (2021) [1080p]",
                "Night Works||2021|The Long Way Home|",
            ),
            ("[1080p] The Long Way Home (2021-05-04)", "|2021-05-04||The Long Way Home|"),
            (
                "NightWorks.21.05.04.Jane.Doe.The.Long.Way.Home.Xxx.1080p.MP4-GRP",
                "NightWorks|2021-05-04||Jane Doe The Long Way Home|",
            ),
            (
                "Night Works - 2021.05.04 - Part one - and two",
                "Night Works|2021-05-04||Part one - and two|",
            ),
            ("clip", "|||clip|"),
            ("", "||||"),
            ("[only]", "|||[only]|"),
            ("2021-13-99 - x", "|||2021-13-99 - x|"),
            ("studio.99.99.99.words", "|||studio.99.99.99.words|"),
        ] {
            check(stem, expected);
        }
    }
}
