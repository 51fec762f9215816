//! Against servers of this machine that keep what they are sent.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kernel::{Clock, Rng};
use serde_json::json;
use testkit::mailbox::MailboxServer;
use testkit::mouthpiece::{Answer, Mouthpiece};
use uuid::Uuid;

use super::{Parcel, Sender, Undelivered};
use crate::address;
use crate::message::{Library, Said, Thing};
use crate::way::{MailServer, Security, Way};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn clock() -> Clock {
    Clock::manual("2026-01-02T03:04:05Z".parse().expect("a time"))
}

fn sender() -> Sender {
    Sender::new(Duration::from_millis(400), clock(), Rng::seeded(1)).expect("a sender")
}

fn parcel() -> Parcel {
    let thing = Thing {
        id: "7".to_owned(),
        kind: "movie".to_owned(),
        title: "Ärger & <Ruhm> @everyone".to_owned(),
        year: Some(2001),
        series: None,
        numbers: None,
    };
    let library = Library { id: "1".to_owned(), name: "Filme".to_owned() };
    let said = Said::Added { library, things: vec![thing], count: Some(1) };
    Parcel {
        event_id: Uuid::from_u128(9),
        happened_at: "2026-01-02T03:00:00Z".parse().expect("a time"),
        message: said.message("de"),
    }
}

/// The way of an address on this machine.
fn way(text: &str) -> Way {
    match address::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")) {
        Way::Webhook { url, .. } => Way::Webhook { url, secret: SECRET.to_owned() },
        other => other,
    }
}

async fn send(text: &str) -> Result<(), Undelivered> {
    sender().send(&way(text), true, &parcel(), None).await
}

#[tokio::test]
async fn a_webhook_gets_the_documented_form_signed() {
    let server = Mouthpiece::start().await;
    send(&format!("json://127.0.0.1:{}/in?key=1", server.port)).await.expect("sent");
    let [heard] = server.heard().try_into().expect("one call");
    assert_eq!((heard.method.as_str(), heard.path.as_str()), ("POST", "/in?key=1"));
    assert_eq!(
        heard.json(),
        json!({
            "version": 1,
            "id": Uuid::from_u128(9),
            "at": "2026-01-02T03:00:00.000Z",
            "kind": "items.added",
            "title": "Neu in Filme",
            "text": "Ärger & <Ruhm> @everyone (2001)",
            "subject": {
                "library": { "id": "1", "name": "Filme" },
                "count": 1,
                "items": [{ "id": "7", "kind": "movie", "title": "Ärger & <Ruhm> @everyone", "year": 2001,
                    "series": null, "season": null, "number": null }],
            },
        })
    );
    assert_eq!(heard.header("webhook-id"), Uuid::from_u128(9).to_string());
    assert_eq!(heard.header("webhook-timestamp"), "1767323045");
    assert_eq!(heard.header("content-type"), "application/json");
    // Another implementation of HMAC than the one that signed.
    let key = STANDARD.decode(&SECRET["whsec_".len()..]).expect("base64");
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key);
    let mut signed = format!("{}.1767323045.", Uuid::from_u128(9)).into_bytes();
    signed.extend_from_slice(&heard.body);
    let signature = heard.header("webhook-signature").strip_prefix("v1,").expect("version 1");
    let signature = STANDARD.decode(signature).expect("base64");
    ring::hmac::verify(&key, &signed, &signature).expect("the signature is right");
}

#[tokio::test]
async fn every_service_gets_what_it_understands() {
    let server = Mouthpiece::start().await;
    let at = format!("127.0.0.1:{}", server.port);
    for address in [
        format!("ntfy://tk_secret@{at}/films"),
        format!("ntfy://ana:secret@{at}/films"),
        format!("http://{at}/api/webhooks/123/token"),
        format!("gotify://{at}/below/Token"),
    ] {
        send(&address).await.unwrap_or_else(|error| panic!("{address}: {error:?}"));
    }
    let [by_token, by_password, discord, gotify] = server.heard().try_into().expect("four calls");
    let text = "Ärger & <Ruhm> @everyone (2001)";
    let message =
        json!({ "topic": "films", "title": "Neu in Filme", "message": text, "priority": 3 });
    assert_eq!((by_token.path.as_str(), by_token.json()), ("/", message));
    assert_eq!(by_token.header("authorization"), "Bearer tk_secret");
    assert_eq!(
        by_password.header("authorization"),
        format!("Basic {}", STANDARD.encode("ana:secret"))
    );
    assert_eq!(discord.path, "/api/webhooks/123/token");
    let embed = json!({ "title": "Neu in Filme", "description": text });
    assert_eq!(
        discord.json(),
        json!({ "embeds": [embed], "allowed_mentions": { "parse": [] } }),
        "a film's name calls nobody"
    );
    assert_eq!((gotify.path.as_str(), gotify.header("x-gotify-key")), ("/below/message", "Token"));
    assert_eq!(gotify.json(), json!({ "title": "Neu in Filme", "message": text, "priority": 5 }));
}

