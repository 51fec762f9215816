//! The configuration: `revenge.yaml`, then `REVENGE_SECTION__KEY` variables, then flags.
//!
//! `${NAME}` and `${NAME:default}` work anywhere in a value. A missing section means the embedded part. Unknown keys, wrong
//! types and missing variables are errors that name file, line and key.

mod adult;
mod backup;
mod environment;
mod expand;
mod node;
mod nodes;
mod playback;
mod read;
mod replica;
mod requests;
mod telemetry;
mod tree;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use adult::AdultSection;
pub use backup::BackupSection;
pub use nodes::{NodeSection, TranscoderSection};
pub use playback::PlaybackSection;
pub use read::{ConfigError, Sources, read};
pub use replica::ReplicaSection;
pub use requests::RequestsSection;
pub use telemetry::{OtlpSection, TelemetrySection};

/// Everything that can be configured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the server keeps what is its own: the private PostgreSQL, artwork, the search index, caches. Where it is not
    /// named, [`Config::data_dir`] says.
    pub data_dir: Option<PathBuf>,
    /// How the server is reached.
    pub server: ServerSection,
    /// An external PostgreSQL; without one a private one is started.
    pub database: DatabaseSection,
    /// An external Dragonfly (or another server of the Redis protocol); without one the cache is in process.
    pub cache: CacheSection,
    /// An external Typesense; without one the search engine is in process.
    pub search: SearchSection,
    /// People and their passwords.
    pub accounts: AccountsSection,
    /// How people sign in.
    pub sign_in: accounts::oidc::settings::Settings,
    /// Background work.
    pub jobs: JobsSection,
    /// Backups.
    pub backup: BackupSection,
    /// Media tools and folders.
    pub media: MediaSection,
    /// How much may be played.
    pub playback: PlaybackSection,
    /// Making films anew for players that cannot take them as they are.
    pub transcode: TranscodeSection,
    /// What `revenge transcoder` does: making films anew for a server on another machine.
    pub transcoder: TranscoderSection,
    /// What is found out about films at leisure.
    pub analysis: AnalysisSection,
    /// Who is asked about films and series; by default nobody.
    pub metadata: metadata::Settings,
    /// The adult area.
    pub adult: AdultSection,
    /// What the server writes about itself.
    pub log: LogSection,
    /// What it tells a collector about its work; by default nothing.
    pub telemetry: TelemetrySection,
}

/// How the server is reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerSection {
    /// The address to listen on.
    pub host: IpAddr,
    /// The port to listen on.
    pub port: u16,
    /// As people reach it from outside: `https://media.example.org`. HTTPS here makes cookies HTTPS-only.
    pub public_url: Option<String>,
    /// Addresses of reverse proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Where the clock hangs by which people have their hours: `Europe/Berlin`. The machine's own where it is not said.
    pub time_zone: Option<String>,
    /// How many requests somebody may make.
    pub requests: RequestsSection,
}

impl Default for ServerSection {
    fn default() -> Self {
        Self {
            host: IpAddr::from([0, 0, 0, 0]),
            port: 8096,
            public_url: None,
            trusted_proxies: Vec::new(),
            time_zone: None,
            requests: RequestsSection::default(),
        }
    }
}

/// Where PostgreSQL is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseSection {
    /// All of it in one: `postgres://user:password@host:5432/name`. Wins over the single fields.
    pub url: Option<String>,
    /// Host name, address or the folder of a unix socket. Naming one means: an external server.
    pub host: Option<String>,
    /// Its port.
    pub port: u16,
    /// The database.
    pub name: String,
    /// The role.
    pub user: String,
    /// The role's password.
    pub password: Option<String>,
    /// Folder with `postgres` and `initdb`, version 18 or newer, for the private server.
    pub binaries: Option<PathBuf>,
    /// The same of the version before, for the start that brings the private server to a newer one.
    pub previous_binaries: Option<PathBuf>,
    /// Connections at the most.
    pub max_connections: u32,
    /// Copies of the external server that follow it by streaming: pages and lists are read from them.
    #[serde(deserialize_with = "replica::checked")]
    pub replicas: Vec<ReplicaSection>,
}

impl Default for DatabaseSection {
    fn default() -> Self {
        Self {
            url: None,
            host: None,
            port: 5432,
            name: "revenge".to_owned(),
            user: "revenge".to_owned(),
            password: None,
            binaries: None,
            previous_binaries: None,
            max_connections: 20,
            replicas: Vec::new(),
        }
    }
}

impl DatabaseSection {
    /// Whether the server is one that we run.
    pub fn is_private(&self) -> bool {
        self.url.is_none() && self.host.is_none()
    }
}

