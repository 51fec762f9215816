//! Which folders a library may have: absolute, there, readable, and none inside another.

use std::path::{Path, PathBuf};

use kernel::{Error, Result};

use crate::door::{Door, NoAnswer};
use crate::stored_path;

/// Folders of a library at the most.
const MAX_FOLDERS: usize = 100;

/// The paths as they are kept, or what is wrong with the first one that cannot be a library's folder.
pub(super) async fn checked(door: &Door, texts: &[String]) -> Result<Vec<String>> {
    if texts.is_empty() {
        return Err(Error::invalid("folders", "name at least one folder"));
    }
    if texts.len() > MAX_FOLDERS {
        return Err(Error::invalid(
            "folders",
            format!("a library has at most {MAX_FOLDERS} folders"),
        ));
    }
    let mut paths = Vec::with_capacity(texts.len());
    for (idx, text) in texts.iter().enumerate() {
        let field = format!("folders[{idx}]");
        let path = readable(door, &field, text).await?;
        if let Some(other) = paths.iter().find(|other: &&PathBuf| nested(other, &path)) {
            let (path, other) = (stored_path::to_text(&path), stored_path::to_text(other));
            let message = format!("{path} and {other} overlap: name only the outer one");
            return Err(Error::invalid(field, message));
        }
        paths.push(path);
    }
    Ok(paths.iter().map(|it| stored_path::to_text(it)).collect())
}

/// Whether the server can list the folder right now.
pub(super) async fn is_reachable(door: &Door, text: &str) -> bool {
    let path = stored_path::from_text(text);
    let place = path.clone();
    door.ask(&place, move || std::fs::read_dir(path).is_ok()).await.unwrap_or(false)
}

async fn readable(door: &Door, field: &str, text: &str) -> Result<PathBuf> {
    let wrong = |message: String| Error::invalid(field, message);
    if text.contains('\0') {
        return Err(wrong("a path has no NUL in it".to_owned()));
    }
    let path = normal(&stored_path::from_text(text));
    if !path.is_absolute() {
        return Err(wrong(format!("{text} is no absolute path: begin it with /")));
    }
    if path == Path::new("/") {
        return Err(wrong("the whole file system is no library: choose a folder in it".to_owned()));
    }
    let asked = path.clone();
    let answer = door.ask(&path, move || {
        let found = std::fs::metadata(&asked)?;
        // A file is told by the first answer, a folder that may not be listed by the second.
        if found.is_dir() { std::fs::read_dir(&asked).map(|_| true) } else { Ok(false) }
    });
    match answer.await {
        Ok(Ok(true)) => Ok(path),
        Ok(Ok(false)) => Err(wrong(format!("{text} is a file: choose the folder it is in"))),
        Ok(Err(error)) => Err(wrong(unreadable(text, &error))),
        Err(NoAnswer) => Err(wrong(silent(text))),
    }
}

/// What is wrong with a folder whose disk or share does not answer.
pub(super) fn silent(text: &str) -> String {
    format!("{text} does not answer: is its disk or share there?")
}

/// What a person can do about a folder that cannot be read.
pub(super) fn unreadable(text: &str, error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => format!("{text} does not exist on the server"),
        std::io::ErrorKind::PermissionDenied => {
            format!("the server may not read {text}: let the user it runs as list that folder")
        }
        _ => format!("{text} cannot be read: {error}"),
    }
}

/// Without `.`, doubled and trailing slashes. `..` stays: behind a link it is not what it looks like.
fn normal(path: &Path) -> PathBuf {
    path.components().collect()
}

fn nested(one: &Path, other: &Path) -> bool {
    one.starts_with(other) || other.starts_with(one)
}
