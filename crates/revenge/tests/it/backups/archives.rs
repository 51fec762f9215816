//! Backups that are damaged, hostile or do not fit: refused with a word, and nothing is changed.

use std::io::{Read as _, Write as _};
use std::path::Path;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Used, assert_same, content_of, done, refused};

/// The members of an archive, by name.
type Members = Vec<(String, Vec<u8>)>;

/// The members of an archive.
fn unpack(path: &Path) -> Vec<(String, Vec<u8>)> {
    let file = std::fs::File::open(path).expect("the backup");
    let mut archive = tar::Archive::new(zstd::Decoder::new(file).expect("Zstandard"));
    let mut members = Vec::new();
    for entry in archive.entries().expect("tar") {
        let mut entry = entry.expect("a member");
        let name = entry.path().expect("a name").display().to_string();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("its bytes");
        members.push((name, bytes));
    }
    members
}

/// Writes an archive of these members whose manifest is right again.
fn pack(path: &Path, members: &mut [(String, Vec<u8>)]) {
    let hash = |bytes: &[u8]| data_encoding::HEXLOWER.encode(&Sha256::digest(bytes));
    let facts: Vec<Value> = members[..members.len() - 1]
        .iter()
        .map(|(name, bytes)| {
            serde_json::json!({ "name": name, "size": bytes.len(), "sha256": hash(bytes) })
        })
        .collect();
    let manifest = members.last_mut().expect("a manifest");
    let mut value: Value = serde_json::from_slice(&manifest.1).expect("JSON");
    value["members"] = facts.into();
    manifest.1 = value.to_string().into_bytes();
    let file = std::fs::File::create(path).expect("a file");
    let mut tar = tar::Builder::new(zstd::Encoder::new(file, 1).expect("Zstandard"));
    for (name, bytes) in members {
        let mut header = tar::Header::new_ustar();
        header.set_path(name).expect("a name");
        header.set_size(bytes.len() as u64);
        header.set_cksum();
        tar.append(&header, &bytes[..]).expect("written");
    }
    let encoder = tar.into_inner().expect("written");
    encoder.finish().expect("written").flush().expect("written");
}

#[tokio::test]
async fn what_is_damaged_or_does_not_fit_changes_nothing() {
    let used = Used::new(async |_, _, _| {}).await;
    let data = used.data();
    let file = used.path("saved.tar.zst");
    done(&data, &["backup", &file]);
    let before = content_of(&data).await;
    let whole = std::fs::read(&file).expect("the backup");
    let other = used.folder.path().join("other.tar.zst");
    let path = other.display().to_string();
    let restore = ["restore", "--replace", &path];

    for length in [0, 10, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&other, &whole[..length]).expect("written");
        refused(&data, &restore, &path);
    }
    let mut garbled = whole.clone();
    let middle = garbled.len() / 2;
    garbled[middle] ^= 0xff;
    std::fs::write(&other, &garbled).expect("written");
    refused(&data, &restore, &path);

    let members = unpack(Path::new(&file));
    let change = |what: &dyn Fn(&mut Members)| {
        let mut members = members.clone();
        what(&mut members);
        pack(&other, &mut members);
    };
    change(&|it| it.insert(1, ("config/evil".to_owned(), b"x".to_vec())));
    refused(&data, &restore, "which no backup does");
    change(&|it| {
        let head = String::from_utf8(it[0].1.clone()).expect("text");
        it[0].1 = head.replace("\"version\": 1,", "\"version\": 9001,").into_bytes();
    });
    refused(&data, &restore, "newer than this program");

    // Rows that the tables refuse, seen only when they are loaded: what was there is there again.
    let rows = |it: &mut Vec<(String, Vec<u8>)>, table: &str, from: &str, to: &str| {
        let name = format!("database/{table}/00000000");
        let member = it.iter_mut().find(|it| it.0 == name).expect("the table has rows");
        let text = String::from_utf8(member.1.clone()).expect("text");
        assert!(text.contains(from), "{text}");
        member.1 = text.replace(from, to).into_bytes();
    };
    change(&|it| rows(it, "catalog/library", "movies", "a\tb"));
    refused(&data, &restore, "the database");
    change(&|it| {
        let id = before["catalog.library"][0]["id"].as_str().expect("an id");
        rows(it, "catalog/item", id, "00000000-0000-7000-8000-000000000000");
    });
    refused(&data, &restore, "item_library_fkey");

    assert_same(&before, &content_of(&data).await, &[]);
    done(&data, &["restore", "--replace", &file]);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_leaves_nothing_behind() {
    let used = Used::new(async |_, _, _| {}).await;
    refused(&used.data(), &["backup", "/proc/backup.tar.zst"], "/proc");
    let file = used.folder.path().join("not-a-folder");
    std::fs::write(&file, b"x").expect("written");
    let inside = file.join("backup.tar.zst").display().to_string();
    refused(&used.data(), &["backup", &inside], "cannot be made");
}
