//! What the search index is told of an item or a name: the one place where documents are made.

use std::collections::{BTreeSet, HashMap};

use search::{Document, Facet};
use uuid::Uuid;

use super::store::names::NameRow;
use super::store::{DocumentRow, StreamRow};

/// The documents of these items, with what their files have.
pub(super) fn documents(rows: Vec<DocumentRow>, streams: Vec<StreamRow>) -> Vec<Document> {
    let mut of_items: HashMap<Uuid, Vec<StreamRow>> = HashMap::new();
    for stream in streams {
        of_items.entry(stream.item_id).or_default().push(stream);
    }
    let document = |row: DocumentRow| {
        let streams = of_items.remove(&row.id).unwrap_or_default();
        document(row, &streams)
    };
    rows.into_iter().map(document).collect()
}

fn document(row: DocumentRow, streams: &[StreamRow]) -> Document {
    let (mut genres, mut tags) = (Vec::new(), Vec::new());
    let mut facets = values(streams);
    for (kind, name) in row.label_kinds.iter().zip(row.label_names) {
        let facet = match kind.as_str() {
            "genre" => Facet::Genre,
            "studio" => Facet::Studio,
            "network" => Facet::Network,
            "country" => Facet::Country,
            _ => Facet::Tag,
        };
        match facet {
            Facet::Genre => genres.push(name.clone()),
            // "brazil" is a film, not all that was made there.
            Facet::Country => {}
            _ => tags.push(name.clone()),
        }
        facets.push((facet, name));
    }
    let mut people: Vec<String> = Vec::new();
    for (name, role) in row.people.into_iter().zip(&row.roles) {
        let of_role = match role.as_str() {
            "actor" | "guest" | "host" => Some(Facet::Actor),
            "director" => Some(Facet::Director),
            "writer" | "creator" => Some(Facet::Writer),
            "composer" => Some(Facet::Composer),
            _ => None,
        };
        facets.extend(of_role.map(|it| (it, name.clone())));
        if !people.contains(&name) {
            facets.push((Facet::Person, name.clone()));
            people.push(name);
        }
    }
    let characters = row.characters.into_iter().filter(|it| !it.is_empty()).collect();
    Document {
        id: row.id,
        kind: row.kind,
        is_name: false,
        is_compared: row.is_top,
        library_id: row.library_id,
        other_libraries: Vec::new(),
        title: row.title,
        sort_title: row.sort_title,
        titles: row.titles,
        people,
        characters,
        genres,
        tags,
        facets,
        year: row.year,
        rating: row.rating,
        age: row.content_rating_age,
        overview: row.overview,
        meaning: None,
        popularity: row.popularity,
        added_at: row.added_at.timestamp(),
        marks: row.marks,
    }
}

/// The document of a name; `None` for one that is in no library.
pub(super) fn name(row: NameRow) -> Option<Document> {
    let (first, others) = row.libraries.split_first()?;
    Some(Document {
        id: row.id,
        kind: row.kind,
        is_name: true,
        library_id: *first,
        other_libraries: others.to_vec(),
        sort_title: row.name.clone(),
        title: row.name,
        popularity: row.item_count as f32,
        ..Document::default()
    })
}

/// Languages, size and coding of what can be seen and heard.
fn values(streams: &[StreamRow]) -> Vec<(Facet, String)> {
    let mut values = BTreeSet::new();
    for stream in streams {
        let language = stream.language.as_deref().filter(|it| *it != "und");
        match stream.kind.as_str() {
            "audio" => values.extend(language.map(|it| (Facet::Audio, it.to_owned()))),
            "subtitle" => values.extend(language.map(|it| (Facet::Subtitle, it.to_owned()))),
            _ => {
                values.insert((Facet::Codec, stream.codec.clone()));
                values.extend(stream.hdr.clone().map(|it| (Facet::Hdr, it)));
                let size = (stream.width.unwrap_or(0), stream.height.unwrap_or(0));
                values.extend(resolution(size).map(|it| (Facet::Resolution, it.to_owned())));
            }
        }
    }
    values.into_iter().collect()
}

/// What people call a picture of this size; black bars that were cut off do not make it smaller.
fn resolution((width, height): (i32, i32)) -> Option<&'static str> {
    match (width, height) {
        (..1, _) | (_, ..1) => None,
        (3200.., _) | (_, 1600..) => Some("2160p"),
        (1800.., _) | (_, 900..) => Some("1080p"),
        (1200.., _) | (_, 650..) => Some("720p"),
        _ => Some("480p"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_called_by_its_longer_side() {
        for (size, expected) in [
            ((3840, 1600), Some("2160p")),
            ((1920, 800), Some("1080p")),
            ((1440, 1080), Some("1080p")),
            ((1280, 536), Some("720p")),
            ((720, 576), Some("480p")),
            ((0, 0), None),
        ] {
            assert_eq!(resolution(size), expected, "{size:?}");
        }
    }
}
