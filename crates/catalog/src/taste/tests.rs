use kernel::Error;
use media::decide::{SubtitleChoice, SubtitleMode, Taste};

use super::*;
use crate::sample::{NewItem, Sample, viewer};

fn off() -> NewChoice {
    NewChoice { subtitle: Some(SubtitleChoice::Off), ..NewChoice::default() }
}

#[tokio::test]
async fn a_taste_is_kept_for_one_person_without_doubles() {
    let it = Sample::start().await;
    let (one, other) = (viewer(1, []), viewer(2, []));
    assert_eq!(it.catalog.find_taste(&one).await.expect("none yet"), Taste::default());
    let taste = Taste {
        audio_languages: vec!["de".to_owned(), "en".to_owned(), "de".to_owned()],
        prefers_original: true,
        subtitles: SubtitleMode::Foreign,
        subtitle_languages: vec!["pt-BR".to_owned()],
        prefers_hearing_impaired: true,
    };
    let kept = it.catalog.write_taste(&one, taste).await.expect("kept");
    assert_eq!(kept.audio_languages, ["de", "en"]);
    assert_eq!(it.catalog.find_taste(&one).await.expect("a taste"), kept);
    assert_eq!(it.catalog.find_taste(&other).await.expect("none"), Taste::default());
    it.catalog.write_taste(&one, Taste::default()).await.expect("kept");
    assert_eq!(it.catalog.find_taste(&one).await.expect("a taste"), Taste::default());
}

#[tokio::test]
async fn what_is_no_language_is_refused() {
    let it = Sample::start().await;
    for wrong in ["", "d", "deutsch!", "de--at", "überall", "verylongpart-x", "de\0"] {
        let taste = Taste { audio_languages: vec![wrong.to_owned()], ..Taste::default() };
        let refused = it.catalog.write_taste(&viewer(1, []), taste).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{wrong:?}");
    }
    let taste = Taste { subtitle_languages: vec!["de".to_owned(); 17], ..Taste::default() };
    assert!(it.catalog.write_taste(&viewer(1, []), taste).await.is_err());
}

#[tokio::test]
async fn a_choice_holds_for_the_whole_series_and_for_nobody_else() {
    let it = Sample::start().await;
    let library = it.library("Shows").await;
    let series = it.series(library, "Dark", &[0, 2]).await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let (person, other) = (viewer(1, [library]), viewer(2, [library]));
    it.catalog.remember_choice(&person, series.episodes[0], off()).await.expect("kept");
    let wanted =
        async |viewer, id| it.catalog.find_wanted(viewer, id).await.expect("an item").subtitle;
    assert_eq!(wanted(&person, series.episodes[1]).await, Some(SubtitleChoice::Off));
    assert_eq!(wanted(&person, film).await, None);
    assert_eq!(wanted(&other, series.episodes[1]).await, None);

    let german = SubtitleChoice::Text {
        language: Some("de".to_owned()),
        is_forced: false,
        is_hearing_impaired: true,
    };
    let choice = NewChoice { subtitle: Some(german.clone()), ..NewChoice::default() };
    it.catalog.remember_choice(&person, series.episodes[1], choice).await.expect("kept");
    assert_eq!(wanted(&person, series.episodes[0]).await, Some(german));
}

#[tokio::test]
async fn what_is_not_there_for_a_person_cannot_be_chosen() {
    let it = Sample::start().await;
    let library = it.library("Films").await;
    let film = it.item(NewItem::film(library, "Akira")).await;
    let stranger = viewer(2, []);
    let refused = it.catalog.remember_choice(&stranger, film, off()).await;
    assert!(matches!(refused, Err(Error::NotFound(_))));
    assert!(it.catalog.find_wanted(&stranger, film).await.is_err());
    let person = viewer(1, [library]);
    let nothing = FileId(uuid::Uuid::from_u128(9));
    for choice in [
        NewChoice { version: Some(nothing), ..NewChoice::default() },
        NewChoice { audio: Some((nothing, 1)), ..NewChoice::default() },
    ] {
        let refused = it.catalog.remember_choice(&person, film, choice).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })));
    }
}
