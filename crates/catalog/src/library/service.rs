//! What people do with libraries.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use kernel::id::LibraryId;
use kernel::{Error, LibraryScope, Limit, Page, Permission, Result, Viewer};
use sqlx::Connection as _;

use super::store::{self, Counts, FolderRow, LibraryRow, ProblemKey, ScanRow};
use super::{
    Folder, FolderListing, Library, LibraryLimits, LibraryPatch, LibraryProblem, NewLibrary,
    ScanRequest, ScanView, Schedule, browse, folders, places_of,
};
use crate::door::NoAnswer;
use crate::scan::Ask;
use crate::{Catalog, cursor, personal, stored_path};

/// The cache's key for the ids of all libraries, which every request of an administrator needs.
const ALL_IDS: &str = "catalog.library_ids";
/// They change only through here; the time is for a cache that missed the deletion.
const ALL_IDS_TTL: Duration = Duration::from_mins(1);
/// Counts are kept under a generation, so they never grow wrong; the time only frees the room.
const COUNTS_TTL: Duration = Duration::from_hours(1);
/// Letters of a library's name, as the database checks them.
const MAX_NAME: usize = 128;

impl Catalog {
    /// What all libraries are called, for rules of the configuration that name them.
    pub async fn library_names_unscoped(&self) -> Result<Vec<(LibraryId, String)>> {
        let scope = LibraryScope::of(self.all_library_ids().await?);
        let rows = store::list_libraries(&mut *self.connection().await?, &scope).await?;
        Ok(rows.into_iter().map(|it| (it.id, it.name)).collect())
    }

    /// The folders of all libraries, as they are entered.
    pub async fn list_folders_unscoped(&self) -> Result<Vec<PathBuf>> {
        let folders = store::list_folders_unscoped(&mut *self.connection().await?).await?;
        Ok(folders.into_iter().map(|it| stored_path::from_text(&it.1)).collect())
    }

    /// The ids of all libraries: the scope of those who may see everything. Asked with every request, so cached.
    pub async fn all_library_ids(&self) -> Result<Vec<LibraryId>> {
        if let Ok(Some(kept)) = self.cache.get(ALL_IDS).await
            && let Ok(ids) = serde_json::from_slice(&kept)
        {
            return Ok(ids);
        }
        let ids = store::list_library_ids_unscoped(&mut *self.connection().await?).await?;
        let _ = self
            .cache
            .set(ALL_IDS, serde_json::to_vec(&ids).unwrap_or_default(), ALL_IDS_TTL)
            .await;
        Ok(ids)
    }

    /// The libraries that exist for `viewer`, by name.
    pub async fn list_libraries(&self, viewer: &Viewer) -> Result<Vec<Library>> {
        let mut db = self.connection().await?;
        let rows = store::list_libraries(&mut db, &viewer.scope).await?;
        // A scan counts all there is.
        let scans = if viewer.scope.is_guarded() {
            Vec::new()
        } else {
            store::list_latest_scans(&mut db, &viewer.scope).await?
        };
        let mut scans: HashMap<_, _> = scans.into_iter().map(|it| (it.library_id, it)).collect();
        let is_manager = viewer.can(Permission::ManageLibraries);
        let mut rows_of: HashMap<LibraryId, Vec<FolderRow>> = HashMap::new();
        if is_manager {
            for row in store::list_folders(&mut db, &viewer.scope).await? {
                rows_of.entry(row.library_id).or_default().push(row);
            }
        }
        drop(db);
        let mut libraries = Vec::with_capacity(rows.len());
        for row in rows {
            let counts = self.counts(&viewer.scope, &row).await?;
            let scan = scans.remove(&row.id).map(scan_view);
            let folders = if is_manager {
                Some(self.with_reach(rows_of.remove(&row.id).unwrap_or_default()).await)
            } else {
                None
            };
            libraries.push(view(row, counts, scan, folders));
        }
        Ok(libraries)
    }

    /// One library, if it exists for `viewer`.
    pub async fn find_library(&self, viewer: &Viewer, id: LibraryId) -> Result<Library> {
        let viewer = Viewer { scope: viewer.scope.narrowed(id), ..viewer.clone() };
        self.list_libraries(&viewer).await?.pop().ok_or(Error::NotFound("library"))
    }

