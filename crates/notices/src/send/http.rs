//! What each channel over HTTP is sent. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use kernel::notice::NoticeKind;
use serde_json::{Value, json};
use url::Url;

use super::sign::signature;
use super::{Parcel, Undelivered};
use crate::way::{Login, Way};

/// The version of the JSON form: raised when what is there changes its meaning, not when something is added.
const VERSION: u32 = 1;
/// Discord takes descriptions of 4096 characters at the most.
const MAX_DISCORD_CHARS: usize = 4000;

/// A request to be sent as it is.
pub struct Sent {
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// What `parcel` is by `way` at `now`. Mail is none of it.
pub fn request(way: &Way, parcel: &Parcel, now: DateTime<Utc>) -> Result<Sent, Undelivered> {
    let message = &parcel.message;
    let (address, mut headers, body) = match way {
        Way::Webhook { url, secret } => {
            let body = envelope(parcel).to_string();
            let headers = signed(secret, parcel, now, body.as_bytes())?;
            (url.clone(), headers, body)
        }
        Way::Ntfy { server, topic, login } => {
            let body = json!({ "topic": topic, "title": message.title, "message": message.text,
                "priority": if is_urgent(message.kind) { 4 } else { 3 } });
            (server.clone(), authorized(login.as_ref())?, body.to_string())
        }
        Way::Discord { url } => {
            let text: String = message.text.chars().take(MAX_DISCORD_CHARS).collect();
            // Nobody is called by what a file or a device is named.
            let body = json!({ "embeds": [{ "title": message.title, "description": text }],
                "allowed_mentions": { "parse": [] } });
            (url.clone(), HeaderMap::new(), body.to_string())
        }
        Way::Gotify { server, token } => {
            let body = json!({ "title": message.title, "message": message.text,
                "priority": if is_urgent(message.kind) { 8 } else { 5 } });
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static("x-gotify-key"), secret_value(token)?);
            (format!("{server}/message"), headers, body.to_string())
        }
        Way::Mail { .. } => return Err(Undelivered::for_good("mail does not go over HTTP")),
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let url = Url::parse(&address)
        .map_err(|_| Undelivered::for_good("its address makes no sense; enter it again"))?;
    Ok(Sent { url, headers, body: body.into_bytes() })
}

/// The documented JSON form of an event.
fn envelope(parcel: &Parcel) -> Value {
    let message = &parcel.message;
    json!({
        "version": VERSION,
        "id": parcel.event_id,
        "at": parcel.happened_at.to_rfc3339_opts(SecondsFormat::Millis, true),
        "kind": message.kind.name(),
        "title": message.title,
        "text": message.text,
        "subject": message.subject,
    })
}

fn signed(
    secret: &str,
    parcel: &Parcel,
    now: DateTime<Utc>,
    body: &[u8],
) -> Result<HeaderMap, Undelivered> {
    let (id, timestamp) = (parcel.event_id.to_string(), now.timestamp());
    let signature = signature(secret, &id, timestamp, body)
        .ok_or_else(|| Undelivered::for_good("its signing secret is damaged; make a new one"))?;
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("webhook-id", id),
        ("webhook-timestamp", timestamp.to_string()),
        ("webhook-signature", signature),
    ] {
        headers.insert(HeaderName::from_static(name), secret_value(&value)?);
    }
    Ok(headers)
}

fn authorized(login: Option<&Login>) -> Result<HeaderMap, Undelivered> {
    let value = match login {
        None => return Ok(HeaderMap::new()),
        Some(Login::Token(token)) => format!("Bearer {token}"),
        Some(Login::Password { name, password }) => {
            format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
        }
    };
    Ok(HeaderMap::from_iter([(AUTHORIZATION, secret_value(&value)?)]))
}

fn secret_value(text: &str) -> Result<HeaderValue, Undelivered> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Undelivered::for_good("its token makes no sense; enter the address again"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// What somebody should look at soon.
fn is_urgent(kind: NoticeKind) -> bool {
    matches!(
        kind,
        NoticeKind::ScanTroubled
            | NoticeKind::JobFailed
            | NoticeKind::NewDevice
            | NoticeKind::BackupFailed
            | NoticeKind::StorageLow
    )
}
