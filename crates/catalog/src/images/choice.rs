//! Which pictures an item shows, where a person decides: choosing one of those there are, giving one, and taking it back.
//!
//! What a person chose is a row of its own with the content's hash, under the item's key: no scan and no provider touches
//! it, and it outlives the file or the provider that the picture came from.

pub mod api;
mod service;
mod store;
#[cfg(test)]
mod tests;

use kernel::id::ImageId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::item::ImageRef;
use crate::kind::ImageRole;

/// The pictures an item has or could have, for choosing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ItemImages {
    /// Every role there is, also those without a picture.
    pub roles: Vec<RoleImages>,
}

/// The pictures for one role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RoleImages {
    /// What they show.
    pub role: ImageRole,
    /// Whether a person decided which is shown, so that neither scan nor provider changes it.
    pub is_locked: bool,
    /// The one shown first, then the best.
    pub images: Vec<ImageChoice>,
}

/// A picture that can be chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ImageChoice {
    /// The picture. One of a provider may have neither size nor preview yet: it is fetched when it is looked at.
    #[serde(flatten)]
    pub image: ImageRef,
    /// Where it came from.
    pub source: ImageSource,
    /// Whether it is the one that pages show.
    pub is_shown: bool,
    /// Why it cannot be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// Where a picture came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum ImageSource {
    /// A file of the library.
    Local,
    /// A cover inside a file of the library.
    Embedded,
    /// A frame of the film.
    Frame,
    /// A provider.
    Remote,
    /// A file that a person gave.
    Upload,
    /// An address that a person gave.
    Link,
    /// One that was there when a person chose it, and is no more.
    Found,
}

/// Which picture a role shall show.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
pub struct ImageSelection {
    /// One of the item's pictures, of whatever role.
    pub image_id: ImageId,
}

/// A picture somewhere else.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub struct ImageLink {
    /// Its address; HTTP or HTTPS, and public.
    pub url: String,
}
