//! Cursors as they come back from clients, who may have written them themselves.

use kernel::{Cursor, Error, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The place that `cursor` stands for. PostgreSQL has no text with a NUL in it, so no place of ours has.
pub fn decode<K: DeserializeOwned>(cursor: &str) -> Result<K> {
    let place: Value = Cursor::decode(cursor)?;
    let wrong = || Error::invalid("cursor", "not a cursor of this list; start again without one");
    if has_nul(&place) {
        return Err(wrong());
    }
    serde_json::from_value(place).map_err(|_| wrong())
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_nul),
        Value::Object(fields) => fields.values().any(has_nul),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_up_cursor_is_refused() {
        let place = ("film".to_owned(), 5_i64, 8.1_f32);
        assert_eq!(decode::<(String, i64, f32)>(&Cursor::encode(&place)).expect("our own"), place);
        assert!(decode::<(String, i64)>(&Cursor::encode(&("a\0b", 5))).is_err());
        assert!(decode::<(String, i64)>(&Cursor::encode(&["a"])).is_err());
    }
}
