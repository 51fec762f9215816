//! The search itself: every document is looked at. Words, prefixes, near spellings, joined words, weights and order as
//! Typesense documents them; its score only as far as the order follows from it.

use std::cmp::Ordering;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::documents::Collection;
use super::filter::Filter;
use super::parameters::Parameters;
use super::vectors::{self, VectorQuery};
use super::{Refusal, bad_request, not_found};

/// A field that is searched.
struct Searched<'a> {
    name: &'a str,
    weight: i64,
    takes_prefix: bool,
    max_typos: u32,
}

struct Spelling {
    min_len_1typo: usize,
    min_len_2typo: usize,
    typos_in_numbers: bool,
}

pub(super) fn search(collection: &Collection, parameters: &Parameters) -> Result<Value, Refusal> {
    let q = parameters.required("q")?;
    if let Some(vector_query) = parameters.text("vector_query") {
        return nearest(collection, parameters, vector_query);
    }
    let searched = searched(collection, parameters)?;
    let filter =
        Filter::parse(parameters.text("filter_by").unwrap_or_default(), &collection.schema)?;
    let order = order(collection, parameters)?;
    let per_page = per_page(parameters)?;
    let spelling = Spelling {
        min_len_1typo: parameters.number("min_len_1typo", 4),
        min_len_2typo: parameters.number("min_len_2typo", 7),
        typos_in_numbers: parameters.text("enable_typos_for_numerical_tokens") != Some("false"),
    };
    let documents: Vec<&Value> =
        collection.documents.values().filter(|it| filter.matches(it)).collect();
    let tokens = words(q);
    let mut hits: Vec<(i64, &Value)> = if q == "*" {
        documents.iter().map(|it| (0, *it)).collect()
    } else {
        let ways = ways(&tokens, parameters);
        let find = |ways: &[Vec<String>], with_typos| {
            let best = |document: &&Value| {
                let scores = ways.iter();
                scores.filter_map(|it| score(document, it, &searched, &spelling, with_typos)).max()
            };
            documents.iter().filter_map(|it| Some((best(it)?, *it))).collect::<Vec<_>>()
        };
        let mut hits = find(&ways, false);
        if hits.len() < parameters.number("typo_tokens_threshold", 1) {
            hits = find(&ways, true);
        }
        let mut fewer = tokens.clone();
        while hits.len() < parameters.number("drop_tokens_threshold", 1) && fewer.len() > 1 {
            fewer.pop();
            hits = find(std::slice::from_ref(&fewer), true);
        }
        hits
    };
    hits.sort_by(|one, other| compare(&order, one, other));
    let page = parameters.number("page", 1).max(1);
    let offset = parameters.number("offset", (page - 1) * per_page);
    let found = hits.len();
    let facet_counts = facet_counts(collection, parameters, &hits)?;
    let hits: Vec<Value> = hits
        .into_iter()
        .skip(offset)
        .take(per_page)
        .map(|(score, document)| {
            let document = shown(document, parameters);
            json!({ "document": document, "text_match": score, "highlight": {}, "highlights": [] })
        })
        .collect();
    Ok(json!({
        "facet_counts": facet_counts,
        "found": found,
        "hits": hits,
        "out_of": collection.documents.len(),
        "page": page,
        "request_params": { "collection_name": collection.name(), "per_page": per_page, "q": q },
        "search_cutoff": false,
        "search_time_ms": 0,
    }))
}

/// A search by a vector alone; those that mix it with words are not what we use.
fn nearest(
    collection: &Collection,
    parameters: &Parameters,
    vector_query: &str,
) -> Result<Value, Refusal> {
    if parameters.text("q") != Some("*") {
        return Err(bad_request("The test server searches by words or by a vector."));
    }
    let query = VectorQuery::parse(vector_query, collection)?;
    let filter =
        Filter::parse(parameters.text("filter_by").unwrap_or_default(), &collection.schema)?;
    let per_page = per_page(parameters)?;
    let found = query.find(collection.documents.values().filter(|it| filter.matches(it)).collect());
    let hits = found.iter().take(per_page);
    let hits: Vec<Value> =
        hits.map(|(distance, it)| vectors::hit(&shown(it, parameters), *distance)).collect();
    Ok(json!({
        "facet_counts": [],
        "found": found.len(),
        "hits": hits,
        "out_of": collection.documents.len(),
        "page": 1,
        "search_cutoff": false,
        "search_time_ms": 0,
    }))
}

