//! SQLite databases of others: copies of ours, opened to be read, and believed in nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row};

use super::{Unreadable, words};

/// A database at the most.
pub const MAX_BYTES: u64 = 16 << 30;
/// A value in it at the most: what is larger fails to be read.
const MAX_VALUE_BYTES: i32 = 8 << 20;
/// Reading takes so long at the most, whatever a database makes of a question.
const PATIENCE: Duration = Duration::from_mins(10);
/// Steps of SQLite's machine between two looks at the time.
const STEPS: i32 = 100_000;
/// How often a copy is tried while somebody writes.
const COPY_ATTEMPTS: u32 = 3;
/// How such a file begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// A database that is read.
#[derive(Debug)]
pub struct Database {
    connection: Connection,
    path: PathBuf,
}

impl Database {
    /// Opens a copy that lies in a folder of ours, with the journal beside it. SQLite brings the journal into the copy.
    pub fn open(path: &Path) -> Result<Self, Unreadable> {
        check(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        let end = Instant::now() + PATIENCE;
        connection.progress_handler(STEPS, Some(move || Instant::now() > end))?;
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)?;
        connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
        // Views, triggers and indexes of the file call no function that could do anything.
        connection.pragma_update(None, "trusted_schema", false)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        connection.pragma_update(None, "mmap_size", 0)?;
        connection.pragma_update(None, "query_only", true)?;
        Ok(Self { connection, path: path.to_owned() })
    }

    /// The columns of a table, in lower case; none where there is no such table.
    pub fn columns(&self, table: &str) -> Result<Vec<String>, Unreadable> {
        let mut statement =
            self.connection.prepare("SELECT lower(name) FROM pragma_table_info(?1)")?;
        let names = statement.query_map([table], |row| row.get::<_, String>(0))?;
        Ok(names.collect::<Result<_, _>>()?)
    }

    /// Whether there is a table with these columns.
    pub fn has(&self, table: &str, columns: &[&str]) -> Result<bool, Unreadable> {
        let known = self.columns(table)?;
        Ok(columns.iter().all(|it| known.iter().any(|name| name.eq_ignore_ascii_case(it))))
    }

    /// Hands every row that `sql` gives to `each`.
    pub fn each(
        &self,
        sql: &str,
        mut each: impl FnMut(&Fields<'_>) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        let mut statement = self.connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            each(&Fields(row))?;
        }
        Ok(())
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The values of a row. A value of another type than expected is none.
#[derive(Debug)]
pub struct Fields<'a>(&'a Row<'a>);

impl Fields<'_> {
    fn value(&self, at: usize) -> ValueRef<'_> {
        self.0.get_ref(at).unwrap_or(ValueRef::Null)
    }

    /// A text.
    pub fn text(&self, at: usize) -> Option<&str> {
        self.value(at).as_str().ok()
    }

    /// A whole number, also one written as text or with a point.
    pub fn integer(&self, at: usize) -> Option<i64> {
        match self.value(at) {
            ValueRef::Integer(it) => Some(it),
            ValueRef::Real(it) if it.is_finite() => Some(it as i64),
            ValueRef::Text(it) => std::str::from_utf8(it).ok()?.trim().parse().ok(),
            _ => None,
        }
    }

    /// A number.
    pub fn real(&self, at: usize) -> Option<f64> {
        match self.value(at) {
            ValueRef::Integer(it) => Some(it as f64),
            ValueRef::Real(it) => Some(it),
            ValueRef::Text(it) => std::str::from_utf8(it).ok()?.trim().parse().ok(),
            _ => None,
        }
    }

    /// Whether something is so.
    pub fn flag(&self, at: usize) -> bool {
        match self.value(at) {
            ValueRef::Text(it) => it.eq_ignore_ascii_case(b"true") || it == b"1",
            _ => self.integer(at).is_some_and(|it| it != 0),
        }
    }

    /// Bytes, or those of a text.
    pub fn bytes(&self, at: usize) -> Option<&[u8]> {
        match self.value(at) {
            ValueRef::Text(it) | ValueRef::Blob(it) => Some(it),
            _ => None,
        }
    }

