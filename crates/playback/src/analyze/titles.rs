//! What chapters are by their titles. Pure.

use catalog::analysis::{Segment, SegmentKind, SegmentSource};

use SegmentKind::{Credits, Intro, Preview, Recap};

/// A chapter and its title.
pub(super) type Chapter = (i64, Option<String>);

/// How sure a title is.
const CONFIDENCE: f32 = 0.95;
/// No intro lasts longer: that of a film by this title is a scene. The same of recaps and previews.
const LONGEST_MS: i64 = 300_000;
/// Less is not worth a button.
const SHORTEST_MS: i64 = 3_000;

/// Titles that are nothing else, in small letters.
#[rustfmt::skip]
const WHOLE: &[(SegmentKind, &[&str])] = &[
    (Intro, &["op", "opening", "titles", "main title", "main titles", "theme", "titel", "générique", "sigla", "leader"]),
    (Credits, &["ed", "ending", "closing", "outro", "end", "fin", "nachspann"]),
    (Recap, &["zuvor", "bisher", "résumé", "resumen", "resumo", "riassunto"]),
    (Preview, &["next", "teaser next episode", "avance", "vorausschau"]),
];

/// Words that a title of the kind has, in small letters. The first that fits counts, so those that hold others come first.
#[rustfmt::skip]
const WITHIN: &[(SegmentKind, &[&str])] = &[
    (Recap, &["recap", "previously", "last time on", "was bisher geschah", "rückblick", "zuvor bei", "précédemment",
        "dans les épisodes précédents", "résumé des épisodes", "anteriormente", "en episodios anteriores",
        "nelle puntate precedenti", "nos episódios anteriores", "wat vooraf ging", "ранее в", "あらすじ"]),
    (Preview, &["preview", "next time", "next episode", "next week", "vorschau", "nächste folge", "nächste episode",
        "prochain épisode", "próximo episodio", "próximo episódio", "prossimo episodio", "volgende aflevering", "予告"]),
    (Intro, &["intro", "opening credits", "opening titles", "opening theme", "opening song", "opening sequence",
        "title sequence", "main titles", "theme song", "vorspann", "titelsequenz", "générique de début",
        "générique d'ouverture", "cabecera", "créditos iniciales", "créditos iniciais", "abertura", "sigla iniziale",
        "titoli di testa", "czołówka", "заставка", "オープニング"]),
    (Credits, &["credits", "credit roll", "end titles", "ending theme", "ending song", "closing theme", "abspann",
        "générique de fin", "créditos", "encerramento", "titoli di coda", "sigla finale", "aftiteling", "napisy końcowe",
        "титры", "エンディング"]),
];

/// The chapters of a film of `duration_ms` that are something to skip. Chapters come in the order of time.
pub(super) fn segments(chapters: &[Chapter], duration_ms: i64) -> Vec<Segment> {
    let mut found: Vec<Segment> = Vec::new();
    for (number, (start_ms, title)) in chapters.iter().enumerate() {
        let end_ms = chapters.get(number + 1).map_or(duration_ms, |it| it.0);
        let Some(kind) = title.as_deref().and_then(kind) else { continue };
        let Some(kind) = plausible(kind, *start_ms, end_ms, duration_ms) else { continue };
        match found.last_mut() {
            // Credits in several chapters are one.
            Some(last) if last.kind == kind && last.end_ms == *start_ms => last.end_ms = end_ms,
            _ => found.push(Segment {
                kind,
                start_ms: *start_ms,
                end_ms,
                confidence: CONFIDENCE,
                source: SegmentSource::Chapters,
            }),
        }
    }
    found
}

/// What a title says.
fn kind(title: &str) -> Option<SegmentKind> {
    let title = title.to_lowercase();
    let title = title.trim_matches(|it: char| !it.is_alphanumeric());
    let whole = WHOLE.iter().find(|(_, titles)| titles.contains(&title));
    let within = || WITHIN.iter().find(|(_, words)| words.iter().any(|it| has_words(title, it)));
    whole.or_else(within).map(|it| it.0)
}

