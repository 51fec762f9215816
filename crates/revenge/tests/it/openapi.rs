//! The API's document is part of the repository, so that a change of the API is seen in review.

#[test]
fn the_document_is_the_committed_one() {
    let committed = include_str!("../../../../openapi/revenge.json");
    let current = revenge::http::openapi().to_pretty_json().expect("the document");
    assert!(
        committed.trim_end() == current.trim_end(),
        "the API changed: run `make gen` and commit openapi/revenge.json"
    );
}