    /// A GUID as .NET keeps it, in bytes or as text: 32 letters in lower case.
    pub fn guid(&self, at: usize) -> Option<String> {
        match self.value(at) {
            ValueRef::Blob(it) => guid_of_bytes(it),
            ValueRef::Text(it) => guid_of_text(std::str::from_utf8(it).ok()?),
            _ => None,
        }
    }
}

/// .NET turns the first three parts round.
fn guid_of_bytes(bytes: &[u8]) -> Option<String> {
    let b: [u8; 16] = bytes.try_into().ok()?;
    let order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    guid_of_text(&words::hex(&order.map(|at: usize| b[at])))
}

/// A GUID in any of its spellings; the empty one is none.
pub fn guid_of_text(text: &str) -> Option<String> {
    if text.len() > 40 {
        return None;
    }
    let letters: String = text
        .chars()
        .filter(|it| !matches!(it, '-' | '{' | '}'))
        .map(|it| it.to_ascii_lowercase())
        .collect();
    let is_guid = letters.len() == 32
        && letters.bytes().all(|it| it.is_ascii_hexdigit())
        && letters.bytes().any(|it| it != b'0');
    is_guid.then_some(letters)
}

/// Refuses what is no database, and what is larger than any.
fn check(path: &Path) -> Result<(), Unreadable> {
    use std::io::Read as _;

    let found = fs::metadata(path).map_err(|it| Unreadable::file(path, it))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if !found.is_file() {
        return Err(Unreadable::Wrong(format!("{name} is not a file")));
    }
    if found.len() > MAX_BYTES {
        return Err(Unreadable::Wrong(format!("{name} is larger than {} GiB", MAX_BYTES >> 30)));
    }
    let mut head = [0; 16];
    let mut file = fs::File::open(path).map_err(|it| Unreadable::file(path, it))?;
    let is_database = file.read_exact(&mut head).is_ok() && &head == MAGIC;
    if !is_database {
        return Err(Unreadable::Wrong(format!("{name} is not an SQLite database")));
    }
    Ok(())
}

/// Copies a database that a server may be writing into `folder`, with the journal of what is not yet in it.
pub fn copy(path: &Path, folder: &Path) -> Result<PathBuf, Unreadable> {
    check(path)?;
    let name = path.file_name().ok_or_else(|| Unreadable::Wrong("a path names a file".into()))?;
    let target = folder.join(name);
    for _ in 0..COPY_ATTEMPTS {
        let before = (state_of(path), state_of(&journal(path)));
        fs::copy(path, &target).map_err(|it| Unreadable::file(path, it))?;
        if journal(path).is_file() {
            let target = journal(&target);
            fs::copy(journal(path), &target).map_err(|it| Unreadable::file(path, it))?;
        }
        if before == (state_of(path), state_of(&journal(path))) {
            return Ok(target);
        }
    }
    let name = name.to_string_lossy();
    Err(Unreadable::Wrong(format!("{name} is being written; stop the other server first")))
}

/// What is not yet in a database.
fn journal(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

/// What changes when a file is written; none where there is none.
fn state_of(path: &Path) -> Option<(u64, std::time::SystemTime)> {
    let found = fs::metadata(path).ok()?;
    Some((found.len(), found.modified().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_is_one_in_bytes_and_in_every_spelling() {
        let bytes: Vec<u8> = (1..=16).collect();
        let expect = Some("0403020106050807090a0b0c0d0e0f10".to_owned());
        assert_eq!(guid_of_bytes(&bytes), expect);
        for text in [
            "04030201-0605-0807-090A-0B0C0D0E0F10",
            "0403020106050807090a0b0c0d0e0f10",
            "{04030201-0605-0807-090a-0b0c0d0e0f10}",
        ] {
            assert_eq!(guid_of_text(text), expect, "{text}");
        }
        for text in ["", "1", "00000000-0000-0000-0000-000000000000", &"f".repeat(99)] {
            assert_eq!(guid_of_text(text), None, "{text}");
        }
    }
}
