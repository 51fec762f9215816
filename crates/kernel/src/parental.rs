//! What somebody is kept from: by age, by tags and by the hour.

use serde::{Deserialize, Serialize};

use crate::Hours;

/// The highest age a content rating can ask for.
pub const MAX_AGE: u8 = 21;

/// The mark of an item whose topmost group, or which itself where it stands alone, has no rating.
const UNRATED: i64 = -100;

/// What somebody is kept from. The tags are written as labels are: folded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parental {
    /// Nothing for people older than this exists, in years; `None` is no limit.
    pub max_age: Option<u8>,
    /// What has no rating does not exist.
    pub hides_unrated: bool,
    /// Nothing with one of these tags or genres exists.
    pub blocked_tags: Vec<String>,
    /// Only what has one of these tags or genres exists, and what is in it; empty is no limit.
    pub allowed_tags: Vec<String>,
    /// Outside of these hours nothing exists at all.
    pub hours: Hours,
    /// On a device that several people share, one goes from here to those only who have a PIN.
    pub leaving_needs_pin: bool,
}

impl Parental {
    /// Whether it keeps somebody from anything.
    pub fn is_limit(&self) -> bool {
        *self != Self::default()
    }

    /// Whether it keeps somebody from all that `other` keeps them from.
    pub fn is_within(&self, other: &Self) -> bool {
        let is_younger = match (self.max_age, other.max_age) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(own), Some(other)) => own <= other,
        };
        is_younger
            && (self.hides_unrated || !other.hides_unrated)
            && self.hours.is_within(&other.hours)
            && (self.leaving_needs_pin || !other.leaving_needs_pin)
            && other.blocked_tags.iter().all(|it| self.blocked_tags.contains(it))
            && (other.allowed_tags.is_empty()
                || !self.allowed_tags.is_empty()
                    && self.allowed_tags.iter().all(|it| other.allowed_tags.contains(it)))
    }

    /// The same as marks of items, `blocked` and `allowed` being those of its tags.
    pub fn guard(&self, blocked: &[i64], allowed: &[i64]) -> Guard {
        let n_older = self.max_age.map_or(0, |it| MAX_AGE.saturating_sub(it));
        let older = (0..n_older).map(|it| -1 - i64::from(MAX_AGE - it));
        let tags = blocked.iter().flat_map(|it| [*it, -*it]);
        let hidden = older.chain(self.hides_unrated.then_some(UNRATED)).chain(tags);
        Guard { hidden: hidden.collect(), wanted: allowed.to_vec() }
    }
}

/// What somebody is kept from, as marks of items; see the catalog's migration 0012.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Guard {
    /// An item with one of these does not exist.
    pub hidden: Vec<i64>,
    /// An item without any of these does not exist, unless there are none.
    pub wanted: Vec<i64>,
}

impl Guard {
    /// As a parameter of the SQL function `allows`.
    pub fn to_array(&self) -> Vec<i64> {
        if self.hidden.is_empty() && self.wanted.is_empty() {
            return Vec::new();
        }
        let n_hidden = i64::try_from(self.hidden.len()).unwrap_or(i64::MAX);
        [n_hidden].iter().chain(&self.hidden).chain(&self.wanted).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parental(max_age: Option<u8>, blocked: &[&str], allowed: &[&str]) -> Parental {
        let owned = |it: &[&str]| it.iter().map(|it| (*it).to_owned()).collect();
        let (blocked_tags, allowed_tags) = (owned(blocked), owned(allowed));
        Parental { max_age, blocked_tags, allowed_tags, ..Parental::default() }
    }

    #[test]
    fn a_guard_hides_the_ages_above_the_limit() {
        let array = |age| parental(age, &[], &[]).guard(&[], &[]).to_array();
        assert_eq!(array(Some(18)), [3, -22, -21, -20]);
        assert_eq!((array(Some(21)), array(None)), (Vec::new(), Vec::new()));
    }

    #[test]
    fn a_guard_hides_and_wants_tags() {
        let tags = Parental::default();
        assert_eq!(tags.guard(&[7], &[9]).to_array(), [2, 7, -7, 9]);
        assert_eq!(tags.guard(&[], &[9]).to_array(), [0, 9]);
        let unrated = Parental { hides_unrated: true, ..Parental::default() };
        assert_eq!(unrated.guard(&[], &[]).to_array(), [1, -100]);
    }

    #[test]
    fn who_is_kept_from_more_is_within() {
        let (free, young) = (Parental::default(), parental(Some(6), &["gore", "war"], &["kids"]));
        let old = parental(Some(12), &["gore"], &["kids", "school"]);
        assert!(young.is_within(&old) && young.is_within(&free) && young.is_within(&young));
        assert!(!old.is_within(&young) && !free.is_within(&old));
        assert!(!parental(Some(6), &["gore"], &[]).is_within(&old), "all tags are more than some");
        assert!(!parental(None, &["gore"], &["kids"]).is_within(&old), "no limit of age");
    }
}
