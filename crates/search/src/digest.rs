//! What tells whether a document in an index is the one that would be written now.

use uuid::Uuid;
use xxhash_rust::xxh3::Xxh3;

use crate::Document;

impl Document {
    /// The same for documents in which the same is found: lists that have no order of their own may come in any. Kept in
    /// the index beside the document, so that both can be compared without reading it whole; a change of what is told
    /// here raises the form of the documents.
    pub fn digest(&self) -> u64 {
        let Self {
            id,
            kind,
            is_name,
            is_compared,
            library_id,
            other_libraries,
            title,
            sort_title,
            titles,
            people,
            characters,
            genres,
            tags,
            facets,
            year,
            rating,
            age,
            overview,
            meaning,
            popularity,
            added_at,
            marks,
        } = self;
        let mut told = Told(Xxh3::new());
        told.bytes(id.as_bytes());
        told.bytes(&[u8::from(*is_name), u8::from(*is_compared)]);
        told.bytes(library_id.as_bytes());
        told.set(other_libraries.iter().map(Uuid::as_bytes));
        for text in [kind, title, sort_title] {
            told.bytes(text.as_bytes());
        }
        for texts in [titles, people, characters, genres, tags] {
            told.set(texts.iter().map(String::as_bytes));
        }
        told.set(facets.iter().map(|(facet, value)| format!("{}={value}", facet.key())));
        told.number(year.map(i64::from));
        told.number(rating.map(|it| i64::from(it.to_bits())));
        told.number(age.map(i64::from));
        told.bytes(overview.as_deref().unwrap_or_default().as_bytes());
        told.number(Some(i64::from(popularity.to_bits())));
        told.number(Some(*added_at));
        told.set(marks.iter().map(|it| it.to_le_bytes()));
        // Without one the digest is as it was before there were any.
        if let Some(meaning) = meaning {
            meaning.0.iter().for_each(|it| told.number(Some(i64::from(it.to_bits()))));
        }
        told.0.digest()
    }
}

struct Told(Xxh3);

impl Told {
    /// With its length, so that what is said one after the other is not said differently by other parts.
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn number(&mut self, number: Option<i64>) {
        match number {
            Some(number) => self.bytes(&number.to_le_bytes()),
            None => self.bytes(&[]),
        }
    }

    fn set(&mut self, parts: impl Iterator<Item = impl AsRef<[u8]> + Ord>) {
        let mut parts: Vec<_> = parts.collect();
        parts.sort_unstable();
        self.0.update(&(parts.len() as u64).to_le_bytes());
        for part in parts {
            self.bytes(part.as_ref());
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Document, Facet, Meaning};

    fn film() -> Document {
        Document {
            title: "Alien".to_owned(),
            titles: vec!["Alien – Das unheimliche Wesen".to_owned(), "异形".to_owned()],
            people: vec!["Sigourney Weaver".to_owned(), "Ridley Scott".to_owned()],
            facets: vec![(Facet::Codec, "h264".to_owned()), (Facet::Audio, "en".to_owned())],
            year: Some(1979),
            rating: Some(8.5),
            marks: vec![7, -2],
            ..Document::default()
        }
    }

    #[test]
    fn the_order_of_a_list_is_not_told() {
        let mut other = film();
        for list in [&mut other.titles, &mut other.people] {
            list.reverse();
        }
        other.facets.reverse();
        other.marks.reverse();
        assert_eq!(film().digest(), other.digest());
    }

    #[test]
    fn each_thing_that_differs_is_told() {
        let changes: [fn(&mut Document); 14] = [
            |it| it.is_name = true,
            |it| it.is_compared = true,
            |it| it.kind = "movie".to_owned(),
            |it| it.sort_title = "Alien".to_owned(),
            |it| it.titles = vec!["Alien – Das unheimliche Wesen异形".to_owned()],
            |it| it.genres = std::mem::take(&mut it.people),
            |it| it.facets.clear(),
            |it| it.year = None,
            |it| it.rating = Some(8.4),
            |it| it.age = Some(16),
            |it| it.overview = Some("In space".to_owned()),
            |it| it.meaning = Some(Meaning([0.0625; 256])),
            |it| it.added_at = 1,
            |it| it.marks.truncate(1),
        ];
        let mut seen = vec![film().digest()];
        for change in changes {
            let mut other = film();
            change(&mut other);
            seen.push(other.digest());
        }
        let n = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), n);
    }
}
