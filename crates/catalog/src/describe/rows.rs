//! What all sources together say of an item, as rows. Pure.

use std::collections::{BTreeMap, HashMap};

use kernel::id::ItemId;
use metadata::facts::{ContentRating, Release, SourceRating, Trailer};
use metadata::{ArtworkRole, Credit, Described, Facts, age_rating};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::store::lists::{CollectionRow, IdRow, LabelRow, TranslationRow};
use super::store::out::{AboutRow, FactRow};
use super::store::people::Named;
use super::store::pictures::{RANK, RemoteRow};

/// Cast and crew of an item at the most; the position is a small number, and nobody reads further.
const MAX_CREDITS: usize = 200;
/// Pictures of one role that are offered at the most.
const MAX_PICTURES: usize = 12;
/// Pictures of one role that are kept of what one source says.
const MAX_KEPT_PICTURES: usize = 20;
const MAX_LANGUAGES: usize = 80;
const MAX_LABELS: usize = 60;
const MAX_DETAILS: usize = 60;
/// Letters of a text at the most: what is longer is no description.
const MAX_TEXT: usize = 20_000;

/// What an item's page shows of what several sources and countries say; kept as JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// What people think of it, by source.
    pub ratings: Vec<SourceRating>,
    /// Age ratings by country.
    pub content_ratings: Vec<ContentRating>,
    /// Films about it.
    pub trailers: Vec<Trailer>,
    /// When it came out where.
    pub releases: Vec<Release>,
    /// BCP 47 language it was made in.
    pub original_language: Option<String>,
}

/// Text that PostgreSQL can keep, of a length that somebody may read.
pub fn clean(text: &str) -> String {
    let end = text.char_indices().nth(MAX_TEXT).map_or(text.len(), |(end, _)| end);
    text[..end].replace('\0', "")
}

/// What a source says, cut to what is of use, as JSON that PostgreSQL can keep.
pub fn kept(mut said: Described) -> String {
    let mut by_role: HashMap<ArtworkRole, usize> = HashMap::new();
    said.artwork.retain(|it| {
        let count = by_role.entry(it.role).or_default();
        *count += 1;
        *count <= MAX_KEPT_PICTURES
    });
    said.translations.truncate(MAX_LANGUAGES);
    said.other_titles.truncate(MAX_LANGUAGES);
    said.facts.credits.truncate(MAX_CREDITS);
    said.seasons = Vec::new();
    said.episodes = Vec::new();
    json(&said)
}

/// JSON that PostgreSQL can keep.
pub fn json(value: &impl Serialize) -> String {
    let text = serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned());
    if !text.contains("\\u0000") {
        return text;
    }
    let mut value = serde_json::from_str(&text).unwrap_or_default();
    clean_value(&mut value);
    value.to_string()
}

/// JSON without the escape of NUL, which PostgreSQL refuses.
pub fn clean_value(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('\0') => *text = text.replace('\0', ""),
        Value::Array(values) => values.iter_mut().for_each(clean_value),
        Value::Object(fields) => fields.values_mut().for_each(clean_value),
        _ => {}
    }
}

fn text(it: Option<&String>) -> Option<String> {
    it.map(|it| clean(it)).filter(|it| !it.trim().is_empty())
}

/// The item's own row.
pub fn facts(id: ItemId, facts: &Facts) -> FactRow {
    let title = text(facts.title.as_ref());
    let sort_title =
        text(facts.sort_title.as_ref()).or_else(|| title.clone()).map(|it| naming::sort_title(&it));
    let year = facts.year.or_else(|| facts.released_on.map(|it| chrono::Datelike::year(&it)));
    let content_rating = text(facts.content_rating.as_ref());
    let given = facts.content_ratings.iter().find(|it| Some(&it.rating) == content_rating.as_ref());
    FactRow {
        id,
        sort_title,
        title,
        original_title: text(facts.original_title.as_ref()),
        tagline: text(facts.tagline.as_ref()),
        overview: text(facts.overview.as_ref()),
        year,
        released_on: facts.released_on,
        ended_on: facts.ended_on,
        runtime_ms: facts.runtime_ms.filter(|it| *it > 0),
        rating: facts
            .rating
            .or_else(|| facts.ratings.first().map(|it| it.value))
            .filter(|it| (0.0..=10.0).contains(it)),
        content_rating_age: given
            .and_then(|it| it.age)
            .or_else(|| content_rating.as_deref().and_then(age_rating::age)),
        content_rating,
    }
}

