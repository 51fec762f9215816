use naming::MediaClass;
use uuid::Uuid;

use super::*;

fn stamp(inode: i64, size_bytes: i64) -> Stamp {
    Stamp { size_bytes, modified_ns: 7, inode, device: 1 }
}

fn found(path: &str, inode: i64, size_bytes: i64) -> Found {
    Found { path: path.to_owned(), class: MediaClass::Video, stamp: stamp(inode, size_bytes) }
}

fn known(id: u128, path: &str, inode: i64, size_bytes: i64) -> Known {
    Known {
        id: FileId(Uuid::from_u128(id)),
        path: path.to_owned(),
        stamp: stamp(inode, size_bytes),
        fingerprint: Some(i64::try_from(id).expect("small")),
        placement: Some(1),
        is_missing: false,
        is_read_again: false,
    }
}

/// Compares with files whose fingerprint is `print`; gives path, row and state of each, and the vanished rows.
fn check(
    found: Vec<Found>,
    known: &[Known],
    print: i64,
) -> (Vec<(String, u128, State)>, Vec<u128>) {
    let mut next = 100;
    let comparison = compare(
        found,
        known.to_vec(),
        |_| Some(print),
        || {
            next += 1;
            FileId(Uuid::from_u128(next))
        },
    );
    let entries = comparison.entries.into_iter();
    (
        entries.map(|it| (it.found.path, it.id.0.as_u128(), it.state)).collect(),
        comparison.vanished.iter().map(|it| it.0.0.as_u128()).collect(),
    )
}

fn entry(path: &str, id: u128, state: State) -> (String, u128, State) {
    (path.to_owned(), id, state)
}

#[test]
fn nothing_changed_means_nothing_to_do() {
    let result = check(vec![found("a", 1, 10)], &[known(1, "a", 1, 10)], 0);
    assert_eq!(result, (vec![entry("a", 1, State::Same)], vec![]));
}

#[test]
fn a_renamed_file_keeps_its_row() {
    let result = check(vec![found("b", 1, 10)], &[known(1, "a", 1, 10)], 0);
    assert_eq!(result, (vec![entry("b", 1, State::Moved)], vec![]));
}

#[test]
fn a_file_moved_to_another_disk_is_known_by_its_fingerprint() {
    let result = check(vec![found("b", 9, 10)], &[known(1, "a", 1, 10)], 1);
    assert_eq!(result, (vec![entry("b", 1, State::Moved)], vec![]));
    let other = check(vec![found("b", 9, 10)], &[known(1, "a", 1, 10)], 2);
    assert_eq!(other, (vec![entry("b", 101, State::New)], vec![1]));
}

#[test]
fn a_copy_or_hard_link_is_a_file_of_its_own() {
    let result = check(vec![found("a", 1, 10), found("b", 1, 10)], &[known(1, "a", 1, 10)], 1);
    assert_eq!(result, (vec![entry("a", 1, State::Same), entry("b", 101, State::New)], vec![]));
}

#[test]
fn a_file_replaced_in_place_keeps_its_row() {
    let result = check(vec![found("a", 2, 20)], &[known(1, "a", 1, 10)], 0);
    assert_eq!(result, (vec![entry("a", 1, State::Changed)], vec![]));
}

#[test]
fn a_chain_of_renames_is_followed() {
    let result = check(
        vec![found("b", 1, 10), found("c", 2, 20)],
        &[known(1, "a", 1, 10), known(2, "b", 2, 20)],
        0,
    );
    assert_eq!(result, (vec![entry("b", 1, State::Moved), entry("c", 2, State::Moved)], vec![]));
}

#[test]
fn a_missing_file_returns_and_is_missed_only_once() {
    let missing = Known { is_missing: true, ..known(1, "a", 1, 10) };
    let back = check(vec![found("a", 1, 10)], std::slice::from_ref(&missing), 0);
    assert_eq!(back, (vec![entry("a", 1, State::Returned)], vec![]));
    assert_eq!(check(vec![], &[missing, known(2, "b", 2, 20)], 0), (vec![], vec![2]));
}

#[test]
fn what_could_not_be_read_is_read_again_when_somebody_asks() {
    let again = Known { is_read_again: true, ..known(1, "a", 1, 10) };
    let result = check(vec![found("a", 1, 10)], &[again], 0);
    assert_eq!(result, (vec![entry("a", 1, State::Changed)], vec![]));
}

#[test]
fn rows_come_in_any_order() {
    let rows = [known(2, "b/x", 2, 20), known(3, "b", 3, 30), known(1, "a", 1, 10)];
    let result = check(vec![found("a", 1, 10), found("b", 3, 30), found("b/x", 2, 20)], &rows, 0);
    let same = |path, id| entry(path, id, State::Same);
    assert_eq!(result, (vec![same("a", 1), same("b", 3), same("b/x", 2)], vec![]));
}
