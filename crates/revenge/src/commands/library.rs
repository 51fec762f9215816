//! `revenge library`.

use std::io::Write as _;

use anyhow::Context as _;
use serde_json::json;

use crate::cli::Library;
use crate::wiring::Workshop;
use crate::{Setting, block_on};

/// Does what the owner says to libraries.
pub fn run(setting: &Setting, library: Library) -> anyhow::Result<()> {
    block_on(async {
        let workshop = Workshop::open(setting).await?;
        let outcome = act(&workshop, library).await;
        workshop.close().await;
        outcome
    })
}

async fn act(workshop: &Workshop, library: Library) -> anyhow::Result<()> {
    let catalog = &workshop.catalog;
    let mut out = std::io::stdout();
    match library {
        Library::Add { name, kind, folders } => {
            let folders = folders
                .iter()
                .map(|it| std::fs::canonicalize(it).with_context(|| format!("the folder {}", it.display())))
                .collect::<anyhow::Result<Vec<_>>>()?;
            let made = catalog.create_library_unscoped(&name, &kind, &folders).await?;
            writeln!(out, "{} {}", made.id, made.name)?;
        }
        Library::List { json } => {
            for it in catalog.list_libraries_unscoped().await? {
                if json {
                    let line = json!({ "id": it.id, "name": it.name, "kind": it.kind, "folders": it.folders });
                    writeln!(out, "{line}")?;
                } else {
                    writeln!(out, "{}  {:8}  {}", it.id, it.kind, it.name)?;
                    for folder in &it.folders {
                        writeln!(out, "    {folder}")?;
                    }
                }
            }
        }
        Library::Scan { library } => {
            let libraries = catalog.list_libraries_unscoped().await?;
            let found = libraries.iter().find(|it| it.name == library || it.id.to_string() == library);
            let found = found.with_context(|| format!("there is no library called {library}"))?;
            let job = catalog.scan_library_unscoped(found.id).await?;
            writeln!(out, "scan of {} is job {job}", found.name)?;
        }
    }
    Ok(())
}