#[tokio::test]
async fn what_a_server_answers_decides_whether_to_try_again() {
    let server = Mouthpiece::start().await;
    let inside = format!("http://127.0.0.1:{}/secret", server.port);
    for (answer, is_ok, is_final, retry_after) in [
        (Answer::Well, true, false, None),
        (Answer::Status(204), true, false, None),
        (Answer::Garbage, true, false, None),
        (Answer::Later(120), false, false, Some(120)),
        (Answer::Status(500), false, false, None),
        (Answer::Status(503), false, false, None),
        (Answer::Never, false, false, None),
        (Answer::Status(401), false, true, None),
        (Answer::Status(404), false, true, None),
        (Answer::Status(410), false, true, None),
        (Answer::Elsewhere(inside), false, true, None),
    ] {
        server.will_answer([answer.clone()]);
        let n_before = server.heard().len();
        let sent = send(&format!("json://127.0.0.1:{}/in?key=secret", server.port)).await;
        assert_eq!(sent.is_ok(), is_ok, "{answer:?}: {sent:?}");
        assert_eq!(server.heard().len(), n_before + 1, "{answer:?}: asked once, nothing followed");
        let Err(undelivered) = sent else { continue };
        assert_eq!(undelivered.is_final, is_final, "{answer:?}: {undelivered:?}");
        assert_eq!(undelivered.is_gone, answer == Answer::Status(410), "{answer:?}");
        assert_eq!(undelivered.retry_after, retry_after.map(Duration::from_secs), "{answer:?}");
        assert!(!undelivered.sentence.contains("secret"), "{undelivered:?}");
    }
}

#[tokio::test]
async fn nothing_goes_into_the_own_network_unless_an_administrator_said_so() {
    let server = Mouthpiece::start().await;
    for address in [
        format!("json://127.0.0.1:{}/", server.port),
        format!("json://localhost:{}/", server.port),
        format!("json://[::1]:{}/", server.port),
        format!("gotify://2130706433:{}/Token", server.port),
        format!("ntfy://10.0.0.1:{}/films", server.port),
    ] {
        let sent = sender().send(&way(&address), false, &parcel(), None).await;
        let undelivered = sent.expect_err(&address);
        assert!(undelivered.sentence.contains("not a public one"), "{address}: {undelivered:?}");
    }
    assert!(server.heard().is_empty());
}

fn mail_server(port: u16, security: Security, password: Option<&str>) -> MailServer {
    MailServer {
        host: "127.0.0.1".to_owned(),
        port,
        security,
        username: password.map(|_| "revenge".to_owned()),
        password: password.map(str::to_owned),
        sender: "revenge@example.org".to_owned(),
    }
}

#[tokio::test]
async fn mail_has_text_and_html_and_an_id_that_stays() {
    let server = MailboxServer::start(None).await;
    let through = mail_server(server.port, Security::None, None);
    let to = way("mailto:ana@example.net");
    for _ in 0..2 {
        sender().send(&to, false, &parcel(), Some(&through)).await.expect("sent");
    }
    let letters = server.letters();
    assert_eq!(letters.len(), 2);
    let letter = &letters[0];
    assert_eq!(
        (letter.from.as_str(), &letter.to),
        ("revenge@example.org", &vec!["ana@example.net".to_owned()])
    );
    let id = format!("Message-ID: <{}@example.org>", Uuid::from_u128(9));
    assert!(letters.iter().all(|it| it.text.contains(&id)), "{}", letter.text);
    assert!(letter.text.contains("Subject: Neu in Filme"), "{}", letter.text);
    assert!(letter.text.contains("text/plain") && letter.text.contains("text/html"));
    let unfolded = letter.text.replace("=\n", "");
    assert!(unfolded.contains("=C3=84rger &amp; &lt;Ruhm&gt;"), "{}", letter.text);
}

#[tokio::test]
async fn a_mail_server_may_ask_who_we_are_and_refuse() {
    let server = MailboxServer::start(Some("revenge:right")).await;
    let send = |to: &'static str, password: Option<&'static str>| {
        let through = mail_server(server.port, Security::None, password);
        async move { sender().send(&way(to), false, &parcel(), Some(&through)).await }
    };
    send("mailto:ana@example.net", Some("right")).await.expect("sent");
    for (to, password) in [
        ("mailto:ana@example.net", Some("wrong")),
        ("mailto:ana@example.net", None),
        ("mailto:nobody@example.net", Some("right")),
    ] {
        let undelivered = send(to, password).await.expect_err(to);
        assert!(undelivered.is_final, "{undelivered:?}");
        assert!(undelivered.sentence.starts_with("127.0.0.1: "), "{undelivered:?}");
        assert!(!undelivered.sentence.contains("wrong:"), "{undelivered:?}");
    }
    assert_eq!(server.letters().len(), 1);
    assert_eq!(server.logins(), ["revenge:right", "revenge:wrong", "revenge:right"]);
}

#[tokio::test]
async fn without_the_encryption_that_was_asked_for_nothing_is_said() {
    let server = MailboxServer::start(Some("revenge:right")).await;
    for security in [Security::Starttls, Security::Tls] {
        let through = mail_server(server.port, security, Some("right"));
        let to = way("mailto:ana@example.net");
        let sent = sender().send(&to, false, &parcel(), Some(&through)).await;
        assert!(sent.is_err(), "{security:?}");
    }
    assert_eq!(server.n_connections(), 2);
    assert!(server.letters().is_empty() && server.logins().is_empty());
    let nobody = sender().send(&way("mailto:ana@example.net"), false, &parcel(), None).await;
    assert!(nobody.expect_err("no server").sentence.contains("no mail server is set up"));
}
