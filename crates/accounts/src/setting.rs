//! Settings that an administrator made in the interface and that are of no other room: named entries.

use kernel::Result;
use serde_json::{Map, Value};

use crate::Accounts;
use crate::store::setting;

impl Accounts {
    /// The entries of a setting; none where nobody made any.
    pub async fn find_entries(&self, setting: &str) -> Result<Map<String, Value>> {
        let mut db = self.0.pool.acquire().await?;
        Ok(match setting::find_setting(&mut db, setting).await? {
            Some(Value::Object(entries)) => entries,
            _ => Map::new(),
        })
    }

    /// Keeps an entry of a setting in place of what was there; `None` takes it away.
    pub async fn keep_entry(
        &self,
        setting: &str,
        entry: &str,
        value: Option<&Value>,
    ) -> Result<()> {
        let mut db = self.0.pool.acquire().await?;
        setting::keep_entry(&mut db, setting, entry, value, self.0.clock.now()).await
    }
}
