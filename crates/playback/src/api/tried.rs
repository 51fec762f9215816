//! What a client tried to play in vain.

use kernel::id::FileId;
use kernel::{Error, Result};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::service::GivenUp;

/// What a client made nothing of.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[schema(as = GivenUp)]
#[serde(rename_all = "snake_case")]
pub(super) enum GivenUpBody {
    /// The file itself: its streams come in segments, which players read in another way.
    File,
    /// The film's own pictures, in segments, too: they are made anew.
    Pictures,
}

/// A stream that the server began to convert for the client, and could not: the address of a part of it was answered with
/// `playback.not_converted`.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
pub(super) struct NotConverted {
    /// The file, by the `file_id` of the start.
    file_id: FileId,
    /// The stream by its number in the file, which stands before the name of the rendition in the address of the part.
    stream: u32,
}

/// More streams than this are in no film; more than these nobody tried.
const MAX_NOT_CONVERTED: usize = 256;

impl From<GivenUpBody> for GivenUp {
    fn from(body: GivenUpBody) -> Self {
        match body {
            GivenUpBody::File => Self::File,
            GivenUpBody::Pictures => Self::Pictures,
        }
    }
}

/// The same as the room has it.
pub(super) fn unmade(body: &[NotConverted]) -> Result<Vec<(FileId, u32)>> {
    if body.len() > MAX_NOT_CONVERTED {
        let message = format!("more than {MAX_NOT_CONVERTED} streams are in no film");
        return Err(Error::invalid("not_converted", message));
    }
    Ok(body.iter().map(|it| (it.file_id, it.stream)).collect())
}
