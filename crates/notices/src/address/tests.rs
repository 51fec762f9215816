use super::*;

fn ntfy_of(server: &str, topic: &str, login: Option<Login>) -> Way {
    Way::Ntfy { server: server.to_owned(), topic: topic.to_owned(), login }
}

fn gotify_of(server: &str, token: &str) -> Way {
    Way::Gotify { server: server.to_owned(), token: token.to_owned() }
}

fn discord_of(url: &str) -> Way {
    Way::Discord { url: url.to_owned() }
}

fn webhook_of(url: &str) -> Way {
    Way::Webhook { url: url.to_owned(), secret: String::new() }
}

fn mail_to(to: &str) -> Way {
    Way::Mail { to: to.to_owned(), through: None }
}

/// Compared as they are written: what is printed of a way has no secrets, and so hides differences.
fn written(way: &Way) -> String {
    serde_json::to_string(way).expect("JSON")
}

#[test]
fn an_address_says_where_notices_go() {
    let password = || Login::Password { name: "ana".to_owned(), password: "p@ss".to_owned() };
    for (text, way) in [
        ("https://example.org/in?key=1", webhook_of("https://example.org/in?key=1")),
        ("json://10.0.0.2:8080/in", webhook_of("http://10.0.0.2:8080/in")),
        ("JSONS://ana:pw@example.org", webhook_of("https://ana:pw@example.org/")),
        ("ntfy://films", ntfy_of("https://ntfy.sh", "films", None)),
        ("ntfys://films/", ntfy_of("https://ntfy.sh", "films", None)),
        ("ntfy://10.0.0.2:90/films", ntfy_of("http://10.0.0.2:90", "films", None)),
        (
            "ntfys://ana:p%40ss@push.example.org/films",
            ntfy_of("https://push.example.org", "films", Some(password())),
        ),
        (
            "ntfys://tk_abc@push.example.org/films",
            ntfy_of("https://push.example.org", "films", Some(Login::Token("tk_abc".to_owned()))),
        ),
        ("discord://123/aB-c_9", discord_of("https://discord.com/api/webhooks/123/aB-c_9")),
        (
            "https://discord.com/api/webhooks/123/abc",
            discord_of("https://discord.com/api/webhooks/123/abc"),
        ),
        ("gotify://10.0.0.2:81/AbC", gotify_of("http://10.0.0.2:81", "AbC")),
        ("gotifys://example.org/push/AbC", gotify_of("https://example.org/push", "AbC")),
        ("mailto:ana@example.org", mail_to("ana@example.org")),
        ("mailto://ana@example.org", mail_to("ana@example.org")),
    ] {
        let found = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(written(&found), written(&way), "{text}");
    }
}

#[test]
fn an_address_of_mail_may_name_its_own_server() {
    for (text, to, host, port, security, sender) in [
        (
            "mailtos://ana:pw@example.org",
            "ana@example.org",
            "example.org",
            587,
            Security::Starttls,
            "ana@example.org",
        ),
        (
            "mailtos://ana:pw@example.org?smtp=smtp.example.org&mode=ssl&to=bob@example.net",
            "bob@example.net",
            "smtp.example.org",
            465,
            Security::Tls,
            "ana@example.org",
        ),
        (
            "mailto://ana:pw@example.org:2525?from=tv@example.org",
            "ana@example.org",
            "example.org",
            2525,
            Security::None,
            "tv@example.org",
        ),
    ] {
        let through = MailServer {
            host: host.to_owned(),
            port,
            security,
            username: Some("ana".to_owned()),
            password: Some("pw".to_owned()),
            sender: sender.to_owned(),
        };
        let way = Way::Mail { to: to.to_owned(), through: Some(through) };
        let found = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(written(&found), written(&way), "{text}");
    }
}

#[test]
fn what_is_no_address_is_refused_with_a_sentence() {
    let long = format!("https://example.org/{}", "x".repeat(MAX_BYTES));
    for text in [
        "",
        "films",
        "ftp://example.org",
        "file:///etc/passwd",
        "https://",
        "json://",
        "ntfy://",
        "ntfy://host/a/b",
        "ntfy://so many words",
        "discord://123",
        "discord://abc/def",
        "gotify://host",
        "gotify://host/",
        "mailto:",
        "mailto:ana",
        "mailto://ana@example.org?smtp=10.0.0.1",
        "mailtos://ana:pw@example.org?mode=hope",
        "mailtos://ana:pw@example.org?to=nobody",
        "https://example.org/\r\nX: y",
        &long,
    ] {
        let refused = parse(text).expect_err(text);
        assert!(!refused.is_empty());
    }
}

#[test]
fn what_is_shown_of_an_address_holds_no_secret() {
    for (text, shown) in [
        ("https://ana:secret@example.org/in/secret?key=secret", "example.org"),
        ("ntfys://secret@push.example.org:444/secret", "push.example.org:444"),
        ("discord://123/secret", "discord.com"),
        ("gotify://10.0.0.2/secret", "10.0.0.2"),
        ("mailtos://ana:secret@example.org", "ana@example.org (example.org)"),
    ] {
        let way = parse(text).expect(text);
        assert_eq!(way.shown(), shown);
        assert!(!format!("{way:?}").contains("secret"), "{way:?}");
    }
}
