//! Writes again what is generated and committed: the checked SQL, the OpenAPI document and the web app's types of it.

mod queries;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::program;
use crate::root::{root, target};

/// Generates everything; with `is_check` nothing is written and any difference is an error.
pub fn run(is_check: bool) -> Result<()> {
    let work = target()?.join("generated");
    let queries = work.join("sqlx");
    // The program embeds this folder; what is in it does not matter here.
    fs::create_dir_all(root().join("web/build"))?;

    queries::describe(&queries)?;
    let mut outputs = queries::outputs(&queries, &root().join(".sqlx"))?;
    let document = openapi(&queries)?;
    outputs.push(Output {
        file: root().join("web/src/lib/api/schema.ts"),
        text: Some(typescript(&work, &document)?),
    });
    outputs.push(Output { file: root().join("openapi/revenge.json"), text: Some(document) });

    let stale: Vec<&Output> = outputs.iter().filter(|it| it.is_stale()).collect();
    if is_check && !stale.is_empty() {
        let names: Vec<_> = stale.iter().map(|it| it.file.display().to_string()).collect();
        bail!("out of date:\n  {}\nrun `make gen` and commit what it writes", names.join("\n  "));
    }
    for output in &stale {
        output.write()?;
    }
    println!("{} of {} generated files changed", stale.len(), outputs.len());
    Ok(())
}

/// What a generated file should be.
struct Output {
    file: PathBuf,
    /// None if it should not be there.
    text: Option<String>,
}

impl Output {
    fn is_stale(&self) -> bool {
        fs::read_to_string(&self.file).ok() != self.text
    }

    fn write(&self) -> Result<()> {
        let Some(text) = &self.text else { return Ok(fs::remove_file(&self.file)?) };
        if let Some(parent) = self.file.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&self.file, text).with_context(|| format!("cannot write {}", self.file.display()))
    }
}

/// The document of the program as it stands.
fn openapi(queries: &Path) -> Result<String> {
    let mut cargo = program::command("cargo");
    cargo.args(["run", "--quiet", "-p", "revenge", "--", "openapi"]).current_dir(root());
    cargo.env("SQLX_OFFLINE", "true").env("SQLX_OFFLINE_DIR", queries);
    let document = program::output(&mut cargo)?;
    serde_json::from_str::<serde_json::Value>(&document)
        .context("`revenge openapi` wrote no JSON")?;
    Ok(document)
}

/// The web app's types of the document.
fn typescript(work: &Path, document: &str) -> Result<String> {
    let (input, output) = (work.join("revenge.json"), work.join("schema.ts"));
    fs::write(&input, document)?;
    let web = root().join("web");
    let mut tool = program::command(web.join("node_modules/.bin/openapi-typescript"));
    // A default of a request's field means that it may be left out, not that it is always there.
    tool.arg(&input).arg("--default-non-nullable=false").arg("--output").arg(&output);
    program::output(tool.current_dir(web))?;
    Ok(fs::read_to_string(output)?)
}