/// Where Dragonfly is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CacheSection {
    /// Naming one means: an external server.
    pub host: Option<String>,
    /// Its port.
    pub port: u16,
    /// Its password.
    pub password: Option<String>,
}

impl Default for CacheSection {
    fn default() -> Self {
        Self { host: None, port: 6379, password: None }
    }
}

/// Where Typesense is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SearchSection {
    /// Naming one means: an external server.
    pub host: Option<String>,
    /// Its port.
    pub port: u16,
    /// `http` or `https`.
    pub protocol: Protocol,
    /// Its key with rights on collections, documents and aliases.
    pub api_key: Option<String>,
    /// A text model by which titles are compared besides: a folder with `model.onnx` and `tokenizer.json`, or the path of the
    /// former.
    pub model: Option<PathBuf>,
}

impl Default for SearchSection {
    fn default() -> Self {
        Self { host: None, port: 8108, protocol: Protocol::Http, api_key: None, model: None }
    }
}

/// How a server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// In the clear.
    Http,
    /// Encrypted.
    Https,
}

/// People and their passwords.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountsSection {
    /// KiB of memory that it takes to try a password; two are tried at once.
    pub password_memory_kib: u32,
    /// Times that memory is gone over.
    pub password_passes: u32,
}

impl Default for AccountsSection {
    fn default() -> Self {
        Self { password_memory_kib: 19_456, password_passes: 2 }
    }
}

/// Background work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JobsSection {
    /// Jobs at once on this node, over all queues.
    pub workers: u16,
    /// Jobs at once, by queue: `high` is what a person waits for, `default` is scans, `low` is pictures and clean-up.
    pub queues: QueuesSection,
}

impl Default for JobsSection {
    fn default() -> Self {
        Self { workers: 10, queues: QueuesSection::default() }
    }
}

/// Jobs at once, by queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QueuesSection {
    /// Ordinary work.
    pub default: u16,
    /// What a person waits for.
    pub high: u16,
    /// What nobody waits for.
    pub low: u16,
}

impl Default for QueuesSection {
    fn default() -> Self {
        Self { default: 5, high: 10, low: 2 }
    }
}

/// Media tools and folders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MediaSection {
    /// The `ffmpeg` program; found on the PATH where not named.
    pub ffmpeg: Option<PathBuf>,
    /// The `ffprobe` program; found on the PATH where not named.
    pub ffprobe: Option<PathBuf>,
    /// Folders the first-run wizard offers.
    pub folders: Vec<PathBuf>,
    /// Minutes between two looks into a watched folder of which the system does not tell: a network share.
    pub poll_minutes: u16,
}

impl Default for MediaSection {
    fn default() -> Self {
        Self { ffmpeg: None, ffprobe: None, folders: Vec::new(), poll_minutes: 15 }
    }
}

/// Making films anew for players that cannot take them as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TranscodeSection {
    /// Whether it is done at all; it needs FFmpeg.
    pub enabled: bool,
    /// What of the machine codes pictures beside its processors.
    pub hardware: HardwareSetting,
    /// Films whose pictures are made at once; 0 is one for every two cores, and at least two. Sound alone costs little: four times as many.
    pub max_films: u16,
    /// Seconds after which an FFmpeg that takes nothing, gives nothing and uses no time of the processor is ended; 0 leaves it its two minutes.
    pub patience_seconds: u16,
    /// Megabytes of made segments kept in memory.
    pub cache_mb: u32,
    /// Megabytes of made segments kept below the data folder; 0 keeps none there.
    pub disk_cache_mb: u32,
    /// Megabytes that stay free on the data folder's disk: below that none are kept, and those that were are deleted.
    pub min_free_mb: u32,
    /// Other machines that make films anew for this server.
    pub nodes: Vec<NodeSection>,
}

impl Default for TranscodeSection {
    fn default() -> Self {
        Self {
            enabled: true,
            hardware: HardwareSetting::Auto,
            max_films: 0,
            patience_seconds: 10,
            cache_mb: 256,
            disk_cache_mb: 8192,
            min_free_mb: 4096,
            nodes: Vec::new(),
        }
    }
}

/// What of the machine codes pictures beside its processors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HardwareSetting {
    /// The first that works.
    Auto,
    /// Nothing.
    Off,
    /// What Linux has for Intel's and AMD's.
    Vaapi,
    /// Intel's own.
    Qsv,
    /// NVIDIA's own.
    Nvenc,
    /// What Linux has for small boards.
    V4l2,
    /// AMD's own.
    Amf,
}

