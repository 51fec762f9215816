//! The list of all background work, as people read it.

use std::fmt::Write as _;
use std::time::Duration;

use jobs::{Kind, Rule};

use crate::app::App;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/jobs.md");

fn span(time: Duration) -> String {
    match time.as_secs() {
        seconds if seconds % 3600 == 0 => format!("{} h", seconds / 3600),
        seconds => format!("{} min", seconds / 60),
    }
}

fn comes_around(usual: Option<&Rule>) -> String {
    match usual {
        None => "when it is caused".to_owned(),
        Some(Rule::Every { seconds }) => format!("every {}", span(Duration::from_secs(*seconds))),
        Some(Rule::Cron { expression }) => format!("`{expression}`"),
        Some(Rule::Never) => "on request".to_owned(),
    }
}

fn yields(kind: &Kind) -> &'static str {
    match (kind.is_heavy, kind.queue) {
        (true, _) => "who plays; hours of heavy work",
        (false, jobs::Queue::Low) => "who plays",
        (false, _) => "what is urgent",
    }
}

fn row(kind: &Kind) -> String {
    let Kind { name, queue, timeout, max_attempts, is_heavy: _, one_per, usual } = kind;
    let one_per = one_per.unwrap_or("–");
    let (queue, timeout, usual) = (queue.name(), span(*timeout), comes_around(usual.as_ref()));
    let yields = yields(kind);
    format!(
        "| `{name}` | {queue} | {one_per} | {timeout} | {max_attempts} | {usual} | {yields} |\n"
    )
}

#[tokio::test]
async fn the_page_on_background_work_lists_all_of_it_as_it_is() {
    let app = App::start().await;
    let registry = revenge::wiring::registry(&app.workshop).expect("the list of work");
    let mut table = String::new();
    for kind in registry.list().iter().filter(|it| !it.name.starts_with("c.")) {
        write!(table, "{}", row(kind)).expect("written");
    }
    let page = std::fs::read_to_string(PAGE).expect("docs/jobs.md");
    assert!(page.contains(&table), "docs/jobs.md should have these lines:\n{table}");
}
