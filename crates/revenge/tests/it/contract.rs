//! What the OpenAPI document promises, asked by schemathesis: values it allows and others in every operation, and each answer
//! must have a documented status, media type and shape, and never be an error of ours.

use std::path::Path;
use std::process::Command;

use testkit::python::python;

use crate::process::{Program, make_clip};

/// What cannot be asked like the rest: a stream that does not end, and what ends the session that asks.
const NOT_ASKED: [&str; 5] =
    ["read_events", "change_password", "sign_out", "end_session", "end_other_sessions"];

#[expect(clippy::disallowed_methods, reason = "starts the asker; the test waits for its end")]
fn ask(program: &Program, token: &str, folder: &Path, effort: &[&str]) {
    let document = folder.join("openapi.json");
    std::fs::write(&document, revenge::http::openapi().to_json().expect("JSON")).expect("written");
    let mut command = Command::new(python().with_file_name("schemathesis"));
    command.arg("run").arg(&document).current_dir(folder);
    command.arg("--url").arg(format!("http://127.0.0.1:{}/api/v1", program.port()));
    command.arg("--header").arg(format!("authorization: Bearer {token}"));
    command
        .args(["--checks", "not_a_server_error,status_code_conformance,content_type_conformance"]);
    command.args(["--checks", "response_schema_conformance", "--seed", "1", "--no-color"]);
    command.args(["--request-timeout", "30", "--continue-on-failure"]);
    command.args(NOT_ASKED.iter().flat_map(|it| ["--exclude-operation-id", it]));
    let output = command.args(effort).output().expect("it is installed");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains(" passed"), "it asked something: {said}");
}

async fn asked_with(effort: &'static [&'static str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    // As many requests as it likes.
    let limits = ["STRANGERS", "CHANGES", "READS", "MEDIA"]
        .map(|it| format!("REVENGE_SERVER__REQUESTS__{it}"));
    let start = move || {
        let variables: Vec<(&str, &str)> = limits.iter().map(|it| (it.as_str(), "0")).collect();
        Program::start_with(&data, &variables)
    };
    let program = tokio::task::spawn_blocking(start).await.expect("the server starts");
    let token = program.set_up().await;
    let films = folder.path().join("films");
    std::fs::create_dir(&films).expect("a folder");
    make_clip(&films.join("Open Sky (2001).mp4"));
    let library = program.add_library(&token, &films).await;
    program.scan(&token, &library).await;
    tokio::task::spawn_blocking(move || {
        ask(&program, &token, folder.path(), effort);
        assert_eq!(program.stop(), Some(0), "it is still there");
    })
    .await
    .expect("it ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_one_that_the_document_names() {
    asked_with(&["--phases", "examples,fuzzing", "--max-examples", "4"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_every_answer_is_one_that_the_document_names_at_the_edges_too() {
    asked_with(&["--phases", "examples,coverage,fuzzing", "--max-examples", "20"]).await;
}
