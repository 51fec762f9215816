use kernel::id::{FileId, ItemId, LibraryId};
use kernel::{Error, Limit, Page, Viewer};
use uuid::Uuid;

use super::DuplicateGroup;
use crate::sample::{NewItem, Sample, insert_file, run, viewer};

/// A film of a minute that is told by these numbers.
async fn film(
    it: &Sample,
    library: LibraryId,
    title: &str,
    (oshash, pictures): (u64, u64),
) -> (ItemId, FileId) {
    let item = it.item(NewItem::film(library, title)).await;
    let mut db = it.catalog.connection().await.expect("a connection");
    let file = insert_file(&mut db, library, item, &format!("{title}.mkv"), "main").await;
    let sql = "UPDATE file SET duration_ms = 60000
        WHERE id IN (SELECT file_id FROM item_file WHERE item_id = $1)";
    run(&mut db, sql, item).await;
    drop(db);
    it.catalog.keep_oshash(file, oshash).await.expect("kept");
    it.catalog.keep_picture_hash(file, Some(pictures)).await.expect("kept");
    (item, file)
}

async fn listed(it: &Sample, viewer: &Viewer, cursor: Option<&str>) -> Page<DuplicateGroup> {
    let limit = Limit::new(Some(1));
    it.catalog.list_duplicates(viewer, cursor, limit).await.expect("listed")
}

fn files(group: &DuplicateGroup) -> Vec<FileId> {
    let mut files: Vec<FileId> = group.files.iter().map(|it| it.id).collect();
    files.sort_unstable();
    files
}

#[tokio::test]
async fn what_is_alike_is_listed_by_group_and_leaves_it_when_a_person_says_so() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let (_, one) = film(&it, library, "One", (1, 0xff)).await;
    let (_, two) = film(&it, library, "Two", (2, 0xfe)).await;
    let (_, three) = film(&it, library, "Three", (3, 0xfc)).await;
    let (_, four) = film(&it, library, "Four", (4, u64::MAX)).await;
    let (_, five) = film(&it, library, "Five", (4, 0xffff_0000)).await;
    let admin = it.admin().await;
    assert!(listed(&it, &admin, None).await.items.is_empty(), "nobody has compared them yet");
    assert_eq!(it.catalog.group_alike(|| true).await.expect("grouped"), Some(5));
    assert_eq!(it.catalog.group_alike(|| true).await.expect("grouped"), Some(5), "twice the same");
    assert_eq!(it.catalog.group_alike(|| false).await.expect("stopped"), None);

    let first = listed(&it, &admin, None).await;
    let group = &first.items[0];
    assert_eq!((files(group), group.file_count), (vec![one, two, three], 3));
    assert!(group.files.iter().all(|it| !it.is_exact && it.distance == 1));
    assert_eq!(group.files[0].item.as_ref().map(|it| it.kind.as_str()), Some("movie"));
    let second = listed(&it, &admin, first.next.as_deref()).await;
    assert_eq!(files(&second.items[0]), [four, five]);
    assert!(second.items[0].files.iter().all(|it| it.is_exact) && second.next.is_none());

    it.catalog.tell_apart(&admin, group.id, two).await.expect("told");
    let left = listed(&it, &admin, None).await;
    assert_eq!(files(&left.items[0]), [one, three]);
    assert_eq!(it.catalog.group_alike(|| true).await.expect("grouped"), Some(4));
    assert_eq!(files(&listed(&it, &admin, None).await.items[0]), [one, three], "it is kept");
    let again = it.catalog.tell_apart(&admin, group.id, two).await;
    assert!(matches!(again, Err(Error::NotFound(_))), "{again:?}");
}

#[tokio::test]
async fn nobody_is_told_of_what_is_elsewhere_and_only_who_edits_of_anything() {
    let it = Sample::start().await;
    let (library, other) = (it.library("Films").await, it.library("Others").await);
    film(&it, library, "One", (1, 0xff)).await;
    film(&it, other, "Two", (2, 0xfe)).await;
    let (gone, file) = film(&it, library, "Three", (3, 0xfc)).await;
    it.catalog.group_alike(|| true).await.expect("grouped");
    let admin = it.admin().await;
    assert_eq!(listed(&it, &admin, None).await.items[0].file_count, 3);
    let member = viewer(3, [library]);
    let refused = it.catalog.list_duplicates(&member, None, Limit::new(None)).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))));
    let refused = it.catalog.tell_apart(&member, Uuid::nil(), file).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))));
    let narrow = Viewer { scope: member.scope, ..admin.clone() };
    assert_eq!(listed(&it, &narrow, None).await.items[0].file_count, 2);

    let mut db = it.catalog.connection().await.expect("a connection");
    let sql = "UPDATE file SET missing_since = now()
        WHERE id IN (SELECT file_id FROM item_file WHERE item_id = $1)";
    run(&mut db, sql, gone).await;
    drop(db);
    assert!(listed(&it, &narrow, None).await.items.is_empty(), "one alone is no group");
    assert_eq!(it.catalog.group_alike(|| true).await.expect("grouped"), Some(2));
}

#[tokio::test]
async fn versions_that_a_person_made_of_two_are_no_group_any_more() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let (one, _) = film(&it, library, "One", (1, 0xff)).await;
    film(&it, library, "Two", (2, 0xfe)).await;
    it.catalog.group_alike(|| true).await.expect("grouped");
    let admin = it.admin().await;
    assert_eq!(listed(&it, &admin, None).await.items.len(), 1);
    let mut db = it.catalog.connection().await.expect("a connection");
    run(&mut db, "UPDATE item_file SET item_id = $1", one).await;
    drop(db);
    assert!(listed(&it, &admin, None).await.items.is_empty());
    assert_eq!(it.catalog.group_alike(|| true).await.expect("grouped"), Some(0));
}
