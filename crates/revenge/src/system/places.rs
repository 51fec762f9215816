//! The folders that Revenge works in: whether they can be read and written, and how much room is on their disks.

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{Access, StatVfsMountFlags};

use super::Part;
use crate::wiring::{House, Workshop};

/// Below this much free space artwork, logs of the database and indexes are in danger.
const LITTLE_SPACE: u64 = 1 << 30;
const DISK: &str = "disk";
const FOLDER: &str = "folder";
const BACKUP_FOLDER: &str = "backup_folder";

/// The folders of the server's own, and their disks: that of its data, and that of its backups.
pub async fn own_parts(house: &House) -> Vec<Part> {
    let (data, backups) = (house.data_dir.to_path_buf(), house.backups.folder().to_owned());
    let looked = tokio::task::spawn_blocking(move || {
        let mut parts = vec![data_part(&data)];
        parts.push(backup_folder_part(&backups));
        let is_elsewhere = |place: &Path| device(place).is_some() && device(place) != device(&data);
        // What is not made yet lies on the disk of what is above it.
        let there = backups.ancestors().find(|it| it.exists());
        parts.extend(there.filter(|it| is_elsewhere(it)).map(disk_part));
        parts
    });
    looked.await.unwrap_or_else(|error| {
        vec![Part::degraded(DISK, error.to_string(), "try again; see the log")]
    })
}

/// The data folder and its disk.
pub fn data_part(folder: &Path) -> Part {
    match try_writing(folder) {
        Ok(()) => disk_part(folder),
        Err(error) => Part::failed(
            DISK,
            format!("{}: {error}", folder.display()),
            "let the server's user write there, or name another folder: data_dir",
        ),
    }
}

/// How much room there is.
fn disk_part(folder: &Path) -> Part {
    match rustix::fs::statvfs(folder) {
        Ok(facts) => {
            let free = facts.f_bavail.saturating_mul(facts.f_frsize);
            let found = format!("{} free at {}", human_bytes(free), folder.display());
            if free < LITTLE_SPACE {
                Part::degraded(DISK, found, "make room: below 1 GiB the database may stop")
            } else {
                Part::fine(DISK, found)
            }
        }
        Err(error) => {
            Part::failed(DISK, format!("{}: {error}", folder.display()), "make the folder readable")
        }
    }
}

/// Whether backups can be laid down where they are wanted.
fn backup_folder_part(folder: &Path) -> Part {
    let tried = match folder.try_exists() {
        Ok(true) => try_writing(folder),
        // It is made with the first backup.
        Ok(false) => folder
            .ancestors()
            .find(|it| it.exists())
            .map_or_else(|| Err(io::ErrorKind::NotFound.into()), may_write),
        Err(error) => Err(error),
    };
    let place = folder.display();
    match tried {
        Ok(()) => Part::fine(BACKUP_FOLDER, place.to_string()),
        Err(error) => Part::degraded(
            BACKUP_FOLDER,
            format!("{place}: {error}"),
            "let the server's user write there, or name another folder: backup.folder",
        ),
    }
}

/// The folders of every library: there and readable, writable where NFO files are to be written, and their disks.
pub async fn library_parts(workshop: &Workshop) -> anyhow::Result<Vec<Part>> {
    let owner = workshop.owner().await?;
    let libraries = workshop.catalog.list_libraries(&owner).await?;
    let mut parts = Vec::new();
    // That of the data folder is told already.
    let mut seen: HashSet<_> = device(&workshop.data_dir).into_iter().collect();
    for library in libraries {
        let writes = workshop.catalog.library_metadata(&owner, library.id).await?.write_nfo;
        for folder in library.folders.unwrap_or_default() {
            let found = format!("{} of {}", folder.path, library.name);
            if !folder.is_reachable {
                let advice = "mount the disk or give the server's user the right to read it; nothing is lost meanwhile";
                parts.push(Part::degraded(FOLDER, format!("{found}: cannot be read"), advice));
                continue;
            }
            let place = catalog::stored_path::from_text(&folder.path);
            let asked = place.clone();
            let looked = workshop
                .catalog
                .door
                .ask(&place, move || (may_write(&asked), device(&asked), room(&asked)));
            let Ok((may_write, device, room)) = looked.await else {
                let advice = "look at the disk, or at the server of the share";
                parts.push(Part::degraded(FOLDER, format!("{found}: does not answer"), advice));
                continue;
            };
            parts.push(library_part(found, writes, may_write));
            parts.extend(room.filter(|_| device.is_some_and(|it| seen.insert(it))));
        }
    }
    Ok(parts)
}

