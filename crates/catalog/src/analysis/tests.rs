use kernel::Error;
use kernel::id::{FileId, ItemId, LibraryId};

use super::*;
use crate::library::{AnalysisSettings, LibraryPatch};
use crate::sample::{NewItem, Sample, insert_file, viewer};

const WHAT: Analysis = Analysis::Trickplay;

async fn file(it: &Sample, library: LibraryId, item: ItemId, path: &str) -> FileId {
    let mut db = it.catalog.connection().await.expect("a connection");
    insert_file(&mut db, library, item, path, "main").await
}

async fn due(it: &Sample, what: Analysis) -> Vec<DueFile> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = it.catalog.list_due_files(what, 1, after.as_ref()).await.expect("listed");
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        all.extend(page);
    }
    let counted = it.catalog.count_due_files(what, 1).await.expect("counted");
    assert_eq!(counted, all.len() as i64);
    all
}

fn found(kind: SegmentKind, start_ms: i64) -> Segment {
    Segment {
        kind,
        start_ms,
        end_ms: start_ms + 30_000,
        confidence: 0.75,
        source: SegmentSource::Sound,
    }
}

#[tokio::test]
async fn a_file_is_due_until_it_was_looked_at_as_it_is_by_this_method() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let id = file(&it, library, film, "Akira.mkv").await;
    let listed = due(&it, WHAT).await;
    assert_eq!(listed.iter().map(|it| it.id).collect::<Vec<_>>(), [id]);
    assert_eq!((listed[0].path.to_str(), &*listed[0].title), (Some("/media/Akira.mkv"), "Akira"));

    it.catalog.note_analysis(&listed[0], WHAT, 1, Some("no\0 video")).await.expect("noted");
    assert_eq!(due(&it, WHAT).await.len(), 0, "a failure is not tried again and again");
    assert_eq!(due(&it, Analysis::Loudness).await.len(), 1, "each kind of looking for itself");
    let newer = it.catalog.list_due_files(WHAT, 2, None).await.expect("listed");
    assert_eq!(newer.len(), 1, "a better method looks again");
    let changed = DueFile { modified_ns: -1, ..listed[0].clone() };
    it.catalog.note_analysis(&changed, WHAT, 1, None).await.expect("noted");
    assert_eq!(due(&it, WHAT).await.len(), 1, "what was looked at was another version");

    let settings = AnalysisSettings { trickplay: false, ..AnalysisSettings::default() };
    let patch = LibraryPatch { analysis: Some(settings), ..LibraryPatch::default() };
    let admin = it.admin().await;
    let library = it.catalog.update_library(&admin, library, patch).await.expect("changed");
    assert_eq!(library.analysis, Some(settings));
    assert_eq!(due(&it, WHAT).await.len(), 0, "the library does not want it");
}

#[tokio::test]
async fn episodes_of_a_season_are_due_one_after_the_other() {
    let it = Sample::start().await;
    let library = it.library("Shows").await;
    let series = it.series(library, "Harbour", &[0, 260, 260]).await;
    for (number, episode) in series.episodes.iter().enumerate().rev() {
        file(&it, library, *episode, &format!("{number}.mkv")).await;
    }
    let listed = due(&it, Analysis::Segments).await;
    assert_eq!(listed.len(), 520, "over more than one page");
    let mut seasons: Vec<_> = listed.iter().map(|it| it.group_id).collect();
    seasons.dedup();
    // Which of them comes first is a matter of their ids.
    seasons.sort_unstable();
    let mut expected = [Some(series.seasons[1]), Some(series.seasons[2])];
    expected.sort_unstable();
    assert_eq!(seasons, expected);
}

#[tokio::test]
async fn sheets_are_found_by_those_who_may_see_the_film_and_made_again_when_forgotten() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let id = file(&it, library, film, "Akira.mkv").await;
    let made = Trickplay {
        version: "1-2-3".to_owned(),
        interval_ms: 10_000,
        tile_width: 320,
        tile_height: 180,
        tile_count: 7,
        chapter_count: 0,
    };
    it.catalog.note_trickplay(id, &made).await.expect("noted");
    it.catalog.note_trickplay(id, &made).await.expect("noted again");
    let all = &due(&it, WHAT).await;
    it.catalog.note_analysis(&all[0], WHAT, 1, None).await.expect("noted");
    let mine = it.catalog.find_trickplay(&viewer(1, [library]), id).await.expect("asked");
    assert_eq!(mine.as_ref(), Some(&made));
    assert_eq!(it.catalog.find_trickplay(&viewer(2, []), id).await.expect("asked"), None);
    let versions = it.catalog.list_trickplay_versions(FileId(uuid::Uuid::nil())).await;
    assert_eq!(versions.expect("listed"), [(id, made.version)]);
    it.catalog.forget_trickplay(id).await.expect("forgotten");
    assert_eq!(due(&it, WHAT).await.len(), 1);
}

#[tokio::test]
async fn what_a_person_says_about_segments_stays_until_they_take_it_back() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let id = file(&it, library, film, "Akira.mkv").await;
    let admin = it.admin().await;
    let (intro, credits) =
        (found(SegmentKind::Intro, 60_000), found(SegmentKind::Credits, 900_000));
    it.catalog.note_segments(id, &[credits, intro]).await.expect("noted");
    let all = &due(&it, Analysis::Segments).await;
    it.catalog.note_analysis(&all[0], Analysis::Segments, 1, None).await.expect("noted");
    let known = it.catalog.find_segments(&viewer(2, [library]), id).await.expect("found");
    assert_eq!(known, Segments { is_edited: false, segments: vec![intro, credits] });

    let said = NewSegment { kind: SegmentKind::Intro, start_ms: 5_000, end_ms: 9_000 };
    let set = it.catalog.set_segments(&admin, id, &[said]).await.expect("set");
    assert!(set.is_edited);
    it.catalog.note_segments(id, &[intro]).await.expect("nothing to note");
    let known = it.catalog.find_segments(&admin, id).await.expect("found");
    assert_eq!(known, set, "a person's word");
    let it_is =
        (known.segments[0].start_ms, known.segments[0].source, known.segments[0].confidence);
    assert_eq!(it_is, (5_000, SegmentSource::Person, 1.0));

    it.catalog.reset_segments(&admin, id).await.expect("taken back");
    let known = it.catalog.find_segments(&admin, id).await.expect("found");
    assert_eq!(known, Segments { is_edited: false, segments: Vec::new() });
    assert_eq!(due(&it, Analysis::Segments).await.len(), 1, "they are looked for again");
}

#[tokio::test]
async fn segments_are_refused_that_make_no_sense_or_are_nobody_s_to_set() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let id = file(&it, library, film, "Akira.mkv").await;
    let admin = it.admin().await;
    let said = |start_ms, end_ms| NewSegment { kind: SegmentKind::Intro, start_ms, end_ms };
    for wrong in [said(-1, 5), said(5, 5), said(6, 5)] {
        let refused = it.catalog.set_segments(&admin, id, &[wrong]).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{wrong:?}");
    }
    let many = vec![said(0, 1); 21];
    let refused = it.catalog.set_segments(&admin, id, &many).await;
    assert!(matches!(refused, Err(Error::Invalid { .. })));
    let refused = it.catalog.set_segments(&viewer(2, [library]), id, &[said(0, 1)]).await;
    assert!(matches!(refused, Err(Error::Forbidden(_))));
    let stranger = it.catalog.find_segments(&viewer(2, []), id).await;
    assert!(matches!(stranger, Err(Error::NotFound("file"))));
}
