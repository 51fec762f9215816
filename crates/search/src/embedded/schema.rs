//! The fields of the index.
//!
//! A short prefix has far too many words to look each up, so every word's and title's beginnings of a few letters are
//! terms of their own; from there on the term dictionary is read, where few words are left.

use tantivy::TantivyDocument;
use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions,
};

use crate::document::Entry;
use crate::facet::key_of;
use crate::likeness::vectors;

/// The longest beginning of a word that is a term of its own.
pub(super) const WORD_EDGE: usize = 3;
/// The longest beginning of a title that is a term of its own: longer than a word's, for many titles begin with "the ".
pub(super) const TITLE_EDGE: usize = 6;

#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    pub id: Field,
    pub library: Field,
    pub kind: Field,
    /// Words of the titles, and neighbours written as one.
    pub title: Field,
    /// Neighbours of the titles written as one of which one is a number.
    pub numbered: Field,
    pub people: Field,
    pub tags: Field,
    pub overview: Field,
    /// Whole titles.
    pub whole_title: Field,
    pub title_edge: Field,
    pub word_edge: Field,
    pub popularity: Field,
    pub marks: Field,
    /// What an id is told by in sets of them.
    pub key: Field,
    /// The document's digest.
    pub digest: Field,
    /// `facet=value`, folded: what is filtered by.
    pub facets: Field,
    /// `facet=value`, as written: what is counted.
    pub values: Field,
    pub year: Field,
    pub rating: Field,
    pub age: Field,
    /// What it is sorted by, when not by how well it matches.
    pub sort_title: Field,
    pub added_at: Field,
    /// What it is like, as [`vectors`] writes it.
    pub vector: Field,
    /// What comes back: a `Card` as JSON.
    pub card: Field,
}

impl Fields {
    pub fn schema() -> (Schema, Self) {
        let mut schema = Schema::builder();
        // Neither frequencies nor lengths: order comes from where words are, not how often.
        let indexing = |tokenizer: &str| {
            TextOptions::default().set_indexing_options(
                TextFieldIndexing::default()
                    .set_tokenizer(tokenizer)
                    .set_fieldnorms(false)
                    .set_index_option(IndexRecordOption::Basic),
            )
        };
        let (words, whole) = (indexing("whitespace"), indexing("raw"));
        let fields = Self {
            id: schema.add_bytes_field("id", INDEXED),
            library: schema.add_text_field("library", whole.clone()),
            kind: schema.add_text_field("kind", whole.clone()),
            title: schema.add_text_field("title", words.clone()),
            numbered: schema.add_text_field("numbered", words.clone()),
            people: schema.add_text_field("people", words.clone()),
            tags: schema.add_text_field("tags", words.clone()),
            overview: schema.add_text_field("overview", words),
            whole_title: schema.add_text_field("whole_title", whole.clone()),
            title_edge: schema.add_text_field("title_edge", whole.clone()),
            word_edge: schema.add_text_field("word_edge", whole.clone()),
            popularity: schema.add_f64_field("popularity", FAST),
            marks: schema.add_i64_field("marks", INDEXED),
            key: schema.add_u64_field("key", FAST),
            digest: schema.add_u64_field("digest", FAST),
            facets: schema.add_text_field("facets", whole),
            values: schema.add_text_field("values", TextOptions::default().set_fast("raw")),
            year: schema.add_i64_field("year", INDEXED | FAST),
            rating: schema.add_i64_field("rating", INDEXED | FAST),
            age: schema.add_i64_field("age", INDEXED),
            sort_title: schema.add_text_field("sort_title", TextOptions::default().set_fast("raw")),
            added_at: schema.add_i64_field("added_at", FAST),
            vector: schema.add_u64_field(vectors::COLUMN, FAST),
            card: schema.add_bytes_field("card", STORED),
        };
        (schema.build(), fields)
    }

    pub fn document(&self, entry: &Entry) -> serde_json::Result<TantivyDocument> {
        let mut document = TantivyDocument::default();
        document.add_bytes(self.id, entry.card.id.as_bytes());
        for library in &entry.libraries {
            document.add_text(self.library, library);
        }
        document.add_text(self.kind, &entry.card.kind);
        for title in &entry.titles {
            document.add_text(self.title, title);
            document.add_text(self.whole_title, title);
            for edge in edges(title, TITLE_EDGE) {
                document.add_text(self.title_edge, edge);
            }
        }
        for word in &entry.joined {
            document.add_text(self.title, word);
        }
        for word in &entry.numbered {
            document.add_text(self.numbered, word);
        }
        for name in &entry.people {
            document.add_text(self.people, name);
        }
        for tag in &entry.tags {
            document.add_text(self.tags, tag);
        }
        document.add_text(self.overview, &entry.overview);
        let Entry { titles, joined, numbered, people, tags, .. } = entry;
        let named = [titles, joined, numbered, people, tags];
        let mut beginnings: Vec<&str> = named
            .into_iter()
            .flatten()
            .flat_map(|text| text.split(' '))
            .flat_map(|word| edges(word, WORD_EDGE))
            .collect();
        beginnings.sort_unstable();
        beginnings.dedup();
        for edge in beginnings {
            document.add_text(self.word_edge, edge);
        }
        for mark in &entry.marks {
            document.add_i64(self.marks, *mark);
        }
        document.add_u64(self.key, key_of(&entry.card.id));
        document.add_u64(self.digest, entry.digest);
        for (facet, value) in &entry.facets {
            document.add_text(self.facets, facet.term(value));
            if facet.is_counted() {
                document.add_text(self.values, format!("{}={value}", facet.key()));
            }
        }
        document.add_text(self.sort_title, &entry.sort_title);
        document.add_i64(self.added_at, entry.card.added_at);
        let rating = entry.card.rating;
        let numbers = [(self.year, entry.year), (self.rating, rating), (self.age, entry.age)];
        for (field, number) in numbers {
            if let Some(number) = number {
                document.add_i64(field, number);
            }
        }
        for value in entry.vector.iter().flat_map(|it| vectors::values(entry.card.id, it)) {
            document.add_u64(self.vector, value);
        }
        document.add_f64(self.popularity, f64::from(entry.card.popularity));
        document.add_bytes(self.card, &serde_json::to_vec(&entry.card)?);
        Ok(document)
    }
}

/// The beginnings of `text`, up to `longest` letters.
fn edges(text: &str, longest: usize) -> impl Iterator<Item = &str> {
    text.char_indices().take(longest).map(|(at, letter)| &text[..at + letter.len_utf8()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_end_between_letters() {
        assert_eq!(edges("żółw", 3).collect::<Vec<_>>(), ["ż", "żó", "żół"]);
        assert_eq!(edges("a", 3).collect::<Vec<_>>(), ["a"]);
    }
}