fn per_page(parameters: &Parameters) -> Result<usize, Refusal> {
    let per_page = parameters.number("per_page", parameters.number("limit", 10));
    if per_page > 250 {
        let message = "Only upto 250 hits can be fetched per page.".into();
        return Err(Refusal(StatusCode::UNPROCESSABLE_ENTITY, message));
    }
    Ok(per_page)
}

/// How often each value of the fields of `facet_by` is among all hits, the most frequent first.
fn facet_counts(
    collection: &Collection,
    parameters: &Parameters,
    hits: &[(i64, &Value)],
) -> Result<Vec<Value>, Refusal> {
    let counts = parameters.list("facet_by").into_iter().map(|name| {
        if !collection.schema.field(name).is_some_and(|it| it.is_facet) {
            return Err(not_found(format!(
                "Could not find a facet field named `{name}` in the schema."
            )));
        }
        let mut counts: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
        for value in hits.iter().flat_map(|(_, document)| texts(&document[name])) {
            *counts.entry(value).or_default() += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|it| std::cmp::Reverse(it.1));
        counts.truncate(parameters.number("max_facet_values", 10));
        let counts = counts
            .into_iter()
            .map(|(value, count)| json!({ "count": count, "highlighted": value, "value": value }));
        let counts: Vec<Value> = counts.collect();
        Ok(json!({ "counts": counts, "field_name": name, "sampled": false, "stats": {} }))
    });
    counts.collect()
}

fn searched<'a>(
    collection: &Collection,
    parameters: &'a Parameters,
) -> Result<Vec<Searched<'a>>, Refusal> {
    parameters.required("query_by")?;
    let names = parameters.list("query_by");
    let weights = parameters.per_field("query_by_weights", names.len(), 1)?;
    let prefixes = parameters.per_field("prefix", names.len(), true)?;
    let typos = parameters.per_field("num_typos", names.len(), 2_u32)?;
    let fields = names.into_iter().zip(weights).zip(prefixes).zip(typos);
    let fields = fields.map(|(((name, weight), takes_prefix), max_typos)| {
        let missing = || not_found(format!("Could not find a field named `{name}` in the schema."));
        if !collection.schema.field(name).ok_or_else(missing)?.is_text() {
            return Err(bad_request(format!(
                "Field `{name}` should be a string or a string array."
            )));
        }
        if max_typos > 2 {
            return Err(bad_request("Value of `num_typos` must not be greater than 2."));
        }
        Ok(Searched { name, weight, takes_prefix, max_typos })
    });
    fields.collect()
}

/// The query's words, and with `split_join_tokens` also two neighbours, or all, as one.
fn ways(tokens: &[String], parameters: &Parameters) -> Vec<Vec<String>> {
    let mut ways = vec![tokens.to_vec()];
    if parameters.text("split_join_tokens") == Some("always") {
        for at in 1..tokens.len() {
            let mut joined = tokens.to_vec();
            let second = joined.remove(at);
            joined[at - 1].push_str(&second);
            ways.push(joined);
        }
        ways.push(vec![tokens.concat()]);
    }
    ways
}

/// How well a document matches, every word in one field or another; `None` when one is in none.
fn score(
    document: &Value,
    tokens: &[String],
    searched: &[Searched],
    spelling: &Spelling,
    with_typos: bool,
) -> Option<i64> {
    let (mut typos, mut weight) = (0, 0);
    for (at, token) in tokens.iter().enumerate() {
        let is_last = at + 1 == tokens.len();
        let places = searched.iter().filter_map(|field| {
            let allowed =
                if with_typos { allowed(token, spelling).min(field.max_typos) } else { 0 };
            let all = texts(&document[field.name]);
            let words = all.iter().flat_map(|it| words(it));
            let nearest =
                words.map(|it| distance(token, &it, is_last && field.takes_prefix)).min()?;
            (nearest <= allowed).then_some((nearest, -field.weight))
        });
        let (nearest, best) = places.min()?;
        typos += i64::from(nearest);
        weight += -best;
    }
    let is_exact = searched
        .iter()
        .any(|field| texts(&document[field.name]).iter().any(|it| words(it) == tokens));
    let n_tokens = tokens.len() as i64;
    Some(n_tokens * 1_000_000 - typos * 10_000 + i64::from(is_exact) * 5_000 + weight * 10)
}

