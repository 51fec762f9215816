//! A configuration file as a tree whose every value knows where it stands.

use std::collections::BTreeMap;

use saphyr::{MarkedYaml, ScalarStyle, YamlData, YamlLoader};
use saphyr_parser::Parser;

use super::expand::{Lookup, expand};

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A line of the file, counted from 1.
    Line(usize),
    /// An environment variable.
    Variable(String),
    /// A flag of the command line.
    Flag(&'static str),
}

/// A value and where it was written.
#[derive(Clone, Debug)]
pub struct Tree {
    pub place: Place,
    pub value: Value,
}

/// What stands there.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing: `key:`, `key: null`, `key: ~`.
    Null,
    /// Text; what type it is meant to be is up to the setting.
    Scalar(String),
    /// A list.
    Sequence(Vec<Tree>),
    /// Keys with where each is written, and their values.
    Mapping(BTreeMap<String, (Place, Tree)>),
}

impl Tree {
    /// An empty configuration.
    pub fn empty() -> Self {
        Self { place: Place::Line(1), value: Value::Mapping(BTreeMap::new()) }
    }

    /// The file's text as a tree, variables expanded. The error has the line and what is wrong.
    pub fn parse(text: &str, lookup: &Lookup) -> Result<Self, (usize, String)> {
        let mut loader = YamlLoader::<MarkedYaml>::default();
        // Keep the text as written: `password: 0123` is a password, not the number 123.
        loader.early_parse(false);
        Parser::new_from_str(text)
            .load(&mut loader, false)
            .map_err(|error| (error.marker().line(), error.info().to_owned()))?;
        match loader.into_documents().into_iter().next() {
            Some(document) => match Self::of(&document, lookup)? {
                Self { value: Value::Null, .. } => Ok(Self::empty()),
                tree => Ok(tree),
            },
            None => Ok(Self::empty()),
        }
    }

    fn of(node: &MarkedYaml, lookup: &Lookup) -> Result<Self, (usize, String)> {
        let line = node.span.start.line();
        let value = match &node.data {
            YamlData::Representation(text, ScalarStyle::Plain, None)
                if matches!(text.as_ref(), "" | "~" | "null" | "Null" | "NULL") =>
            {
                Value::Null
            }
            YamlData::Representation(text, _, None) => {
                Value::Scalar(expand(text, lookup).map_err(|wrong| (line, wrong))?)
            }
            YamlData::Sequence(entries) => Value::Sequence(
                entries.iter().map(|it| Self::of(it, lookup)).collect::<Result<_, _>>()?,
            ),
            YamlData::Mapping(entries) => {
                let mut fields = BTreeMap::new();
                for (key, value) in entries {
                    let place = Place::Line(key.span.start.line());
                    let YamlData::Representation(name, _, None) = &key.data else {
                        return Err((key.span.start.line(), "a key must be plain text".to_owned()));
                    };
                    fields.insert(name.to_string(), (place, Self::of(value, lookup)?));
                }
                Value::Mapping(fields)
            }
            _ => return Err((line, "tags, anchors and aliases are not used here".to_owned())),
        };
        Ok(Self { place: Place::Line(line), value })
    }

    /// Puts `text` at `path`, over whatever stands there. An empty text means nothing.
    pub fn set(&mut self, path: &[String], text: &str, place: &Place) {
        let Some((key, rest)) = path.split_first() else {
            let value = if text.is_empty() { Value::Null } else { Value::Scalar(text.to_owned()) };
            *self = Self { place: place.clone(), value };
            return;
        };
        if !matches!(self.value, Value::Mapping(_)) {
            self.value = Value::Mapping(BTreeMap::new());
        }
        if let Value::Mapping(fields) = &mut self.value {
            let (_, child) = fields.entry(key.clone()).or_insert_with(|| {
                (place.clone(), Self { place: place.clone(), value: Value::Null })
            });
            child.set(rest, text, place);
        }
    }
}
