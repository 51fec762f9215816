//! Mail by SMTP: text and HTML, one message a notice.

use std::time::Duration;

use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message as Letter, Tokio1Executor};
use tokio::time::timeout;

use super::{Parcel, Undelivered};
use crate::way::{MailServer, Security};

/// Sends `parcel` to the mailbox `to` through `server`, within `patience` a step and some of them in all.
pub async fn send(
    server: &MailServer,
    to: &str,
    parcel: &Parcel,
    patience: Duration,
) -> Result<(), Undelivered> {
    let letter = letter(server, to, parcel)?;
    let transport = transport(server, patience)?;
    let sent = timeout(patience * 3, transport.send(letter)).await;
    let host = &server.host;
    let error = match sent {
        Ok(Ok(_)) => return Ok(()),
        Ok(Err(error)) => error,
        Err(_) => return Err(Undelivered::for_now(format!("{host}: no whole answer in time"))),
    };
    // What a server says in refusing is for people; everything else lettre says names no secret either.
    let sentence = format!("{host}: {}", chain(&error));
    if error.is_permanent() || error.is_client() {
        Err(Undelivered::for_good(sentence))
    } else {
        Err(Undelivered::for_now(sentence))
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        source = inner.source();
    }
    text
}

fn letter(server: &MailServer, to: &str, parcel: &Parcel) -> Result<Letter, Undelivered> {
    let wrong = |what: &str| Undelivered::for_good(format!("{what} is not an address of mail"));
    let from: Mailbox = server.sender.parse().map_err(|_| wrong("the sender"))?;
    let to: Mailbox = to.parse().map_err(|_| wrong("the receiver"))?;
    let message = &parcel.message;
    // The same event is the same message, however often it is sent.
    let id = format!("<{}@{}>", parcel.event_id, from.email.domain());
    let parts = MultiPart::alternative_plain_html(message.text.clone(), html(parcel));
    Letter::builder()
        .from(from)
        .to(to)
        .subject(message.title.clone())
        .message_id(Some(id))
        .date(parcel.happened_at.into())
        .multipart(parts)
        .map_err(|error| Undelivered::for_good(format!("the message cannot be written: {error}")))
}

fn html(parcel: &Parcel) -> String {
    let lines: Vec<String> = parcel.message.text.lines().map(escaped).collect();
    format!(
        "<!DOCTYPE html><html><body><h2>{}</h2><p>{}</p></body></html>",
        escaped(&parcel.message.title),
        lines.join("<br>")
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn transport(
    server: &MailServer,
    patience: Duration,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, Undelivered> {
    let host = server.host.clone();
    let tls = match server.security {
        Security::None => Tls::None,
        Security::Starttls => Tls::Required(parameters(host.clone())?),
        Security::Tls => Tls::Wrapper(parameters(host.clone())?),
    };
    let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
        .port(server.port)
        .tls(tls)
        .timeout(Some(patience));
    let builder = match (&server.username, &server.password) {
        (Some(name), Some(password)) => {
            builder.credentials(Credentials::new(name.clone(), password.clone()))
        }
        _ => builder,
    };
    Ok(builder.build())
}

fn parameters(host: String) -> Result<TlsParameters, Undelivered> {
    TlsParameters::new(host)
        .map_err(|error| Undelivered::for_good(format!("no encrypted connection: {error}")))
}
