//! Sets of items that belong together, as sources put them.

pub(crate) mod api;
mod service;
pub(crate) mod store;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::item::{ImageRef, ItemCard};

kernel::typed_id!(
    /// A set of items.
    CollectionId
);

/// A set of items, as lists show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CollectionCard {
    /// Its id.
    pub id: CollectionId,
    /// Its name.
    pub name: String,
    /// How many of its items the person may see.
    pub item_count: i64,
    /// The poster of its first item.
    pub poster: Option<ImageRef>,
}

/// A set with its items.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CollectionDetail {
    /// Its id.
    pub id: CollectionId,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub overview: Option<String>,
    /// Its items that the person may see, as they came out.
    pub items: Vec<ItemCard>,
}

/// A set that an item is part of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CollectionRef {
    /// Its id.
    pub id: CollectionId,
    /// Its name.
    pub name: String,
}
