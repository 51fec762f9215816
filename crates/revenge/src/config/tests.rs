use std::collections::BTreeSet;
use std::io::Write as _;

use super::*;

const EXAMPLE: &str = include_str!("../../../../config/revenge.example.yaml");

/// Reads `yaml` with `environment`; the file's name is cut out of errors.
fn read_text(yaml: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(yaml.as_bytes()).expect("written");
    let environment =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let sources = Sources { file: Some(file.path().to_owned()), environment, ..Sources::default() };
    read(&sources).map(|(config, _)| config).map_err(|error| {
        error.to_string().replace(&file.path().display().to_string(), "revenge.yaml")
    })
}

fn refuses(yaml: &str, environment: &[(&str, &str)], expect: &str) {
    assert_eq!(read_text(yaml, environment).expect_err(yaml), expect);
}

#[test]
fn nothing_configured_is_the_default() {
    assert_eq!(read_text("", &[]), Ok(Config::default()));
    assert_eq!(read_text("# only a comment\n", &[]), Ok(Config::default()));
    assert_eq!(read_text("server:\njobs:\n  queues:\n", &[]), Ok(Config::default()));
}

#[test]
fn the_defaults_are_the_documented_ones() {
    let config = Config::default();
    assert_eq!(config.server.port, 8096);
    assert_eq!(config.jobs.workers, 10);
    assert_eq!(config.jobs.queues, QueuesSection { default: 5, high: 10, low: 2 });
}

#[test]
fn the_example_names_every_key_with_its_default() {
    let config = read_text(EXAMPLE, &[]).expect("the example is valid");
    assert_eq!(config, Config::default(), "the example shows the defaults");

    let tree = tree::Tree::parse(EXAMPLE, &|_| Ok(None)).expect("the example is YAML");
    let mut named = BTreeSet::new();
    collect(&tree, "", &mut named);
    let known: BTreeSet<String> = Config::defaults().into_keys().collect();
    assert_eq!(named, known, "the example documents every key and no other");
}

fn collect(tree: &tree::Tree, path: &str, named: &mut BTreeSet<String>) {
    if let tree::Value::Mapping(fields) = &tree.value {
        for (key, (_, value)) in fields {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            collect(value, &path, named);
        }
    } else {
        named.insert(path.to_owned());
    }
}

#[test]
fn variables_stand_in_values_and_over_the_file() {
    let yaml = "database:\n  host: ${DB_HOST:localhost}\n  password: \"${DB_PASSWORD}\"\nserver: {port: 80}\n";
    let config = read_text(
        yaml,
        &[
            ("DB_PASSWORD", "a: #{1}"),
            ("REVENGE_SERVER__PORT", "9000"),
            ("REVENGE_JOBS__QUEUES__LOW", "1"),
        ],
    )
    .expect("fine");
    assert_eq!(config.database.host.as_deref(), Some("localhost"));
    assert_eq!(
        config.database.password.as_deref(),
        Some("a: #{1}"),
        "a value is never read as YAML again"
    );
    assert_eq!(config.server.port, 9000);
    assert_eq!(config.jobs.queues.low, 1);
}

#[test]
fn a_value_may_be_in_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.to_str().expect("a text").to_owned()
    };
    let (password, key) = (write("password", "a: ${b}\n"), write("key", "k e y\r\n"));
    let yaml = "search: {api_key: \"<${KEY}>\"}\n";
    let environment =
        [("REVENGE_DATABASE__PASSWORD_FILE", password.as_str()), ("KEY_FILE", key.as_str())];
    let config = read_text(yaml, &environment).expect("fine");
    assert_eq!(config.database.password.as_deref(), Some("a: ${b}"));
    assert_eq!(config.search.api_key.as_deref(), Some("<k e y>"));

    let missing = "/nowhere/at/all";
    refuses(
        "",
        &[("REVENGE_DATABASE__PASSWORD_FILE", missing)],
        "environment variable REVENGE_DATABASE__PASSWORD: database.password: REVENGE_DATABASE__PASSWORD_FILE: \
         /nowhere/at/all: No such file or directory (os error 2)",
    );
    refuses(
        yaml,
        &[("KEY_FILE", missing)],
        "revenge.yaml line 1: KEY_FILE: /nowhere/at/all: No such file or directory (os error 2)",
    );
    refuses(
        "",
        &[("REVENGE_SERVER__PORT", "1"), ("REVENGE_SERVER__PORT_FILE", &key)],
        "environment variable REVENGE_SERVER__PORT: server.port: both REVENGE_SERVER__PORT and \
         REVENGE_SERVER__PORT_FILE are set; one is enough",
    );
    let long = write("long", &"x".repeat((64 << 10) + 1));
    let refused = read_text("", &[("REVENGE_DATABASE__PASSWORD_FILE", &long)]);
    assert!(refused.expect_err("too long").ends_with("more than 65536 bytes are no value"));
}

