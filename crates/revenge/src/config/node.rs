//! Reads settings out of a [`Tree`]: text becomes the type a setting wants, and a wrong one is told with its place and key.

use std::collections::btree_map;
use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::tree::{Place, Tree, Value};

/// A setting that is wrong.
#[derive(Debug)]
pub struct Wrong {
    /// Where it was written; unknown until a mapping on the way out fills it in.
    pub place: Option<Place>,
    /// The key, outermost first.
    pub path: Vec<String>,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Wrong {}

impl de::Error for Wrong {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { place: None, path: Vec::new(), message: message.to_string() }
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(format!("unknown key \"{field}\"; the keys here are {}", expected.join(", ")))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(format!("\"{variant}\" is none of {}", expected.join(", ")))
    }
}

impl Wrong {
    fn under(mut self, place: &Place, key: &str) -> Self {
        self.place.get_or_insert_with(|| place.clone());
        self.path.insert(0, key.to_owned());
        self
    }
}

fn expected<T>(tree: &Tree, what: &str) -> Result<T, Wrong> {
    let found = match &tree.value {
        Value::Null => "nothing".to_owned(),
        Value::Scalar(text) => format!("\"{text}\""),
        Value::Sequence(_) => "a list".to_owned(),
        Value::Mapping(_) => "a group of keys".to_owned(),
    };
    Err(Wrong {
        place: Some(tree.place.clone()),
        path: Vec::new(),
        message: format!("expected {what}, found {found}"),
    })
}

macro_rules! whole_numbers {
    ($($deserialize:ident $visit:ident $type:ty)*) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
            let what = || format!("a whole number from {} to {}", <$type>::MIN, <$type>::MAX);
            match &self.value {
                Value::Scalar(text) => match text.trim().parse() {
                    Ok(number) => visitor.$visit(number),
                    Err(_) => expected(self, &what()),
                },
                _ => expected(self, &what()),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for &'de Tree {
    type Error = Wrong;

    whole_numbers! {
        deserialize_u16 visit_u16 u16
        deserialize_u32 visit_u32 u32
        deserialize_u64 visit_u64 u64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match &self.value {
            Value::Null => visitor.visit_unit(),
            Value::Scalar(text) => visitor.visit_str(text),
            Value::Sequence(entries) => visitor.visit_seq(Entries(entries.iter())),
            Value::Mapping(fields) => {
                visitor.visit_map(Fields { rest: fields.iter(), current: None })
            }
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match &self.value {
            Value::Scalar(text) if text == "true" => visitor.visit_bool(true),
            Value::Scalar(text) if text == "false" => visitor.visit_bool(false),
            _ => expected(self, "true or false"),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match &self.value {
            Value::Scalar(text) => visitor.visit_str(text),
            _ => expected(self, "text"),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match &self.value {
            Value::Null => visitor.visit_none(),
            // What a variable that is set to nothing leaves behind.
            Value::Scalar(text) if text.is_empty() => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    /// A list, or one text with commas: an environment variable has no other way to say it.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match &self.value {
            Value::Sequence(entries) => visitor.visit_seq(Entries(entries.iter())),
            Value::Null => visitor.visit_seq(Entries([].iter())),
            Value::Scalar(text) => {
                let parts = text.split(',').map(str::trim).filter(|it| !it.is_empty());
                visitor.visit_seq(de::value::SeqDeserializer::new(parts))
            }
            Value::Mapping(_) => expected(self, "a list"),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        match &self.value {
            Value::Mapping(fields) => {
                visitor.visit_map(Fields { rest: fields.iter(), current: None })
            }
            // A section with everything in it commented out.
            Value::Null => {
                visitor.visit_map(Fields { rest: btree_map::Iter::default(), current: None })
            }
            _ => expected(self, "a group of keys"),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        match &self.value {
            Value::Scalar(text) => {
                let word: StrDeserializer<'_, Wrong> = text.as_str().into_deserializer();
                visitor.visit_enum(word)
            }
            _ => expected(self, "a word"),
        }
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u128 f32 f64 char bytes byte_buf unit unit_struct newtype_struct tuple tuple_struct map
        identifier ignored_any
    }
}

struct Entries<'a>(std::slice::Iter<'a, Tree>);

impl<'de> SeqAccess<'de> for Entries<'de> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Wrong> {
        self.0.next().map(|entry| seed.deserialize(entry)).transpose()
    }
}

struct Fields<'a> {
    rest: btree_map::Iter<'a, String, (Place, Tree)>,
    current: Option<(&'a str, &'a Tree)>,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Wrong> {
        let Some((key, (place, value))) = self.rest.next() else { return Ok(None) };
        self.current = Some((key, value));
        let name: StrDeserializer<'_, Wrong> = key.as_str().into_deserializer();
        seed.deserialize(name).map(Some).map_err(|wrong| wrong.under(place, key))
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Wrong> {
        let (key, value) =
            self.current.take().ok_or_else(|| de::Error::custom("a value without a key"))?;
        seed.deserialize(value).map_err(|wrong: Wrong| wrong.under(&value.place, key))
    }
}