    /// Makes a library. It is empty until it is scanned.
    pub async fn create_library(&self, viewer: &Viewer, new: NewLibrary) -> Result<Library> {
        viewer.require(Permission::ManageLibraries)?;
        let name = checked_name(&new.name)?;
        if !self.kinds.iter().any(|it| it.id == new.kind) {
            let known = self.kinds.iter().map(|it| it.id).collect::<Vec<_>>().join(", ");
            return Err(Error::invalid(
                "kind",
                format!("there is no {}; there is {known}", new.kind),
            ));
        }
        let paths = folders::checked(&self.door, &new.folders).await?;
        let limits = new.limits.unwrap_or_default().checked()?;
        let times = new.schedule.as_ref().map_or(Ok(Schedule::USUAL), Schedule::checked)?;
        let id: LibraryId = self.ids.next();
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        store::insert_library(&mut tx, id, &new.kind, name, self.clock.now()).await?;
        store::replace_folders(&mut tx, id, &paths).await?;
        store::update_schedule(&mut tx, id, times).await?;
        store::update_is_watched(&mut tx, id, new.is_watched.unwrap_or(true)).await?;
        store::update_places_specials(&mut tx, id, new.places_specials.unwrap_or(true)).await?;
        store::update_analysis(&mut tx, id, new.analysis.unwrap_or_default()).await?;
        store::update_limits(&mut tx, id, limits).await?;
        tx.commit().await?;
        drop(db);
        let _ = self.cache.delete(ALL_IDS).await;
        self.announce_library(id).await;
        // The scope of the viewer was made before the library was.
        let viewer = Viewer { scope: viewer.scope.moved_to([id]), ..viewer.clone() };
        self.find_library(&viewer, id).await
    }

    /// Changes a library's name or folders, and how it is kept up to date.
    pub async fn update_library(
        &self,
        viewer: &Viewer,
        id: LibraryId,
        patch: LibraryPatch,
    ) -> Result<Library> {
        viewer.require(Permission::ManageLibraries)?;
        self.find_library(viewer, id).await?;
        let name = patch.name.as_deref().map(checked_name).transpose()?;
        let paths = match &patch.folders {
            Some(texts) => Some(folders::checked(&self.door, texts).await?),
            None => None,
        };
        let limits = patch.limits.map(LibraryLimits::checked).transpose()?;
        let times = patch.schedule.as_ref().map(Schedule::checked).transpose()?;
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        if let Some(name) = name {
            store::update_name(&mut tx, id, name).await?;
        }
        if let Some(paths) = paths {
            store::replace_folders(&mut tx, id, &paths).await?;
        }
        if let Some(times) = times {
            store::update_schedule(&mut tx, id, times).await?;
        }
        if let Some(is_watched) = patch.is_watched {
            store::update_is_watched(&mut tx, id, is_watched).await?;
        }
        if let Some(places_specials) = patch.places_specials {
            store::update_places_specials(&mut tx, id, places_specials).await?;
            let roots = store::list_roots_with_specials_unscoped(&mut tx, id).await?;
            personal::recount(&mut tx, &roots).await?;
        }
        if let Some(analysis) = patch.analysis {
            store::update_analysis(&mut tx, id, analysis).await?;
        }
        if let Some(limits) = limits {
            store::update_limits(&mut tx, id, limits).await?;
        }
        store::bump_generation(&mut tx, id).await?;
        tx.commit().await?;
        drop(db);
        self.announce_library(id).await;
        self.find_library(viewer, id).await
    }

    /// Deletes a library with all that is known of its content. The files on disk, and what people made of the items,
    /// stay.
    pub async fn delete_library(&self, viewer: &Viewer, id: LibraryId) -> Result<()> {
        viewer.require(Permission::ManageLibraries)?;
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        let found = viewer.scope.contains(id) && store::delete_library(&mut tx, id).await?;
        if !found {
            return Err(Error::NotFound("library"));
        }
        tx.commit().await?;
        let _ = self.cache.delete(ALL_IDS).await;
        self.announce_library(id).await;
        Ok(())
    }

    /// Asks for a scan of the library, or of a folder of it, and says under which job it waits.
    pub async fn scan_library(
        &self,
        viewer: &Viewer,
        id: LibraryId,
        request: &ScanRequest,
    ) -> Result<i64> {
        viewer.require(Permission::ScanLibraries)?;
        let scope = viewer.scope.narrowed(id);
        let mut db = self.connection().await?;
        if store::list_libraries(&mut db, &scope).await?.is_empty() {
            return Err(Error::NotFound("library"));
        }
        let folder = match &request.folder {
            Some(path) => {
                let folders = store::list_folders(&mut db, &scope).await?;
                let roots: Vec<_> = folders.into_iter().map(|it| (id, it.path)).collect();
                let place = places_of(&stored_path::from_text(path), &roots).pop();
                let place = place.filter(|_| !path.contains('\0')).ok_or_else(|| {
                    Error::invalid("folder", format!("{path} is in no folder of this library"))
                })?;
                place.folder
            }
            None => None,
        };
        let ask = Ask { folder, reads_problems: request.retry_problems };
        let mut tx = db.begin().await?;
        let job_id = self.ask_scan(&mut tx, id, &ask).await?;
        tx.commit().await?;
        Ok(job_id)
    }

