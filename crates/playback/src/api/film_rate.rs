//! The film's rate of pictures, for subtitle files that count them.

use kernel::{Error, Result};
use media::Rational;
use serde::Deserialize;
use utoipa::IntoParams;

/// The film that a subtitle file is beside.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FilmRateQuery {
    /// Pictures a second of the film, a ratio like `24000/1001`. Files of MicroDVD count pictures, and seldom tell how many there
    /// are a second; no other file needs it.
    film_rate: Option<String>,
}

impl FilmRateQuery {
    pub fn read(&self) -> Result<Option<Rational>> {
        let Some(text) = &self.film_rate else { return Ok(None) };
        let number = |it: &str| it.parse::<u32>().ok().map(u64::from);
        let parts = text.split_once('/').and_then(|it| number(it.0).zip(number(it.1)));
        let rate = parts.and_then(|it| Rational::new(it.0, it.1));
        let wrong =
            || Error::invalid("query", "film_rate is a ratio of whole numbers like 24000/1001");
        rate.map(Some).ok_or_else(wrong)
    }
}

/// The parameter that tells it, to stand behind a signed address.
pub(crate) fn parameter(rate: Option<Rational>) -> String {
    rate.map(|it| format!("&film_rate={}/{}", it.num, it.den)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_read_again_and_what_is_no_rate_refused() {
        let read = |text: &str| FilmRateQuery { film_rate: Some(text.to_owned()) }.read();
        let rate = Rational::new(24_000, 1001);
        let told = parameter(rate);
        assert_eq!(read(told.trim_start_matches("&film_rate=")).ok(), Some(rate));
        for wrong in ["", "25", "0/1", "1/0", "-1/1", "99999999999/1", "a/b"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(matches!(FilmRateQuery { film_rate: None }.read(), Ok(None)));
    }
}
