//! Fanart.tv: logos, clear art, discs, banners, posters and backdrops.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use http::HeaderName;
use kernel::Result;
use serde::Deserialize;

use crate::client::{Client, Limits, Place, Workshop};
use crate::described::SeasonDescribed;
use crate::document::{Many, Number, Text};
use crate::provider::Attribution;
use crate::settings::KeyedSettings;
use crate::{
    Address, ArtworkRole, Described, Facts, Hit, Locale, Provider, ProviderError, Query,
    RemoteArtwork, Subject, artwork,
};

const URL: &str = "https://webservice.fanart.tv/v3.2";
/// It publishes no limit.
const SPACING: Duration = Duration::from_millis(100);
/// New pictures take days to be let out.
const FRESH: TimeDelta = TimeDelta::days(2);
const KEY: HeaderName = HeaderName::from_static("api-key");

/// Lists of the answer that we show, with what they hold; of one kind the better list first.
const LISTS: [(&str, ArtworkRole); 18] = [
    ("hdmovielogo", ArtworkRole::Logo),
    ("movielogo", ArtworkRole::Logo),
    ("hdtvlogo", ArtworkRole::Logo),
    ("clearlogo", ArtworkRole::Logo),
    ("hdmovieclearart", ArtworkRole::Clearart),
    ("movieart", ArtworkRole::Clearart),
    ("hdclearart", ArtworkRole::Clearart),
    ("clearart", ArtworkRole::Clearart),
    ("movieposter", ArtworkRole::Poster),
    ("tvposter", ArtworkRole::Poster),
    ("moviebackground", ArtworkRole::Backdrop),
    ("showbackground", ArtworkRole::Backdrop),
    ("moviethumb", ArtworkRole::Thumb),
    ("tvthumb", ArtworkRole::Thumb),
    ("moviebanner", ArtworkRole::Banner),
    ("tvbanner", ArtworkRole::Banner),
    ("moviedisc", ArtworkRole::Disc),
    ("characterart", ArtworkRole::Clearart),
];
const SEASON_LISTS: [(&str, ArtworkRole); 3] = [
    ("seasonposter", ArtworkRole::Poster),
    ("seasonthumb", ArtworkRole::Thumb),
    ("seasonbanner", ArtworkRole::Banner),
];

/// The provider.
#[derive(Debug)]
pub(crate) struct Fanart(Client);

/// A name, and lists of pictures by kind.
type Answer = BTreeMap<String, Many<Picture>>;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Picture {
    url: Text,
    lang: Text,
    likes: Number,
    season: Text,
    width: Number,
    height: Number,
}

impl Fanart {
    /// None without a key.
    pub fn new(settings: &KeyedSettings, workshop: &Workshop) -> Result<Option<Self>> {
        let Some(key) = &settings.key else { return Ok(None) };
        let place = Place {
            name: "fanart",
            url: settings.url.as_deref().unwrap_or(URL),
            is_own: settings.url.is_some(),
            spacing: SPACING,
            limits: Limits::THING,
        };
        Ok(Some(Self(Client::new(workshop, &place)?.with_header(KEY, key))))
    }
}

#[async_trait]
impl Provider for Fanart {
    fn name(&self) -> &'static str {
        "fanart"
    }

    fn attribution(&self) -> Attribution {
        Attribution {
            name: "Fanart.tv",
            text: "Artwork by the community of Fanart.tv.",
            url: "https://fanart.tv/",
        }
    }

    fn knows(&self, _: Subject) -> bool {
        true
    }

    fn can_search(&self, _: Subject) -> bool {
        false
    }

    /// Its ids are those of TMDb or IMDb for films, of TheTVDB for series.
    fn own_id(&self, subject: Subject, ids: &BTreeMap<String, String>) -> Option<String> {
        match subject {
            Subject::Movie => ids.get("tmdb").or_else(|| ids.get("imdb")).cloned(),
            Subject::Series => ids.get("tvdb").cloned(),
        }
    }

    async fn search(&self, _: &Query) -> Result<Vec<Hit>, ProviderError> {
        Ok(Vec::new())
    }

    async fn find(
        &self,
        _: Subject,
        _: &BTreeMap<String, String>,
        _: &Locale,
    ) -> Result<Option<Hit>, ProviderError> {
        Ok(None)
    }

    async fn describe(
        &self,
        subject: Subject,
        id: &str,
        locale: &Locale,
    ) -> Result<Described, ProviderError> {
        let kind = match subject {
            Subject::Movie => "movies",
            Subject::Series => "tv",
        };
        let answer: Answer = self.0.get(&format!("{kind}/{id}"), &[], FRESH).await?;
        Ok(read(&answer, &locale.languages()))
    }

    async fn check_key(&self) -> Result<(), ProviderError> {
        let _: Answer = self.0.get("movies/550", &[], TimeDelta::zero()).await?;
        Ok(())
    }
}

fn read(answer: &Answer, languages: &[String]) -> Described {
    let of = |lists: &[(&str, ArtworkRole)]| -> Vec<(Option<i32>, RemoteArtwork)> {
        let pictures = lists.iter().flat_map(|(name, role)| {
            let list = answer.get(*name).map(|it| it.iter()).into_iter().flatten();
            list.filter_map(|it| {
                Some((it.season.get().and_then(|it| it.parse().ok()), it.read(*role)?))
            })
        });
        pictures.collect()
    };
    let mut artwork: Vec<RemoteArtwork> = of(&LISTS).into_iter().map(|it| it.1).collect();
    artwork::sort(&mut artwork, languages);
    let mut seasons: BTreeMap<i32, SeasonDescribed> = BTreeMap::new();
    for (number, picture) in of(&SEASON_LISTS) {
        // Those for "all" seasons are for none.
        let Some(number) = number else { continue };
        let season = seasons.entry(number).or_insert_with(|| SeasonDescribed {
            number,
            facts: Facts { season: Some(number), ..Facts::default() },
            ..SeasonDescribed::default()
        });
        season.artwork.push(picture);
    }
    for season in seasons.values_mut() {
        artwork::sort(&mut season.artwork, languages);
    }
    Described { artwork, seasons: seasons.into_values().collect(), ..Described::default() }
}

impl Picture {
    fn read(&self, role: ArtworkRole) -> Option<RemoteArtwork> {
        let url = self.url.get()?;
        let side = |it: Number| u32::try_from(it.whole()?).ok().filter(|it| *it > 0);
        let votes = self.likes.int().unwrap_or_default();
        Some(RemoteArtwork {
            preview: Address::parse(&url.replacen("/fanart/", "/preview/", 1)),
            width: side(self.width),
            height: side(self.height),
            // "00" is what it calls pictures without words.
            language: self.lang.get().filter(|it| *it != "00").map(str::to_owned),
            liking: if votes > 0 { 10.0 } else { 0.0 },
            votes,
            ..RemoteArtwork::new(role, Address::parse(url)?)
        })
    }
}
