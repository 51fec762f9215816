//! A media folder with everything that goes wrong in real ones. A scan must name each bad file and go on.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::clip;

/// What [`make`] put into the folder.
pub struct Hostile {
    /// Valid films under awkward names: a scan finds every one.
    pub playable: Vec<PathBuf>,
    /// Files that look like films and are none: a scan reports every one.
    pub broken: Vec<PathBuf>,
    /// A folder without any permission. The superuser reads it all the same.
    pub unreadable: PathBuf,
}

impl Drop for Hostile {
    /// Makes the unreadable folder deletable, so that a test's temporary folder can go.
    fn drop(&mut self) {
        // If that fails, the folder stays behind; there is nobody to tell.
        let _ = fs::set_permissions(&self.unreadable, fs::Permissions::from_mode(0o755));
    }
}

/// Names that break whoever quotes, splits or decodes paths carelessly. Each is a film of its own.
const AWKWARD_NAMES: [&[u8]; 9] = [
    b"It's \"Quoted\" `Twice` (2003).mkv",
    b"Two\nLines (2004).mkv",
    b"Fifty %20 Percent %2e%2e%2f %s (2005).mp4",
    b"..%2f..%2fetc (2006).mkv",
    b"...Dots First (2007).mkv",
    b"-rf Dash First (2008).mkv",
    b"Back\\slash $HOME ${HOME} (2009).mp4",
    // Latin-1, so no UTF-8.
    b"Caf\xe9 Minuit (1999).mkv",
    b"  Spaces Around (2010) .mkv",
];

/// The longest name that Linux file systems take.
const LONGEST_NAME: usize = 255;

/// Makes the folder, which must be new or empty. Needs FFmpeg.
pub fn make(folder: &Path) -> Result<Hostile> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let clips = clip::make(folder)?;
    let [matroska, mp4] = [&clips[0], &clips[1]];

    let mut playable = vec![];
    let long_name = [vec![b'L'; LONGEST_NAME - 4], b".mkv".to_vec()].concat();
    let names = AWKWARD_NAMES.iter().map(|it| it.to_vec()).chain([long_name]);
    for (n, name) in (0..).zip(names) {
        let clip = if name.ends_with(b"mp4") { mp4 } else { matroska };
        let path = folder.join(OsStr::from_bytes(&name));
        fs::write(&path, clip.numbered(n))?;
        playable.push(path);
    }
    // A folder that only looks like the way up.
    let dotted = folder.join(".. ");
    fs::create_dir_all(&dotted)?;
    fs::write(dotted.join("Inside (2011).mkv"), matroska.numbered(100))?;
    playable.push(dotted.join("Inside (2011).mkv"));

    let half = |bytes: &[u8]| bytes[..bytes.len() * 6 / 10].to_vec();
    let mut broken = vec![];
    for (name, bytes) in [
        ("Empty (2001).mkv", vec![]),
        ("Only A Header (2001).mkv", matroska.bytes[..40].to_vec()),
        // Its index was to come at the end.
        ("Truncated (2001).mp4", half(&mp4.bytes)),
        ("Text (2002).mp4", b"This is a shopping list, not a film.\n".repeat(40)),
        ("Zeros (2002).mkv", vec![0; 65_536]),
    ] {
        let path = folder.join(name);
        fs::write(&path, bytes)?;
        broken.push(path);
    }
    // Its first minutes play; whether that is a film is for the scan to say.
    fs::write(folder.join("Truncated (2001).mkv"), half(&matroska.bytes))?;

    symlink(".", folder.join("Loop"))?;
    symlink("Itself.mkv", folder.join("Itself.mkv"))?;
    symlink("Nowhere (1900).mkv", folder.join("Dangling (1900).mkv"))?;
    // Whoever opens this for reading waits forever.
    mknodat(CWD, folder.join("Pipe (2012).mkv"), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)?;

    let unreadable = folder.join("Unreadable");
    fs::create_dir_all(&unreadable)?;
    fs::write(unreadable.join("Hidden (2013).mkv"), matroska.numbered(101))?;
    fs::set_permissions(&unreadable, fs::Permissions::from_mode(0o000))?;

    Ok(Hostile { playable, broken, unreadable })
}
