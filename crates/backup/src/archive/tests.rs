use std::path::PathBuf;

use chrono::{DateTime, Utc};
use postgres::transfer::Table;
use proptest::prelude::*;

use super::*;
use crate::manifest::TableRows;
use crate::member::Config;

fn head() -> Vec<u8> {
    let head = Head {
        format: FORMAT,
        program: "1.2.3".to_owned(),
        postgresql: "18.4".to_owned(),
        created_at: DateTime::<Utc>::UNIX_EPOCH,
        schemas: Vec::new(),
        queue_migration: 7,
    };
    serde_json::to_vec(&head).expect("plain JSON")
}

fn rows(part: u32) -> Member {
    Member::Rows { schema: "catalog".to_owned(), table: "item".to_owned(), part }
}

fn manifest(members: Vec<MemberFacts>, parts: u32) -> Manifest {
    let columns = vec!["id".to_owned()];
    let table = Table { schema: "catalog".to_owned(), name: "item".to_owned(), columns };
    let tables = vec![TableRows { table, rows: u64::from(parts), parts }];
    Manifest { members, tables, sequences: Vec::new(), missing_artwork: 0 }
}

/// A good one.
fn archive() -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), 0).expect("a writer");
    writer.add(&Member::Head, &head()).expect("written");
    writer.add(&Member::Config(Config::File), b"server: {}\n").expect("written");
    writer.add(&rows(0), b"1\n").expect("written");
    writer.add(&rows(1), b"2\n").expect("written");
    let picture = Member::Artwork(sha256(b"picture"));
    writer.add(&picture, b"picture").expect("written");
    let members = writer.take_members();
    writer.finish(&manifest(members, 2)).expect("finished")
}

/// One with the members and sizes that `write` makes, as tar and zstd would, with nothing of ours between.
fn hostile(write: impl FnOnce(&mut tar::Builder<zstd::Encoder<'static, Vec<u8>>>)) -> Vec<u8> {
    let mut tar = tar::Builder::new(zstd::Encoder::new(Vec::new(), 1).expect("an encoder"));
    write(&mut tar);
    tar.into_inner().and_then(zstd::Encoder::finish).expect("finished")
}

fn append<W: Write>(tar: &mut tar::Builder<W>, name: &[u8], kind: tar::EntryType, bytes: &[u8]) {
    let mut header = tar::Header::new_gnu();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name);
    header.set_size(bytes.len() as u64);
    header.set_entry_type(kind);
    header.set_cksum();
    tar.append(&header, bytes).expect("appended");
}

fn kept(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("backup");
    std::fs::write(&path, bytes).expect("written");
    (folder, path)
}

fn refusal(bytes: &[u8]) -> String {
    let (_folder, path) = kept(bytes);
    verify(&path).expect_err("refused").to_string()
}

#[test]
fn what_is_written_is_read() {
    let (_folder, path) = kept(&archive());
    let (head, manifest) = verify(&path).expect("whole");
    assert_eq!((head.program.as_str(), head.queue_migration), ("1.2.3", 7));
    assert_eq!(manifest.members.len(), 5);
    assert_eq!(peek(&path).expect("its head"), head);
}

#[test]
fn what_is_cut_off_anywhere_is_refused() {
    let whole = archive();
    for length in 0..whole.len() {
        let (_folder, path) = kept(&whole[..length]);
        assert!(verify(&path).is_err(), "the first {length} bytes of {}", whole.len());
    }
}

#[test]
fn what_is_no_backup_says_so() {
    for bytes in [&b""[..], b"hello", &[0; 4096]] {
        let message = refusal(bytes);
        assert!(message.contains("no backup") || message.contains("damaged"), "{message}");
    }
    let empty = hostile(|_| {});
    assert!(refusal(&empty).contains("cut off"));
}

