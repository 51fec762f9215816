//! `filter_by`: clauses joined by `&&`, as `field:=value`, `field:=[a, b]`, `field:>number`; backticks quote. In brackets,
//! clauses are joined by `&&` or by `||`.

use serde_json::Value;

use super::schema::Schema;
use super::{Refusal, bad_request, not_found};

#[derive(Debug)]
pub(super) struct Filter(Vec<Part>);

/// Of the clauses of a part one must hold.
type Part = Vec<Clause>;

#[derive(Debug)]
struct Clause {
    field: String,
    test: Test,
}

#[derive(Debug)]
enum Test {
    OneOf(Vec<String>),
    NoneOf(Vec<String>),
    Less(f64),
    AtMost(f64),
    More(f64),
    AtLeast(f64),
}

impl Filter {
    pub fn parse(text: &str, schema: &Schema) -> Result<Self, Refusal> {
        if text.trim().is_empty() {
            return Ok(Self(Vec::new()));
        }
        let mut parts = Vec::new();
        for part in split(text, "&&") {
            // A bracket around clauses that must all hold changes nothing.
            let part = part.trim().trim_start_matches('(').trim_end_matches(')');
            let clauses = split(part, "||").into_iter();
            let clauses = clauses.map(|it| Clause::parse(it.trim(), schema));
            parts.push(clauses.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(Self(parts))
    }

    pub fn matches(&self, document: &Value) -> bool {
        self.0.iter().all(|part| part.iter().any(|it| it.matches(&document[&it.field])))
    }
}

impl Clause {
    fn parse(text: &str, schema: &Schema) -> Result<Self, Refusal> {
        let wrong = || bad_request("Could not parse the filter query.");
        let (field, test) = text.split_once(':').ok_or_else(wrong)?;
        let field = field.trim().to_owned();
        let is_id = field == "id";
        let known = schema.field(&field);
        if known.is_none() && !is_id {
            return Err(not_found(format!(
                "Could not find a filter field named `{field}` in the schema."
            )));
        }
        let is_text = is_id || known.is_some_and(|it| it.is_text() || it.kind.starts_with("bool"));
        let test = test.trim();
        let number = |text: &str| -> Result<f64, Refusal> {
            if is_text {
                return Err(bad_request(format!(
                    "Error with filter field `{field}`: Invalid string comparator."
                )));
            }
            let wrong = || bad_request(format!("Error with filter field `{field}`: Not a number."));
            text.trim().parse().map_err(|_| wrong())
        };
        let test = if let Some(value) = test.strip_prefix(">=") {
            Test::AtLeast(number(value)?)
        } else if let Some(value) = test.strip_prefix("<=") {
            Test::AtMost(number(value)?)
        } else if let Some(value) = test.strip_prefix('>') {
            Test::More(number(value)?)
        } else if let Some(value) = test.strip_prefix('<') {
            Test::Less(number(value)?)
        } else if let Some(value) = test.strip_prefix("!=") {
            Test::NoneOf(values(value.trim()).ok_or_else(wrong)?)
        } else {
            let exact = test.strip_prefix('=').or_else(|| is_id.then_some(test));
            let exact = exact
                .ok_or_else(|| bad_request("The test server filters by `:=` and `:!=` only."))?;
            Test::OneOf(values(exact.trim()).ok_or_else(wrong)?)
        };
        Ok(Self { field, test })
    }

    fn matches(&self, value: &Value) -> bool {
        if let (Test::NoneOf(_), Value::Array(values)) = (&self.test, value) {
            return values.iter().all(|it| self.matches(it));
        }
        if let Value::Array(values) = value {
            return values.iter().any(|it| self.matches(it));
        }
        let number = value.as_f64();
        match &self.test {
            Test::OneOf(values) => values.contains(&text_of(value)),
            Test::NoneOf(values) => !values.contains(&text_of(value)),
            Test::Less(limit) => number.is_some_and(|it| it < *limit),
            Test::AtMost(limit) => number.is_some_and(|it| it <= *limit),
            Test::More(limit) => number.is_some_and(|it| it > *limit),
            Test::AtLeast(limit) => number.is_some_and(|it| it >= *limit),
        }
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// One value or a list in brackets.
fn values(text: &str) -> Option<Vec<String>> {
    let list = match text.strip_prefix('[') {
        Some(rest) => split(rest.strip_suffix(']')?, ","),
        None => vec![text],
    };
    let unquoted = list.into_iter().map(|it| it.trim().trim_matches('`').to_owned());
    let values: Vec<String> = unquoted.collect();
    (!values.is_empty() && values.iter().all(|it| !it.is_empty())).then_some(values)
}

/// Splits where `separator` is not between backticks.
fn split<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    let (mut parts, mut begin, mut is_quoted) = (Vec::new(), 0, false);
    for (at, letter) in text.char_indices() {
        if letter == '`' {
            is_quoted = !is_quoted;
        } else if !is_quoted && at >= begin && text[at..].starts_with(separator) {
            parts.push(&text[begin..at]);
            begin = at + separator.len();
        }
    }
    parts.push(&text[begin..]);
    parts
}