/// Whether the words stand in the title, not as a part of others: nothing is introduced in "introspection".
fn has_words(title: &str, words: &str) -> bool {
    title.match_indices(words).any(|(at, _)| {
        // Scripts without spaces between words know no such thing.
        let is_joined = |it: char| it.is_alphanumeric() && (it as u32) < 0x3000;
        let before = title[..at].chars().next_back();
        let after = title[at + words.len()..].chars().next();
        !before.is_some_and(is_joined) && !after.is_some_and(is_joined)
    })
}

/// What it can be where it lies: credits in the first half are those of an opening, and a scene may be called so, too.
fn plausible(
    kind: SegmentKind,
    start_ms: i64,
    end_ms: i64,
    duration_ms: i64,
) -> Option<SegmentKind> {
    let length_ms = end_ms - start_ms;
    let is_early = start_ms < duration_ms / 2;
    let kind = if kind == Credits && is_early { Intro } else { kind };
    let fits = match kind {
        Intro | Recap => is_early && length_ms <= LONGEST_MS,
        Preview => !is_early && length_ms <= LONGEST_MS,
        Credits => !is_early,
    };
    (fits && length_ms >= SHORTEST_MS).then_some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_understood_in_several_languages() {
        let table = [
            ("Intro", Some(Intro)),
            ("Opening", Some(Intro)),
            ("- Opening Credits -", Some(Intro)),
            ("Vorspann", Some(Intro)),
            ("Générique de début", Some(Intro)),
            ("オープニング", Some(Intro)),
            ("OP", Some(Intro)),
            ("End Credits", Some(Credits)),
            ("Abspann", Some(Credits)),
            ("Titoli di coda", Some(Credits)),
            ("ED", Some(Credits)),
            ("Créditos", Some(Credits)),
            ("Créditos iniciales", Some(Intro)),
            ("Recap", Some(Recap)),
            ("Previously on Harbour", Some(Recap)),
            ("Was bisher geschah", Some(Recap)),
            ("Précédemment", Some(Recap)),
            ("Next Episode Preview", Some(Preview)),
            ("次回予告", Some(Preview)),
            ("Vorschau", Some(Preview)),
            ("Chapter 1", None),
            ("Introspection", None),
            ("The Opening of the Tomb", None),
            ("Opera", None),
            ("Incredits", None),
            ("", None),
        ];
        for (title, expected) in table {
            assert_eq!(kind(title), expected, "{title}");
        }
    }

    #[test]
    fn a_part_ends_where_the_next_chapter_begins_and_lies_where_it_can() {
        let chapters = |list: &[(i64, &str)]| -> Vec<Chapter> {
            list.iter().map(|(at, title)| (at * 1000, Some((*title).to_owned()))).collect()
        };
        let found = |list: &[(i64, &str)], seconds: i64| -> Vec<(SegmentKind, i64, i64)> {
            let found = segments(&chapters(list), seconds * 1000);
            found.iter().map(|it| (it.kind, it.start_ms / 1000, it.end_ms / 1000)).collect()
        };
        let episode =
            [(0, "Recap"), (60, "Intro"), (150, "Part A"), (1300, "Credits"), (1380, "Preview")];
        assert_eq!(
            found(&episode, 1400),
            [(Recap, 0, 60), (Intro, 60, 150), (Credits, 1300, 1380), (Preview, 1380, 1400)]
        );
        assert_eq!(found(&[(0, "Opening"), (600, "Two")], 6000), [], "a scene of ten minutes");
        assert_eq!(
            found(&[(0, "A"), (900, "Credits"), (950, "End Credits")], 1000),
            [(Credits, 900, 1000)]
        );
        assert_eq!(found(&[(0, "Credits"), (60, "Two")], 1000), [(Intro, 0, 60)]);
        assert_eq!(found(&[(0, "Intro"), (2, "Two")], 1000), [], "too short for a button");
        assert_eq!(found(&[(990, "Abspann")], 0), [], "nobody knows how long it is");
    }
}
