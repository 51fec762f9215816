use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::rotate::rotated;
use super::*;
use crate::{Document, Facet};

#[derive(Deserialize)]
struct Answer {
    text: String,
    numbers: Vec<f32>,
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/text-model").join(name)
}

fn answers(name: &str) -> Vec<Answer> {
    let json = std::fs::read(fixture(name).join("answers.json")).expect("answers");
    serde_json::from_slice(&json).expect("answers")
}

fn product(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

#[test]
fn a_model_answers_as_onnx_runtime_does() {
    for name in ["hidden", "pooled"] {
        let model = ModelPlace::new(&fixture(name)).open().expect("a model");
        for Answer { text, numbers } in answers(name) {
            let found = model.numbers(&[&text]).expect("an answer").remove(0);
            assert_eq!(found.len(), numbers.len(), "{name}: {text}");
            let apart = found.iter().zip(&numbers).map(|(a, b)| (a - b).abs());
            let apart = apart.fold(0.0_f32, f32::max);
            assert!(apart < 1e-4, "{name}: {text}: {apart}");
        }
        assert_eq!(model.try_out().expect("it reads"), answers(name)[0].numbers.len());
    }
}

#[test]
fn the_numbers_that_are_kept_are_as_far_apart_as_those_of_the_model() {
    let model = ModelPlace::new(&fixture("hidden").join("model.onnx")).open().expect("a model");
    let texts = answers("hidden");
    for (one, other) in texts.iter().flat_map(|one| texts.iter().map(move |it| (one, it))) {
        let exact = product(&one.numbers, &other.numbers);
        let [one, other] = [one, other].map(|it| {
            let numbers = model.numbers(&[&it.text]).expect("an answer");
            MeaningNumbers::of(&numbers[0]).expect("something").unit()
        });
        assert!((product(&one, &other) - exact).abs() < 0.01, "{exact}");
    }
}

#[test]
fn of_more_numbers_than_ours_angles_are_nearly_kept() {
    let numbers = |seed: u32, n: usize| -> Vec<f32> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        let numbers: Vec<f32> = (0..n).map(|_| next()).collect();
        let length = product(&numbers, &numbers).sqrt();
        numbers.into_iter().map(|it| it / length).collect()
    };
    for (n, most) in [(1, 1e-4), (256, 1e-4), (384, 0.2), (1024, 0.25)] {
        let all: Vec<Vec<f32>> = (1..30).map(|seed| numbers(seed, n)).collect();
        let ours: Vec<_> = all.iter().map(|it| unit(&rotated(it)).expect("something")).collect();
        for (one, other) in (0..all.len()).flat_map(|a| (0..a).map(move |b| (a, b))) {
            let exact = product(&all[one], &all[other]);
            let found = product(&ours[one], &ours[other]);
            assert!((found - exact).abs() < most, "{n} numbers: {exact} {found}");
        }
    }
}

#[test]
fn what_all_titles_have_in_common_is_left_out() {
    let titles: Vec<MeaningNumbers> = (0..40)
        .map(|n| {
            let mut numbers = [0.0; 64];
            numbers[0] = 1.0;
            numbers[1 + n % 2] = 0.3;
            numbers[3 + n] = 0.1;
            MeaningNumbers::of(&numbers).expect("something")
        })
        .collect();
    let likeness = |center: &MeaningCenter, one: usize, other: usize| {
        let [one, other] = [one, other].map(|it| Meaning::new(&titles[it], center).expect("own"));
        product(&one.0, &other.0)
    };
    let mut count = MeaningCenter::count();
    for title in &titles[..19] {
        count.add(title);
    }
    let none = count.clone().finish();
    assert_eq!(none.bytes(), b"", "of so few nothing is known");
    assert!(likeness(&none, 0, 1) > 0.9 && likeness(&none, 0, 2) > 0.95);
    for title in &titles[19..] {
        count.add(title);
    }
    assert_eq!(count.n_items(), 40);
    let center = count.finish();
    assert!(likeness(&center, 0, 1) < -0.5, "{}", likeness(&center, 0, 1));
    assert!(likeness(&center, 0, 2) > 0.5, "{}", likeness(&center, 0, 2));
    assert_eq!(MeaningCenter::of_bytes(&center.bytes()), Some(center));
    assert_eq!(MeaningCenter::of_bytes(&[1, 2, 3]), None);
    assert_eq!(MeaningCenter::of_bytes(&f32::NAN.to_le_bytes().repeat(256)), None);
    assert_eq!(MeaningNumbers::of_bytes(&titles[3].bytes()).as_ref(), Some(&titles[3]));
    assert_eq!(MeaningNumbers::of_bytes(&[0; 256]), None);
    assert_eq!(MeaningNumbers::of(&[]), None);
    assert_eq!(MeaningNumbers::of(&[f32::NAN, 1.0]), None);
}

/// A folder with the files of the fixture, of which one is written over.
fn spoilt(name: &str, file: &str, content: &[u8]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for file in ["model.onnx", "tokenizer.json"] {
        std::fs::copy(fixture(name).join(file), folder.path().join(file)).expect("a copy");
    }
    std::fs::write(folder.path().join(file), content).expect("written");
    folder
}

