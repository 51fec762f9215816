//! A messy collection is arranged as its plan says: naming and the content kinds together, without a disk.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use catalog::kind::{Candidate, CandidateFile, Kind, Listed};
use naming::MediaClass;
use xtask::messy::{self, Expected, Planned};

#[test]
fn every_file_of_a_messy_collection_becomes_what_it_must() {
    let mut report = String::new();
    let (mut n_files, mut n_wrong) = (0, 0);
    for (kind, planned) in [(&movies::KIND, messy::films()), (&shows::KIND, messy::shows())] {
        let found = arrange(kind, &planned);
        for file in &planned {
            n_files += 1;
            let nothing = Expected { role: "nothing".to_owned(), ..Expected::default() };
            let found = found.get(file.path.as_str()).unwrap_or(&nothing);
            // Where a layout has one version, its name is no matter.
            let version = file.expected.version.as_ref().and(found.version.clone());
            let found = Expected { version, ..found.clone() };
            if found != file.expected {
                n_wrong += 1;
                writeln!(report, "{}\n  must  {:?}\n  found {found:?}", file.path, file.expected)
                    .expect("a String takes all");
            }
        }
    }
    assert!(n_wrong == 0, "{n_wrong} of {n_files} files\n{report}");
}

/// What each path becomes; no entry for what no item claims. As in a scan, what lies in one topmost folder is arranged together.
fn arrange(kind: &Kind, planned: &[Planned]) -> HashMap<String, Expected> {
    let mut found = HashMap::new();
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in planned.iter().map(|it| it.path.as_str()) {
        if path.split('/').any(naming::is_ignored) {
            found.insert(
                path.to_owned(),
                Expected { role: "ignored".to_owned(), ..Expected::default() },
            );
            continue;
        }
        let group = path.split_once('/').map_or("", |it| it.0);
        groups.entry(group).or_default().push(path);
    }
    for paths in groups.values() {
        let parsed = naming::parse_listing(paths, kind.hint);
        let listed: Vec<Listed<'_>> = paths
            .iter()
            .zip(&parsed)
            .map(|(path, parsed)| Listed { path, parsed, class: MediaClass::of(path) })
            .collect();
        for item in (kind.arrange)(&listed).items {
            let whole =
                Expected { title: item.title.clone(), year: item.year, ..Expected::default() };
            tell(&item, &whole, paths, &mut found);
        }
    }
    found
}

/// Adds the files of `item` and of all below it. `whole` is what is known of the items above.
fn tell(item: &Candidate, whole: &Expected, paths: &[&str], found: &mut HashMap<String, Expected>) {
    let mut put = |position: usize, role: &str, more: &dyn Fn(&mut Expected)| {
        let mut expected = Expected { role: role.to_owned(), ..whole.clone() };
        more(&mut expected);
        found.insert(paths[position].to_owned(), expected);
    };
    for file in &item.files {
        let CandidateFile { version, part, language, extra_type, .. } = file.clone();
        put(file.position, file.role.as_str(), &|it| {
            it.version.clone_from(&version);
            it.part = part;
            it.language.clone_from(&language);
            it.is_forced = file.is_forced;
            it.is_hearing_impaired = file.is_hearing_impaired;
            it.extra_type.clone_from(&extra_type);
        });
    }
    for position in &item.nfo {
        put(*position, "nfo", &|_| {});
    }
    for (role, position) in &item.artwork {
        put(*position, "picture", &|it| it.picture = Some(role.as_str().to_owned()));
    }
    for child in &item.children {
        let mut whole = whole.clone();
        if whole.season.is_none() {
            whole.season = child.number;
        } else {
            whole.episode = child.number;
            whole.episode_end = child.number_end;
            whole.date = child.released_on.map(|it| it.to_string());
        }
        tell(child, &whole, paths, found);
    }
}
