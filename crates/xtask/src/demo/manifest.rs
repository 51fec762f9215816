//! Which recipe made which file, kept in the demo folder so that a second run makes only what is missing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::recipe::Recipe;

/// Hidden, so that a media scan passes it by.
const FILE_NAME: &str = ".manifest.json";

/// The recipes of all files made so far.
pub struct Manifest {
    file: PathBuf,
    recipes: BTreeMap<String, Value>,
}

impl Manifest {
    /// Reads the manifest of a demo folder; a new or unreadable one knows no file.
    pub fn read(folder: &Path) -> Result<Self> {
        let file = folder.join(FILE_NAME);
        let recipes = match fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", file.display()));
            }
        };
        Ok(Self { file, recipes })
    }

    /// Whether this very recipe made the file.
    pub fn has(&self, path: &str, recipe: &Recipe) -> bool {
        self.recipes.get(path) == Some(&describe(recipe))
    }

    /// Notes a file as made, on disk at once: the next may be interrupted.
    pub fn add(&mut self, path: &str, recipe: &Recipe) -> Result<()> {
        self.recipes.insert(path.to_owned(), describe(recipe));
        let unfinished = self.file.with_extension("new");
        fs::write(&unfinished, serde_json::to_vec_pretty(&self.recipes)?)?;
        fs::rename(&unfinished, &self.file)?;
        Ok(())
    }
}

fn describe(recipe: &Recipe) -> Value {
    json!({ "arguments": recipe.arguments, "inputs": recipe.inputs, "text": recipe.text })
}
