//! Sends one message one way, once. Whether to try again is the caller's.

mod http;
mod mail;
pub mod sign;

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use kernel::{Clock, Result, Rng};
use outbound::{Failure, Outbound, Reason, Settings};
use url::Url;
use uuid::Uuid;

use crate::message::Message;
use crate::way::{MailServer, Way};

/// As much of an answer is read.
const MAX_ANSWER_BYTES: usize = 64 << 10;

/// What goes out.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// The event, the same however often it is sent.
    pub event_id: Uuid,
    /// When it happened.
    pub happened_at: DateTime<Utc>,
    /// What it says.
    pub message: Message,
}

/// Why nothing arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undelivered {
    /// In a sentence without secrets.
    pub sentence: String,
    /// When the other side wants to be asked again.
    pub retry_after: Option<Duration>,
    /// Whether trying again may help.
    pub is_final: bool,
    /// The other side says that it is gone for good.
    pub is_gone: bool,
}

impl Undelivered {
    /// Trying again would not help.
    pub(crate) fn for_good(sentence: impl Into<String>) -> Self {
        let sentence = sentence.into();
        Self { sentence, retry_after: None, is_final: true, is_gone: false }
    }

    /// It may be otherwise later.
    pub(crate) fn for_now(sentence: impl Into<String>) -> Self {
        Self { is_final: false, ..Self::for_good(sentence) }
    }
}

impl From<Failure> for Undelivered {
    fn from(failure: Failure) -> Self {
        let (retry_after, sentence) = (failure.retry_after(), failure.to_string());
        let is_final = match failure.reason {
            Reason::Status { status: 408 | 425 | 429, .. } => false,
            Reason::Status { status, .. } => status < 500,
            Reason::Refused(_) => true,
            _ => false,
        };
        let is_gone = matches!(failure.reason, Reason::Status { status: 410, .. });
        Self { sentence, retry_after, is_final, is_gone }
    }
}

/// Sends. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sender {
    /// To the world only.
    world: Outbound,
    settings: Settings,
    clock: Clock,
    rng: Rng,
}

impl Sender {
    /// Gives each try `patience`.
    pub fn new(patience: Duration, clock: Clock, rng: Rng) -> Result<Self> {
        let settings = Settings {
            attempt_time: patience,
            max_body_bytes: MAX_ANSWER_BYTES,
            attempts: 1,
            ..Settings::default()
        };
        let world = Outbound::new(settings.clone(), clock.clone(), rng.clone())?;
        Ok(Self { world, settings, clock, rng })
    }

    /// Sends `parcel` by `way`, which may lead into the server's own network with `is_local`. Mail without a server of its own
    /// goes through `mail`.
    pub async fn send(
        &self,
        way: &Way,
        is_local: bool,
        parcel: &Parcel,
        mail: Option<&MailServer>,
    ) -> Result<(), Undelivered> {
        if let Way::Mail { to, through } = way {
            let server = through.as_ref().or(mail);
            let server = server.ok_or_else(|| {
                Undelivered::for_now("no mail server is set up; an administrator can do that")
            })?;
            return mail::send(server, to, parcel, self.settings.attempt_time).await;
        }
        let request = http::request(way, parcel, self.clock.now())?;
        let client = if is_local { self.local(&request.url)? } else { self.world.clone() };
        let asked = outbound::Request::post(request.url, request.body).headers(request.headers);
        client.send(asked).await?;
        Ok(())
    }

    /// A client that reaches the host of `url` and, besides, the world: an administrator said so of that host.
    fn local(&self, url: &Url) -> Result<Outbound, Undelivered> {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let settings = Settings { allowed_hosts: HashSet::from([host]), ..self.settings.clone() };
        Outbound::new(settings, self.clock.clone(), self.rng.clone())
            .map_err(|error| Undelivered::for_now(error.to_string()))
    }
}

#[cfg(test)]
mod tests;