/// What is found out about films at leisure: pictures along them, intros and credits, how loud they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnalysisSection {
    /// Whether it is done at all; it needs FFmpeg. What exactly, every library says for itself.
    pub enabled: bool,
    /// Megabytes of pictures along films, below the data folder.
    pub max_mb: u32,
    /// Megabytes that stay free on the data folder's disk: below that no more pictures are made.
    pub min_free_mb: u32,
}

impl Default for AnalysisSection {
    fn default() -> Self {
        Self { enabled: true, max_mb: 32_768, min_free_mb: 4096 }
    }
}

/// What the server writes about itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSection {
    /// `error`, `warn`, `info`, `debug`, `trace`, or by part: `info,catalog=debug`.
    pub level: String,
    /// For people or for machines.
    pub format: LogFormat,
}

impl Default for LogSection {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Human }
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One readable line each.
    Human,
    /// One JSON object each.
    Json,
}

/// Keys whose values are never shown.
const SECRET_KEYS: [&str; 6] = ["password", "api_key", "key", "pin", "secret", "client_secret"];

impl Config {
    /// The data folder: the configured one, else the person's own (`$XDG_DATA_HOME/revenge`, `~/.local/share/revenge`),
    /// else `/var/lib/revenge`.
    pub fn data_dir(&self, environment: &[(String, String)]) -> PathBuf {
        let variable = |name: &str| {
            environment
                .iter()
                .find(|(key, value)| key == name && !value.is_empty())
                .map(|(_, value)| PathBuf::from(value))
        };
        let own =
            || variable("XDG_DATA_HOME").or_else(|| Some(variable("HOME")?.join(".local/share")));
        let named = self.data_dir.clone();
        named
            .or_else(|| Some(own()?.join("revenge")))
            .unwrap_or_else(|| PathBuf::from("/var/lib/revenge"))
    }

    /// The effective values as YAML, secrets hidden.
    pub fn to_yaml(&self) -> anyhow::Result<String> {
        let mut value = serde_json::to_value(self)?;
        hide_secrets(&mut value);
        let mut yaml = String::new();
        write_yaml(&mut yaml, &value, 0);
        Ok(yaml)
    }

    /// Every key there is with its default, as `section.key` and the value's JSON.
    pub fn defaults() -> BTreeMap<String, serde_json::Value> {
        let mut keys = BTreeMap::new();
        if let Ok(value) = serde_json::to_value(Self::default()) {
            collect_keys(&mut keys, String::new(), value);
        }
        keys
    }
}

fn collect_keys(
    keys: &mut BTreeMap<String, serde_json::Value>,
    path: String,
    value: serde_json::Value,
) {
    match value {
        serde_json::Value::Object(fields) => {
            for (key, value) in fields {
                let path = if path.is_empty() { key } else { format!("{path}.{key}") };
                collect_keys(keys, path, value);
            }
        }
        value => {
            keys.insert(path, value);
        }
    }
}

fn hide_secrets(value: &mut serde_json::Value) {
    if let serde_json::Value::Array(entries) = value {
        entries.iter_mut().for_each(hide_secrets);
    }
    let serde_json::Value::Object(fields) = value else { return };
    for (key, value) in fields {
        match value {
            serde_json::Value::String(secret) if SECRET_KEYS.contains(&key.as_str()) => {
                "(hidden)".clone_into(secret);
            }
            serde_json::Value::Object(headers) if key == "headers" => {
                headers.values_mut().for_each(|it| *it = "(hidden)".into());
            }
            serde_json::Value::String(url)
                if ["url", "proxy", "endpoint"].contains(&key.as_str()) =>
            {
                *url = without_password(url);
            }
            value => hide_secrets(value),
        }
    }
}

/// `postgres://user:secret@host/name` with the secret hidden.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "(hidden)".to_owned() };
    let Some((user, host)) = rest.rsplit_once('@') else { return url.to_owned() };
    match user.split_once(':') {
        Some((user, _)) => format!("{scheme}://{user}:(hidden)@{host}"),
        None => url.to_owned(),
    }
}

/// JSON's scalars and sequences are YAML; only the mappings are laid out in lines.
fn write_yaml(yaml: &mut String, value: &serde_json::Value, depth: usize) {
    let serde_json::Value::Object(fields) = value else { return };
    for (key, value) in fields {
        yaml.push_str(&"  ".repeat(depth));
        yaml.push_str(key);
        match value {
            serde_json::Value::Object(fields) if !fields.is_empty() => {
                yaml.push_str(":\n");
                write_yaml(yaml, value, depth + 1);
            }
            value => {
                yaml.push_str(": ");
                yaml.push_str(&value.to_string());
                yaml.push('\n');
            }
        }
    }
}

#[cfg(test)]
mod tests;
