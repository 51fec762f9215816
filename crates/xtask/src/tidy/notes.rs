//! A note of work to do names the issue it belongs to, as in `(#12)`, or it is forgotten.

use super::{Finding, Tree};

/// Put together here, so that this file does not break its own rule.
const MARKS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX")];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = vec![];
    for file in tree
        .written(&["rs", "ts", "js", "mjs", "svelte", "css", "sql", "sh", "toml", "yaml", "yml"])
    {
        for (number, line) in (1..).zip(file.text.lines()) {
            if MARKS.iter().any(|mark| is_loose(line, mark)) {
                let message =
                    format!("line {number}: a note without an issue: write {}(#12)", MARKS[0]);
                findings.push(Finding { rule: "notes", path: file.path.clone(), message });
            }
        }
    }
    findings
}

/// Whether the mark stands as a word of its own with no issue after it.
fn is_loose(line: &str, mark: &str) -> bool {
    line.match_indices(mark).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = &line[at + mark.len()..];
        let is_word = !before.is_some_and(is_word_letter) && !after.starts_with(is_word_letter);
        let has_issue = after
            .strip_prefix("(#")
            .is_some_and(|it| it.starts_with(|it: char| it.is_ascii_digit()));
        is_word && !has_issue
    })
}

fn is_word_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::{MARKS, Tree, check};

    #[test]
    fn a_note_without_an_issue_is_found() {
        let mark = MARKS[0];
        for (line, expected) in [
            (format!("// {mark} later"), 1),
            (format!("// {mark}: later"), 1),
            (format!("// {mark}(#12): later"), 0),
            (format!("let {mark}_LIST = 1;"), 0),
        ] {
            assert_eq!(check(&Tree::sample(&[("a.rs", &line)])).len(), expected, "{line}");
        }
    }
}
