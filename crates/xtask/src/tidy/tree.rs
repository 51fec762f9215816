//! The files under version control, as text.

use std::fs;

use anyhow::Result;

use crate::program;
use crate::root::root;

/// All text files.
pub struct Tree {
    pub files: Vec<SourceFile>,
}

/// One file.
pub struct SourceFile {
    /// From the workspace's root, with slashes.
    pub path: String,
    pub text: String,
}

/// Whoever generates a file writes this in its first lines.
const GENERATED_MARK: &str = "@generated";
/// Generated files that carry no mark.
const GENERATED_PATHS: [&str; 3] = [".sqlx/", "openapi/", "web/src/lib/api/schema.ts"];

impl Tree {
    /// What Git knows, and what it would add.
    pub fn of_workspace() -> Result<Self> {
        let mut git = program::command("git");
        git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root());
        let listing = program::output(&mut git)?;
        let mut files = vec![];
        for path in listing.split_terminator('\0') {
            // Pictures are no text; a file deleted but not yet committed is gone.
            if let Ok(text) = fs::read_to_string(root().join(path)) {
                files.push(SourceFile { path: path.to_owned(), text });
            }
        }
        Ok(Self { files })
    }

    /// A tree of these files, for trying a rule.
    #[cfg(test)]
    pub fn sample(files: &[(&str, &str)]) -> Self {
        let file = |&(path, text): &(&str, &str)| SourceFile {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        Self { files: files.iter().map(file).collect() }
    }

    /// Files that people write, ending in one of these.
    pub fn written<'a>(&'a self, extensions: &'a [&str]) -> impl Iterator<Item = &'a SourceFile> {
        self.files.iter().filter(move |it| it.has_extension(extensions) && !it.is_generated())
    }
}

impl SourceFile {
    fn has_extension(&self, extensions: &[&str]) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension))
    }

    fn is_generated(&self) -> bool {
        GENERATED_PATHS.iter().any(|it| self.path.starts_with(it))
            || self.text.lines().take(5).any(|it| it.contains(GENERATED_MARK))
    }

    /// Whether it is a test and nothing else.
    pub fn is_test(&self) -> bool {
        ["/tests/", "/tests.rs", "/e2e/", ".test.ts", ".spec.ts"]
            .iter()
            .any(|it| self.path.contains(it))
            || self.path.starts_with("tests/")
    }

    /// The crate whose file this is.
    pub fn crate_name(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }

    /// Its lines with their numbers, comments that take the whole line left out.
    pub fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines()).filter(|(_, line)| {
            let line = line.trim_start();
            !["//", "#!", "# ", "*", "/*", "<!--"].iter().any(|it| line.starts_with(it))
        })
    }
}
