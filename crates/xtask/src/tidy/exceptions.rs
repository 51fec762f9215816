//! The list of exceptions: `rule path reason`, one a line.

use super::Finding;

/// Takes away what is excused, and adds each exception that excuses nothing.
pub fn apply(list: &'static str, findings: &[Finding]) -> Vec<Finding> {
    let exceptions: Vec<Vec<&str>> = list
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.splitn(3, ' ').collect())
        .collect();
    let excuses = |exception: &[&str], finding: &Finding| {
        exception.first() == Some(&finding.rule) && exception.get(1) == Some(&finding.path.as_str())
    };

    let mut left: Vec<Finding> = findings
        .iter()
        .filter(|it| !exceptions.iter().any(|exception| excuses(exception, it)))
        .cloned()
        .collect();
    for exception in &exceptions {
        let is_used = findings.iter().any(|it| excuses(exception, it));
        if !is_used || exception.len() < 3 {
            let message =
                format!("the exception {exception:?} excuses nothing or has no reason: delete it");
            left.push(Finding {
                rule: "exceptions",
                path: "crates/xtask/src/tidy/allowed.txt".to_owned(),
                message,
            });
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::{Finding, apply};

    fn finding() -> Finding {
        Finding { rule: "length", path: "a.rs".to_owned(), message: "too long".to_owned() }
    }

    #[test]
    fn an_excused_finding_is_taken_away() {
        assert_eq!(apply("# why\nlength a.rs a table of data\n", &[finding()]), []);
        assert_eq!(apply("length b.rs a table of data\n", &[finding()]).len(), 2);
    }

    #[test]
    fn an_exception_must_excuse_something_and_say_why() {
        assert_eq!(apply("length a.rs a table of data\n", &[])[0].rule, "exceptions");
        assert_eq!(apply("length a.rs\n", &[finding()])[0].rule, "exceptions");
    }
}
