//! Finding them, listing them, and keeping what a person says of them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use kernel::id::{FileId, ItemId};
use kernel::{Error, Limit, Page, Permission, Result, Viewer};
use postgres::Reading;
use sqlx::Connection as _;
use uuid::Uuid;

use super::group::{Alike, Print, groups};
use super::store::{self, AT_ONCE, FileRow};
use super::{DuplicateFile, DuplicateGroup};
use crate::item::ItemCard;
use crate::{Catalog, cursor, stored_path};

/// Files of a group that are listed.
const LISTED: i64 = 12;
/// Files of a group that are looked at when a person says something of one.
const GROUPED: i64 = 1_000;
/// Rows written at once.
const WRITTEN: usize = 5_000;

impl Catalog {
    /// Keeps the hash of a file's bytes, by which providers may know what it is.
    pub async fn keep_oshash(&self, file: FileId, oshash: u64) -> Result<()> {
        let now = self.clock.now();
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        store::upsert_oshash(&mut tx, file, oshash.cast_signed()).await?;
        store::update_due_of_file(&mut tx, file, now).await?;
        Ok(tx.commit().await?)
    }

    /// Keeps the hash of a file's pictures, or that they show nothing.
    pub async fn keep_picture_hash(&self, file: FileId, hash: Option<u64>) -> Result<()> {
        let now = self.clock.now();
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        store::upsert_picture_hash(&mut tx, file, hash.map(u64::cast_signed)).await?;
        store::update_due_of_file(&mut tx, file, now).await?;
        Ok(tx.commit().await?)
    }

