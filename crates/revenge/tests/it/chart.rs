//! The Helm chart: rendered by Helm itself, and every object, field by field, held against what Kubernetes takes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use revenge::config::{self, Config, Sources};
use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::Value;

/// A film folder on a share, and nothing else: one server with a private PostgreSQL.
const ONE: &str = r"
media:
  - {name: films, path: /media/films, source: {nfs: {server: nas.lan, path: /films}}}
";

/// Everything that can be said, for several servers.
const MANY: &str = r#"
replicas: 3
image: {repository: registry.lan/revenge, tag: "1.2.3", pullPolicy: Always}
imagePullSecrets: [{name: registry}]
database: {host: postgres.lan, port: 5433, name: films, user: films, maxConnections: 40, secret: {name: database, key: word}}
cache: {host: dragonfly, secret: {name: cache}}
search: {host: typesense, protocol: https, secret: {name: search}}
config: {log: {format: json}, server: {time_zone: Europe/Berlin}, metadata: {language: de}}
secrets: [{variable: REVENGE_METADATA__TMDB__KEY, secret: providers, key: tmdb}]
trustedProxies: [10.0.0.7]
data: {size: 5Gi, storageClass: fast, annotations: {backup: "yes"}}
temporary: {size: 512Mi}
media:
  - {name: films, path: /media/films, source: {hostPath: {path: /srv/films, type: Directory}}}
  - {name: shows, path: /media/shows, readOnly: false, source: {persistentVolumeClaim: {claimName: shows}}}
service: {type: LoadBalancer, port: 8080, annotations: {example.org/a: b}}
ingress: {enabled: true, className: nginx, host: media.example.org, tlsSecret: media-tls, annotations: {example.org/c: d}}
serviceMonitor: {enabled: true, labels: {release: prometheus}}
resources: {limits: {memory: 4Gi, gpu.intel.com/i915: "1"}}
supplementalGroups: [44, 109]
podAnnotations: {example.org/e: f}
podLabels: {team: media}
nodeSelector: {kubernetes.io/arch: amd64}
tolerations: [{key: films, operator: Exists}]
affinity: {nodeAffinity: {}}
"#;

/// As many servers as there is work for.
const GROWING: &str = r"
database: {host: postgres.lan, secret: {name: database}}
cache: {host: dragonfly}
search: {host: typesense, secret: {name: search}}
autoscaling: {enabled: true, min: 1, max: 5}
";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[expect(
    clippy::disallowed_methods,
    reason = "starts Helm and TypeScript, which end by themselves"
)]
fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    Command::new(program)
}

fn helm() -> Command {
    let ours = root().join(".tools/helm/helm");
    command(if ours.exists() { ours } else { PathBuf::from("helm") })
}

/// Every object that the chart makes of `values`, or what Helm says against them.
fn render(values: &str) -> Result<Vec<Value>, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("values.yaml");
    std::fs::write(&file, values).expect("written");
    let output = helm()
        .args(["template", "home"])
        .arg(root().join("deploy/helm/revenge"))
        .arg("--values")
        .arg(file)
        .output()
        .expect("Helm: `make setup` unpacks it");
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let documents = Yaml::load_from_str(&text).expect("YAML");
    Ok(documents.iter().map(to_json).filter(|it| !it.is_null()).collect())
}

