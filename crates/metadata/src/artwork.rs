//! Pictures that a source offers.

use serde::{Deserialize, Serialize};

use crate::Address;

/// A picture at an outside place. Nothing is known of it but what the source says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RemoteArtwork {
    /// What it is for.
    pub role: ArtworkRole,
    /// Where the picture is, as large as the source has it.
    pub url: Address,
    /// Where a small one is, for choosing.
    #[serde(default)]
    pub preview: Option<Address>,
    /// Width in pixels, where the source says.
    #[serde(default)]
    pub width: Option<u32>,
    /// Height in pixels, where the source says.
    #[serde(default)]
    pub height: Option<u32>,
    /// BCP 47 language of the words in it; none where it has no words, or none is known.
    #[serde(default)]
    pub language: Option<String>,
    /// How much people like it, 0 to 10.
    #[serde(default)]
    pub liking: f32,
    /// How many said so.
    #[serde(default)]
    pub votes: i32,
}

impl RemoteArtwork {
    /// A picture of which no more is known.
    pub fn new(role: ArtworkRole, url: Address) -> Self {
        Self {
            role,
            url,
            preview: None,
            width: None,
            height: None,
            language: None,
            liking: 0.0,
            votes: 0,
        }
    }
}

/// What a picture is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArtworkRole {
    /// Upright, with the title.
    Poster,
    /// Wide, behind a page.
    Backdrop,
    /// Wide, with the title; of an episode a frame of it.
    Thumb,
    /// The title as a drawing on nothing.
    Logo,
    /// Very wide, with the title.
    Banner,
    /// The disc's label.
    Disc,
    /// Figures on nothing.
    Clearart,
    /// A portrait of a person.
    Portrait,
}

impl ArtworkRole {
    /// The stable name, as stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Poster => "poster",
            Self::Backdrop => "backdrop",
            Self::Thumb => "thumb",
            Self::Logo => "logo",
            Self::Banner => "banner",
            Self::Disc => "disc",
            Self::Clearart => "clearart",
            Self::Portrait => "portrait",
        }
    }
}

/// The best picture of each kind first: in one of `languages` (the most wanted first), for backdrops rather without words,
/// then the most liked.
pub fn sort(artwork: &mut [RemoteArtwork], languages: &[String]) {
    let rank = |it: &RemoteArtwork| {
        let wanted = match &it.language {
            Some(language) => languages.iter().position(|wanted| is_same(wanted, language)),
            None => None,
        };
        match (it.role, &it.language, wanted) {
            (ArtworkRole::Backdrop, None, _) => 0,
            (_, _, Some(position)) => 1 + position,
            // Without words, or nobody said: better than words that cannot be read.
            (_, None, _) => 1 + languages.len(),
            _ => 2 + languages.len(),
        }
    };
    // Few votes say little: they count towards the average of all pictures.
    let score = |it: &RemoteArtwork| {
        let votes = it.votes.max(0) as f32;
        (it.liking * votes + 5.0 * 3.0) / (votes + 3.0)
    };
    artwork.sort_by(|one, other| {
        (one.role, rank(one))
            .cmp(&(other.role, rank(other)))
            .then_with(|| score(other).total_cmp(&score(one)))
    });
}

/// Whether two BCP 47 tags have the same language, whatever the country.
fn is_same(one: &str, other: &str) -> bool {
    let primary = |it: &str| it.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    primary(one) == primary(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(
        role: ArtworkRole,
        language: Option<&str>,
        liking: f32,
        votes: i32,
    ) -> RemoteArtwork {
        let url = Address::parse("https://example.org/picture.jpg").expect("an address");
        RemoteArtwork {
            language: language.map(str::to_owned),
            liking,
            votes,
            ..RemoteArtwork::new(role, url)
        }
    }

    #[test]
    fn pictures_that_can_be_read_and_are_liked_come_first() {
        use ArtworkRole::{Backdrop, Poster};
        let mut artwork = [
            picture(Poster, Some("fr"), 10.0, 90),
            picture(Poster, None, 9.0, 90),
            picture(Poster, Some("en"), 8.0, 90),
            picture(Backdrop, Some("de"), 9.0, 90),
            picture(Backdrop, None, 3.0, 90),
            picture(Poster, Some("de"), 10.0, 1),
            picture(Poster, Some("de"), 8.0, 50),
        ];
        sort(&mut artwork, &["de-DE".to_owned(), "en".to_owned()]);
        let order: Vec<_> =
            artwork.iter().map(|it| (it.role, it.language.as_deref(), it.votes)).collect();
        assert_eq!(
            order,
            [
                (Poster, Some("de"), 50),
                (Poster, Some("de"), 1),
                (Poster, Some("en"), 90),
                (Poster, None, 90),
                (Poster, Some("fr"), 90),
                (Backdrop, None, 90),
                (Backdrop, Some("de"), 90),
            ]
        );
    }
}
