//! Other times for subtitles, as a client asks for them.

use kernel::{Error, Result};
use media::subtitles::Retiming;
use serde::Deserialize;
use utoipa::IntoParams;

/// Where lines of a subtitle go.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct RetimingQuery {
    /// So much later, in milliseconds, at most ten minutes; negative: earlier.
    #[serde(default)]
    offset_ms: i64,
    /// What their times are multiplied by before: a ratio of whole numbers from 1/2 to 2/1, `1001/960` for what was written for
    /// 25 pictures a second and is shown with 23.976.
    rate: Option<String>,
}

impl RetimingQuery {
    pub fn read(&self) -> Result<Retiming> {
        let rate = self.rate.as_deref().unwrap_or("1/1");
        Retiming::new(self.offset_ms, rate).map_err(|why| Error::invalid("query", why))
    }
}

/// The parameters that ask for it, to stand behind a signed address.
pub(crate) fn parameters(by: Retiming) -> String {
    if by.is_nothing() {
        String::new()
    } else {
        format!("&offset_ms={}&rate={}", by.offset_ms(), by.rate())
    }
}

/// What tells an answer at other times apart, in its tag.
pub(super) fn tag(by: Retiming) -> String {
    if by.is_nothing() {
        String::new()
    } else {
        format!("-{}-{}", by.offset_ms(), by.rate().replace('/', "-"))
    }
}