    /// What the last scans of a library could not read.
    pub async fn list_problems(
        &self,
        viewer: &Viewer,
        id: LibraryId,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<Page<LibraryProblem>> {
        viewer.require(Permission::ScanLibraries)?;
        let after: Option<ProblemKey> = cursor.map(cursor::decode).transpose()?;
        let scope = viewer.scope.narrowed(id);
        let mut db = self.connection().await?;
        if store::list_libraries(&mut db, &scope).await?.is_empty() {
            return Err(Error::NotFound("library"));
        }
        let rows = store::list_problems(&mut db, &scope, after.as_ref(), limit).await?;
        Ok(Page::of(rows, limit, |(key, _)| ProblemKey { path: key.path.clone(), ..*key })
            .map(|(_, it)| it))
    }

    /// The server's folders in `path`, for choosing where a library is.
    pub async fn list_server_folders(
        &self,
        viewer: &Viewer,
        path: Option<String>,
    ) -> Result<FolderListing> {
        viewer.require(Permission::ManageLibraries)?;
        let suggestions = self.folder_suggestions.clone();
        let place = stored_path::from_text(path.as_deref().unwrap_or("/"));
        let asked =
            self.door.ask(&place, move || browse::list(path.as_deref(), &suggestions)).await;
        asked.unwrap_or_else(|NoAnswer| {
            Err(Error::invalid("path", folders::silent(&stored_path::to_text(&place))))
        })
    }

    /// Whether each folder is there, all asked at once: a share that is gone makes the answer late only once.
    async fn with_reach(&self, rows: Vec<FolderRow>) -> Vec<Folder> {
        let asked = rows.iter().map(|it| folders::is_reachable(&self.door, &it.path));
        let reach = futures::future::join_all(asked).await;
        let view = |(row, is_reachable)| {
            let FolderRow { library_id: _, path, watched_by, watch_note } = row;
            Folder { path, is_reachable, watched_by, watch_note }
        };
        rows.into_iter().zip(reach).map(view).collect()
    }

    async fn counts(&self, scope: &LibraryScope, row: &LibraryRow) -> Result<Counts> {
        let key = format!("catalog.counts:{}:{}:{:?}", row.id, row.generation, scope.guard());
        if let Ok(Some(kept)) = self.cache.get(&key).await
            && let Ok(counts) = serde_json::from_slice(&kept)
        {
            return Ok(counts);
        }
        let counts = self
            .reading(|mut db| async move { store::count_content(&mut db, scope, row.id).await });
        let counts = counts.await?;
        let _ =
            self.cache.set(&key, serde_json::to_vec(&counts).unwrap_or_default(), COUNTS_TTL).await;
        Ok(counts)
    }
}

fn scan_view(row: ScanRow) -> ScanView {
    ScanView {
        library_id: row.library_id,
        job_id: row.job_id,
        stage: row.stage,
        done: row.done,
        total: row.total,
        found: row.found,
        added: row.added,
        changed: row.changed,
        missing: row.missing,
        problems: row.problems,
        started_at: row.started_at,
        eta_ms: row.eta_ms.filter(|_| row.finished_at.is_none()),
    }
}

fn checked_name(name: &str) -> Result<&str> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.contains(char::is_control) {
        return Err(Error::invalid("name", format!("a name has 1 to {MAX_NAME} letters")));
    }
    Ok(name)
}

fn view(
    row: LibraryRow,
    counts: Counts,
    scan: Option<ScanView>,
    folders: Option<Vec<Folder>>,
) -> Library {
    let is_manager = folders.is_some();
    Library {
        id: row.id,
        name: row.name,
        kind: row.kind,
        item_count: counts.items,
        folders,
        is_watched: is_manager.then_some(row.is_watched),
        schedule: is_manager.then(|| Schedule::of(row.times)),
        places_specials: is_manager.then_some(row.places_specials),
        analysis: is_manager.then_some(row.analysis),
        limits: is_manager.then_some(row.limits),
        scan,
        last_scanned_at: row.last_scanned_at,
        warning: row.warning,
        problem_count: counts.problems,
    }
}
