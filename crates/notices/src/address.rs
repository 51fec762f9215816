//! What a person types to say where notices go: an address as Apprise writes them, or simply that of a webhook. Pure.

use percent_encoding::percent_decode_str;
use url::Url;

use crate::way::{Login, MailServer, Security, Way};

/// The longest address, in bytes.
const MAX_BYTES: usize = 2000;
/// ntfy's own server.
const NTFY: &str = "https://ntfy.sh";

/// What is wrong with an address, for whoever typed it.
pub type Wrong = &'static str;

const NO_ADDRESS: Wrong = "not an address; see the examples";
const NOT_KNOWN: Wrong = "begin it with https://, json://, jsons://, ntfy://, ntfys://, discord://, gotify://, gotifys://, mailto: or mailtos:";

/// The way to where `text` leads. A webhook has no secret yet.
pub fn parse(text: &str) -> Result<Way, Wrong> {
    let text = text.trim();
    if text.len() > MAX_BYTES || text.contains(char::is_control) {
        return Err("an address has at most 2000 letters, all of them visible");
    }
    let (scheme, rest) = text.split_once(':').ok_or(NOT_KNOWN)?;
    match scheme.to_ascii_lowercase().as_str() {
        "https" | "http" => Ok(hook(&web(text)?)),
        "jsons" => Ok(webhook(&web(&format!("https:{rest}"))?)),
        "json" => Ok(webhook(&web(&format!("http:{rest}"))?)),
        "ntfys" => ntfy(rest, "https"),
        "ntfy" => ntfy(rest, "http"),
        "discord" => discord(rest),
        "gotifys" => gotify(&web(&format!("https:{rest}"))?),
        "gotify" => gotify(&web(&format!("http:{rest}"))?),
        "mailto" => mail(rest, Security::None),
        "mailtos" => mail(rest, Security::Starttls),
        _ => Err(NOT_KNOWN),
    }
}

fn web(text: &str) -> Result<Url, Wrong> {
    let url = Url::parse(text).map_err(|_| NO_ADDRESS)?;
    if url.host_str().is_none_or(str::is_empty) { Err(NO_ADDRESS) } else { Ok(url) }
}

fn webhook(url: &Url) -> Way {
    Way::Webhook { url: url.to_string(), secret: String::new() }
}

/// The address of a webhook as it stands in Discord's settings is one of Discord's, wherever it leads.
fn hook(url: &Url) -> Way {
    let parts: Vec<&str> = url.path().split('/').collect();
    match parts.as_slice() {
        ["", "api", "webhooks", id, token]
            if is_digits(id) && !token.is_empty() && url.query().is_none() =>
        {
            Way::Discord { url: url.to_string() }
        }
        _ => webhook(url),
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit())
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it))
}

/// `ntfy://topic` is a topic of ntfy's own server; with a host before it, one of that.
fn ntfy(rest: &str, scheme: &str) -> Result<Way, Wrong> {
    let topic_is_wrong = "a topic has letters, digits, - and _";
    let bare = rest.trim_start_matches('/').trim_end_matches('/');
    let (server, topic, login) = if bare.contains('/') {
        let url = web(&format!("{scheme}:{rest}"))?;
        let login = login_of(&url);
        let topic = url.path().trim_matches('/').to_owned();
        (origin(&url, ""), topic, login)
    } else {
        (NTFY.to_owned(), bare.to_owned(), None)
    };
    if !is_word(&topic) {
        return Err(topic_is_wrong);
    }
    Ok(Way::Ntfy { server, topic, login })
}

/// What stands before the host: a token alone, or a name with a password.
fn login_of(url: &Url) -> Option<Login> {
    let name = decoded(url.username());
    match url.password() {
        Some(password) => Some(Login::Password { name, password: decoded(password) }),
        None if name.is_empty() => None,
        None => Some(Login::Token(name)),
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Scheme, host and port, with `path` below.
fn origin(url: &Url, path: &str) -> String {
    format!("{}{path}", url.origin().ascii_serialization())
}

fn discord(rest: &str) -> Result<Way, Wrong> {
    let parts: Vec<&str> = rest.trim_matches('/').split('/').collect();
    match parts.as_slice() {
        [id, token] if is_digits(id) && is_word(token) => {
            Ok(Way::Discord { url: format!("https://discord.com/api/webhooks/{id}/{token}") })
        }
        _ => Err("write it as discord://id/token, both from the webhook's address"),
    }
}

/// The last part of the path is the token; what stands before it is where Gotify is.
fn gotify(url: &Url) -> Result<Way, Wrong> {
    let path = url.path().trim_end_matches('/');
    let (below, token) = path.rsplit_once('/').unwrap_or_default();
    if !is_word(token) {
        return Err("write it as gotify://host/token, with the token of an application");
    }
    Ok(Way::Gotify { server: origin(url, below), token: token.to_owned() })
}

/// `mailto:ana@example.org` goes through the server's own mail server; with a password, through the one that it names.
fn mail(rest: &str, security: Security) -> Result<Way, Wrong> {
    let bare = rest.trim_start_matches('/');
    let url = Url::parse(&format!("mail://{bare}")).map_err(|_| NO_ADDRESS)?;
    let host = url.host_str().filter(|it| !it.is_empty()).ok_or(NO_ADDRESS)?;
    let user = decoded(url.username());
    let asked = |name: &str| {
        let mut pairs = url.query_pairs();
        pairs.find(|it| it.0 == name).map(|it| it.1.into_owned()).filter(|it| !it.is_empty())
    };
    let own = if user.contains('@') { user.clone() } else { format!("{user}@{host}") };
    let to = mailbox(asked("to").unwrap_or_else(|| own.clone()))?;
    let Some(password) = url.password() else {
        let names_server = asked("smtp").is_some() || asked("from").is_some();
        return if names_server || url.port().is_some() {
            Err(
                "a mail server of its own needs a name and a password: mailtos://name:password@host",
            )
        } else {
            Ok(Way::Mail { to, through: None })
        };
    };
    let security = match asked("mode").as_deref() {
        None => security,
        Some("ssl") => Security::Tls,
        Some("starttls") => Security::Starttls,
        Some("insecure") => Security::None,
        Some(_) => return Err("mode is ssl, starttls or insecure"),
    };
    let through = MailServer {
        host: asked("smtp").unwrap_or_else(|| host.to_owned()),
        port: url.port().unwrap_or(security.usual_port()),
        security,
        username: Some(asked("user").unwrap_or(user)),
        password: Some(decoded(password)),
        sender: mailbox(asked("from").unwrap_or(own))?,
    };
    Ok(Way::Mail { to, through: Some(through) })
}

/// An address of mail that a mail server would take.
pub fn mailbox(text: String) -> Result<String, Wrong> {
    match text.parse::<lettre::Address>() {
        Ok(_) => Ok(text),
        Err(_) => Err("not an address of mail"),
    }
}

#[cfg(test)]
mod tests;