fn allowed(token: &str, spelling: &Spelling) -> u32 {
    let length = token.chars().count();
    if !spelling.typos_in_numbers && token.bytes().all(|it| it.is_ascii_digit()) {
        return 0;
    }
    u32::from(length >= spelling.min_len_1typo) + u32::from(length >= spelling.min_len_2typo)
}

/// By the fields of `sort_by`; the first three at most.
fn order(collection: &Collection, parameters: &Parameters) -> Result<Vec<(String, bool)>, Refusal> {
    let list = parameters.list("sort_by");
    if list.len() > 3 {
        return Err(bad_request("Only upto 3 sort_by fields can be specified."));
    }
    let mut order = Vec::new();
    for part in list {
        let wrong = || bad_request("Parameter `sort_by` is malformed.");
        let (field, direction) = part.split_once(':').ok_or_else(wrong)?;
        let can_sort =
            collection.schema.field(field).is_some_and(super::schema::Field::is_sortable);
        if field != "_text_match" && !can_sort {
            return Err(not_found(format!(
                "Could not find a field named `{field}` in the schema for sorting."
            )));
        }
        match direction.to_ascii_lowercase().as_str() {
            "desc" => order.push((field.to_owned(), true)),
            "asc" => order.push((field.to_owned(), false)),
            _ => {
                return Err(bad_request(format!(
                    "Order for field` {field}` should be either ASC or DESC."
                )));
            }
        }
    }
    if order.is_empty() {
        order.push(("_text_match".into(), true));
        if !collection.schema.default_sorting_field.is_empty() {
            order.push((collection.schema.default_sorting_field.clone(), true));
        }
    }
    Ok(order)
}

fn compare(order: &[(String, bool)], one: &(i64, &Value), other: &(i64, &Value)) -> Ordering {
    let key = |hit: &(i64, &Value), field: &str| match field {
        "_text_match" => hit.0 as f64,
        _ => hit.1[field].as_f64().unwrap_or(0.0),
    };
    let mut orders = order.iter().map(|(field, is_descending)| {
        let texts = one.1[field].as_str().zip(other.1[field].as_str());
        let order = match texts {
            Some((one, other)) => one.cmp(other),
            None => key(one, field).total_cmp(&key(other, field)),
        };
        if *is_descending { order.reverse() } else { order }
    });
    orders.find(|it| it.is_ne()).unwrap_or(Ordering::Equal)
}

fn shown(document: &Value, parameters: &Parameters) -> Value {
    let (include, exclude) = (parameters.list("include_fields"), parameters.list("exclude_fields"));
    let fields = document.as_object().into_iter().flatten().filter(|(name, _)| {
        let name = name.as_str();
        (include.is_empty() || include.contains(&name)) && !exclude.contains(&name)
    });
    Value::Object(fields.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        value => value.as_str().into_iter().collect(),
    }
}

/// Words by spaces, in lower case, without signs.
fn words(text: &str) -> Vec<String> {
    let words = text.split_whitespace().map(|it| {
        it.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    });
    words.filter(|it: &String| !it.is_empty()).collect()
}

/// How many insertions, deletions, replacements and swaps make `typed` of `meant`, or of its beginning.
fn distance(typed: &str, meant: &str, or_beginning: bool) -> u32 {
    let (typed, meant): (Vec<char>, Vec<char>) = (typed.chars().collect(), meant.chars().collect());
    let mut rows: Vec<Vec<u32>> = vec![(0..=meant.len() as u32).collect()];
    for i in 1..=typed.len() {
        let mut row = vec![i as u32];
        for j in 1..=meant.len() {
            let is_other = u32::from(typed[i - 1] != meant[j - 1]);
            let mut cost =
                (rows[i - 1][j - 1] + is_other).min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && typed[i - 1] == meant[j - 2] && typed[i - 2] == meant[j - 1] {
                cost = cost.min(rows[i - 2][j - 2] + 1);
            }
            row.push(cost);
        }
        rows.push(row);
    }
    let last = &rows[typed.len()];
    if or_beginning { last.iter().copied().min().unwrap_or(0) } else { last[meant.len()] }
}