    /// Looks which files are alike, by what is known of them, and writes the groups that changed. `goes_on` is asked now and
    /// then; `None` where it said no.
    pub async fn group_alike(
        &self,
        goes_on: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Result<Option<usize>> {
        let goes_on = Arc::new(goes_on);
        let mut apart = Arc::new(self.all_apart().await?);
        loop {
            let prints = self.all_prints().await?;
            let (known, go_on) = (Arc::clone(&apart), Arc::clone(&goes_on));
            let grouping = tokio::task::spawn_blocking(move || groups(&prints, &known, || go_on()));
            let Some(found) = grouping.await.map_err(anyhow::Error::from)? else { return Ok(None) };
            let before = self.all_alike().await?;
            self.write_alike(&before, &found).await?;
            // What a person said meanwhile counts.
            let said = self.all_apart().await?;
            if said == *apart {
                return Ok(Some(found.len()));
            }
            apart = Arc::new(said);
        }
    }

    async fn all_prints(&self) -> Result<Vec<Print>> {
        let mut db = self.connection().await?;
        let (mut all, mut after) = (Vec::new(), FileId(Uuid::nil()));
        loop {
            let page = store::list_prints_unscoped(&mut db, after).await?;
            let is_last = page.len() < AT_ONCE as usize;
            after = page.last().map_or(after, |it| it.file);
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }

    async fn all_apart(&self) -> Result<HashSet<(FileId, FileId)>> {
        let mut db = self.connection().await?;
        let (mut all, mut after) = (HashSet::new(), (FileId(Uuid::nil()), FileId(Uuid::nil())));
        loop {
            let page = store::list_apart_unscoped(&mut db, after).await?;
            let is_last = page.len() < AT_ONCE as usize;
            after = page.last().copied().unwrap_or(after);
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }

    async fn all_alike(&self) -> Result<Vec<Alike>> {
        let mut db = self.connection().await?;
        let (mut all, mut after) = (Vec::new(), FileId(Uuid::nil()));
        loop {
            let page = store::list_alike_unscoped(&mut db, after).await?;
            let is_last = page.len() < AT_ONCE as usize;
            after = page.last().map_or(after, |it| it.file);
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }

    async fn write_alike(&self, before: &[Alike], found: &[Alike]) -> Result<()> {
        let known: HashMap<FileId, &Alike> = before.iter().map(|it| (it.file, it)).collect();
        let are_now: HashSet<FileId> = found.iter().map(|it| it.file).collect();
        let gone: Vec<Uuid> = before
            .iter()
            .map(|it| it.file)
            .filter(|it| !are_now.contains(it))
            .map(|it| it.0)
            .collect();
        let changed: Vec<Alike> =
            found.iter().filter(|it| known.get(&it.file) != Some(it)).copied().collect();
        let mut db = self.connection().await?;
        let mut tx = db.begin().await?;
        for gone in gone.chunks(WRITTEN) {
            store::delete_alike(&mut tx, gone).await?;
        }
        for changed in changed.chunks(WRITTEN) {
            store::upsert_alike(&mut tx, changed).await?;
        }
        Ok(tx.commit().await?)
    }

    /// A page of the groups of files that are the same or look the same.
    pub async fn list_duplicates(
        &self,
        viewer: &Viewer,
        cursor: Option<&str>,
        limit: Limit,
    ) -> Result<Page<DuplicateGroup>> {
        viewer.require(Permission::EditMetadata)?;
        let after: Option<Uuid> = cursor.map(cursor::decode).transpose()?;
        let read = |mut db: Reading| async move {
            let rows = store::list_groups(&mut db, &viewer.scope, after, limit).await?;
            let page = Page::of(rows, limit, |it| it.id);
            let ids: Vec<Uuid> = page.items.iter().map(|it| it.id).collect();
            let files = store::list_files(&mut db, &viewer.scope, &ids, LISTED).await?;
            Ok((page, files))
        };
        let (page, files) = self.reading(read).await?;
        let mut items: Vec<ItemId> = files.iter().map(|it| it.item_id).collect();
        items.sort_unstable();
        items.dedup();
        let cards: HashMap<ItemId, ItemCard> =
            self.list_cards(viewer, &items).await?.into_iter().map(|it| (it.id, it)).collect();
        let mut by_group: HashMap<Uuid, Vec<DuplicateFile>> = HashMap::new();
        for row in files {
            let card = cards.get(&row.item_id).cloned();
            by_group.entry(row.group_id).or_default().push(view(row, card));
        }
        Ok(page.map(|it| DuplicateGroup {
            id: it.id,
            file_count: it.file_count,
            files: by_group.remove(&it.id).unwrap_or_default(),
        }))
    }

    /// Keeps that a file of a group is not the same as the others: it leaves the group for good.
    pub async fn tell_apart(&self, viewer: &Viewer, group: Uuid, file: FileId) -> Result<()> {
        viewer.require(Permission::EditMetadata)?;
        let now = self.clock.now();
        let mut db = self.connection().await?;
        let prints = store::list_prints_of_group(&mut db, &viewer.scope, group, GROUPED).await?;
        if !prints.iter().any(|it| it.file == file) {
            return Err(Error::NotFound("file of such a group"));
        }
        let all: Vec<Uuid> = prints.iter().map(|it| it.file.0).collect();
        let others: Vec<Uuid> = all.iter().copied().filter(|it| *it != file.0).collect();
        let mut tx = db.begin().await?;
        store::insert_apart(&mut tx, file, &others, viewer.person_id, now).await?;
        let apart = store::list_apart_among_unscoped(&mut tx, &all).await?.into_iter().collect();
        let found = groups(&prints, &apart, || true).unwrap_or_default();
        store::delete_alike(&mut tx, &all).await?;
        store::upsert_alike(&mut tx, &found).await?;
        Ok(tx.commit().await?)
    }
}

fn view(row: FileRow, item: Option<ItemCard>) -> DuplicateFile {
    let FileRow {
        group_id: _,
        id,
        item_id: _,
        library_id,
        path,
        size_bytes,
        duration_ms,
        bitrate_bps,
        codec,
        width,
        height,
        hdr,
        is_exact,
        distance,
        added_at,
    } = row;
    let path = stored_path::from_text(&path).to_string_lossy().into_owned();
    DuplicateFile {
        id,
        item,
        library_id,
        path,
        size_bytes,
        duration_ms,
        bitrate_bps,
        codec,
        width,
        height,
        hdr,
        is_exact,
        distance,
        added_at,
    }
}
