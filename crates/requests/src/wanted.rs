//! What people type when they ask for something, checked. Pure.

use kernel::{Error, Result};

use crate::request::Kind;

/// Letters of a title at the most.
const MAX_TITLE: usize = 300;
/// Letters of a word at the most.
const MAX_WORD: usize = 500;
/// Letters of a provider's id at the most.
const MAX_ID: usize = 64;
/// Letters of a provider's name at the most.
const MAX_PROVIDER: usize = 32;
/// Seasons that somebody may name.
const MAX_SEASONS: usize = 100;
/// The highest number of a season: some are numbered by the year.
const MAX_SEASON: i32 = 9_999;
/// The year of the first films, and one that nothing is announced for.
const YEARS: std::ops::RangeInclusive<i32> = 1870..=2200;

/// How the title is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// By a provider and its id there.
    ById(String, String),
    /// By its title and year alone.
    ByTitle(String, i32),
}

/// What somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub kind: Kind,
    pub told: Told,
    pub word: Option<String>,
    pub seasons: Vec<i32>,
}

/// What came of a form.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub kind: Kind,
    pub provider: Option<String>,
    pub id: Option<String>,
    pub title: Option<String>,
    pub year: Option<i32>,
    pub word: Option<String>,
    pub seasons: Vec<i32>,
}

impl Wanted {
    /// What `form` says.
    pub fn of(form: Form) -> Result<Self> {
        let told = match (form.provider, form.id, form.title, form.year) {
            (Some(provider), Some(id), None, None) => {
                check_id(&provider, &id)?;
                Told::ById(provider, id)
            }
            (None, None, Some(title), Some(year)) => {
                Told::ByTitle(checked_title(&title)?, checked_year(year)?)
            }
            (None, None, None, _) => {
                return Err(Error::invalid("title", "say a title, or a provider and its id"));
            }
            (None, None, Some(_), None) => {
                return Err(Error::invalid("year", "a title alone may be of many; say the year"));
            }
            _ => {
                let message = "either a provider and its id, or a title and its year";
                return Err(Error::invalid("id", message));
            }
        };
        let seasons = checked_seasons(form.kind, form.seasons)?;
        Ok(Self { kind: form.kind, told, word: checked_word(form.word)?, seasons })
    }
}

/// A title without blanks around it.
pub(crate) fn checked_title(title: &str) -> Result<String> {
    let title = title.trim();
    let length = title.chars().count();
    if !(1..=MAX_TITLE).contains(&length) || title.contains(char::is_control) {
        return Err(Error::invalid("title", format!("a title has 1 to {MAX_TITLE} letters")));
    }
    Ok(title.to_owned())
}

/// A year in which something may come out.
pub(crate) fn checked_year(year: i32) -> Result<i32> {
    let message = || format!("a year lies between {} and {}", YEARS.start(), YEARS.end());
    if YEARS.contains(&year) { Ok(year) } else { Err(Error::invalid("year", message())) }
}

/// A few words; nothing where there are only blanks.
pub(crate) fn checked_word(word: Option<String>) -> Result<Option<String>> {
    let word = word.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
    let is_wrong = |it: &String| {
        it.chars().count() > MAX_WORD || it.contains(|sign: char| sign.is_control() && sign != '\n')
    };
    if word.as_ref().is_some_and(is_wrong) {
        return Err(Error::invalid("word", format!("at most {MAX_WORD} letters")));
    }
    Ok(word)
}

fn checked_seasons(kind: Kind, mut seasons: Vec<i32>) -> Result<Vec<i32>> {
    if kind != Kind::Series && !seasons.is_empty() {
        return Err(Error::invalid("seasons", "only a series has seasons"));
    }
    if seasons.len() > MAX_SEASONS || seasons.iter().any(|it| !(0..=MAX_SEASON).contains(it)) {
        let message = format!("at most {MAX_SEASONS} numbers from 0 to {MAX_SEASON}");
        return Err(Error::invalid("seasons", message));
    }
    seasons.sort_unstable();
    seasons.dedup();
    Ok(seasons)
}

fn check_id(provider: &str, id: &str) -> Result<()> {
    let is_name = (1..=MAX_PROVIDER).contains(&provider.len())
        && provider.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
    if !is_name {
        return Err(Error::invalid("provider", "no provider is called so"));
    }
    let is_id = (1..=MAX_ID).contains(&id.len())
        && id.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.' | ':'));
    if is_id { Ok(()) } else { Err(Error::invalid("id", "no provider has such an id")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> Form {
        Form {
            kind: Kind::Series,
            provider: None,
            id: None,
            title: None,
            year: None,
            word: None,
            seasons: vec![],
        }
    }

    fn wrong(form: Form) -> String {
        match Wanted::of(form).expect_err("refused") {
            Error::Invalid { field, .. } => field,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn what_is_asked_for_is_told_by_an_id_or_by_title_and_year() {
        let some = |text: &str| Some(text.to_owned());
        let by_id = Form { provider: some("tmdb"), id: some("603"), ..form() };
        let by_title = Form { title: some("  Open Sky "), year: Some(2001), ..form() };
        let told = |form: &Form| Wanted::of(form.clone()).expect("right").told;
        assert_eq!(told(&by_id), Told::ById("tmdb".to_owned(), "603".to_owned()));
        assert_eq!(told(&by_title), Told::ByTitle("Open Sky".to_owned(), 2001));
        for (wrong_form, field) in [
            (form(), "title"),
            (Form { title: some("Open Sky"), ..form() }, "year"),
            (Form { title: some(" "), year: Some(2001), ..form() }, "title"),
            (Form { title: some("a\0"), year: Some(2001), ..form() }, "title"),
            (Form { title: some(&"x".repeat(301)), year: Some(2001), ..form() }, "title"),
            (Form { year: Some(1), ..by_title.clone() }, "year"),
            (Form { provider: some("tmdb"), ..form() }, "id"),
            (Form { title: some("Open Sky"), ..by_id.clone() }, "id"),
            (Form { id: some("../x"), ..by_id.clone() }, "id"),
            (Form { provider: some("TMDb"), ..by_id.clone() }, "provider"),
            (Form { word: some(&"x".repeat(501)), ..by_id.clone() }, "word"),
            (Form { seasons: vec![-1], ..by_id.clone() }, "seasons"),
            (Form { seasons: vec![1; 101], ..by_id.clone() }, "seasons"),
            (Form { kind: Kind::Movie, seasons: vec![1], ..by_id.clone() }, "seasons"),
        ] {
            assert_eq!(wrong(wrong_form.clone()), field, "{wrong_form:?}");
        }
        let with_more = Form { word: some(" \n "), seasons: vec![3, 1, 3], ..by_id };
        let wanted = Wanted::of(with_more).expect("right");
        assert_eq!((wanted.word, wanted.seasons), (None, vec![1, 3]));
    }
}
