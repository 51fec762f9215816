//! The demo media folder: a few films, two shows and some music with every feature that matters, made by FFmpeg.
//!
//! The same machine makes the same bytes, and a file that its recipe made before is not made again.

mod drawn;
mod films;
mod manifest;
mod music;
mod recipe;
mod scene;
mod shows;
mod sup;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};

use self::manifest::Manifest;
use self::recipe::{Piece, Recipe};
use crate::ffmpeg::{self, Ffmpeg};
use crate::program;

/// Files older than this would look odd; all are dated from here on, one minute apart, so that "recently added" has
/// an order. 2026-01-01T00:00:00Z.
const FIRST_FILE_AT_SECONDS: u64 = 1_767_225_600;

/// Temporary inputs and half-made files, inside the demo folder so that a rename publishes a file at once.
const WORK_FOLDER: &str = ".work";

/// What [`make`] did.
#[derive(Debug, Default)]
pub struct Made {
    /// Files made now.
    pub n_made: usize,
    /// Files that were there already.
    pub n_kept: usize,
    /// Files left out, each with the missing encoder.
    pub left_out: Vec<(String, &'static str)>,
}

impl Made {
    /// Tells on the terminal.
    pub fn print(&self, folder: &Path) {
        println!("{}: {} files made, {} kept", folder.display(), self.n_made, self.n_kept);
        for (path, encoder) in &self.left_out {
            println!("left out, because this FFmpeg has no {encoder}: {path}");
        }
    }
}

/// Makes or completes the demo folder.
pub fn make(folder: &Path) -> Result<Made> {
    let ffmpeg = Ffmpeg::find()?;
    let pieces: Vec<Piece> =
        [films::pieces(), shows::pieces(), music::pieces()].into_iter().flatten().collect();
    let work = folder.join(WORK_FOLDER);
    fs::create_dir_all(&work).with_context(|| format!("cannot create {}", work.display()))?;

    let manifest = Mutex::new(Manifest::read(folder)?);
    let made = Mutex::new(Made::default());
    let next = Mutex::new(pieces.iter().enumerate());
    let n_workers = std::thread::available_parallelism().map_or(1, usize::from).min(pieces.len());
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..n_workers)
            .map(|_| {
                scope.spawn(|| {
                    while let Some((n, piece)) = take(&next) {
                        make_piece(folder, n, piece, &ffmpeg, &manifest, &made)
                            .with_context(|| format!("cannot make {}", piece.path))?;
                    }
                    anyhow::Ok(())
                })
            })
            .collect();
        workers.into_iter().try_for_each(|it| it.join().expect("a worker does not panic"))
    })?;

    fs::remove_dir_all(&work)?;
    let mut made = made.into_inner().expect("a worker does not panic");
    made.left_out.sort();
    Ok(made)
}

fn take<T>(next: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    next.lock().expect("a worker does not panic").next()
}

fn make_piece(
    folder: &Path,
    n: usize,
    piece: &Piece,
    ffmpeg: &Ffmpeg,
    manifest: &Mutex<Manifest>,
    made: &Mutex<Made>,
) -> Result<()> {
    let recipe = piece.content.recipe(&format!("{n:03}"), ffmpeg)?;
    let made = || made.lock().expect("a worker does not panic");
    let manifest = || manifest.lock().expect("a worker does not panic");

    if let Some(encoder) = recipe.encoders.iter().find(|it| !ffmpeg.has_encoder(it)) {
        made().left_out.push((piece.path.clone(), encoder));
        return Ok(());
    }
    let target = folder.join(&piece.path);
    if target.is_file() && manifest().has(&piece.path, &recipe) {
        made().n_kept += 1;
        return Ok(());
    }

    let unfinished = cook(folder, n, &piece.path, &recipe)?;
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(FIRST_FILE_AT_SECONDS + 60 * n as u64);
    fs::File::options().write(true).open(&unfinished)?.set_modified(at)?;
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::rename(&unfinished, &target)?;
    manifest().add(&piece.path, &recipe)?;
    made().n_made += 1;
    Ok(())
}

/// Follows the recipe in the work folder and returns the finished file there.
fn cook(folder: &Path, n: usize, path: &str, recipe: &Recipe) -> Result<PathBuf> {
    let work = folder.join(WORK_FOLDER);
    let extension = Path::new(path).extension().unwrap_or_default();
    let unfinished = work.join(format!("{n:03}")).with_extension(extension);
    let Some(arguments) = &recipe.arguments else {
        fs::write(&unfinished, &recipe.text)?;
        return Ok(unfinished);
    };
    for (name, text) in &recipe.inputs {
        fs::write(work.join(name), text)?;
    }
    let file_name = unfinished.file_name().expect("made of a number and an extension");
    program::output(ffmpeg::command().current_dir(&work).args(arguments).arg(file_name))?;
    Ok(unfinished)
}
