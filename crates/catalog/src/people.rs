//! Cast and crew: who they are, and what of theirs is here. Not the people with an account.

pub(crate) mod api;
mod service;
pub(crate) mod store;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::item::{ImageRef, ItemCard};

kernel::typed_id!(
    /// Somebody who had a part in an item.
    CastId
);

/// Somebody who had a part in items.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CastMember {
    /// Their id.
    pub id: CastId,
    /// Their name.
    pub name: String,
    /// A picture of them.
    pub portrait: Option<ImageRef>,
    /// What providers call them.
    pub external_ids: BTreeMap<String, String>,
}

/// An item that somebody had a part in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CastItem {
    /// The item.
    pub item: ItemCard,
    /// What they did in it.
    pub parts: Vec<CastPart>,
}

/// What somebody did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CastPart {
    /// `actor`, `director`, `writer`, ...
    pub role: String,
    /// Whom they played.
    pub character: Option<String>,
}
