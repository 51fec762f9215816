//! The archive: tar within Zstandard, as `tar --zstd -tf` lists it. Written in one go; read as if an enemy had made it: names
//! are those of [`Member`], every size has a bound, nothing is unpacked by tar itself.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::manifest::FORMAT;
use crate::member::Member;
use crate::{Error, Head, Manifest, MemberFacts, Result};

/// A good bargain: several hundred megabytes a second on one core.
const LEVEL: i32 = 3;
/// Members at the most.
const MAX_MEMBERS: usize = 8 << 20;
/// Bytes behind the last member at the most: tar fills its last block.
const MAX_TAIL: u64 = 1 << 20;

/// SHA-256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// Writes an archive.
pub struct Writer<W: Write> {
    tar: tar::Builder<zstd::Encoder<'static, W>>,
    modified: u64,
    members: Vec<MemberFacts>,
}

impl<W: Write> Writer<W> {
    /// An archive whose members all are of the time `modified`, in seconds since 1970.
    pub fn new(out: W, modified: u64) -> io::Result<Self> {
        let mut encoder = zstd::Encoder::new(out, LEVEL)?;
        encoder.include_checksum(true)?;
        Ok(Self { tar: tar::Builder::new(encoder), modified, members: Vec::new() })
    }

    /// The next member.
    pub fn add(&mut self, member: &Member, bytes: &[u8]) -> io::Result<()> {
        let name = member.to_string();
        self.append(&name, bytes)?;
        self.members.push(MemberFacts { name, size: bytes.len() as u64, sha256: sha256(bytes) });
        Ok(())
    }

    /// Bytes put in so far.
    #[cfg(test)]
    pub fn members(&self) -> &[MemberFacts] {
        &self.members
    }

    /// The members so far, for the manifest.
    pub fn take_members(&mut self) -> Vec<MemberFacts> {
        std::mem::take(&mut self.members)
    }

    /// Ends the archive with what everything in it must be.
    pub fn finish(mut self, manifest: &Manifest) -> io::Result<W> {
        let bytes = serde_json::to_vec(manifest)?;
        self.append(&Member::Manifest.to_string(), &bytes)?;
        self.tar.into_inner()?.finish()
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut header = tar::Header::new_ustar();
        header.set_path(name)?;
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(self.modified);
        header.set_cksum();
        self.tar.append(&header, bytes)
    }
}

