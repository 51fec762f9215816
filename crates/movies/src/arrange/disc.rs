//! Discs as they were copied. Of a DVD the film is cut into pieces of a gigabyte, and menus lie beside them; of a Blu-ray it is
//! the largest of many streams.

use std::collections::{BTreeMap, HashMap};

use catalog::kind::{Candidate, FileRole, Listed};
use naming::MediaClass;

/// A piece of a title set, in the order in which they are played: disc, number in the set, place among the files of the film.
type Piece = (Option<u16>, i16, usize);

/// `VTS_01_2` of a disc: its title set `VTS_01` and its number in it, 0 for the menu.
fn piece<'a>(file: &Listed<'a>) -> Option<(&'a str, i16)> {
    file.parsed.disc.filter(|it| *it == "dvd")?;
    let (set, number) = file.stem().rsplit_once('_')?;
    let is_set = set.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("VTS_"));
    Some((set, number.parse().ok()?)).filter(|_| is_set)
}

/// Whether it is a menu of the disc or of one of its title sets.
pub fn is_menu(file: &Listed<'_>) -> bool {
    let is_of_disc =
        file.parsed.disc == Some("dvd") && file.stem().eq_ignore_ascii_case("VIDEO_TS");
    is_of_disc || piece(file).is_some_and(|it| it.1 == 0)
}

/// The largest stream of each folder of a Blu-ray, by folder. The others are menus, warnings and bonus material.
pub fn largest_streams<'a>(listed: &[Listed<'a>]) -> HashMap<&'a str, usize> {
    let mut largest: HashMap<&str, usize> = HashMap::new();
    for (position, file) in listed.iter().enumerate().filter(|(_, it)| is_stream(it)) {
        let known = largest.entry(file.folder()).or_insert(position);
        if file.size_bytes > listed[*known].size_bytes {
            *known = position;
        }
    }
    largest
}

/// Whether it is one of the streams of a Blu-ray.
pub fn is_stream(file: &Listed<'_>) -> bool {
    file.parsed.disc == Some("bluray") && file.class == MediaClass::Video
}

/// Makes the pieces of each title set parts in their order, and of several title sets versions.
pub fn number_pieces(film: &mut Candidate, listed: &[Listed<'_>]) {
    let mut sets: BTreeMap<&str, Vec<Piece>> = BTreeMap::new();
    for (place, file) in film.files.iter().enumerate().filter(|it| it.1.role == FileRole::Main) {
        let listed = &listed[file.position];
        if let Some((set, number)) = piece(listed) {
            sets.entry(set).or_default().push((listed.parsed.part, number, place));
        }
    }
    let are_many = sets.len() > 1;
    for (set, mut pieces) in sets {
        pieces.sort_unstable();
        let is_whole = pieces.len() == 1;
        for (part, (_, _, place)) in (1..).zip(pieces) {
            let file = &mut film.files[place];
            file.part = if is_whole { file.part } else { Some(part) };
            if are_many && file.version.is_none() {
                file.version = Some(set.to_owned());
            }
        }
    }
}