/// What only the item's page shows; none where there is nothing.
pub fn about(item_id: ItemId, facts: &Facts) -> Option<AboutRow> {
    let cut = |mut it: Details| {
        it.ratings.truncate(MAX_DETAILS);
        it.content_ratings.truncate(MAX_DETAILS);
        it.trailers.truncate(MAX_DETAILS);
        it.releases.truncate(MAX_DETAILS);
        it
    };
    let details = cut(Details {
        ratings: facts.ratings.clone(),
        content_ratings: facts.content_ratings.clone(),
        trailers: facts.trailers.clone(),
        releases: facts.releases.clone(),
        original_language: facts.original_language.clone(),
    });
    let mut value = serde_json::to_value(&details).unwrap_or_default();
    clean_value(&mut value);
    let row = AboutRow {
        item_id,
        status: facts.status.map(metadata::Status::as_str),
        next_airs_on: facts.next_air_on,
        airs_before_season: facts.airs_before.map(|it| it.0),
        airs_before_episode: facts.airs_before.and_then(|it| it.1),
        airs_after_season: facts.airs_after_season,
        details: value,
    };
    let is_empty = details == Details::default()
        && row.status.is_none()
        && row.next_airs_on.is_none()
        && row.airs_before_season.is_none()
        && row.airs_after_season.is_none();
    (!is_empty).then_some(row)
}

/// Genres, tags, studios, networks and countries.
pub fn labels(item_id: ItemId, facts: &Facts) -> Vec<LabelRow> {
    let lists = [
        ("genre", "genres", &facts.genres),
        ("tag", "tags", &facts.tags),
        ("studio", "studios", &facts.studios),
        ("network", "networks", &facts.networks),
        ("country", "countries", &facts.countries),
    ];
    let rows =
        lists.into_iter().flat_map(|(kind, field, names)| named(item_id, kind, field, names));
    rows.collect()
}

/// Labels of one kind.
pub fn named(
    item_id: ItemId,
    kind: &'static str,
    field: &'static str,
    names: &[String],
) -> Vec<LabelRow> {
    let mut rows: Vec<LabelRow> = Vec::new();
    for (name, position) in names.iter().take(MAX_LABELS).zip(0_i16..) {
        let name = clean(name);
        let identity = naming::fold(&name);
        if !identity.is_empty() && !rows.iter().any(|it| it.identity == identity) {
            rows.push(LabelRow { item_id, kind, field, name, identity, position });
        }
    }
    rows
}

/// A credit with the person it names.
#[derive(Clone, Debug)]
pub struct NamedCredit {
    /// Who.
    pub person: Named,
    /// What they did.
    pub role: &'static str,
    /// Whom they played.
    pub character: Option<String>,
    /// A portrait.
    pub picture: Option<String>,
}

/// Cast and crew in order.
pub fn credits(facts: &Facts) -> Vec<NamedCredit> {
    facts.credits.iter().filter_map(named_credit).take(MAX_CREDITS).collect()
}

/// Of several ids of a person the first of these is theirs with us.
const PEOPLE_IDS: [&str; 4] = ["tmdb", "tvdb", "imdb", "tvmaze"];

fn named_credit(credit: &Credit) -> Option<NamedCredit> {
    let name = clean(&credit.name);
    let identity = naming::fold(&name);
    let by_trust = PEOPLE_IDS.iter().find_map(|it| credit.ids.get_key_value(*it));
    let id = by_trust.or_else(|| credit.ids.iter().next());
    let id = id.map(|(provider, id)| (clean(provider), clean(id)));
    (!identity.is_empty()).then(|| NamedCredit {
        person: Named { sort_name: naming::sort_title(&name), identity, name, id },
        role: credit.role.as_str(),
        character: text(credit.character.as_ref()),
        picture: credit.picture.as_ref().map(|it| it.as_str().to_owned()),
    })
}

/// Its ids at outside catalogs. Those of `strongest` win over what sources say.
pub fn ids(item_id: ItemId, facts: &Facts, strongest: &BTreeMap<String, String>) -> Vec<IdRow> {
    let mut ids = facts.ids.clone();
    ids.extend(strongest.clone());
    let rows = ids.into_iter().map(|(provider, value)| IdRow {
        item_id,
        provider: clean(&provider),
        value: clean(&value),
    });
    rows.filter(|it| !it.provider.is_empty() && !it.value.is_empty()).collect()
}

/// Its texts in other languages.
pub fn translations(item_id: ItemId, said: &Described) -> Vec<TranslationRow> {
    let mut rows: Vec<TranslationRow> = Vec::new();
    for it in said.translations.iter().take(MAX_LANGUAGES) {
        let language = clean(&it.language);
        let row = TranslationRow {
            item_id,
            title: text(it.title.as_ref()),
            tagline: text(it.tagline.as_ref()),
            overview: text(it.overview.as_ref()),
            language,
        };
        let is_empty = row.title.is_none() && row.tagline.is_none() && row.overview.is_none();
        let is_new = !rows.iter().any(|it| it.language == row.language);
        if !row.language.is_empty() && !is_empty && is_new {
            rows.push(row);
        }
    }
    rows
}

/// The set of films it belongs to.
pub fn collection(item_id: ItemId, facts: &Facts) -> Option<CollectionRow> {
    let set = facts.collection.as_ref()?;
    let name = clean(&set.name);
    let folded = naming::fold(&name);
    if folded.is_empty() {
        return None;
    }
    let id = set.ids.iter().next().map(|(provider, id)| clean(&format!("{provider}:{id}")));
    Some(CollectionRow {
        item_id,
        identity: id.unwrap_or_else(|| format!("name:{folded}")),
        sort_name: naming::sort_title(&name),
        name,
        overview: text(set.overview.as_ref()),
    })
}

