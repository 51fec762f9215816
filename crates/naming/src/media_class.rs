//! What a file is by its extension alone.

/// Class of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaClass {
    /// Moving pictures, disc images among them.
    Video,
    /// Sound.
    Audio,
    /// Subtitles.
    Subtitle,
    /// Still pictures.
    Image,
    /// Books to read.
    Book,
    /// Comic book archives.
    Comic,
    /// Descriptions in Kodi's form.
    Nfo,
    /// Files no library is made of, and everything without an extension we know.
    Other,
}

const VIDEO: &[&str] = &[
    "mkv", "mp4", "m4v", "avi", "mov", "webm", "ts", "m2ts", "mts", "wmv", "mpg", "mpeg", "m2v",
    "vob", "iso", "flv", "f4v", "ogv", "ogm", "divx", "xvid", "3gp", "3g2", "asf", "rm", "rmvb",
    "mk3d", "strm", "wtv", "dvr-ms", "tp", "trp", "img", "mxf", "evo", "nut", "m1v", "mpv", "qt",
    "vro", "ssif",
];
const AUDIO: &[&str] = &[
    "mp3", "flac", "m4a", "m4b", "aac", "ac3", "eac3", "dts", "dtshd", "thd", "truehd", "mka",
    "ogg", "oga", "opus", "wav", "wma", "alac", "aiff", "aif", "ape", "wv", "dsf", "dff", "mpc",
    "mp2", "aax", "aa", "mogg", "tta", "mid", "weba", "ec3",
];
const SUBTITLE: &[&str] = &[
    "srt", "ass", "ssa", "sub", "idx", "vtt", "sup", "smi", "sami", "ttml", "dfxp", "usf", "mks",
    "mpl", "sbv", "stl", "pgs",
];
const IMAGE: &[&str] = &[
    "jpg", "jpeg", "png", "webp", "gif", "bmp", "tbn", "avif", "heic", "heif", "tif", "tiff",
    "svg", "raw", "cr2", "cr3", "nef", "arw", "dng", "orf", "rw2", "jxl", "raf",
];
const BOOK: &[&str] = &[
    "epub", "mobi", "azw", "azw3", "azw4", "kfx", "pdf", "fb2", "djvu", "lit", "lrf", "prc", "pdb",
    "kepub",
];
const COMIC: &[&str] = &["cbz", "cbr", "cb7", "cbt", "cba"];
const NFO: &[&str] = &["nfo"];
/// Known, so that they are not taken for words of a title.
const OTHER: &[&str] = &[
    "txt",
    "xml",
    "json",
    "log",
    "md",
    "html",
    "htm",
    "url",
    "lnk",
    "exe",
    "bat",
    "sh",
    "zip",
    "rar",
    "7z",
    "tar",
    "gz",
    "r00",
    "r01",
    "sfv",
    "md5",
    "sha1",
    "par2",
    "nzb",
    "torrent",
    "part",
    "crdownload",
    "tmp",
    "db",
    "ini",
    "doc",
    "docx",
    "cue",
    "m3u",
    "m3u8",
    "pls",
    "ifo",
    "bup",
    "bdmv",
    "mpls",
    "clpi",
    "jar",
    "properties",
    "ds_store",
    "bif",
    "edl",
    "plexmatch",
    "css",
    "js",
    "py",
    "csv",
    "opf",
    "lrc",
    "aria2",
    "yaml",
    "yml",
    "ttf",
    "otf",
    "bak",
    "old",
    "!qb",
    "!ut",
    "partial",
    "filepart",
    "chapters",
    "accurip",
    "ffp",
    "sqlite",
    "dat",
    "lst",
];

const CLASSES: [(MediaClass, &[&str]); 8] = [
    (MediaClass::Video, VIDEO),
    (MediaClass::Subtitle, SUBTITLE),
    (MediaClass::Audio, AUDIO),
    (MediaClass::Image, IMAGE),
    (MediaClass::Nfo, NFO),
    (MediaClass::Book, BOOK),
    (MediaClass::Comic, COMIC),
    (MediaClass::Other, OTHER),
];

/// Longest extension in the tables.
const LONGEST: usize = 10;

impl MediaClass {
    /// The class of the file at `path`, by its extension in any case.
    pub fn of(path: &str) -> Self {
        extension(path).map_or(Self::Other, |it| it.1)
    }
}

/// The extension of a file name when we know it, in lower case, with its class.
pub(crate) fn extension(name: &str) -> Option<(&'static str, MediaClass)> {
    let (stem, ending) = name.rsplit_once('.')?;
    if ending.is_empty() || ending.len() > LONGEST || stem.is_empty() || stem.ends_with('/') {
        return None;
    }
    CLASSES.iter().find_map(|(class, endings)| {
        endings.iter().find(|it| it.eq_ignore_ascii_case(ending)).map(|it| (*it, *class))
    })
}

#[cfg(test)]
mod tests {
    use super::MediaClass;

    #[test]
    fn files_are_classed_by_their_extension() {
        let check =
            |path: &str, class: MediaClass| assert_eq!(MediaClass::of(path), class, "{path}");
        check("Film (2010)/Film.MKV", MediaClass::Video);
        check("a/b.en.srt", MediaClass::Subtitle);
        check("a/poster.jpg", MediaClass::Image);
        check("a/movie.nfo", MediaClass::Nfo);
        check("a/x.cbz", MediaClass::Comic);
        check("a/x.epub", MediaClass::Book);
        check("a/x.m4b", MediaClass::Audio);
        check("a/VIDEO_TS/VIDEO_TS.IFO", MediaClass::Other);
        check("a/BDMV/index.bdmv", MediaClass::Other);
        check("a/.mkv", MediaClass::Other);
        check("a.mkv/x", MediaClass::Other);
        check("noext", MediaClass::Other);
    }
}
