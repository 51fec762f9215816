//! The parameters of a search: their names and types as the published document has them, less what is newer than 27.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Refusal, bad_request};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Integer,
    Truth,
}

use Kind::{Integer, Text, Truth};

/// Those the test server acts upon, or that change nothing in what we look at.
const KNOWN: &[(&str, Kind)] = &[
    ("q", Text),
    ("query_by", Text),
    ("query_by_weights", Text),
    ("text_match_type", Text),
    ("prefix", Text),
    ("filter_by", Text),
    ("sort_by", Text),
    ("facet_by", Text),
    ("max_facet_values", Integer),
    ("vector_query", Text),
    ("num_typos", Text),
    ("page", Integer),
    ("per_page", Integer),
    ("limit", Integer),
    ("offset", Integer),
    ("include_fields", Text),
    ("exclude_fields", Text),
    ("highlight_fields", Text),
    ("highlight_full_fields", Text),
    ("enable_highlight_v1", Truth),
    ("drop_tokens_threshold", Integer),
    ("typo_tokens_threshold", Integer),
    ("enable_typos_for_numerical_tokens", Truth),
    ("split_join_tokens", Text),
    ("prioritize_exact_match", Truth),
    ("prioritize_token_position", Truth),
    ("max_candidates", Integer),
    ("min_len_1typo", Integer),
    ("min_len_2typo", Integer),
    ("exhaustive_search", Truth),
    ("search_cutoff_ms", Integer),
    ("use_cache", Truth),
    ("cache_ttl", Integer),
];

/// The parameters of one search, checked.
#[derive(Debug)]
pub(super) struct Parameters(BTreeMap<&'static str, String>);

impl Parameters {
    /// From the address: everything is text there.
    pub fn from_query(query: &BTreeMap<String, String>) -> Result<Self, Refusal> {
        let mut parameters = BTreeMap::new();
        for (name, value) in query {
            let (name, kind) = known(name)?;
            check_text(name, kind, value)?;
            parameters.insert(name, value.clone());
        }
        Ok(Self(parameters))
    }

    /// From a body, over those of the address that all searches share.
    pub fn from_json(search: &Value, shared: &BTreeMap<String, String>) -> Result<Self, Refusal> {
        let mut parameters = Self::from_query(shared)?;
        let object = search.as_object().ok_or_else(|| bad_request("Bad JSON."))?;
        for (name, value) in object.iter().filter(|(name, _)| *name != "collection") {
            let (name, kind) = known(name)?;
            let fits = match kind {
                // Numbers and truths may be sent as such where the document says text: `num_typos: 2`, `prefix: false`.
                Text => {
                    value.is_string()
                        || (["num_typos", "prefix"].contains(&name) && !value.is_object())
                }
                Integer => value.is_u64(),
                Truth => value.is_boolean(),
            };
            if !fits {
                return Err(bad_request(format!("Parameter `{name}` has a wrong type.")));
            }
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            check_text(name, kind, &text)?;
            parameters.0.insert(name, text);
        }
        Ok(parameters)
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name).ok_or_else(|| bad_request(format!("Parameter `{name}` is required.")))
    }

    pub fn number(&self, name: &str, default: usize) -> usize {
        self.text(name).and_then(|it| it.parse().ok()).unwrap_or(default)
    }

    pub fn list(&self, name: &str) -> Vec<&str> {
        let list = self.text(name).into_iter().flat_map(|it| it.split(','));
        list.map(str::trim).filter(|it| !it.is_empty()).collect()
    }

    /// A list with one value per field of `query_by`, or one for all.
    pub fn per_field<T: std::str::FromStr + Clone>(
        &self,
        name: &str,
        n_fields: usize,
        default: T,
    ) -> Result<Vec<T>, Refusal> {
        let list = self.list(name);
        let parse = |it: &&str| {
            it.parse().map_err(|_| bad_request(format!("Parameter `{name}` is malformed.")))
        };
        let values: Vec<T> = list.iter().map(parse).collect::<Result<_, _>>()?;
        match values.as_slice() {
            [] => Ok(vec![default; n_fields]),
            [one] => Ok(vec![one.clone(); n_fields]),
            many if many.len() == n_fields => Ok(values),
            _ => Err(bad_request(format!(
                "Number of values in `{name}` does not match number of `query_by` fields."
            ))),
        }
    }
}

fn known(name: &str) -> Result<(&'static str, Kind), Refusal> {
    let found = KNOWN.iter().find(|(known, _)| *known == name);
    found.copied().ok_or_else(|| bad_request(format!("Unknown parameter `{name}`.")))
}

fn check_text(name: &str, kind: Kind, value: &str) -> Result<(), Refusal> {
    let fits = match kind {
        Text => true,
        Integer => value.parse::<u64>().is_ok(),
        Truth => ["true", "false"].contains(&value),
    };
    let word = if kind == Integer { "an unsigned integer" } else { "a boolean" };
    if fits { Ok(()) } else { Err(bad_request(format!("Parameter `{name}` must be {word}."))) }
}

/// Refuses parameters of other requests than searches that are not in `names`.
pub(super) fn allow_only(query: &BTreeMap<String, String>, names: &[&str]) -> Result<(), Refusal> {
    match query.keys().find(|it| !names.contains(&it.as_str())) {
        Some(name) => Err(bad_request(format!("Unknown parameter `{name}`."))),
        None => Ok(()),
    }
}
