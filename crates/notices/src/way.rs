//! How a notice gets somewhere: the channel with its whole address and secrets. Kept sealed, never shown, never logged.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What carries notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// JSON to any address, signed.
    Webhook,
    /// ntfy.
    Ntfy,
    /// A webhook of Discord's.
    Discord,
    /// Gotify.
    Gotify,
    /// E-mail.
    Mail,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Webhook, Self::Ntfy, Self::Discord, Self::Gotify, Self::Mail];

    /// Its name in the API and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Ntfy => "ntfy",
            Self::Discord => "discord",
            Self::Gotify => "gotify",
            Self::Mail => "mail",
        }
    }

    /// The channel of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// The way to one target.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "way", rename_all = "snake_case")]
pub enum Way {
    /// JSON to `url`, signed with `secret`.
    Webhook {
        /// Where to.
        url: String,
        /// `whsec_` and 32 bytes in base64; empty until one was made.
        secret: String,
    },
    /// A topic of an ntfy server.
    Ntfy {
        /// `https://ntfy.sh`.
        server: String,
        /// Who knows it hears all.
        topic: String,
        /// Where the topic is not open to all.
        login: Option<Login>,
    },
    /// A webhook of Discord's.
    Discord {
        /// Its whole address, which is its secret.
        url: String,
    },
    /// An application of a Gotify server.
    Gotify {
        /// `https://gotify.example.org`.
        server: String,
        /// The application's token.
        token: String,
    },
    /// A mailbox.
    Mail {
        /// Whose.
        to: String,
        /// Instead of the server that takes our mail otherwise.
        through: Option<MailServer>,
    },
}

/// What one proves oneself with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Login {
    /// A token.
    Token(String),
    /// A name and a password.
    Password {
        /// The name.
        name: String,
        /// The password.
        password: String,
    },
}

/// How a connection to a mail server is kept from being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// Not at all: for a server on the same machine.
    None,
    /// Encrypted after a word of the server's; nothing is sent where it does not offer that.
    Starttls,
    /// Encrypted from the beginning.
    Tls,
}

impl Security {
    /// Its name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Starttls => "starttls",
            Self::Tls => "tls",
        }
    }

    /// The security of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::None, Self::Starttls, Self::Tls].into_iter().find(|it| it.name() == name)
    }

    /// The port that goes with it.
    pub const fn usual_port(self) -> u16 {
        match self {
            Self::None => 25,
            Self::Starttls => 587,
            Self::Tls => 465,
        }
    }
}

/// A server that takes mail.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailServer {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept from being read.
    pub security: Security,
    /// Who we are to it, where it asks.
    pub username: Option<String>,
    /// What proves that.
    pub password: Option<String>,
    /// Whom our mail is from.
    pub sender: String,
}

impl Way {
    /// What carries it.
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Webhook { .. } => Channel::Webhook,
            Self::Ntfy { .. } => Channel::Ntfy,
            Self::Discord { .. } => Channel::Discord,
            Self::Gotify { .. } => Channel::Gotify,
            Self::Mail { .. } => Channel::Mail,
        }
    }

    /// What may be shown of the address: the host, or whose mailbox it is. Paths and topics may be secrets.
    pub fn shown(&self) -> String {
        match self {
            Self::Webhook { url, .. } | Self::Discord { url } => host_of(url),
            Self::Ntfy { server, .. } | Self::Gotify { server, .. } => host_of(server),
            Self::Mail { to, through: None } => to.clone(),
            Self::Mail { to, through: Some(server) } => format!("{to} ({})", server.host),
        }
    }
}

fn host_of(url: &str) -> String {
    let url = url::Url::parse(url).ok();
    let host = url.as_ref().and_then(|it| Some((it.host_str()?.to_owned(), it.port())));
    match host {
        Some((host, Some(port))) => format!("{host}:{port}"),
        Some((host, None)) => host,
        None => String::new(),
    }
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Way({}, {})", self.channel().name(), self.shown())
    }
}

impl fmt::Debug for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailServer({}:{})", self.host, self.port)
    }
}
