//! The last step of an upgrade: the new cluster takes the old one's place, by renaming alone.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{UNFINISHED, size_of};
use crate::cluster::Place;
use crate::{Error, Result};

/// Is there from the moment on in which the new cluster is whole, until it is in its place. The first line names both versions;
/// behind it stands the old cluster's control file as it was when its rows had been read.
const MARKER: &str = "upgraded";
/// More than any control file has.
const MARKER_MAX_BYTES: u64 = 64 << 10;
/// How an old cluster's folder begins and ends: `data-18.old`.
const OLD: (&str, &str) = ("data-", ".old");

/// A cluster of an earlier version that an upgrade left for a person to delete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previous {
    /// Where it lies.
    pub folder: PathBuf,
    /// What it takes of the disk.
    pub bytes: u64,
}

/// The old clusters in the folder of a private one.
pub fn list_previous(folder: &Path) -> Result<Vec<Previous>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::files("read", folder, error)),
    };
    let mut previous = Vec::new();
    for entry in entries.flatten() {
        let name = entry.file_name();
        if name.to_str().is_some_and(|it| it.starts_with(OLD.0) && it.ends_with(OLD.1)) {
            let bytes = size_of(&entry.path())?;
            previous.push(Previous { folder: entry.path(), bytes });
        }
    }
    previous.sort_by(|a, b| a.folder.cmp(&b.folder));
    Ok(previous)
}

/// Says that the new cluster is whole: from here on a start goes on, and does not begin again.
pub(in crate::cluster) fn write_marker(place: &Place, from: u32, to: u32) -> Result<()> {
    let path = place.folder.join(MARKER);
    let unfinished = path.with_extension("new");
    let mut text = format!("{from} {to}\n").into_bytes();
    text.extend(read_control(place)?);
    let write = || -> io::Result<()> {
        let mut file = File::create(&unfinished)?;
        file.write_all(&text)?;
        file.sync_all()?;
        std::fs::rename(&unfinished, &path)?;
        sync(&place.folder)
    };
    write().map_err(|error| Error::files("write", path, error))
}

/// Finishes the switch that a marker tells of, wherever it was cut short; false where there is none to finish.
pub(in crate::cluster) fn finish(place: &Place) -> Result<bool> {
    let path = place.folder.join(MARKER);
    let Some(marker) = read_marker(&path)? else { return Ok(false) };
    let unfinished = place.folder.join(UNFINISHED);
    let new = unfinished.join("data");
    if new.exists() {
        if place.data.exists() {
            if read_control(place)? != marker.control {
                tracing::warn!(
                    "the old database was used after it had been read; its upgrade begins anew"
                );
                return give_up(&path).map(|()| false);
            }
            let old = free_name(&place.folder, marker.from)?;
            rename(&place.data, &old, &place.folder)?;
        }
        rename(&new, &place.data, &place.folder)?;
    } else if !place.data.exists() {
        return Err(Error::files("find", &place.data, io::ErrorKind::NotFound.into()));
    }
    match std::fs::remove_dir_all(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(Error::files("delete", unfinished, error));
        }
        _ => {}
    }
    give_up(&path)?;
    for it in list_previous(&place.folder)? {
        tracing::warn!(
            old = %it.folder.display(),
            mib = it.bytes.div_ceil(1 << 20),
            from = marker.from,
            to = marker.to,
            "the database belongs to the newer PostgreSQL now; the old one is kept, delete it when all is well"
        );
    }
    Ok(true)
}

struct Marker {
    from: u32,
    to: u32,
    control: Vec<u8>,
}

fn read_marker(path: &Path) -> Result<Option<Marker>> {
    let failed = |error| Error::files("read", path, error);
    match path.metadata() {
        Ok(facts) if facts.len() > MARKER_MAX_BYTES => {
            return Err(failed(io::ErrorKind::FileTooLarge.into()));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    }
    let bytes = std::fs::read(path).map_err(failed)?;
    let marker = parse_marker(&bytes);
    marker.map(Some).ok_or_else(|| failed(io::ErrorKind::InvalidData.into()))
}

fn parse_marker(bytes: &[u8]) -> Option<Marker> {
    let end = bytes.iter().position(|it| *it == b'\n')?;
    let (line, control) = bytes.split_at(end);
    let (from, to) = str::from_utf8(line).ok()?.split_once(' ')?;
    let control = control.get(1..)?.to_vec();
    Some(Marker { from: from.parse().ok()?, to: to.parse().ok()?, control })
}

/// Changes whenever a server works on the cluster.
fn read_control(place: &Place) -> Result<Vec<u8>> {
    let path = place.data.join("global/pg_control");
    std::fs::read(&path).map_err(|error| Error::files("read", path, error))
}

/// A name for the old cluster that nothing has yet.
fn free_name(folder: &Path, version: u32) -> Result<PathBuf> {
    let (begin, end) = OLD;
    let names = std::iter::once(format!("{begin}{version}{end}"))
        .chain((2..100).map(|number| format!("{begin}{version}-{number}{end}")));
    names.map(|name| folder.join(name)).find(|it| !it.exists()).ok_or_else(|| {
        Error::files("rename", folder.join("data"), io::ErrorKind::AlreadyExists.into())
    })
}

fn rename(from: &Path, to: &Path, above: &Path) -> Result<()> {
    std::fs::rename(from, to)
        .and_then(|()| sync(above))
        .map_err(|error| Error::files("rename", from, error))
}

fn give_up(marker: &Path) -> Result<()> {
    std::fs::remove_file(marker)
        .and_then(|()| marker.parent().map_or(Ok(()), sync))
        .map_err(|error| Error::files("delete", marker, error))
}

/// Has the disk keep what the folder lists.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
