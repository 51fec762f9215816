//! What the running program tells Prometheus of itself.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::process::{Program, is_scanned, make_clip};

/// The number of the first line that begins so.
fn number(numbers: &str, begin: &str) -> Option<f64> {
    numbers.lines().find_map(|it| it.strip_prefix(begin)?.trim().parse().ok())
}

#[tokio::test]
async fn scans_work_plays_answers_and_the_program_itself_are_measured() {
    let folder = tempfile::tempdir().expect("a folder");
    let films = folder.path().join("films");
    std::fs::create_dir_all(&films).expect("a folder of films");
    make_clip(&films.join("Brave Kiln (2014).mp4"));
    let program = Program::start(&folder.path().join("data"));
    let token = program.set_up().await;
    let library = program.add_library(&token, &films).await;
    program.scan(&token, &library).await;
    program.wait_for(&token, &library, |it| is_scanned(it, 1)).await;
    let list = format!("/items?library_id={library}");
    for _ in 0..3 {
        program.get(&token, &list).await;
    }
    let items = program.get(&token, &list).await;
    let play = json!({ "item_id": items["items"][0]["id"] });
    let (status, answer) = program.ask(Some(&token), Method::POST, "/playback", Some(play)).await;
    assert_eq!(status, 200, "{answer}");

    let began = Instant::now();
    let numbers = loop {
        let (status, bytes) = program.fetch("/metrics").await;
        assert_eq!(status, 200);
        let numbers = String::from_utf8(bytes).expect("text");
        // A job is measured a moment after its work is seen.
        if numbers
            .contains("revenge_job_seconds_count{kind=\"catalog.scan_library\",outcome=\"done\"}")
        {
            break numbers;
        }
        assert!(began.elapsed() < Duration::from_mins(1), "{numbers}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    for (measurement, at_least) in [
        ("revenge_scan_seconds_count ", 1.0),
        ("revenge_scan_files_total{outcome=\"added\"} ", 1.0),
        ("revenge_scan_files_total{outcome=\"missing\"} ", 0.0),
        ("revenge_answers_total{outcome=\"kept\"} ", 1.0),
        ("revenge_answers_total{outcome=\"made\"} ", 1.0),
        ("revenge_plays_total{way=\"direct\"} ", 1.0),
        ("revenge_playing{way=\"transcode_video\"} ", 0.0),
        ("revenge_conversion_places{what=\"pictures\",state=\"max\"} ", 1.0),
        ("revenge_conversion_places{what=\"sound\",state=\"taken\"} ", 0.0),
        ("revenge_part_is_well{part=\"postgresql\"} ", 1.0),
        ("revenge_part_is_well{part=\"cache\"} ", 1.0),
        ("revenge_part_is_well{part=\"search\"} ", 1.0),
        // The one that asks.
        ("revenge_http_requests_in_flight ", 1.0),
        ("process_resident_memory_bytes ", 10e6),
        ("process_cpu_seconds_total ", 0.0),
        ("process_open_fds ", 10.0),
    ] {
        let found = number(&numbers, measurement);
        assert!(found.is_some_and(|it| it >= at_least), "{measurement}{found:?}\n{numbers}");
    }
    assert_eq!(program.stop(), Some(0));
}
