//! `revenge library`.

use std::io::Write as _;

use anyhow::Context as _;
use catalog::library::{NewLibrary, ScanRequest};
use catalog::stored_path;
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
    let owner = workshop.owner().await?;
    let mut out = std::io::stdout();
    match library {
        Library::Add { name, kind, folders } => {
            let folders = folders
                .iter()
                .map(|it| {
                    let folder = std::fs::canonicalize(it)
                        .with_context(|| format!("the folder {}", it.display()))?;
                    Ok(stored_path::to_text(&folder))
                })
                .collect::<anyhow::Result<Vec<_>>>()?;
            let made = catalog
                .create_library(&owner, NewLibrary { name, kind, folders, ..NewLibrary::default() })
                .await?;
            writeln!(out, "{} {}", made.id, made.name)?;
        }
        Library::List { json } => {
            for it in catalog.list_libraries(&owner).await? {
                if json {
                    let line = json!({ "id": it.id, "name": it.name, "kind": it.kind, "folders": it.folders });
                    writeln!(out, "{line}")?;
                } else {
                    writeln!(out, "{}  {:8}  {}", it.id, it.kind, it.name)?;
                    for folder in it.folders.iter().flatten() {
                        writeln!(out, "    {}", folder.path)?;
                    }
                }
            }
        }
        Library::Scan { library } => {
            let libraries = catalog.list_libraries(&owner).await?;
            let found =
                libraries.iter().find(|it| it.name == library || it.id.to_string() == library);
            let found = found.with_context(|| format!("there is no library called {library}"))?;
            let job = catalog.scan_library(&owner, found.id, &ScanRequest::default()).await?;
            writeln!(out, "scan of {} is job {job}", found.name)?;
        }
    }
    Ok(())
}
