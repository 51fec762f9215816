//! Where TMDb's pictures are.

use chrono::TimeDelta;
use serde::Deserialize;

use crate::client::Client;
use crate::document::{Many, Maybe, Number, Text};
use crate::{Address, ArtworkRole, ProviderError, RemoteArtwork};

const USUAL_BASE: &str = "https://image.tmdb.org/t/p/";
/// It asks to be read again every few days.
const FRESH: TimeDelta = TimeDelta::days(3);

/// The address that all pictures begin with, and the small size of each kind.
#[derive(Clone, Debug)]
pub(super) struct Pictures {
    base: String,
    poster: String,
    backdrop: String,
    logo: String,
    still: String,
    profile: String,
}

impl Default for Pictures {
    fn default() -> Self {
        Self {
            base: USUAL_BASE.to_owned(),
            poster: "w342".to_owned(),
            backdrop: "w300".to_owned(),
            logo: "w300".to_owned(),
            still: "w300".to_owned(),
            profile: "h632".to_owned(),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Configuration {
    images: Maybe<Sizes>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sizes {
    secure_base_url: Text,
    #[serde(rename = "poster_sizes")]
    poster: Many<Text>,
    #[serde(rename = "backdrop_sizes")]
    backdrop: Many<Text>,
    #[serde(rename = "logo_sizes")]
    logo: Many<Text>,
    #[serde(rename = "still_sizes")]
    still: Many<Text>,
    #[serde(rename = "profile_sizes")]
    profile: Many<Text>,
}

/// A picture as a list of them has it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Picture {
    file_path: Text,
    width: Number,
    height: Number,
    iso_639_1: Text,
    vote_average: Number,
    vote_count: Number,
}

/// The pictures of a film, a series, a season or an episode.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PictureLists {
    posters: Many<Picture>,
    backdrops: Many<Picture>,
    logos: Many<Picture>,
    stills: Many<Picture>,
}

impl Pictures {
    pub async fn ask(client: &Client) -> Result<Self, ProviderError> {
        let configuration: Configuration = client.get("configuration", &[], FRESH).await?;
        let usual = Self::default();
        let Some(sizes) = configuration.images.0 else { return Ok(usual) };
        // The usual size, where it is still on offer; else the largest but the original.
        let choose = |offered: &Many<Text>, usual: String| {
            let mut offered = offered.iter().filter_map(Text::get);
            let is_there = offered.clone().any(|it| it == usual);
            let last = offered.rfind(|it| *it != "original");
            if is_there { usual } else { last.map_or(usual, str::to_owned) }
        };
        let base = sizes.secure_base_url.get().filter(|it| Address::parse(it).is_some());
        Ok(Self {
            base: base.map_or(usual.base, str::to_owned),
            poster: choose(&sizes.poster, usual.poster),
            backdrop: choose(&sizes.backdrop, usual.backdrop),
            logo: choose(&sizes.logo, usual.logo),
            still: choose(&sizes.still, usual.still),
            profile: choose(&sizes.profile, usual.profile),
        })
    }

    fn address(&self, size: &str, path: &Text) -> Option<Address> {
        let path = path.get()?.strip_prefix('/')?;
        let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"._-".contains(&it);
        if !path.bytes().all(is_plain) {
            return None;
        }
        Address::parse(&format!("{}/{size}/{path}", self.base.trim_end_matches('/')))
    }

    /// A small poster, for choosing.
    pub fn poster(&self, path: &Text) -> Option<Address> {
        self.address(&self.poster, path)
    }

    /// A whole picture of any kind.
    pub fn original(&self, path: &Text) -> Option<Address> {
        self.address("original", path)
    }

    /// A portrait, as large as any page of ours shows it.
    pub fn portrait(&self, path: &Text) -> Option<Address> {
        self.address(&self.profile, path)
    }

    /// All pictures of `lists`; `main` are those the thing is shown with, which need not be in the lists.
    pub fn artwork(
        &self,
        lists: &PictureLists,
        main: &[(ArtworkRole, &Text)],
    ) -> Vec<RemoteArtwork> {
        let mut artwork = Vec::new();
        for (role, size, pictures) in [
            (ArtworkRole::Poster, &self.poster, &lists.posters),
            (ArtworkRole::Backdrop, &self.backdrop, &lists.backdrops),
            (ArtworkRole::Logo, &self.logo, &lists.logos),
            (ArtworkRole::Thumb, &self.still, &lists.stills),
        ] {
            let read = pictures.iter().filter_map(|it| self.picture(role, size, it));
            artwork.extend(read);
        }
        for (role, path) in main {
            let Some(url) = self.original(path) else { continue };
            if !artwork.iter().any(|it| it.url == url) {
                artwork.push(RemoteArtwork::new(*role, url));
            }
        }
        artwork
    }

    fn picture(&self, role: ArtworkRole, size: &str, picture: &Picture) -> Option<RemoteArtwork> {
        let side = |it: Number| u32::try_from(it.whole()?).ok().filter(|it| *it > 0);
        // A drawing without pixels: no picture that is delivered.
        if picture.file_path.get()?.rsplit('.').next() == Some("svg") {
            return None;
        }
        Some(RemoteArtwork {
            preview: self.address(size, &picture.file_path),
            width: side(picture.width),
            height: side(picture.height),
            language: picture.iso_639_1.get().map(str::to_owned),
            liking: picture.vote_average.out_of(10.0).unwrap_or_default(),
            votes: picture.vote_count.int().unwrap_or_default(),
            ..RemoteArtwork::new(role, self.original(&picture.file_path)?)
        })
    }
}
