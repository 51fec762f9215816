//! Keyset pages: how every list is cut, whatever its length.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Error, Result};

/// How many rows a list returns at the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(u16);

impl Limit {
    /// Rows when the caller names no number.
    pub const DEFAULT: u16 = 50;
    /// Rows at the most: a page stays well under a megabyte.
    pub const MAX: u16 = 500;

    /// The caller's wish, held between 1 and [`Limit::MAX`].
    pub fn new(wish: Option<u16>) -> Self {
        Self(wish.unwrap_or(Self::DEFAULT).clamp(1, Self::MAX))
    }

    /// Rows of the page.
    pub fn get(self) -> i64 {
        i64::from(self.0)
    }

    /// Rows to ask the database for: one more, which tells whether there is a next page.
    pub fn probe(self) -> i64 {
        i64::from(self.0) + 1
    }
}

/// The place after the last row of a page, opaque to clients.
///
/// A cursor holds the sort key of that row, so rows inserted or deleted elsewhere never make a list skip or repeat one.
pub struct Cursor;

impl Cursor {
    /// The cursor that stands for `key`.
    pub fn encode<K: Serialize>(key: &K) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
    }

    /// The key a client's `cursor` stands for.
    pub fn decode<K: DeserializeOwned>(cursor: &str) -> Result<K> {
        let wrong =
            || Error::invalid("cursor", "not a cursor of this list; start again without one");
        let json = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| wrong())?;
        serde_json::from_slice(&json).map_err(|_| wrong())
    }
}

/// One page of a list.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The rows, in the order asked for.
    pub items: Vec<T>,
    /// Hand it back as `cursor` for the next page; null on the last one.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page of the `rows` that [`Limit::probe`] fetched; `key` gives a row's place in the order.
    pub fn of<K: Serialize>(mut rows: Vec<T>, limit: Limit, key: impl Fn(&T) -> K) -> Self {
        let full = usize::from(limit.0);
        let more = rows.len() > full;
        rows.truncate(full);
        let next = if more { rows.last().map(|row| Cursor::encode(&key(row))) } else { None };
        Self { items: rows, next }
    }

    /// The same page with every row translated.
    pub fn map<U>(self, translate: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(translate).collect(), next: self.next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_page_with_more_behind_it_names_the_next() {
        let page = Page::of(vec![1, 2, 3], Limit::new(Some(2)), |row| *row);
        assert_eq!(page.items, [1, 2]);
        assert_eq!(
            Cursor::decode::<i32>(&page.next.expect("more rows wait")).expect("our own cursor"),
            2
        );
    }

    #[test]
    fn the_last_page_has_no_next() {
        assert!(Page::of(vec![1, 2], Limit::new(Some(2)), |row| *row).next.is_none());
    }

    #[test]
    fn a_made_up_cursor_is_refused_with_the_name_of_the_field() {
        let refused = Cursor::decode::<(String, u8)>("bm9wZQ").expect_err("not ours");
        assert_eq!(
            refused.to_string(),
            "cursor: not a cursor of this list; start again without one"
        );
    }

    #[test]
    fn a_limit_is_held_in_bounds() {
        assert_eq!(Limit::new(Some(0)).get(), 1);
        assert_eq!(Limit::new(Some(u16::MAX)).get(), i64::from(Limit::MAX));
        assert_eq!(Limit::new(None).probe(), i64::from(Limit::DEFAULT) + 1);
    }
}