fn to_json(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Value(Scalar::Boolean(it)) => (*it).into(),
        Yaml::Value(Scalar::Integer(it)) => (*it).into(),
        Yaml::Value(Scalar::FloatingPoint(it)) => it.into_inner().into(),
        Yaml::Value(Scalar::String(it)) => it.as_ref().into(),
        Yaml::Sequence(entries) => entries.iter().map(to_json).collect(),
        Yaml::Mapping(fields) => fields
            .iter()
            .map(|(key, value)| (key.as_str().expect("a word").to_owned(), to_json(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        _ => Value::Null,
    }
}

/// The types of Kubernetes for an object; none for what others define.
fn place_of_type(object: &Value) -> Option<String> {
    let kind = object["kind"].as_str().expect("a kind");
    let place = match object["apiVersion"].as_str().expect("a version") {
        "v1" => "core/v1",
        "networking.k8s.io/v1" => "networking/v1",
        version @ ("apps/v1" | "autoscaling/v2" | "policy/v1") => version,
        "monitoring.coreos.com/v1" => return None,
        version => panic!("{version} is not looked at yet"),
    };
    Some(format!("import('kubernetes-types/{place}').{kind}"))
}

/// What TypeScript says against the objects: fields that Kubernetes does not know, that are missing, of another type.
fn check(objects: &[Value]) -> Result<(), String> {
    let folder = tempfile::tempdir().expect("a folder");
    let mut program = String::new();
    for (n, object) in objects.iter().enumerate() {
        if let Some(place) = place_of_type(object) {
            writeln!(program, "export const object{n}: {place} = {object};").expect("a string");
        }
    }
    std::fs::write(folder.path().join("objects.ts"), program).expect("written");
    let types = root().join(".tools/helm/node_modules/kubernetes-types");
    assert!(types.exists(), "{}: `make setup` brings it", types.display());
    let settings = serde_json::json!({
        "files": ["objects.ts"],
        "compilerOptions": {
            "noEmit": true, "strict": true, "skipLibCheck": true, "types": [], "target": "es2022", "module": "es2022",
            "moduleResolution": "bundler", "paths": { "kubernetes-types/*": [types.join("*")] },
        },
    });
    std::fs::write(folder.path().join("tsconfig.json"), settings.to_string()).expect("written");
    let output = command("node")
        .arg(root().join("web/node_modules/typescript/bin/tsc"))
        .arg("--project")
        .arg(folder.path())
        .output()
        .expect("node");
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

fn find<'a>(objects: &'a [Value], kind: &str) -> Option<&'a Value> {
    objects.iter().find(|it| it["kind"] == kind)
}

/// What the server makes of the rendered configuration and environment.
fn read_config(objects: &[Value]) -> Config {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let text = find(objects, "ConfigMap").expect("a ConfigMap")["data"]["revenge.yaml"].as_str();
    std::fs::write(file.path(), text.expect("a file in it")).expect("written");
    let container = &find(objects, "StatefulSet").expect("servers")["spec"]["template"]["spec"]["containers"]
        [0];
    let variables = container["env"].as_array().expect("variables").iter().map(|it| {
        let value = it["value"].as_str().map_or_else(
            || format!("from {}", it["valueFrom"]["secretKeyRef"]["name"]),
            str::to_owned,
        );
        (it["name"].as_str().expect("a name").to_owned(), value)
    });
    let environment = variables.collect();
    let sources = Sources { file: Some(file.path().to_owned()), environment, ..Sources::default() };
    config::read(&sources).expect("a configuration").0
}

#[test]
fn helm_finds_nothing_against_the_chart() {
    let output = helm().args(["lint", "--strict"]).arg(root().join("deploy/helm/revenge")).output();
    let output = output.expect("Helm: `make setup` unpacks it");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn kubernetes_takes_every_field_that_is_rendered() {
    for values in ["", ONE, MANY, GROWING] {
        let objects = render(values).expect(values);
        check(&objects).unwrap_or_else(|wrong| panic!("{values}\n{wrong}"));
    }
    let mut objects = render("").expect("the defaults");
    let servers = objects.iter_mut().find(|it| it["kind"] == "StatefulSet").expect("servers");
    servers["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = serde_json::json!({});
    let wrong = check(&objects).expect_err("a field that there is not");
    assert!(wrong.contains("livenesProbe"), "{wrong}");
}

#[test]
fn every_server_has_no_rights_and_is_asked_how_it_is() {
    for values in ["", MANY, GROWING] {
        let objects = render(values).expect(values);
        let pod = &find(&objects, "StatefulSet").expect("servers")["spec"]["template"]["spec"];
        assert_eq!(pod["automountServiceAccountToken"], false);
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
        assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
        let container = &pod["containers"][0];
        let rights = serde_json::json!({
            "allowPrivilegeEscalation": false,
            "readOnlyRootFilesystem": true,
            "capabilities": { "drop": ["ALL"] },
        });
        assert_eq!(container["securityContext"], rights);
        for (probe, path) in [
            ("startupProbe", "/healthz"),
            ("livenessProbe", "/healthz"),
            ("readinessProbe", "/readyz"),
        ] {
            assert_eq!(container[probe]["httpGet"]["path"], path);
            assert_eq!(container[probe]["httpGet"]["port"], container["ports"][0]["name"]);
        }
        let mounted: Vec<_> =
            container["volumeMounts"].as_array().expect("mounts").iter().collect();
        for mount in &mounted {
            let is_ours = ["/data", "/tmp", "/dev/shm", "/media/shows"]
                .contains(&mount["mountPath"].as_str().expect("a path"));
            assert_ne!(mount["readOnly"].as_bool().unwrap_or_default(), is_ours, "{mount}");
        }
    }
}

#[test]
fn the_server_reads_the_configuration_that_is_rendered() {
    let config = read_config(&render(ONE).expect("one server"));
    assert!(config.database.is_private() && config.cache.host.is_none());
    assert_eq!(config.media.folders, [Path::new("/media/films")]);
    assert_eq!(config.data_dir.as_deref(), Some(Path::new("/data")));

    let config = read_config(&render(MANY).expect("many servers"));
    assert_eq!(config.database.host.as_deref(), Some("postgres.lan"));
    assert_eq!((config.database.port, config.database.max_connections), (5433, 40));
    assert_eq!(config.database.password.as_deref(), Some("from \"database\""));
    assert_eq!(config.cache.password.as_deref(), Some("from \"cache\""));
    assert_eq!(config.search.api_key.as_deref(), Some("from \"search\""));
    assert_eq!(
        config.metadata.tmdb.key.as_ref().map(metadata::settings::Secret::reveal),
        Some("from \"providers\"")
    );
    assert_eq!(config.server.public_url.as_deref(), Some("https://media.example.org"));
    assert_eq!(config.server.time_zone.as_deref(), Some("Europe/Berlin"));
    assert_eq!(config.server.trusted_proxies.len(), 1);
    assert_eq!(config.media.folders.len(), 2);
}

#[test]
fn what_only_many_servers_need_is_there_for_many_alone() {
    let one = render(ONE).expect("one server");
    for kind in ["PodDisruptionBudget", "HorizontalPodAutoscaler", "Ingress", "ServiceMonitor"] {
        assert_eq!(find(&one, kind), None);
    }
    let many = render(MANY).expect("many servers");
    assert_eq!(find(&many, "StatefulSet").expect("servers")["spec"]["replicas"], 3);
    let budget = find(&many, "PodDisruptionBudget").expect("a budget");
    assert_eq!(budget["spec"]["maxUnavailable"], 1);
    let growing = render(GROWING).expect("growing");
    let replicas = &find(&growing, "StatefulSet").expect("servers")["spec"]["replicas"];
    assert!(replicas.is_null(), "the autoscaler says how many: {replicas}");
    let scaler = find(&growing, "HorizontalPodAutoscaler").expect("an autoscaler");
    assert_eq!(scaler["spec"]["scaleTargetRef"]["name"], "home-revenge");
}

/// What the ingress leads to for a path, by the Services there are.
#[test]
fn the_ingress_leads_to_the_servers_and_with_the_numbers_nowhere() {
    let objects = render(MANY).expect("many servers");
    let ingress = find(&objects, "Ingress").expect("an ingress");
    let paths = ingress["spec"]["rules"][0]["http"]["paths"].as_array().expect("paths");
    let selected = |path: &str| {
        let backend = paths.iter().find(|it| it["path"] == path).expect("a path");
        let name = &backend["backend"]["service"]["name"];
        let service =
            objects.iter().find(|it| it["kind"] == "Service" && it["metadata"]["name"] == *name);
        service.expect("a Service")["spec"]["selector"].clone()
    };
    let labels =
        &find(&objects, "StatefulSet").expect("servers")["spec"]["template"]["metadata"]["labels"];
    let chosen = selected("/");
    let chosen = chosen.as_object().expect("a selector");
    assert!(chosen.iter().all(|(key, value)| labels[key] == *value) && !chosen.is_empty());
    assert_eq!(selected("/metrics"), Value::Null);
    let monitor = find(&objects, "ServiceMonitor").expect("a monitor");
    let wanted = monitor["spec"]["selector"]["matchLabels"].as_object().expect("labels");
    let watched = objects.iter().filter(|it| {
        it["kind"] == "Service"
            && wanted.iter().all(|(key, value)| it["metadata"]["labels"][key] == *value)
    });
    assert_eq!(watched.count(), 1, "no server is counted twice");
}

#[test]
fn what_would_lose_data_or_tell_a_secret_is_refused_with_what_to_do() {
    let servers = "cache: {host: a}\nsearch: {host: b, secret: {name: c}}\n";
    for (values, told) in [
        ("replicas: 2", "more than one server needs database.host"),
        ("autoscaling: {enabled: true}", "more than one server needs database.host"),
        ("replicas: 2\ndatabase: {host: a, secret: {name: b}}", "needs cache.host"),
        (
            "replicas: 2\ndatabase: {host: a, secret: {name: b}}\ncache: {host: c}",
            "needs search.host",
        ),
        (
            &format!(
                "replicas: 2\ndatabase: {{host: a, secret: {{name: b}}}}\ndata: {{existingClaim: d}}\n{servers}"
            ),
            "data.existingClaim",
        ),
        ("database: {host: a}", "database.secret.name"),
        ("search: {host: a}", "search.secret.name"),
        ("ingress: {enabled: true}", "ingress.host"),
        ("config: {database: {host: a}}", "config.database"),
        ("config: {server: {port: 80}}", "config.server.port"),
        ("config: {metadata: {tmdb: {key: abc}}}", "does not belong into a ConfigMap"),
        ("config: {sign_in: {oidc: [{client_secret: abc}]}}", "does not belong into a ConfigMap"),
        ("replica: 2", "additional properties 'replica' not allowed"),
        ("service: {type: Loadbalancer}", "value must be one of"),
        ("data: {size: large}", "does not match pattern"),
    ] {
        let wrong = render(values).expect_err(values);
        assert!(wrong.contains(told), "{values}: {wrong}");
    }
}
