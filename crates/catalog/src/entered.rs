//! A field of a request that changes something: left out, emptied, or filled.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a request says of one field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Entered<T> {
    /// It is left out: what there is stays.
    #[default]
    Nothing,
    /// It is `null`: what there is goes.
    Null,
    /// It is this.
    Value(T),
}

/// A field that is left out: nothing is to be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftOut;

impl<T> Entered<T> {
    /// What shall be there from now on.
    pub fn said(self) -> Result<Option<T>, LeftOut> {
        match self {
            Self::Nothing => Err(LeftOut),
            Self::Null => Ok(None),
            Self::Value(value) => Ok(Some(value)),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entered<T> {
    /// A field that is left out is never asked: it keeps its default.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

impl<T: Serialize> Serialize for Entered<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nothing | Self::Null => serializer.serialize_none(),
            Self::Value(value) => serializer.serialize_some(value),
        }
    }
}
