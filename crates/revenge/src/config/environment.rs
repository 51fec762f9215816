//! The environment, in which a value may be in a file instead: of secrets that a container or a service manager hands over.

use std::fs::File;
use std::io::Read as _;

/// Behind the name of a variable, it makes the value the path of a file that holds it.
const IN_FILE: &str = "_FILE";

/// A value is no longer.
const MAX_BYTES: u64 = 64 << 10;

/// The variables of a process.
#[derive(Clone, Copy, Debug)]
pub struct Environment<'a>(pub &'a [(String, String)]);

impl Environment<'_> {
    /// The value of `name`: its own, or what is in the file that `<name>_FILE` names, without the end of its last line.
    pub fn value(&self, name: &str) -> Result<Option<String>, String> {
        let in_file = format!("{name}{IN_FILE}");
        match (self.plain(name), self.plain(&in_file)) {
            (Some(_), Some(_)) => Err(format!("both {name} and {in_file} are set; one is enough")),
            (Some(value), None) => Ok(Some(value.to_owned())),
            (None, Some(path)) => {
                read(path).map(Some).map_err(|wrong| format!("{in_file}: {path}: {wrong}"))
            }
            (None, None) => Ok(None),
        }
    }

    /// The names of all variables that have a value, those in files without their ending.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.strip_suffix(IN_FILE).unwrap_or(name))
    }

    fn plain(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

fn read(path: &str) -> Result<String, String> {
    let mut text = String::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(MAX_BYTES + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > MAX_BYTES {
        return Err(format!("more than {MAX_BYTES} bytes are no value"));
    }
    let end = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(end);
    Ok(text)
}
