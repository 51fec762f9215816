//! The tokenizer of a model, as `tokenizer.json` describes it: what makes numbers of words.
//!
//! Two kinds are known, which nearly all models of sentences have: BERT's word pieces, and unigrams.

use std::collections::HashMap;

use serde::{Deserialize, Deserializer};

use super::unigram::Unigram;
use super::word_pieces::{Folding, WordPieces};

/// Makes the numbers of a model's pieces of a text.
#[derive(Debug)]
pub(super) struct Tokenizer {
    words: Words,
    /// What is written around each text.
    begin: Vec<u32>,
    end: Vec<u32>,
}

#[derive(Debug)]
enum Words {
    Pieces(WordPieces),
    Unigram(Unigram),
}

#[derive(Deserialize)]
struct Json {
    model: JsonModel,
    #[serde(default)]
    normalizer: Option<JsonNormalizer>,
    #[serde(default, deserialize_with = "frame")]
    post_processor: JsonFrame,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum JsonModel {
    WordPiece {
        unk_token: String,
        continuing_subword_prefix: String,
        vocab: HashMap<String, u32>,
    },
    Unigram {
        unk_id: Option<u32>,
        vocab: Vec<(String, f64)>,
    },
    #[serde(other)]
    Another,
}

#[derive(Deserialize)]
#[serde(tag = "type")]
enum JsonNormalizer {
    BertNormalizer {
        lowercase: bool,
        strip_accents: Option<bool>,
        handle_chinese_chars: bool,
    },
    #[serde(other)]
    Another,
}

#[derive(Default, Deserialize)]
struct JsonFrame {
    #[serde(default)]
    single: Vec<JsonPart>,
}

#[derive(Deserialize)]
enum JsonPart {
    SpecialToken { id: String },
    Sequence {},
}

/// Other ways than a template to write around a text are not known, and left out.
fn frame<'de, D: Deserializer<'de>>(json: D) -> Result<JsonFrame, D::Error> {
    let json = serde_json::Value::deserialize(json)?;
    Ok(serde_json::from_value(json).unwrap_or_default())
}

impl Tokenizer {
    /// Reads a `tokenizer.json`.
    pub fn parse(json: &str) -> Result<Self, String> {
        let Json { model, normalizer, post_processor } =
            serde_json::from_str(json).map_err(|it| it.to_string())?;
        let words = match model {
            JsonModel::WordPiece { unk_token, continuing_subword_prefix, vocab } => {
                let folding = match normalizer {
                    Some(JsonNormalizer::BertNormalizer {
                        lowercase,
                        strip_accents,
                        handle_chinese_chars,
                    }) => Folding {
                        lowers: lowercase,
                        strips_accents: strip_accents.unwrap_or(lowercase),
                        parts_han: handle_chinese_chars,
                    },
                    _ => return Err("word pieces without BERT's way to fold texts".to_owned()),
                };
                let unknown = *vocab.get(&unk_token).ok_or("it has no unknown piece")?;
                let prefix = continuing_subword_prefix;
                Words::Pieces(WordPieces::new(vocab, &prefix, unknown, folding))
            }
            JsonModel::Unigram { unk_id, vocab } => {
                let unknown = unk_id.ok_or("it has no unknown piece")?;
                Words::Unigram(Unigram::new(vocab, unknown))
            }
            JsonModel::Another => return Err("neither word pieces nor unigrams".to_owned()),
        };
        let mut tokenizer = Self { words, begin: Vec::new(), end: Vec::new() };
        let mut is_begun = false;
        for part in post_processor.single {
            match part {
                JsonPart::Sequence {} => is_begun = true,
                JsonPart::SpecialToken { id } => {
                    let piece = tokenizer.piece(&id).ok_or(format!("it has no piece {id}"))?;
                    let around = if is_begun { &mut tokenizer.end } else { &mut tokenizer.begin };
                    around.push(piece);
                }
            }
        }
        Ok(tokenizer)
    }

    fn piece(&self, text: &str) -> Option<u32> {
        match &self.words {
            Words::Pieces(pieces) => pieces.piece(text),
            Words::Unigram(unigram) => unigram.piece(text),
        }
    }

    /// The numbers of a text's pieces, `most` at the most.
    pub fn encode(&self, text: &str, most: usize) -> Vec<u32> {
        let room = most.saturating_sub(self.begin.len() + self.end.len());
        let mut ids = match &self.words {
            Words::Pieces(pieces) => pieces.encode(text, room),
            Words::Unigram(unigram) => unigram.encode(text, room),
        };
        ids.truncate(room);
        [&self.begin[..], &ids, &self.end].concat()
    }
}