#[test]
fn names_that_lead_elsewhere_links_and_long_names_are_refused() {
    use tar::EntryType;
    for (name, kind) in [
        (&b"../../etc/cron.d/x"[..], EntryType::Regular),
        (b"/etc/passwd", EntryType::Regular),
        (b"artwork/../../x", EntryType::Regular),
        (b"config/revenge.yaml", EntryType::Symlink),
        (b"config/revenge.yaml", EntryType::Link),
        (b"config/revenge.yaml", EntryType::Fifo),
        (b"././@LongLink", EntryType::GNULongName),
        (b"config", EntryType::Directory),
        (b"pax", EntryType::XHeader),
    ] {
        let bytes = hostile(|tar| {
            append(tar, b"revenge-backup.json", EntryType::Regular, &head());
            append(tar, name, kind, b"x");
        });
        let message = refusal(&bytes);
        assert!(message.contains("which no backup does"), "{message}");
    }
}

#[test]
fn what_is_too_large_is_refused_before_it_is_read() {
    let bytes = hostile(|tar| {
        append(tar, b"revenge-backup.json", tar::EntryType::Regular, &head());
        let mut header = tar::Header::new_gnu();
        header.set_path("config/revenge.yaml").expect("a path");
        header.set_size(u64::from(u32::MAX));
        header.set_cksum();
        tar.append(&header, io::repeat(b'#').take(4096)).expect("appended");
    });
    assert!(refusal(&bytes).contains("says it has 4294967295 bytes"));
}

#[test]
fn what_the_manifest_does_not_say_is_refused() {
    let write = |change: &dyn Fn(&mut Manifest)| {
        let mut writer = Writer::new(Vec::new(), 0).expect("a writer");
        writer.add(&Member::Head, &head()).expect("written");
        writer.add(&rows(0), b"1\n").expect("written");
        let mut manifest = manifest(writer.take_members(), 1);
        change(&mut manifest);
        writer.finish(&manifest).expect("finished")
    };
    let (_folder, path) = kept(&write(&|_| {}));
    verify(&path).expect("as it is");
    for (change, expect) in [
        (
            &(|it: &mut Manifest| it.members[1].sha256 = "00".repeat(32)) as &dyn Fn(&mut Manifest),
            "is not what",
        ),
        (&|it| it.members[1].size = 1, "is not what"),
        (&|it| it.members.truncate(1), "other members"),
        (&|it| it.tables[0].parts = 2, "is missing"),
        (&|it| it.tables.clear(), "does not name"),
    ] {
        let message = refusal(&write(change));
        assert!(message.contains(expect), "{message}");
    }
}

#[test]
fn a_picture_under_another_name_and_a_member_twice_are_refused() {
    let mut writer = Writer::new(Vec::new(), 0).expect("a writer");
    writer.add(&Member::Head, &head()).expect("written");
    writer.add(&Member::Artwork("0".repeat(64)), b"picture").expect("written");
    let members = writer.members().to_vec();
    let bytes = writer.finish(&manifest(members, 0)).expect("finished");
    assert!(refusal(&bytes).contains("another picture"));

    let mut writer = Writer::new(Vec::new(), 0).expect("a writer");
    writer.add(&Member::Head, &head()).expect("written");
    writer.add(&rows(0), b"1\n").expect("written");
    writer.add(&rows(0), b"1\n").expect("written");
    let members = writer.take_members();
    let bytes = writer.finish(&manifest(members, 1)).expect("finished");
    assert!(refusal(&bytes).contains("twice"));
}

#[test]
fn a_format_that_is_not_known_is_told_with_who_made_it() {
    let mut writer = Writer::new(Vec::new(), 0).expect("a writer");
    writer.add(&Member::Head, br#"{"format":9,"program":"7.0.0"}"#).expect("written");
    let members = writer.take_members();
    let bytes = writer.finish(&manifest(members, 0)).expect("finished");
    let message = refusal(&bytes);
    assert!(message.contains("7.0.0") && message.contains("format 9"), "{message}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn a_byte_that_changed_is_noticed_unless_it_means_nothing(
        at in 0..archive().len(),
        flip in 1..=255_u8,
    ) {
        let mut bytes = archive();
        let (_folder, whole) = kept(&bytes);
        bytes[at] ^= flip;
        let (_folder, path) = kept(&bytes);
        // A bit of Zstandard's header is unused: what comes out is the same.
        if let Ok(found) = verify(&path) {
            prop_assert_eq!(found, verify(&whole).expect("whole"));
        }
    }
}
