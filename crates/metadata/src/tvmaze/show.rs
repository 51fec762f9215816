//! A series in TVmaze's answers.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::described::{EpisodeDescribed, OtherTitle, SeasonDescribed};
use crate::document::{Many, Maybe, Number, Text, distinct};
use crate::facts::{SourceRating, Status};
use crate::language::{country, from_english_name};
use crate::{
    Address, ArtworkRole, Credit, Described, Facts, Hit, Locale, RemoteArtwork, Role, artwork,
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Show {
    pub id: Text,
    name: Text,
    language: Text,
    genres: Many<Text>,
    status: Text,
    runtime: Number,
    #[serde(rename = "averageRuntime")]
    average_runtime: Number,
    premiered: Text,
    ended: Text,
    rating: Maybe<Rating>,
    weight: Number,
    network: Maybe<Channel>,
    #[serde(rename = "webChannel")]
    web_channel: Maybe<Channel>,
    externals: Maybe<Externals>,
    image: Maybe<Image>,
    summary: Text,
    #[serde(rename = "_embedded")]
    embedded: Maybe<Embedded>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Rating {
    average: Number,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Channel {
    name: Text,
    country: Maybe<Country>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Country {
    code: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Externals {
    thetvdb: Text,
    imdb: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Image {
    medium: Text,
    original: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Embedded {
    seasons: Many<Season>,
    episodes: Many<Episode>,
    cast: Many<CastRow>,
    crew: Many<CrewRow>,
    akas: Many<Aka>,
    images: Many<ShowImage>,
    nextepisode: Maybe<Episode>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Season {
    id: Text,
    number: Number,
    name: Text,
    #[serde(rename = "premiereDate")]
    premiered: Text,
    image: Maybe<Image>,
    summary: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Episode {
    id: Text,
    name: Text,
    season: Number,
    number: Number,
    airdate: Text,
    runtime: Number,
    rating: Maybe<Rating>,
    image: Maybe<Image>,
    summary: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CastRow {
    person: Maybe<Person>,
    character: Maybe<Person>,
    #[serde(rename = "self")]
    is_self: Maybe<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CrewRow {
    #[serde(rename = "type")]
    kind: Text,
    person: Maybe<Person>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Person {
    id: Text,
    name: Text,
    image: Maybe<Image>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Aka {
    name: Text,
    country: Maybe<Country>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ShowImage {
    #[serde(rename = "type")]
    kind: Text,
    main: Maybe<bool>,
    resolutions: Maybe<Resolutions>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Resolutions {
    original: Maybe<Sized>,
    medium: Maybe<Sized>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sized {
    url: Text,
    width: Number,
    height: Number,
}

impl Show {
    fn ids(&self) -> BTreeMap<String, String> {
        let externals = self.externals.as_ref();
        [
            ("tvmaze", self.id.id()),
            ("imdb", externals.and_then(|it| it.imdb.imdb_id())),
            ("tvdb", externals.and_then(|it| it.thetvdb.id())),
        ]
        .into_iter()
        .filter_map(|(provider, id)| Some((provider.to_owned(), id?)))
        .collect()
    }

    pub fn hit(&self) -> Option<Hit> {
        Some(Hit {
            year: self.premiered.year(),
            released_on: self.premiered.date(),
            runtime_ms: self.average_runtime.minutes_as_ms().or(self.runtime.minutes_as_ms()),
            popularity: self.weight.real().unwrap_or_default() as f32,
            overview: plain(&self.summary),
            poster: self.image.as_ref().and_then(|it| Address::parse(it.medium.get()?)),
            ids: self.ids(),
            ..Hit::new("tvmaze", self.id.id()?, self.name.get()?)
        })
    }
}

pub(super) fn read(mut show: Show, locale: &Locale) -> Described {
    let embedded = show.embedded.0.take().unwrap_or_default();
    let status = match show.status.get() {
        Some("Running" | "To Be Determined") => Some(Status::Continuing),
        Some("Ended") => Some(Status::Ended),
        Some("In Development") => Some(Status::Upcoming),
        _ => None,
    };
    let channels = [&show.network, &show.web_channel].into_iter().filter_map(|it| it.as_ref());
    let rating = rating(&show.rating);
    let facts = Facts {
        title: show.name.get().map(str::to_owned),
        original_language: show.language.get().and_then(from_english_name),
        overview: plain(&show.summary),
        year: show.premiered.year(),
        released_on: show.premiered.date(),
        ended_on: show.ended.date(),
        next_air_on: embedded.nextepisode.as_ref().and_then(|it| it.airdate.date()),
        runtime_ms: show.average_runtime.minutes_as_ms().or(show.runtime.minutes_as_ms()),
        rating: rating.as_ref().map(|it| it.value),
        ratings: rating.into_iter().collect(),
        status,
        genres: distinct(show.genres.iter().filter_map(Text::get)),
        networks: distinct(channels.clone().filter_map(|it| it.name.get())),
        countries: channels
            .filter_map(|it| country(it.country.as_ref()?.code.get()?))
            .take(1)
            .collect(),
        credits: credits(&embedded),
        ids: show.ids(),
        ..Facts::default()
    };
    let mut artwork: Vec<RemoteArtwork> = embedded.images.iter().filter_map(picture).collect();
    if artwork.is_empty() {
        artwork.extend(image(&show.image, ArtworkRole::Poster));
    }
    artwork::sort(&mut artwork, &locale.languages());
    Described {
        facts,
        other_titles: embedded.akas.iter().filter_map(other_title).collect(),
        artwork,
        seasons: embedded.seasons.iter().filter_map(season).collect(),
        episodes: embedded.episodes.iter().filter_map(episode).collect(),
        ..Described::default()
    }
}

fn rating(rating: &Maybe<Rating>) -> Option<SourceRating> {
    let value = rating.as_ref()?.average.out_of(10.0)?;
    Some(SourceRating { source: "tvmaze".to_owned(), value, votes: None })
}

fn credits(embedded: &Embedded) -> Vec<Credit> {
    let crew = embedded.crew.iter().filter_map(|it| {
        let kind = it.kind.get()?;
        let role = match kind {
            "Creator" | "Developer" => Role::Creator,
            "Executive Producer" | "Producer" | "Co-Producer" | "Co-Executive Producer" => {
                Role::Producer
            }
            "Director" => Role::Director,
            "Writer" | "Story" | "Based On The Book Of" => Role::Writer,
            "Composer" | "Main Title Theme" => Role::Composer,
            "Casting" => Role::Casting,
            _ => Role::Crew,
        };
        Some(Credit { job: Some(kind.to_owned()), ..person(it.person.as_ref()?, role)? })
    });
    let cast = embedded.cast.iter().filter_map(|it| {
        let role = if it.is_self.0 == Some(true) { Role::Host } else { Role::Actor };
        let character = it.character.as_ref().and_then(|it| it.name.get());
        let character = character.filter(|_| role == Role::Actor).map(str::to_owned);
        Some(Credit { character, ..person(it.person.as_ref()?, role)? })
    });
    crew.chain(cast).collect()
}

fn person(person: &Person, role: Role) -> Option<Credit> {
    Some(Credit {
        picture: person.image.as_ref().and_then(|it| Address::parse(it.original.get()?)),
        ids: person.id.id().map(|it| ("tvmaze".to_owned(), it)).into_iter().collect(),
        ..Credit::new(person.name.get()?, role)
    })
}

fn other_title(aka: &Aka) -> Option<OtherTitle> {
    let country = aka.country.as_ref().and_then(|it| country(it.code.get()?));
    Some(OtherTitle { title: aka.name.get()?.to_owned(), country, language: None })
}

fn picture(image: &ShowImage) -> Option<RemoteArtwork> {
    let role = match image.kind.get()? {
        "poster" => ArtworkRole::Poster,
        "background" => ArtworkRole::Backdrop,
        "banner" => ArtworkRole::Banner,
        "typography" => ArtworkRole::Logo,
        _ => return None,
    };
    let resolutions = image.resolutions.as_ref()?;
    let original = resolutions.original.as_ref()?;
    let side = |it: Number| u32::try_from(it.whole()?).ok().filter(|it| *it > 0);
    Some(RemoteArtwork {
        preview: resolutions.medium.as_ref().and_then(|it| Address::parse(it.url.get()?)),
        width: side(original.width),
        height: side(original.height),
        liking: if image.main.0 == Some(true) { 10.0 } else { 0.0 },
        votes: i32::from(image.main.0 == Some(true)),
        ..RemoteArtwork::new(role, Address::parse(original.url.get()?)?)
    })
}

fn image(image: &Maybe<Image>, role: ArtworkRole) -> Option<RemoteArtwork> {
    let image = image.as_ref()?;
    let preview = image.medium.get().and_then(Address::parse);
    Some(RemoteArtwork {
        preview,
        ..RemoteArtwork::new(role, Address::parse(image.original.get()?)?)
    })
}

fn season(season: &Season) -> Option<SeasonDescribed> {
    let number = season.number.int()?;
    let facts = Facts {
        title: season.name.get().map(str::to_owned),
        overview: plain(&season.summary),
        year: season.premiered.year(),
        released_on: season.premiered.date(),
        season: Some(number),
        ids: season.id.id().map(|it| ("tvmaze".to_owned(), it)).into_iter().collect(),
        ..Facts::default()
    };
    let artwork = image(&season.image, ArtworkRole::Poster).into_iter().collect();
    Some(SeasonDescribed { number, facts, translations: Vec::new(), artwork })
}

/// Specials have no number with it and are left to those who number them.
fn episode(episode: &Episode) -> Option<EpisodeDescribed> {
    let (season, number) = (episode.season.int()?, episode.number.int()?);
    let rating = rating(&episode.rating);
    let facts = Facts {
        title: episode.name.get().map(str::to_owned),
        overview: plain(&episode.summary),
        year: episode.airdate.year(),
        released_on: episode.airdate.date(),
        runtime_ms: episode.runtime.minutes_as_ms(),
        rating: rating.as_ref().map(|it| it.value),
        ratings: rating.into_iter().collect(),
        season: Some(season),
        episode: Some(number),
        ids: episode.id.id().map(|it| ("tvmaze".to_owned(), it)).into_iter().collect(),
        ..Facts::default()
    };
    let artwork = image(&episode.image, ArtworkRole::Thumb).into_iter().collect();
    Some(EpisodeDescribed { season, number, facts, translations: Vec::new(), artwork })
}

/// Summaries are HTML: the text of it, a line for each paragraph.
fn plain(summary: &Text) -> Option<String> {
    let html = summary.get()?.replace("</p>", "\n").replace("<br />", "\n").replace("<br>", "\n");
    let mut text = String::with_capacity(html.len());
    let mut is_tag = false;
    for letter in html.chars() {
        match letter {
            '<' => is_tag = true,
            '>' if is_tag => is_tag = false,
            letter if !is_tag => text.push(letter),
            _ => {}
        }
    }
    for (entity, letter) in [
        ("&nbsp;", " "),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ] {
        text = text.replace(entity, letter);
    }
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
