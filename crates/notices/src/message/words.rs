//! The sentences, in the languages of the interface.

use kernel::notice::Requested;

use super::{MAX_LINES, Said, Thing};

/// A language that we have sentences in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    German,
}

impl Language {
    /// The one of this code; English for those we have none in.
    pub fn of(code: &str) -> Self {
        if code.starts_with("de") { Self::German } else { Self::English }
    }

    fn pick<T>(self, english: T, german: T) -> T {
        match self {
            Self::English => english,
            Self::German => german,
        }
    }
}

/// The title and the lines below it.
pub(super) fn say(said: &Said, language: Language) -> (String, Vec<String>) {
    let it = language;
    match said {
        Said::Added { library, things, count } => {
            let name = &library.name;
            let title = match count {
                Some(1) => it.pick(format!("New in {name}"), format!("Neu in {name}")),
                Some(n) => it.pick(format!("{n} new in {name}"), format!("{n} neue in {name}")),
                None => it.pick(format!("Much is new in {name}"), format!("Viel Neues in {name}")),
            };
            (title, gathered(things, *count, language))
        }
        Said::Troubled { library, reason } => {
            let name = &library.name;
            let title = it.pick(
                format!("{name} could not be looked through"),
                format!("{name} konnte nicht durchgesehen werden"),
            );
            (title, vec![reason.clone()])
        }
        Said::JobFailed { job_id, job_kind, error } => {
            let title = it
                .pick("Background work failed", "Eine Hintergrundaufgabe ist gescheitert")
                .to_owned();
            let which = it.pick(
                format!("{job_kind} (job {job_id}) is not tried again."),
                format!("{job_kind} (Aufgabe {job_id}) wird nicht noch einmal versucht."),
            );
            (title, vec![which, error.clone()])
        }
        Said::NewDevice { person: (_, name), device, address } => {
            let title =
                it.pick(format!("New device for {name}"), format!("Neues Gerät von {name}"));
            let what = it.pick(
                format!("{name} signed in with {device} from {address}."),
                format!("{name} hat sich mit {device} von {address} aus angemeldet."),
            );
            let hint = it.pick(
                "If that was not you, end the session in your account and change your password.",
                "Falls du das nicht warst, beende die Sitzung in deinem Konto und ändere dein Passwort.",
            );
            (title, vec![what, hint.to_owned()])
        }
        Said::Played { begins, person: (_, name), device, thing, .. } => {
            let title = match begins {
                true => it.pick(format!("{name} is playing"), format!("{name} spielt ab")),
                false => {
                    it.pick(format!("{name} stopped playing"), format!("{name} hat aufgehört"))
                }
            };
            let mut lines = vec![thing.line()];
            if !device.is_empty() {
                lines.push(device.clone());
            }
            (title, lines)
        }
        Said::BackupMade { file, size_bytes } => {
            let title = it.pick("A backup was made", "Eine Sicherung wurde erstellt").to_owned();
            (title, vec![format!("{file} ({} MB)", size_bytes.div_ceil(1_000_000))])
        }
        Said::BackupFailed { reason } => {
            let title = it
                .pick("No backup could be made", "Es konnte keine Sicherung erstellt werden")
                .to_owned();
            (title, vec![reason.clone()])
        }
        Said::StorageLow { place, free_bytes, total_bytes } => {
            let title =
                it.pick("A disk is nearly full", "Ein Datenträger ist fast voll").to_owned();
            let (free, total) = (free_bytes / 1_000_000, total_bytes / 1_000_000);
            let line = it.pick(
                format!("{place}: {free} of {total} MB are free."),
                format!("{place}: {free} von {total} MB sind frei."),
            );
            let hint = it.pick(
                "Make room there, before what is to be kept no longer can be.",
                "Schaffe dort Platz, bevor nichts mehr gespeichert werden kann.",
            );
            (title, vec![line, hint.to_owned()])
        }
        Said::RequestMade { person: (_, name), title, word } => {
            let title_line =
                it.pick(format!("{name} asks for something"), format!("{name} wünscht sich etwas"));
            (
                title_line,
                [Some(requested(title, language)), word.clone()].into_iter().flatten().collect(),
            )
        }
        Said::RequestAnswered { person: _, title, state, word } => {
            let what = requested(title, language);
            let title_line = match state.as_str() {
                "approved" => it.pick("A request was approved", "Ein Wunsch wurde angenommen"),
                "declined" => it.pick("A request was declined", "Ein Wunsch wurde abgelehnt"),
                _ => it.pick("What was asked for is here", "Ein Wunsch ist da"),
            };
            (title_line.to_owned(), [Some(what), word.clone()].into_iter().flatten().collect())
        }
        Said::Test => {
            let title = it.pick("A test from Revenge", "Ein Test von Revenge").to_owned();
            let line = it.pick(
                "If you can read this, notices arrive here.",
                "Wenn du das lesen kannst, kommen Benachrichtigungen hier an.",
            );
            (title, vec![line.to_owned()])
        }
    }
}

/// A title that was asked for, in a line.
fn requested(title: &Requested, language: Language) -> String {
    let year = title.year.map(|it| format!(" ({it})")).unwrap_or_default();
    let series = match title.kind.as_str() {
        "series" => language.pick(", a series", ", eine Serie"),
        _ => "",
    };
    format!("{}{year}{series}", title.title)
}

/// New things, those of a series in one line.
fn gathered(things: &[Thing], count: Option<u64>, language: Language) -> Vec<String> {
    let mut groups: Vec<(&Thing, u64)> = Vec::new();
    for thing in things {
        let series = thing.series.as_ref();
        let known = groups.iter_mut().find(|it| series.is_some() && it.0.series.as_ref() == series);
        match known {
            Some(group) => group.1 += 1,
            None => groups.push((thing, 1)),
        }
    }
    let line = |(first, n): &(&Thing, u64)| match (&first.series, n) {
        (Some((_, title)), 2..) => {
            format!("{title} ({n} {})", language.pick("new", "neue"))
        }
        _ => first.line(),
    };
    let shown = &groups[..groups.len().min(MAX_LINES)];
    let mut lines: Vec<String> = shown.iter().map(line).collect();
    let n_shown: u64 = shown.iter().map(|it| it.1).sum();
    let total = count.unwrap_or(things.len() as u64);
    if total > n_shown {
        let n_more = total - n_shown;
        lines.push(language.pick(format!("and {n_more} more"), format!("und {n_more} weitere")));
    } else if count.is_none() {
        lines.push(language.pick("and more", "und mehr").to_owned());
    }
    lines
}
