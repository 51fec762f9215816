//! Fonts in a script: what they are called, and the coding in which they lie there.

/// What draws whatever no font of the film draws: the same that the web app's renderer has. Under the SIL Open Font License,
/// which lies beside it.
pub(super) const OWN: &[u8] = include_bytes!("../../../fonts/LiberationSans-Regular.ttf");
/// What it is called.
pub(super) const OWN_FAMILY: &str = "Liberation Sans";

/// A collection has some ten faces.
const MAX_FACES: usize = 16;
/// Names of a face: some tens, each in some languages.
const MAX_NAMES: usize = 1000;
/// A family, a full name, and a name of PostScript: by these a script may mean a font.
const MEANT: [u16; 3] = [1, 4, 6];
/// Whose names are in letters of a byte; those of others have two.
const MACINTOSH: usize = 1;
/// Characters of a line; the last has what is left.
const LINE: usize = 80;

/// What a TrueType or OpenType font may be called in a script, in lower case; nothing of what is no such font.
pub(super) fn names(font: &[u8]) -> Vec<String> {
    let faces = faces(font).into_iter();
    faces.filter_map(|it| face_names(font, it)).flatten().take(MAX_NAMES).collect()
}

fn be16(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(2)?)?.first_chunk()?;
    Some(usize::from(u16::from_be_bytes(*bytes)))
}

fn be32(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(4)?)?.first_chunk()?;
    usize::try_from(u32::from_be_bytes(*bytes)).ok()
}

/// Where the tables of each face are told.
fn faces(font: &[u8]) -> Vec<usize> {
    match font.first_chunk() {
        Some(b"ttcf") => {
            let n_faces = be32(font, 8).unwrap_or(0).min(MAX_FACES);
            (0..n_faces).map_while(|it| be32(font, 12 + it * 4)).collect()
        }
        Some(b"\0\x01\0\0" | b"OTTO" | b"true") => vec![0],
        _ => Vec::new(),
    }
}

fn face_names(font: &[u8], face: usize) -> Option<Vec<String>> {
    let n_tables = be16(font, face.checked_add(4)?)?;
    let is_names = |it: &usize| font.get(*it..*it + 4) == Some(b"name");
    let entry = (0..n_tables).map(|it| face + 12 + it * 16).find(is_names)?;
    let table = font.get(be32(font, entry + 8)?..)?;
    let table = &table[..be32(font, entry + 12)?.min(table.len())];
    let (n_names, texts) = (be16(table, 2)?, be16(table, 4)?);
    let names = (0..n_names.min(MAX_NAMES)).filter_map(|it| name(table, 6 + it * 12, texts));
    Some(names.collect())
}

fn name(table: &[u8], record: usize, texts: usize) -> Option<String> {
    let [platform, _, _, id, length, offset] =
        [0, 2, 4, 6, 8, 10].map(|it| be16(table, record + it));
    let id = u16::try_from(id?).ok()?;
    if !MEANT.contains(&id) {
        return None;
    }
    let from = texts + offset?;
    let bytes = table.get(from..from + length?)?;
    let name = if platform? == MACINTOSH {
        // Of names in other letters there is one for Windows as well.
        bytes.is_ascii().then(|| String::from_utf8_lossy(bytes).into_owned())?
    } else {
        let units = bytes.chunks_exact(2).map(|it| u16::from_be_bytes([it[0], it[1]]));
        String::from_utf16(&units.collect::<Vec<_>>()).ok()?
    };
    Some(name.trim().to_lowercase())
}

/// Whether a line of a script may be part of a font: of characters that stand for six bits each, and of nothing else.
pub(super) fn is_coded(line: &str) -> bool {
    !line.is_empty() && line.bytes().all(|it| (b'!'..=b'`').contains(&it))
}

/// A font out of its coding, which has nothing but the characters of [`is_coded`]. What is left of a cut one is read.
pub(super) fn read(coded: &[u8]) -> Vec<u8> {
    let mut font = Vec::with_capacity(coded.len() / 4 * 3 + 2);
    for group in coded.chunks(4) {
        let six = |place: usize| group.get(place).map_or(0, |it| u32::from(it.wrapping_sub(b'!')));
        let bits = six(0) << 18 | six(1) << 12 | six(2) << 6 | six(3);
        // Four characters are three bytes, three are two, and two are one.
        font.extend(&bits.to_be_bytes()[1..][..group.len() - 1]);
    }
    font
}

/// Appends a font in the coding of scripts: six bits a character, from `!` on.
pub(super) fn write(script: &mut Vec<u8>, number: usize, font: &[u8]) {
    script.extend(format!("fontname: font_{number}.ttf\n").bytes());
    let mut column = 0;
    for group in font.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|it| u32::from(group.get(it).copied().unwrap_or(0)));
        let bits = a << 16 | b << 8 | c;
        for shift in [18, 12, 6, 0].into_iter().take(group.len() + 1) {
            script.push(b'!' + ((bits >> shift) & 0x3f) as u8);
        }
        column += group.len() + 1;
        if column >= LINE {
            script.push(b'\n');
            column = 0;
        }
    }
    script.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_font_is_called_what_scripts_call_it() {
        let names = names(OWN);
        assert!(names.contains(&OWN_FAMILY.to_lowercase()), "{names:?}");
        assert!(names.contains(&"liberationsans".to_owned()), "{names:?}");
    }

    #[test]
    fn a_font_comes_out_of_its_coding_as_it_went_in() {
        for length in [0, 1, 2, 3, 4, 59, 60, 61, 997] {
            let mut script = Vec::new();
            write(&mut script, 0, &OWN[..length]);
            let coded: Vec<u8> =
                script.split(|it| *it == b'\n').skip(1).flatten().copied().collect();
            assert_eq!(read(&coded), OWN[..length], "{length}");
        }
        assert_eq!(read(b"!"), b"", "half a byte is none");
        assert!(is_coded("[!`A0]") && !is_coded("[Fonts]") && !is_coded(""));
    }

    #[test]
    fn a_broken_font_has_no_names_and_is_read_to_its_end_at_the_most() {
        for font in [&b""[..], b"OTTO", b"ttcf\0\0\0\0\xff\xff\xff\xff", b"<html>", &[0xff; 64]] {
            assert_eq!(names(font), Vec::<String>::new());
        }
        for cut in (0..OWN.len()).step_by(997) {
            names(&OWN[..cut]);
        }
        // Every byte of the directory and of the names, turned to all that it can do.
        let mut font = OWN[..1024].to_vec();
        for at in 0..font.len() {
            let was = std::mem::replace(&mut font[at], 0xff);
            names(&font);
            font[at] = was;
        }
    }

    #[test]
    fn a_font_is_coded_as_scripts_have_it() {
        let coded = |font: &[u8]| {
            let mut script = Vec::new();
            write(&mut script, 3, font);
            String::from_utf8(script).expect("text")
        };
        assert_eq!(coded(b""), "fontname: font_3.ttf\n\n");
        assert_eq!(coded(&[0, 0, 0]), "fontname: font_3.ttf\n!!!!\n");
        assert_eq!(coded(&[255, 255, 255, 255]), "fontname: font_3.ttf\n`````Q\n");
        assert_eq!(coded(b"Man").lines().nth(1), Some("47&O"), "by hand");
        let long = coded(&[7; 200]);
        assert!(long.lines().skip(1).all(|it| it.len() <= LINE + 3), "{long}");
    }
}
