//! The private database of a used server, brought to another cluster as to a newer PostgreSQL. Both are of the version that is
//! here; that the versions may differ is tested where clusters are made.

use std::collections::BTreeMap;

use postgres::cluster::{Binaries, Durability, FolderLock, upgrade};
use revenge::wiring::carry;

use super::*;
use crate::schema::schema;

/// Everything that is not rows: tables with their constraints and indexes, extensions, sequences, the lists of migrations.
async fn facts_of(data: &Path) -> BTreeMap<&'static str, String> {
    let config =
        PrivateConfig { binaries: Some(binaries()), ..PrivateConfig::new(data.join("postgresql")) };
    let server = postgres::open(Target::Private(config)).await.expect("the database");
    let mut db = server.options().connect().await.expect("a connection");
    let mut facts = BTreeMap::new();
    let system = ["pg_catalog", "information_schema", "pg_toast"];
    facts.insert("tables", schema(&mut db, |it| !system.contains(&it)).await);
    for (name, sql) in [
        ("extensions", "SELECT string_agg(extname || ' ' || extversion, ',' ORDER BY extname) FROM pg_extension"),
        (
            "sequences",
            "SELECT string_agg(concat_ws(' ', schemaname, sequencename, data_type, coalesce(last_value, 0)), ',' ORDER BY schemaname, sequencename)
             FROM pg_sequences",
        ),
        (
            "migrations",
            "SELECT string_agg(concat_ws(' ', version, encode(checksum, 'hex'), success), ',' ORDER BY version, checksum) FROM (
                 SELECT version, checksum, success FROM core._migrations
                 UNION ALL SELECT version, checksum, success FROM catalog._migrations
                 UNION ALL SELECT version, checksum, success FROM c._migrations
             ) AS it",
        ),
        ("queue", "SELECT string_agg(line || ' ' || version, ',' ORDER BY line, version) FROM river.river_migration"),
        (
            "functions",
            "SELECT string_agg(pg_get_functiondef(p.oid), E'\\n' ORDER BY nspname, proname, p.oid::regprocedure::text)
             FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = pronamespace
             WHERE prokind = 'f' AND nspname NOT IN ('pg_catalog', 'information_schema')",
        ),
        (
            "triggers",
            "SELECT string_agg(pg_get_triggerdef(oid) || tgenabled::text, ',' ORDER BY pg_get_triggerdef(oid))
             FROM pg_trigger WHERE NOT tgisinternal",
        ),
    ] {
        let row = sqlx::raw_sql(sql).fetch_one(&mut db).await.expect(name);
        let text: Option<String> = row.get(0);
        facts.insert(name, text.unwrap_or_default());
    }
    drop(db);
    server.stop().await;
    facts
}

#[tokio::test]
async fn a_used_server_goes_on_in_a_newer_cluster() {
    let used = Used::new(async |_, _, _| {}).await;
    let data = used.data();
    let folder = data.join("postgresql");
    let (before, facts) = (content_of(&data).await, facts_of(&data).await);
    assert!(facts["tables"].len() > 10_000, "this proves little");
    assert!(facts["sequences"].contains("river"), "{}", facts["sequences"]);

    let lock = FolderLock::take(&folder).expect("free");
    let programs = Binaries { folder: binaries(), major: 18 };
    let carry = carry(&data);
    upgrade(&lock, programs.clone(), programs, Durability::Full, &carry).await.expect("upgraded");
    drop(lock);
    let old = folder.join("data-18.old");
    assert!(old.join("PG_VERSION").exists());

    let after = facts_of(&data).await;
    for (name, fact) in facts {
        assert_eq!(fact, after[name], "{name}");
    }
    assert_same(&before, &content_of(&data).await, &["river.river_migration"]);

    let told = words(&run(&data, &["doctor"]));
    assert!(told.contains("previous_database") && told.contains("data-18.old"), "{told}");
    let program = Program::start_with(&data, &[("REVENGE_ANALYSIS__ENABLED", "false")]);
    let body = json!({ "name": "Ana", "password": "a long password" });
    let (status, answer) = program.ask(None, Method::POST, "/sessions", Some(body)).await;
    assert_eq!(status, 201, "{answer}");
    let body = json!({ "name": "owner", "password": "correct horse" });
    let (_, answer) = program.ask(None, Method::POST, "/sessions", Some(body)).await;
    let token = answer["token"].as_str().expect("a token").to_owned();
    let film = program.get(&token, &format!("/items/{}", used.film)).await;
    assert_eq!(film["progress"]["position_ms"], 400, "{film}");
    assert_eq!(film["overview"], "Ünder\tthe \\N sky\nit flies");
    assert_eq!(poster(&program, &token, &used.film).await, used.picture);
    assert_eq!(program.stop(), Some(0));
}