/// Pictures at providers, each role in the order in which sources, and each source, prefer them.
pub fn pictures(item_id: ItemId, said: &Described) -> Vec<RemoteRow> {
    let mut rows: Vec<RemoteRow> = Vec::new();
    let mut by_role: HashMap<&'static str, i16> = HashMap::new();
    for it in &said.artwork {
        let Some(role) = role(it.role) else { continue };
        let url = it.url.as_str().to_owned();
        if rows.iter().any(|row| row.role == role && row.url == url) {
            continue;
        }
        let place = by_role.entry(role).or_default();
        if usize::from(place.unsigned_abs()) >= MAX_PICTURES {
            continue;
        }
        rows.push(RemoteRow { item_id, role, url, rank: RANK + *place });
        *place += 1;
    }
    rows
}

/// As `image.role` has it; roles that no page of ours shows are left out.
fn role(role: ArtworkRole) -> Option<&'static str> {
    match role {
        ArtworkRole::Poster
        | ArtworkRole::Backdrop
        | ArtworkRole::Thumb
        | ArtworkRole::Logo
        | ArtworkRole::Banner
        | ArtworkRole::Disc => Some(role.as_str()),
        ArtworkRole::Clearart | ArtworkRole::Portrait => None,
    }
}

#[cfg(test)]
mod tests {
    use metadata::facts::Collection;
    use metadata::{Address, RemoteArtwork, Role};
    use uuid::Uuid;

    use super::*;

    const ITEM: ItemId = ItemId(Uuid::nil());

    #[test]
    fn what_postgresql_cannot_keep_is_taken_out() {
        let said = Described {
            facts: Facts { title: Some("He\0at".to_owned()), ..Facts::default() },
            ..Described::default()
        };
        let value: Value = serde_json::from_str(&kept(said.clone())).expect("JSON");
        assert_eq!(value["facts"]["title"], "Heat");
        assert_eq!(facts(ITEM, &said.facts).title.as_deref(), Some("Heat"));
        assert_eq!(clean(&"a".repeat(MAX_TEXT + 5)).len(), MAX_TEXT);
    }

    #[test]
    fn a_rating_that_is_none_and_a_title_of_nothing_are_not_written() {
        let strange = Facts {
            title: Some("  ".to_owned()),
            rating: Some(f32::NAN),
            runtime_ms: Some(-5),
            ..Facts::default()
        };
        let row = facts(ITEM, &strange);
        assert_eq!((row.title, row.rating, row.runtime_ms), (None, None, None));
    }

    #[test]
    fn the_id_of_the_match_wins_and_a_collection_is_told_by_its_id() {
        let facts = Facts {
            ids: BTreeMap::from([
                ("tmdb".to_owned(), "1".to_owned()),
                ("imdb".to_owned(), "tt1".to_owned()),
            ]),
            collection: Some(Collection {
                name: "The Mann Set".to_owned(),
                ids: BTreeMap::from([("tmdb".to_owned(), "10".to_owned())]),
                ..Collection::default()
            }),
            ..Facts::default()
        };
        let strongest = BTreeMap::from([("tmdb".to_owned(), "949".to_owned())]);
        let ids: Vec<String> =
            ids(ITEM, &facts, &strongest).into_iter().map(|it| it.value).collect();
        assert_eq!(ids, ["tt1", "949"]);
        assert_eq!(collection(ITEM, &facts).expect("a set").identity, "tmdb:10");
    }

    #[test]
    fn pictures_keep_their_order_and_are_not_too_many() {
        let picture = |n: usize| {
            let url = Address::parse(&format!("https://example.org/{n}.jpg")).expect("an address");
            RemoteArtwork::new(ArtworkRole::Poster, url)
        };
        let mut artwork: Vec<_> = (0..30).map(picture).collect();
        artwork.push(picture(0));
        artwork.push(RemoteArtwork::new(ArtworkRole::Portrait, artwork[0].url.clone()));
        let rows = pictures(ITEM, &Described { artwork, ..Described::default() });
        let ranks: Vec<i16> = rows.iter().map(|it| it.rank).collect();
        assert_eq!(ranks, (RANK..RANK + MAX_PICTURES as i16).collect::<Vec<_>>());
    }

    #[test]
    fn a_person_is_told_by_name_and_id() {
        let mut credit = Credit::new("Al Pacino", Role::Actor);
        credit.ids.insert("tmdb".to_owned(), "1158".to_owned());
        let facts = Facts {
            credits: vec![credit, Credit::new("...", Role::Crew), Credit::new("\0", Role::Crew)],
            ..Facts::default()
        };
        let found = credits(&facts);
        assert_eq!(found[0].person.id, Some(("tmdb".to_owned(), "1158".to_owned())));
        assert_eq!(found.len(), 2);
    }
}