#[test]
fn a_model_that_cannot_be_used_says_which_file_is_wrong() {
    let graph = std::fs::read(fixture("hidden").join("model.onnx")).expect("a model");
    let renamed = |from: &str, to: &str| {
        let mut graph = graph.clone();
        let mut at = 0;
        while let Some(found) = graph[at..].windows(from.len()).position(|it| it == from.as_bytes())
        {
            graph[at + found..at + found + from.len()].copy_from_slice(to.as_bytes());
            at += found + from.len();
        }
        graph
    };
    for (file, content, expected) in [
        ("model.onnx", b"garbage".to_vec(), "model.onnx: no ONNX model that we can run: "),
        (
            "model.onnx",
            graph[..graph.len() / 2].to_vec(),
            "model.onnx: no ONNX model that we can run: ",
        ),
        ("model.onnx", renamed("token_type_ids", "pictures_of_it"), "wants \"pictures_of_it\""),
        (
            "model.onnx",
            renamed("last_hidden_state", "first_guess_of_it"),
            "has no output last_hidden_state",
        ),
        (
            "tokenizer.json",
            b"{\"model\": 5}".to_vec(),
            "tokenizer.json: no tokenizer that we can use: ",
        ),
    ] {
        let folder = spoilt("hidden", file, &content);
        let error = ModelPlace::new(folder.path()).open().expect_err("spoilt").to_string();
        assert!(error.contains(expected), "{file}: {error}");
    }
    let place = ModelPlace::new(Path::new("/nowhere/to/be/found"));
    for error in [place.open().expect_err("nothing"), place.digest().expect_err("nothing")] {
        assert!(error.to_string().starts_with("/nowhere/to/be/found/model.onnx: "), "{error}");
    }
}

#[test]
fn a_model_that_fails_with_a_text_is_an_error_and_not_the_end() {
    // Its tokenizer knows more pieces than it.
    let tokenizer = std::fs::read_to_string(fixture("hidden").join("tokenizer.json")).expect("it");
    let tokenizer = tokenizer.replacen("\"the\":4", "\"the\":4000", 1);
    let folder = spoilt("hidden", "tokenizer.json", tokenizer.as_bytes());
    let model = ModelPlace::new(folder.path()).open().expect("it loads");
    let error = model.numbers(&["the crew"]).expect_err("no such piece").to_string();
    assert!(error.starts_with("the text model failed: "), "{error}");
    assert!(model.numbers(&["crew"]).is_ok());
}

#[test]
fn models_are_told_apart_by_what_is_in_their_files() {
    let folder = spoilt("hidden", "other", b"");
    let place = ModelPlace::new(folder.path());
    let digest = place.digest().expect("a digest");
    assert_eq!(place.digest().expect("the same"), digest);
    assert_eq!(ModelPlace::new(&fixture("hidden")).digest().expect("of the same"), digest);
    let pooled = fixture("pooled").join("model.onnx");
    std::fs::copy(pooled, folder.path().join("model.onnx")).expect("another");
    assert_ne!(place.digest().expect("of another"), digest);
}

#[test]
fn a_text_says_first_what_says_most_and_tells_a_change() {
    let film = Document {
        is_compared: true,
        title: "Alien".into(),
        titles: vec!["Das unheimliche Wesen".into(), "Obcy".into()],
        genres: vec!["Horror".into(), "Science Fiction".into()],
        people: ["Ridley Scott", "Sigourney Weaver", "Tom Skerritt", "John Hurt", "Ian Holm"]
            .map(str::to_owned)
            .to_vec(),
        facets: vec![
            (Facet::Tag, "space".into()),
            (Facet::Codec, "h264".into()),
            (Facet::Tag, "monster".into()),
        ],
        overview: Some(" A crew hears a signal. ".into()),
        ..Document::default()
    };
    let text = ModelText::of(&film).expect("a text");
    assert_eq!(
        text.as_str(),
        "Horror, Science Fiction. space, monster. A crew hears a signal. Alien, Das unheimliche Wesen. \
         Ridley Scott, Sigourney Weaver, Tom Skerritt, John Hurt"
    );
    let other = Document { overview: Some("A crew hears nothing.".into()), ..film.clone() };
    assert_ne!(ModelText::of(&other).map(|it| it.digest()), Some(text.digest()));
    let rated = Document { rating: Some(9.0), ..film.clone() };
    assert_eq!(ModelText::of(&rated).map(|it| it.digest()), Some(text.digest()));
    let long = Document { overview: Some("ä".repeat(9000)), ..film.clone() };
    assert!(ModelText::of(&long).expect("a text").as_str().chars().count() < 2_300);
    assert_eq!(ModelText::of(&Document { is_compared: false, ..film.clone() }), None);
    let bare = Document { overview: Some(" ".into()), facets: Vec::new(), ..film };
    assert_eq!(ModelText::of(&bare), None, "a name says nothing");
}