#[test]
fn a_list_may_come_from_one_variable() {
    let config =
        read_text("", &[("REVENGE_SERVER__TRUSTED_PROXIES", "10.0.0.1, ::1")]).expect("fine");
    assert_eq!(config.server.trusted_proxies.len(), 2);
}

#[test]
fn a_password_of_digits_stays_text() {
    let config = read_text("database: {password: 0123}", &[]).expect("fine");
    assert_eq!(config.database.password.as_deref(), Some("0123"));
}

#[test]
fn an_empty_variable_is_no_value() {
    let config = read_text("cache: {host: \"${NONE:}\"}", &[]).expect("fine");
    assert_eq!(config.cache.host, None);
}

#[test]
fn errors_name_file_line_and_key() {
    refuses(
        "server:\n  host: 0.0.0.0\n  prot: 8096\n",
        &[],
        "revenge.yaml line 3: server.prot: unknown key \"prot\"; the keys here are host, port, public_url, trusted_proxies, time_zone, requests",
    );
    refuses(
        "jobs:\n  queues:\n\n    low: many\n",
        &[],
        "revenge.yaml line 4: jobs.queues.low: expected a whole number from 0 to 65535, found \"many\"",
    );
    refuses(
        "server:\n  port: 70000\n",
        &[],
        "revenge.yaml line 2: server.port: expected a whole number from 0 to 65535, found \"70000\"",
    );
    refuses(
        "server: 5\n",
        &[],
        "revenge.yaml line 1: server: expected a group of keys, found \"5\"",
    );
    refuses(
        "log:\n  format: xml\n",
        &[],
        "revenge.yaml line 2: log.format: \"xml\" is none of human, json",
    );
    refuses(
        "database:\n  password: ${DB_PASSWORD}\n",
        &[],
        "revenge.yaml line 2: the environment variable DB_PASSWORD is not set and has no default",
    );
    refuses(
        "",
        &[("REVENGE_SERVER__PORT", "high")],
        "environment variable REVENGE_SERVER__PORT: server.port: expected a whole number from 0 to 65535, found \"high\"",
    );
    refuses(
        "",
        &[("REVENGE_SERVR__PORT", "1")],
        "environment variable REVENGE_SERVR__PORT: servr: unknown key \"servr\"; the keys here are data_dir, server, database, cache, search, accounts, sign_in, jobs, backup, media, playback, transcode, transcoder, analysis, metadata, adult, log, telemetry",
    );
}

#[test]
fn broken_yaml_names_the_line() {
    let wrong = read_text("server:\n  port: [1\nlog:\n", &[]).expect_err("broken");
    assert!(wrong.starts_with("revenge.yaml line "), "{wrong}");
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let sources = Sources { file: Some("/nowhere/revenge.yaml".into()), ..Sources::default() };
    let error = read(&sources).expect_err("not there").to_string();
    assert!(error.starts_with("cannot read the configuration /nowhere/revenge.yaml"), "{error}");
}

#[test]
fn replicas_are_named_by_host_or_by_url() {
    let yaml = "database:\n  host: db\n  replicas:\n    - host: db2\n    - {host: db3, port: 5433, user: reader, password: '${PW}'}\n    - url: postgres://me@db4/revenge\n";
    let config = read_text(yaml, &[("PW", "hunter2")]).expect("fine");
    let [first, second, third] = &config.database.replicas[..] else { panic!("three of them") };
    assert_eq!((first.host.as_deref(), first.port, &first.user), (Some("db2"), None, &None));
    assert_eq!((second.port, second.password.as_deref()), (Some(5433), Some("hunter2")));
    assert_eq!(third.url.as_deref(), Some("postgres://me@db4/revenge"));
    assert!(!config.to_yaml().expect("shown").contains("hunter2"));

    refuses(
        "database:\n  host: db\n  replicas:\n    - host: db2\n    - port: 5433\n",
        &[],
        "revenge.yaml line 4: database.replicas: entry 2: say where it is: a host or a url",
    );
    refuses(
        "database:\n  replicas: [{url: 'postgres://db2/revenge', user: me}]\n",
        &[],
        "revenge.yaml line 2: database.replicas: entry 1: say either a url or a host with what belongs to it",
    );
    refuses(
        "database:\n  replicas:\n    - {host: db2, name: other}\n",
        &[],
        "revenge.yaml line 3: database.replicas.name: unknown key \"name\"; the keys here are url, host, port, user, password",
    );
}

