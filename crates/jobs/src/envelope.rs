//! Our work as River's arguments: the work's own JSON object, plus its key when it has one.

use std::marker::PhantomData;

use riverqueue::encoding::encode_args;
use riverqueue::{InsertOpts, JobArgs, JobState, UniqueOpts};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::Work;
use crate::apart::Apart;

/// Beside the work's own fields, so that clients in other languages read plain arguments.
const KEY_FIELD: &str = "unique_key";

/// While work is in one of these, its key is taken.
const UNFINISHED: [JobState; 5] = [
    JobState::Available,
    JobState::Pending,
    JobState::Retryable,
    JobState::Running,
    JobState::Scheduled,
];

/// The work, encoded. Typed by its kind only, so that a row can be written from a reference.
pub(crate) struct Envelope<W> {
    arguments: Value,
    kind: PhantomData<fn() -> W>,
}

impl<W: Work> Envelope<W> {
    pub fn seal(work: &W) -> serde_json::Result<Self> {
        let mut arguments = serde_json::to_value(work)?;
        if arguments.is_null() {
            arguments = Value::Object(serde_json::Map::new());
        }
        if let (Some(key), Some(fields)) = (work.unique_key(), arguments.as_object_mut()) {
            fields.insert(KEY_FIELD.to_owned(), Value::String(key));
        }
        Ok(Self { arguments, kind: PhantomData })
    }

    /// The same, set apart.
    pub fn apart(self) -> Envelope<Apart<W>> {
        Envelope { arguments: self.arguments, kind: PhantomData }
    }

    pub fn open(mut self) -> serde_json::Result<W> {
        let without_fields = self.arguments.as_object_mut().is_some_and(|fields| {
            fields.remove(KEY_FIELD);
            fields.is_empty()
        });
        match serde_json::from_value(self.arguments) {
            // A struct without fields is written as null, for which River wants an object.
            Err(_) if without_fields => serde_json::from_value(Value::Null),
            opened => opened,
        }
    }

    /// What this one piece of work asks for beyond what its kind does, where River itself writes it down.
    pub fn options(&self) -> InsertOpts {
        if self.arguments.get(KEY_FIELD).is_none() {
            return InsertOpts::default();
        }
        InsertOpts::default()
            .with_unique(UniqueOpts::new().with_by_args(true).with_by_state(UNFINISHED))
    }

    /// The arguments as River's clients write them.
    pub fn encode(&self) -> serde_json::Result<String> {
        encode_args(&self.arguments).map(|it| it.get().to_owned())
    }

    /// What is taken while the same work waits or runs: what River makes of a kind and the one argument that counts, so that
    /// its clients in all languages find the same.
    pub fn unique_key(&self, kind: &str) -> serde_json::Result<Option<Vec<u8>>> {
        let Some(key) = self.arguments.get(KEY_FIELD) else { return Ok(None) };
        let key = encode_args(key)?;
        let told = format!("&kind={kind}&args={{\"{KEY_FIELD}\":{}}}", key.get());
        Ok(Some(Sha256::digest(told.as_bytes()).to_vec()))
    }
}

impl<W: Work> JobArgs for Envelope<W> {
    const KIND: &'static str = W::KIND;

    fn default_insert_opts() -> InsertOpts {
        InsertOpts::default()
            .with_queue(W::QUEUE.name())
            .with_max_attempts(i32::from(W::MAX_ATTEMPTS))
    }

    fn unique_fields() -> &'static [&'static [&'static str]] {
        &[&[KEY_FIELD]]
    }
}

impl<W> Serialize for Envelope<W> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.arguments.serialize(serializer)
    }
}

impl<'de, W> Deserialize<'de> for Envelope<W> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { arguments: Value::deserialize(deserializer)?, kind: PhantomData })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Scan {
        library: u8,
    }

    impl Work for Scan {
        const KIND: &'static str = "test.scan";

        fn unique_key(&self) -> Option<String> {
            Some(self.library.to_string())
        }
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Sweep;

    impl Work for Sweep {
        const KIND: &'static str = "test.sweep";
    }

    #[test]
    fn work_comes_out_as_it_went_in() {
        let sealed = Envelope::seal(&Scan { library: 7 }).expect("plain JSON");
        let written = serde_json::to_string(&sealed).expect("plain JSON");
        assert_eq!(written, r#"{"library":7,"unique_key":"7"}"#);
        let read: Envelope<Scan> = serde_json::from_str(&written).expect("our own JSON");
        assert_eq!(read.open().expect("our own JSON"), Scan { library: 7 });

        let sealed = Envelope::seal(&Sweep).expect("plain JSON");
        assert_eq!(serde_json::to_string(&sealed).expect("plain JSON"), "{}");
        assert_eq!(sealed.open().expect("our own JSON"), Sweep);
    }
}
