//! What hits are narrowed by and counted by.

use std::collections::HashSet;
use std::sync::Arc;

use uuid::Uuid;

use crate::fold::fold;

/// A property that documents have values of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Facet {
    /// `movie`, `series`, `season`, `episode` ...
    Kind,
    /// A genre.
    Genre,
    /// A tag or mood.
    Tag,
    /// Who made it.
    Studio,
    /// Who showed it first.
    Network,
    /// Where it was made.
    Country,
    /// A language that can be heard.
    Audio,
    /// A language that can be read.
    Subtitle,
    /// `2160p`, `1080p`, `720p`, `480p`.
    Resolution,
    /// `hdr10`, `dolby_vision` ...
    Hdr,
    /// How the picture is coded: `h264`, `hevc`.
    Codec,
    /// The library, by its id.
    Library,
    /// Ten years: `1990s`. Made of the year.
    Decade,
    /// The age from which it may be seen. Made of the document's.
    Age,
    /// Whole points of the rating. Made of the document's.
    Rating,
    /// Somebody who had a part in it, by the whole name.
    Person,
    /// Somebody who plays in it, by the whole name.
    Actor,
    /// Somebody who directed it, by the whole name.
    Director,
    /// Somebody who wrote it, by the whole name.
    Writer,
    /// Somebody who wrote its music, by the whole name.
    Composer,
}

impl Facet {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::Kind,
        Self::Genre,
        Self::Tag,
        Self::Studio,
        Self::Network,
        Self::Country,
        Self::Audio,
        Self::Subtitle,
        Self::Resolution,
        Self::Hdr,
        Self::Codec,
        Self::Library,
        Self::Decade,
        Self::Age,
        Self::Rating,
        Self::Person,
        Self::Actor,
        Self::Director,
        Self::Writer,
        Self::Composer,
    ];

    /// Those whose values are counted: the others have too many to be of use.
    pub const COUNTED: [Self; 14] = [
        Self::Kind,
        Self::Genre,
        Self::Decade,
        Self::Rating,
        Self::Age,
        Self::Studio,
        Self::Network,
        Self::Country,
        Self::Audio,
        Self::Subtitle,
        Self::Resolution,
        Self::Hdr,
        Self::Codec,
        Self::Library,
    ];

    /// Its name in a query: `genre:comedy`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Genre => "genre",
            Self::Tag => "tag",
            Self::Studio => "studio",
            Self::Network => "network",
            Self::Country => "country",
            Self::Audio => "audio",
            Self::Subtitle => "subtitle",
            Self::Resolution => "resolution",
            Self::Hdr => "hdr",
            Self::Codec => "codec",
            Self::Library => "library",
            Self::Decade => "decade",
            Self::Age => "age",
            Self::Rating => "rating",
            Self::Person => "person",
            Self::Actor => "actor",
            Self::Director => "director",
            Self::Writer => "writer",
            Self::Composer => "composer",
        }
    }

    /// The facet with this key.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.key() == key)
    }

    pub(crate) fn is_counted(self) -> bool {
        Self::COUNTED.contains(&self)
    }

    /// What stands for a value in an index: spellings of one value are the same.
    pub(crate) fn term(self, value: &str) -> String {
        format!("{}={}", self.key(), fold(value))
    }
}

/// A number that documents have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// The year of release.
    Year,
    /// Tenths of points of the rating, 0 to 100.
    Rating,
    /// Years from which it may be seen.
    Age,
}

/// What hits must be, or must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Leaves in what does not pass the test. Outside of a range are only those that have a number.
    pub is_not: bool,
    /// What is asked of a document.
    pub test: Test,
}

/// What a filter asks of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// It has one of these values, in whatever spelling.
    OneOf(Facet, Vec<String>),
    /// A number of it is at least the first and at most the second, where there is one.
    Between(Number, Option<i64>, Option<i64>),
    /// It is one of these documents.
    In(IdSet),
}

/// Ids of documents, told apart as quickly as it gets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdSet(Arc<Ids>);

#[derive(Debug, Default, PartialEq, Eq)]
struct Ids {
    ids: Vec<Uuid>,
    keys: HashSet<u64>,
}

impl IdSet {
    /// The set of these.
    pub fn new(mut ids: Vec<Uuid>) -> Self {
        ids.sort_unstable();
        ids.dedup();
        let keys = ids.iter().map(key_of).collect();
        Self(Arc::new(Ids { ids, keys }))
    }

    /// The ids, sorted.
    pub fn ids(&self) -> &[Uuid] {
        &self.0.ids
    }

    pub(crate) fn has_key(&self, key: u64) -> bool {
        self.0.keys.contains(&key)
    }
}

/// What an id is told by in a column of numbers.
pub(crate) fn key_of(id: &Uuid) -> u64 {
    let (high, low) = id.as_u64_pair();
    high ^ low
}

/// How often each value of a facet is among the hits, the most frequent first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetCounts {
    /// Of which facet.
    pub facet: Facet,
    /// The values as they are written, and how many hits have each.
    pub values: Vec<(String, u64)>,
}

/// Values of one facet that are given at most.
const MAX_VALUES: usize = 40;

/// Counts of values as written, those that differ in spelling only as one: the most frequent spelling stands for them. Only
/// values that begin with `start`, which is folded.
pub(crate) fn counted(facet: Facet, written: Vec<(String, u64)>, start: &str) -> FacetCounts {
    let mut values: Vec<(String, String, u64, u64)> = Vec::new();
    let mut by_fold = std::collections::HashMap::new();
    for (value, count) in written {
        let folded = fold(&value);
        if !folded.starts_with(start) && !folded.split(' ').any(|it| it.starts_with(start)) {
            continue;
        }
        let at = *by_fold.entry(folded.clone()).or_insert(values.len());
        match values.get_mut(at) {
            None => values.push((folded, value, count, count)),
            Some((_, shown, most, total)) => {
                *total += count;
                if count > *most || count == *most && value < *shown {
                    (*shown, *most) = (value, count);
                }
            }
        }
    }
    values.sort_by(|a, b| b.3.cmp(&a.3).then_with(|| a.0.cmp(&b.0)));
    values.truncate(MAX_VALUES);
    FacetCounts {
        facet,
        values: values.into_iter().map(|(_, shown, _, total)| (shown, total)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_value_are_counted_as_one_and_the_usual_one_is_shown() {
        let written = [("brazil", 2), ("Brazil", 5), ("France", 6), ("São Tomé", 1)];
        let written = written.map(|(value, count)| (value.to_owned(), count)).to_vec();
        let all = counted(Facet::Country, written.clone(), "");
        let values: Vec<_> = all.values.iter().map(|it| (it.0.as_str(), it.1)).collect();
        assert_eq!(values, [("Brazil", 7), ("France", 6), ("São Tomé", 1)]);
        let some = counted(Facet::Country, written, "tom");
        assert_eq!(some.values, [("São Tomé".to_owned(), 1)], "any word may begin so");
    }

    #[test]
    fn every_key_is_of_one_facet() {
        for facet in Facet::ALL {
            assert_eq!(Facet::of_key(facet.key()), Some(facet));
        }
    }
}