#[test]
fn a_text_model_is_a_path() {
    assert_eq!(read_text("", &[]).expect("fine").search.model, None);
    let config = read_text("search:\n  model: /srv/models/minilm\n", &[]).expect("fine");
    assert_eq!(config.search.model.as_deref(), Some(std::path::Path::new("/srv/models/minilm")));
    let given = [("REVENGE_SEARCH__MODEL", "/srv/e5/model.onnx")];
    let config = read_text("", &given).expect("fine");
    assert_eq!(config.search.model.as_deref(), Some(std::path::Path::new("/srv/e5/model.onnx")));
    refuses(
        "search:\n  models: /srv/minilm\n",
        &[],
        "revenge.yaml line 2: search.models: unknown key \"models\"; the keys here are host, port, protocol, api_key, model",
    );
}

#[test]
fn secrets_are_hidden_when_shown() {
    let yaml = "database: {url: 'postgres://me:hunter2@db/x', password: hunter2}\nsearch: {api_key: hunter2}\ncache: {password: hunter2}\n";
    let shown = read_text(yaml, &[]).expect("fine").to_yaml().expect("shown");
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("postgres://me:(hidden)@db/x"), "{shown}");
    let back = read_text(&shown, &[]).expect("what is shown is YAML of ours");
    assert_eq!(back.server, ServerSection::default());
}

#[test]
fn providers_are_asked_only_where_the_owner_says_so() {
    let config = read_text("", &[]).expect("fine");
    assert_eq!(config.metadata, metadata::Settings::default());
    let yaml = "metadata:\n  order: [nfo, tvdb, tmdb]\n  language: de\n  country: de\n  tmdb: {key: '${TMDB}'}\n  \
                tvmaze: {enabled: true}\n  radarr:\n    - url: http://radarr:7878\n      key: abc\n      path_map: {/movies: /srv/films}\n";
    let config =
        read_text(yaml, &[("TMDB", "0123"), ("REVENGE_METADATA__TVDB__KEY", "456")]).expect("fine");
    assert_eq!(config.metadata.order, ["nfo", "tvdb", "tmdb"]);
    assert_eq!(config.metadata.country, "DE");
    assert_eq!(
        config.metadata.tmdb.key.as_ref().map(metadata::settings::Secret::reveal),
        Some("0123")
    );
    assert_eq!(
        config.metadata.tvdb.key.as_ref().map(metadata::settings::Secret::reveal),
        Some("456")
    );
    assert!(config.metadata.tvmaze.enabled);
    assert_eq!(config.metadata.radarr[0].path_map["/movies"], "/srv/films");
}

#[test]
fn what_is_wrong_about_providers_is_told_with_its_place() {
    refuses(
        "metadata:\n  order: [tmdb, netflix]\n",
        &[],
        "revenge.yaml line 2: metadata.order: \"netflix\" is none of nfo, tags, radarr, sonarr, tmdb, tvdb, tvmaze, wikidata, omdb, fanart",
    );
    refuses(
        "metadata:\n  language: german\n",
        &[],
        "revenge.yaml line 2: metadata.language: \"german\" is no language, such as de or pt-BR",
    );
    refuses(
        "metadata:\n  country: Germany\n",
        &[],
        "revenge.yaml line 2: metadata.country: \"Germany\" is no country of two letters, such as DE",
    );
    refuses(
        "metadata:\n  tmdb:\n    url: tmdb.org\n",
        &[],
        "revenge.yaml line 3: metadata.tmdb.url: expected an address that begins with http:// or https://",
    );
    refuses(
        "metadata:\n  radarr:\n    - url: http://radarr:7878\n",
        &[],
        "revenge.yaml line 3: metadata.radarr: missing field `key`",
    );
}

#[test]
fn keys_of_providers_are_hidden_when_shown() {
    let yaml = "metadata: {proxy: 'http://me:hunter2@proxy:3128', tmdb: {key: hunter2}, tvdb: {key: hunter2, pin: hunter2}, \
                sonarr: [{url: 'http://sonarr:8989', key: hunter2}]}\n";
    let shown = read_text(yaml, &[]).expect("fine").to_yaml().expect("shown");
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(
        shown.contains("http://sonarr:8989") && shown.contains("http://me:(hidden)@proxy:3128"),
        "{shown}"
    );
}

#[test]
fn the_data_folder_is_the_configured_one_or_the_persons_own() {
    let config = read_text("", &[]).expect("fine");
    let variable = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    assert_eq!(config.data_dir(&[]), PathBuf::from("/var/lib/revenge"));
    assert_eq!(
        config.data_dir(&variable("HOME", "/home/ana")),
        PathBuf::from("/home/ana/.local/share/revenge")
    );
    assert_eq!(config.data_dir(&variable("XDG_DATA_HOME", "/x")), PathBuf::from("/x/revenge"));
    let config = read_text("data_dir: /srv/revenge", &[]).expect("fine");
    assert_eq!(config.data_dir(&variable("HOME", "/home/ana")), PathBuf::from("/srv/revenge"));
}