/// Goes through an archive, member by member; whatever is wrong with one is an error before `each` hears of it. What `each`
/// says ends the reading.
pub fn read(path: &Path, mut each: impl FnMut(Member, Vec<u8>) -> Result<bool>) -> Result<()> {
    let file = File::open(path).map_err(|error| Error::files("open", path, error))?;
    let decoder = zstd::Decoder::new(BufReader::with_capacity(1 << 20, file))
        .map_err(|error| Error::files("read", path, error))?;
    let mut archive = tar::Archive::new(decoder);
    let broken = |error: io::Error| Error::damaged(path, error.to_string());
    // Raw: names that are too long for a header, links and the like are not put together, but refused.
    let entries = archive.entries().map_err(broken)?.raw(true);
    let mut is_over = false;
    for (number, entry) in entries.enumerate() {
        let mut entry = entry.map_err(|error| unreadable(path, number, &error))?;
        if is_over || number > MAX_MEMBERS {
            return Err(Error::damaged(path, "something stands behind its end"));
        }
        let name = entry.path_bytes().into_owned();
        let name = String::from_utf8_lossy(&name).into_owned();
        let member = Member::parse(&name).filter(|_| entry.header().entry_type().is_file());
        let Some(member) = member else {
            let why = format!("it holds {name:?}, which no backup does");
            return Err(Error::NoBackup { path: path.to_owned(), why });
        };
        if (number == 0) != (member == Member::Head) {
            let why = "it does not begin as one".to_owned();
            return Err(Error::NoBackup { path: path.to_owned(), why });
        }
        let size = entry.size();
        if size > member.max_bytes() {
            return Err(Error::damaged(path, format!("{name} says it has {size} bytes")));
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(broken)?;
        if bytes.len() as u64 != size {
            return Err(Error::damaged(path, format!("{name} is cut off")));
        }
        is_over = member == Member::Manifest;
        if !each(member, bytes)? {
            return Ok(());
        }
    }
    if !is_over {
        return Err(Error::damaged(path, "it is cut off"));
    }
    // Only at the very end does Zstandard compare its own checksum.
    let tail = io::copy(&mut archive.into_inner().take(MAX_TAIL + 1), &mut io::sink());
    if tail.map_err(broken)? > MAX_TAIL {
        return Err(Error::damaged(path, "something stands behind its end"));
    }
    Ok(())
}

/// At the beginning it is not ours, later it is broken.
fn unreadable(path: &Path, number: usize, error: &io::Error) -> Error {
    if number == 0 {
        Error::NoBackup { path: path.to_owned(), why: error.to_string() }
    } else {
        Error::damaged(path, error.to_string())
    }
}

pub fn peek(path: &Path) -> Result<Head> {
    let mut head = None;
    read(path, |member, bytes| {
        if member == Member::Head {
            head = Some(read_head(path, &bytes)?);
        }
        Ok(false)
    })?;
    head.ok_or_else(|| Error::damaged(path, "it is empty"))
}

pub fn verify(path: &Path) -> Result<(Head, Manifest)> {
    let mut head = None;
    let mut manifest = None;
    let mut seen: Vec<MemberFacts> = Vec::new();
    let mut names = HashSet::new();
    read(path, |member, bytes| {
        match &member {
            Member::Head => head = Some(read_head(path, &bytes)?),
            Member::Manifest => {
                let read: Manifest = serde_json::from_slice(&bytes)
                    .map_err(|error| Error::damaged(path, format!("its manifest: {error}")))?;
                manifest = Some(read);
                return Ok(true);
            }
            Member::Artwork(hash) if *hash != sha256(&bytes) => {
                return Err(Error::damaged(path, format!("{member} is another picture")));
            }
            Member::Artwork(_) | Member::Rows { .. } | Member::Config(_) => {}
        }
        let facts = MemberFacts {
            name: member.to_string(),
            size: bytes.len() as u64,
            sha256: sha256(&bytes),
        };
        if !names.insert(member) {
            return Err(Error::damaged(path, format!("{} is there twice", facts.name)));
        }
        seen.push(facts);
        Ok(true)
    })?;
    let (Some(head), Some(manifest)) = (head, manifest) else {
        return Err(Error::damaged(path, "it is cut off"));
    };
    if let Some((found, said)) = seen.iter().zip(&manifest.members).find(|(a, b)| a != b) {
        let why = format!("{} is not what the manifest says of {}", found.name, said.name);
        return Err(Error::damaged(path, why));
    }
    if seen.len() != manifest.members.len() {
        return Err(Error::damaged(path, "it has other members than its manifest says"));
    }
    has_all_rows(path, &manifest, &names)?;
    Ok((head, manifest))
}

/// Every table has all its parts, and no part is of another table.
fn has_all_rows(path: &Path, manifest: &Manifest, names: &HashSet<Member>) -> Result<()> {
    let mut n_parts = 0;
    for it in &manifest.tables {
        for part in 0..it.parts {
            let (schema, table) = (it.table.schema.clone(), it.table.name.clone());
            let member = Member::Rows { schema, table, part };
            if !names.contains(&member) {
                return Err(Error::damaged(path, format!("{member} is missing")));
            }
            n_parts += 1;
        }
    }
    let n_rows_members = names.iter().filter(|it| matches!(it, Member::Rows { .. })).count();
    if n_rows_members == n_parts {
        Ok(())
    } else {
        Err(Error::damaged(path, "it has rows of a table that its manifest does not name"))
    }
}

fn read_head(path: &Path, bytes: &[u8]) -> Result<Head> {
    #[derive(serde::Deserialize)]
    struct Version {
        format: u32,
        program: String,
    }
    let damaged = |error: serde_json::Error| Error::damaged(path, format!("its head: {error}"));
    let Version { format, program } = serde_json::from_slice(bytes).map_err(damaged)?;
    if format != FORMAT {
        return Err(Error::Format { path: path.to_owned(), program, format, known: FORMAT });
    }
    serde_json::from_slice(bytes).map_err(damaged)
}

#[cfg(test)]
mod tests;
