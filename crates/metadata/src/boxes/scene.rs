//! A scene as a box tells of it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::document::{Many, Maybe, Number, Text, distinct};
use crate::provider::{FileHash, FoundBy};
use crate::{Address, ArtworkRole, Credit, Described, Facts, Hit, RemoteArtwork, Role};

/// What is asked of each.
pub(super) const FIELDS: &str = "id title details date duration code deleted \
    studio { name parent { name } } tags { name } images { url width height } \
    performers { as performer { id name images { url } } } \
    fingerprints { algorithm hash duration }";

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Scene {
    pub id: Text,
    title: Text,
    details: Text,
    date: Text,
    /// Seconds.
    duration: Number,
    code: Text,
    deleted: Maybe<bool>,
    studio: Maybe<Studio>,
    tags: Many<Named>,
    images: Many<Picture>,
    performers: Many<Appearance>,
    fingerprints: Many<Fingerprint>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Studio {
    name: Text,
    parent: Maybe<Named>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    name: Text,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Picture {
    url: Text,
    width: Number,
    height: Number,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Appearance {
    #[serde(rename = "as")]
    called: Text,
    performer: Maybe<Performer>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Performer {
    id: Text,
    name: Text,
    images: Many<Picture>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Fingerprint {
    algorithm: Text,
    hash: Text,
    /// Seconds.
    duration: Number,
}

impl Scene {
    /// Somebody took it away there.
    pub fn is_deleted(&self) -> bool {
        self.deleted.unwrap_or_default()
    }

    /// What it offers; nothing where it has no id or no title. Its length is that of a file that had one of `hashes`.
    pub fn hit(&self, provider: &str, hashes: &[FileHash], found_by: FoundBy) -> Option<Hit> {
        let (id, title) = (self.id.get()?, self.title.get()?);
        Some(Hit {
            found_by,
            year: self.date.year(),
            released_on: self.date.date(),
            runtime_ms: self.length_ms(hashes),
            overview: self.details.get().map(str::to_owned),
            poster: self.images.iter().find_map(Picture::address),
            ..Hit::new(provider, id, title)
        })
    }

    fn length_ms(&self, hashes: &[FileHash]) -> Option<i64> {
        let has = |it: &&Fingerprint| {
            let text = it.hash.get().unwrap_or_default();
            hashes.iter().any(|hash| {
                super::algorithm(hash) == it.algorithm.get().unwrap_or_default()
                    && hash.text().eq_ignore_ascii_case(text)
            })
        };
        let of_file = self.fingerprints.iter().find(has).and_then(|it| it.duration.whole());
        let seconds = of_file.filter(|it| *it > 0).or(self.duration.whole());
        seconds.filter(|it| (1..1_000_000).contains(it)).map(|it| it * 1000)
    }

    /// All it says.
    pub fn describe(&self, provider: &str) -> Described {
        let studio = self.studio.as_ref();
        let studios = studio.into_iter().flat_map(|it| {
            let parent = it.parent.as_ref().and_then(|it| it.name.get());
            it.name.get().into_iter().chain(parent)
        });
        let mut ids = BTreeMap::new();
        if let Some(id) = self.id.get() {
            ids.insert(provider.to_owned(), id.to_owned());
        }
        if let Some(code) = self.code.get() {
            // What the studio itself calls it.
            ids.insert("studio_code".to_owned(), code.to_owned());
        }
        let facts = Facts {
            title: self.title.get().map(str::to_owned),
            overview: self.details.get().map(str::to_owned),
            year: self.date.year(),
            released_on: self.date.date(),
            runtime_ms: self.length_ms(&[]),
            tags: distinct(self.tags.iter().filter_map(|it| it.name.get())),
            studios: distinct(studios),
            credits: self.performers.iter().filter_map(|it| it.credit(provider)).collect(),
            ids,
            ..Facts::default()
        };
        let artwork = self.images.iter().filter_map(Picture::artwork).collect();
        Described { facts, artwork, ..Described::default() }
    }
}

impl Appearance {
    fn credit(&self, provider: &str) -> Option<Credit> {
        let performer = self.performer.as_ref()?;
        let name = performer.name.get()?;
        let called = self.called.get().filter(|it| *it != name);
        let ids = performer.id.get().map(|id| (provider.to_owned(), id.to_owned()));
        Some(Credit {
            character: called.map(str::to_owned),
            picture: performer.images.iter().find_map(Picture::address),
            ids: ids.into_iter().collect(),
            ..Credit::new(name, Role::Actor)
        })
    }
}

impl Picture {
    fn address(&self) -> Option<Address> {
        Address::parse(self.url.get()?)
    }

    fn artwork(&self) -> Option<RemoteArtwork> {
        let size = |it: Number| it.whole().and_then(|it| u32::try_from(it).ok());
        let (width, height) = (size(self.width), size(self.height));
        let is_upright = width.zip(height).is_some_and(|(width, height)| height > width);
        let role = if is_upright { ArtworkRole::Poster } else { ArtworkRole::Thumb };
        Some(RemoteArtwork { width, height, ..RemoteArtwork::new(role, self.address()?) })
    }
}
