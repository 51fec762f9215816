//! A real provider of identity, started for a test, and a browser that goes there.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use accounts::oidc::settings::ProviderSettings;
use axum::http::HeaderMap;
use serde_json::{Value, json};
use url::Url;

use crate::app::{Answer, App, Caller};

/// This server's address, as the configuration says it.
pub const BASE: &str = "http://media.example.org";
/// What the provider's client has.
const SECRET: &str = "a secret of the tests";

/// The provider `oidc-provider`, as a process that ends with the test.
pub struct House {
    /// Its address.
    pub issuer: String,
    process: Child,
    /// It ends when this is closed.
    _input: ChildStdin,
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "a test starts a server of its own")]
impl House {
    /// Starts it.
    pub fn start() -> Self {
        let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web");
        let mut process = Command::new("node")
            .arg("e2e/support/identity-provider.js")
            .current_dir(web)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node is installed");
        let input = process.stdin.take().expect("a pipe");
        let mut issuer = String::new();
        BufReader::new(process.stdout.take().expect("a pipe"))
            .read_line(&mut issuer)
            .expect("it says where it is");
        let issuer = issuer.trim().to_owned();
        assert!(issuer.starts_with("http://"), "`make setup` installs oidc-provider: {issuer}");
        Self { issuer, process, _input: input }
    }

    /// How a server is told of it, with `more` of what can be said.
    pub fn settings(&self, more: Value) -> ProviderSettings {
        let mut value = json!({
            "id": "home", "name": "Home", "issuer": self.issuer, "client_id": "revenge", "client_secret": SECRET,
            "scopes": ["profile", "groups"],
        });
        if let (Some(all), Value::Object(more)) = (value.as_object_mut(), more) {
            all.extend(more);
        }
        serde_json::from_value(value).expect("settings")
    }

    /// A server that knows it.
    pub async fn app(&self, more: Value) -> App {
        let provider = self.settings(more);
        App::start_with(|config| {
            config.server.public_url = Some(BASE.to_owned());
            config.sign_in.oidc = vec![provider];
        })
        .await
    }
}

/// Cookies by name.
pub type Jar = BTreeMap<String, String>;

/// Keeps the cookies of an answer.
pub fn keep(jar: &mut Jar, headers: &HeaderMap) {
    for cookie in headers.get_all("set-cookie") {
        let cookie = cookie.to_str().expect("text");
        let pair = cookie.split(';').next().expect("a pair");
        let (name, value) = pair.split_once('=').expect("a pair");
        jar.insert(name.to_owned(), value.to_owned());
    }
}

fn shown(jar: &Jar) -> String {
    jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
}

/// One browser: its cookies at the provider and here.
pub struct Browser {
    http: reqwest::Client,
    at_house: Jar,
    /// Its cookies at this server.
    pub here: Jar,
}

impl Browser {
    pub fn new() -> Self {
        // The first client installs what encrypts for the whole process.
        outbound::trusted_client().expect("a client");
        let http =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        Self { http: http.build().expect("a client"), at_house: Jar::new(), here: Jar::new() }
    }

    /// As this server sees it.
    pub fn caller(&self) -> Caller {
        Caller::nobody().with("cookie", shown(&self.here)).with("x-revenge", "1")
    }

    /// Begins to sign in: where the browser is sent.
    pub async fn begin(&mut self, app: &App) -> Url {
        self.begin_at(app, "/sign-in/oidc/home").await
    }

    /// The same by another endpoint.
    pub async fn begin_at(&mut self, app: &App, path: &str) -> Url {
        let begun = app.post(&self.caller(), path, Value::Null).await;
        assert_eq!(begun.status, 200, "{}", begun.text());
        keep(&mut self.here, &begun.headers);
        begun.json()["url"].as_str().expect("an address").parse().expect("an address")
    }

    /// One request to the provider.
    pub async fn ask(&mut self, url: &Url, form: Option<&[(&str, &str)]>) -> reqwest::Response {
        let request = match form {
            Some(form) => {
                let form = url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(form)
                    .finish();
                self.http
                    .post(url.clone())
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(form)
            }
            None => self.http.get(url.clone()),
        };
        let answer =
            request.header("cookie", shown(&self.at_house)).send().await.expect("an answer");
        keep(&mut self.at_house, answer.headers());
        answer
    }

    /// Signs in at the provider, and gives the address it leads back to.
    pub async fn sign_in_at(&mut self, mut url: Url, form: &[(&str, &str)]) -> Url {
        for _ in 0..8 {
            let is_form = url.path().starts_with("/interaction/");
            let answer = self.ask(&url, is_form.then_some(form)).await;
            let next = answer.headers().get("location").map(|it| it.to_str().expect("text"));
            let next = url.join(next.expect("it leads on")).expect("an address");
            if next.as_str().starts_with(BASE) {
                return next;
            }
            url = next;
        }
        panic!("the provider leads nowhere: {url}");
    }

    /// The way there and back as `login` of `groups`: what the web app sends.
    pub async fn travel(&mut self, app: &App, login: &str, groups: &str) -> Value {
        let url = self.begin(app).await;
        returned(&self.sign_in_at(url, &[("login", login), ("groups", groups)]).await)
    }

    /// Ends a sign-in.
    pub async fn finish(&mut self, app: &App, back: &Value) -> Answer {
        let done = app.post(&self.caller(), "/sessions/oidc", back.clone()).await;
        keep(&mut self.here, &done.headers);
        done
    }

    /// All of it.
    pub async fn sign_in(&mut self, app: &App, login: &str, groups: &str) -> Answer {
        let back = self.travel(app, login, groups).await;
        self.finish(app, &back).await
    }
}

/// What the web app makes of the address that a provider leads back to.
pub fn returned(url: &Url) -> Value {
    assert_eq!(url.path(), "/sign-in/oidc/home");
    let pairs = url.query_pairs().filter(|(name, _)| name != "error_description");
    Value::Object(
        pairs.map(|(name, value)| (name.into_owned(), value.into_owned().into())).collect(),
    )
}
