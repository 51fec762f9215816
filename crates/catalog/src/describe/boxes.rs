//! Which databases of scenes are asked: entered by the owner, each with the key of an account there, which is never shown.

use kernel::{Error, Permission, Result, Viewer};
use metadata::boxes::BOXES;
use metadata::settings::{BoxSettings, is_at_home};
use metadata::{Address, ProviderError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::run::refusal;
use super::settings::checked_key;
use super::stored;
use crate::Catalog;

/// A database of scenes that is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BoxView {
    /// What it is called in all that is kept of it: `box1`.
    pub name: String,
    /// Where it is.
    pub url: String,
}

/// A database of scenes as it is entered.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BoxEntry {
    /// Where it is: `https://stashdb.org/graphql`.
    pub url: String,
    /// The key of an account there; left out, the one that is known for this address.
    #[serde(default)]
    pub key: Option<String>,
}

impl Catalog {
    /// The databases of scenes that are asked.
    pub async fn list_boxes(&self, viewer: &Viewer) -> Result<Vec<BoxView>> {
        viewer.require(Permission::ManageProviders)?;
        let mut db = self.connection().await?;
        self.sources.refresh(&mut db).await?;
        Ok(self.sources.settings().boxes.iter().map(view).collect())
    }

    /// Says which databases of scenes are asked: all of them. A new one is tried first.
    pub async fn set_boxes(&self, viewer: &Viewer, entries: &[BoxEntry]) -> Result<Vec<BoxView>> {
        viewer.require(Permission::ManageProviders)?;
        let mut db = self.connection().await?;
        self.sources.refresh(&mut db).await?;
        let mut stored = stored::find(&mut db).await?.map(|it| it.0).unwrap_or_default();
        // Nothing is held while others are waited for.
        drop(db);
        let known = std::mem::take(&mut stored.boxes);
        stored.boxes = named(entries, &known)?;
        let settings = stored.over(self.sources.configured());
        for (place, it) in stored.boxes.iter().enumerate().filter(|it| !known.contains(it.1)) {
            match self.sources.providers().try_out(&settings, &it.name).await {
                Ok(()) => {}
                Err(ProviderError::KeyRefused) => {
                    return Err(Error::invalid(field(place, "key"), "it does not accept it"));
                }
                Err(error) => return Err(refusal("it", &error)),
            }
        }
        self.save_metadata_settings(&stored).await?;
        Ok(stored.boxes.iter().map(view).collect())
    }
}

fn view(it: &BoxSettings) -> BoxView {
    BoxView { name: it.name.clone(), url: it.url.clone() }
}

fn field(place: usize, part: &str) -> String {
    format!("boxes[{place}].{part}")
}

/// What was entered, with names: a box that is known keeps its own, since what it said is kept under it.
fn named(entries: &[BoxEntry], known: &[BoxSettings]) -> Result<Vec<BoxSettings>> {
    if entries.len() > BOXES.len() {
        return Err(Error::invalid("boxes", format!("at most {}", BOXES.len())));
    }
    let mut boxes: Vec<BoxSettings> = Vec::new();
    for (place, entry) in entries.iter().enumerate() {
        let url = entry.url.trim();
        let address =
            Address::parse(url).filter(|it| it.url().scheme() == "https" || is_at_home(url));
        if address.is_none() {
            let message = "an address like https://stashdb.org/graphql";
            return Err(Error::invalid(field(place, "url"), message));
        }
        if boxes.iter().any(|it| it.url == url) {
            return Err(Error::invalid(field(place, "url"), "it is there twice"));
        }
        let before = known.iter().find(|it| it.url == url);
        let key = match &entry.key {
            Some(key) => checked_key(&field(place, "key"), key)?,
            None => before.map(|it| it.key.clone()).ok_or_else(|| {
                Error::invalid(field(place, "key"), "no key is known for this address")
            })?,
        };
        if key.reveal().is_empty() {
            return Err(Error::invalid(field(place, "key"), "it is asked with a key only"));
        }
        let name = before.map(|it| it.name.clone()).unwrap_or_default();
        boxes.push(BoxSettings { name, url: url.to_owned(), key });
    }
    for place in 0..boxes.len() {
        if boxes[place].name.is_empty() {
            // One that was taken away lately is asked about by its name still: a name of nobody comes first.
            let is_free = |it: &&&str| boxes.iter().all(|other| other.name != ***it);
            let is_new = |it: &&&str| known.iter().all(|other| other.name != ***it);
            let free = BOXES.iter().filter(is_free);
            let name = free.clone().find(is_new).or_else(|| free.clone().next());
            boxes[place].name = name.map(|it| (*it).to_owned()).unwrap_or_default();
        }
    }
    Ok(boxes)
}

#[cfg(test)]
mod tests {
    use metadata::settings::Secret;

    use super::*;

    fn entry(url: &str, key: Option<&str>) -> BoxEntry {
        BoxEntry { url: url.to_owned(), key: key.map(str::to_owned) }
    }

    fn known(name: &str, url: &str) -> BoxSettings {
        BoxSettings { name: name.to_owned(), url: url.to_owned(), key: Secret::new("old") }
    }

    #[test]
    fn a_box_keeps_its_name_and_its_key_and_a_new_one_takes_a_name_of_nobody() {
        let before = [
            known("box1", "https://a.example/graphql"),
            known("box2", "https://b.example/graphql"),
        ];
        let after = named(
            &[
                entry("https://c.example/graphql", Some("new")),
                entry(" https://b.example/graphql ", None),
            ],
            &before,
        )
        .expect("right");
        let view: Vec<_> =
            after.iter().map(|it| (it.name.as_str(), it.url.as_str(), it.key.reveal())).collect();
        assert_eq!(
            view,
            [
                ("box3", "https://c.example/graphql", "new"),
                ("box2", "https://b.example/graphql", "old")
            ]
        );
    }

    #[test]
    fn what_nobody_can_mean_is_refused() {
        let at_home = named(&[entry("http://192.168.1.9:9998/graphql", Some("k"))], &[]);
        assert_eq!(at_home.expect("right")[0].name, "box1");
        for wrong in [
            vec![entry("http://a.example/graphql", Some("k"))],
            vec![entry("nonsense", Some("k"))],
            vec![entry("https://a.example/graphql", None)],
            vec![entry("https://a.example/graphql", Some(" "))],
            vec![entry("https://a.example/graphql", Some("a\nb"))],
            vec![entry("https://a.example/graphql", Some("k")); 2],
            (0..7).map(|it| entry(&format!("https://a{it}.example/"), Some("k"))).collect(),
        ] {
            assert!(named(&wrong, &[]).is_err(), "{wrong:?}");
        }
    }
}