/// A folder that can be read. `writes`: NFO files are wanted there.
fn library_part(found: String, writes: bool, may_write: io::Result<()>) -> Part {
    match may_write {
        Err(error) if writes => Part::degraded(
            FOLDER,
            format!("{found}: no NFO files can be written, {error}"),
            "give the server's user the right to write there, or switch the library's NFO files off",
        ),
        _ => Part::fine(FOLDER, found),
    }
}

/// The disk of a library, unless it is only read: there nothing of ours runs out of room.
fn room(folder: &Path) -> Option<Part> {
    let facts = rustix::fs::statvfs(folder).ok()?;
    let is_read_only = facts.f_flag.contains(StatVfsMountFlags::RDONLY);
    let free = facts.f_bavail.saturating_mul(facts.f_frsize);
    (!is_read_only)
        .then(|| Part::fine(DISK, format!("{} free at {}", human_bytes(free), folder.display())))
}

fn device(place: &Path) -> Option<u64> {
    place.metadata().ok().map(|it| it.dev())
}

/// What the system says, without trying: a library's folder is watched by us and by others.
fn may_write(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK)?)
}

/// By a file that is gone at once: rights are not all that it can fail by.
fn try_writing(folder: &Path) -> io::Result<()> {
    let file = folder.join(format!(".revenge-{}", std::process::id()));
    let tried = OpenOptions::new().write(true).create(true).truncate(true).open(&file);
    tried.and_then(|_| std::fs::remove_file(&file))
}

pub(super) fn human_bytes(bytes: u64) -> String {
    let mut value = bytes as f64;
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if value < 1024.0 {
            return format!("{value:.1} {unit}");
        }
        value /= 1024.0;
    }
    format!("{value:.1} TiB")
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[test]
    fn bytes_are_told_in_the_unit_that_fits() {
        assert_eq!(human_bytes(512), "512.0 B");
        assert_eq!(human_bytes(5 << 30), "5.0 GiB");
        assert_eq!(human_bytes(3 << 40), "3.0 TiB");
    }

    #[test]
    fn a_data_folder_in_which_nothing_can_be_written_has_failed() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_ne!(data_part(folder.path()).status, Status::Failed);
        assert_eq!(folder.path().read_dir().expect("readable").count(), 0, "nothing is left");
        assert_eq!(data_part(Path::new("/nowhere/at/all")).status, Status::Failed);
        // There, and nobody's to write in, whoever one is.
        let part = data_part(Path::new("/proc"));
        assert_eq!(part.status, Status::Failed);
        assert!(part.found.starts_with("/proc: "), "{part:?}");
    }

    #[test]
    fn a_folder_of_backups_is_looked_at_before_the_first_one_is_made() {
        let folder = tempfile::tempdir().expect("a folder");
        let part = backup_folder_part(&folder.path().join("not/made/yet"));
        assert_eq!(part.status, Status::Fine, "{part:?}");
        assert_eq!(backup_folder_part(folder.path()).status, Status::Fine);
        let file = folder.path().join("file");
        std::fs::write(&file, "in the way").expect("written");
        for wrong in [Path::new("/proc"), &file, &file.join("below")] {
            let part = backup_folder_part(wrong);
            assert_eq!(part.status, Status::Degraded, "{part:?}");
        }
    }

    #[test]
    fn a_library_that_wants_nfo_files_says_that_it_cannot_write_them() {
        let refused = || Err(io::ErrorKind::ReadOnlyFilesystem.into());
        let part = library_part("/films of Films".to_owned(), true, refused());
        assert_eq!(part.status, Status::Degraded);
        assert!(part.found.contains("NFO") && part.found.contains("read-only"), "{part:?}");
        let films = || "/films of Films".to_owned();
        assert_eq!(library_part(films(), false, refused()).status, Status::Fine);
        assert_eq!(library_part(films(), true, Ok(())).status, Status::Fine);
    }
}
