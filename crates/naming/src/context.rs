//! What the folders in front of a file say together.

use crate::{
    Hint, fold,
    folder::{Folder, Role},
    ignored::is_system_folder,
    recognise::Style,
};

/// The last component of a path and the folders before it.
pub struct Place<'a> {
    /// All but the last component, without a slash at the end.
    pub dir: &'a str,
    /// The last component.
    pub file: &'a str,
    /// Where the last component begins in the path.
    pub file_offset: usize,
}

impl<'a> Place<'a> {
    /// Splits a path; a slash at its end is no component.
    pub fn of(path: &'a str) -> Self {
        let path = path.trim_end_matches('/');
        match path.rfind('/') {
            Some(slash) => {
                Self { dir: &path[..slash], file: &path[slash + 1..], file_offset: slash + 1 }
            }
            None => Self { dir: "", file: path, file_offset: 0 },
        }
    }
}

/// Folders that are read, from the innermost outwards. Deeper trees hold nothing that a title needs.
const MOST_FOLDERS: usize = 8;

/// The folders of a path, innermost last.
pub struct Folders<'a> {
    chain: Vec<Folder<'a>>,
    /// The hint given, made sharper by what the folders promise.
    pub hint: Hint,
    /// One of them belongs to a system or a storage box (`@eaDir`): nothing in it is of a library.
    pub is_system: bool,
}

impl<'a> Folders<'a> {
    /// Reads the folders of `dir`, which is the beginning of the path.
    pub fn new(dir: &'a str, hint: Hint) -> Self {
        let mut end = dir.len();
        let mut parts: Vec<(&str, usize)> = Vec::new();
        for part in dir.rsplit('/') {
            let start = end - part.len();
            if !part.is_empty() && part != "." && parts.len() < MOST_FOLDERS {
                parts.push((part, start));
            }
            end = start.saturating_sub(1);
        }
        let mut folders: Vec<Folder> =
            parts.iter().rev().map(|(text, offset)| Folder::new(text, *offset, hint)).collect();
        let sharper = sharpen(&folders, hint);
        if sharper != hint {
            folders = parts
                .iter()
                .rev()
                .map(|(text, offset)| Folder::new(text, *offset, sharper))
                .collect();
        }
        title_holders_of_seasons(&mut folders);
        title_bare_numbers(&mut folders);
        if sharper == Hint::Shows {
            sort_by_years(&mut folders);
        }
        let is_system = parts.iter().any(|it| is_system_folder(it.0));
        Self { chain: folders, hint: sharper, is_system }
    }

    /// The nearest folder with a title of its own, within the library.
    pub fn owner(&self) -> Option<&Folder<'a>> {
        self.titles().next()
    }

    /// Folders with titles from the innermost outwards, up to the one that holds a whole library.
    fn titles(&self) -> impl Iterator<Item = &Folder<'a>> {
        self.chain
            .iter()
            .rev()
            .take_while(|it| !matches!(it.role, Role::Generic(Some(_))))
            .filter(|it| it.role == Role::Title && !it.reading.title.is_empty())
    }

    /// The folder that names the series: the outermost title above the season, else the nearest.
    pub fn series(&self) -> Option<&Folder<'a>> {
        self.titles()
            .find(|it| {
                !it.reading.is_episode()
                    || it.reading.numbering.as_ref().is_some_and(|it| it.0.season_end.is_some())
            })
            .or_else(|| self.owner())
    }

    /// The season folder with its number.
    pub fn season(&self) -> Option<(u16, &Folder<'a>)> {
        // A folder around a single episode lies within its season.
        let within = |it: &&Folder| it.role != Role::Title || it.reading.is_episode();
        self.chain.iter().rev().take_while(within).find_map(|it| match it.role {
            Role::Season(number) => Some((number, it)),
            Role::Specials => Some((0, it)),
            _ => None,
        })
    }

    /// What kind of extras the file lies among.
    pub fn extras(&self) -> Option<&'static str> {
        // A folder inside of the extras sorts them further.
        let inner = self.chain.iter().rev().take(3);
        inner.into_iter().find_map(|it| match it.role {
            Role::Extras(kind) => Some(kind),
            _ => None,
        })
    }

    /// The disc structure the file is part of.
    pub fn disc(&self) -> Option<&'static str> {
        self.chain.iter().rev().find_map(|it| match it.role {
            Role::Disc(kind) => Some(kind),
            _ => None,
        })
    }

    /// The part the innermost folders say.
    pub fn part(&self) -> Option<u16> {
        self.chain.iter().rev().take_while(|it| it.role != Role::Title).find_map(|it| {
            match it.role {
                Role::Part(number) => Some(number),
                _ => None,
            }
        })
    }

    /// The role of the pictures in a folder for pictures.
    pub fn artwork(&self) -> Option<&'static str> {
        match self.chain.last()?.role {
            Role::Artwork(role) => Some(role),
            _ => None,
        }
    }

    /// The innermost folder when it stands, named after a video, inside of a folder of subtitles.
    pub fn subtitled_video(&self) -> Option<&Folder<'a>> {
        match self.chain.as_slice() {
            [.., above, last] if above.role == Role::Subtitles && last.role == Role::Title => {
                Some(last)
            }
            // "Show.S01E02.720p.Subs/2_English.srt"
            [.., last] if last.is_subtitles_of_video() => Some(last),
            _ => None,
        }
    }

    /// Whether the file lies among the subtitles of something.
    pub fn holds_subtitles(&self) -> bool {
        let mut inner = self.chain.iter().rev().take(2);
        inner.any(|it| it.role == Role::Subtitles || it.is_subtitles_of_video())
    }

    /// Whether one of the folders is named with one of `words`.
    pub fn mention(&self, words: &[&str]) -> bool {
        self.chain
            .iter()
            .any(|it| (0..it.reading.name.len()).any(|i| words.contains(&it.reading.name.word(i))))
    }

    /// Whether one of the folders is called `title`: an artist's or author's.
    pub fn are_of(&self, title: &str) -> bool {
        let key = fold(title);
        self.titles().filter_map(|it| it.reading.title_text()).any(|it| fold(&it) == key)
    }

    /// Whether the folders name somebody in particular: the files of a sampler do not lie in an artist's folder.
    pub fn name_an_artist(&self) -> bool {
        let is_sampler = self.mention(&[
            "various",
            "va",
            "compilation",
            "compilations",
            "soundtrack",
            "soundtracks",
            "sampler",
            "samplers",
            "playlists",
            "mixtape",
            "hits",
        ]);
        !is_sampler && self.titles().count() > 1
    }

    /// The titles of the two innermost folders, for kinds that file by person and work.
    pub fn innermost_titles(&self) -> (Option<String>, Option<String>) {
        let mut titles = self.titles().map(|it| it.reading.title_text());
        let inner = titles.next().flatten();
        (inner, titles.next().flatten())
    }
}

/// "V/Season 1", "Extras/Season 1": what holds a season is a series, whatever else its name could mean.
fn title_holders_of_seasons(folders: &mut [Folder]) {
    // "TV Shows/Extras": beside the series of a library there are no extras of anything.
    for i in 1..folders.len() {
        let is_in_library = folders[i - 1].role == Role::Generic(Some(Hint::Shows));
        if is_in_library && matches!(folders[i].role, Role::Extras(_)) {
            folders[i].role = Role::Title;
        }
    }
    for i in 1..folders.len() {
        let holds_season = folders[i].role == Role::Specials
            || matches!(folders[i].role, Role::Season(_)) && folders[i].reading.numbering.is_some();
        let may_be_title = matches!(folders[i - 1].role, Role::Extras(_) | Role::Specials)
            || folders[i - 1].role == Role::Generic(None)
                && folders[i - 1].reading.name.len() == 1
                && folders[i - 1].reading.name.word(0).len() == 1;
        let is_below_title = i > 1 && folders[i - 2].role == Role::Title;
        if holds_season && may_be_title && !is_below_title {
            folders[i - 1].role = Role::Title;
        }
    }
}

/// "Looney Tunes/1940": below a series a year sorts its episodes.
fn sort_by_years(folders: &mut [Folder]) {
    for i in 1..folders.len() {
        let name = &folders[i].reading.name;
        let is_year =
            name.len() == 1 && name.number(0).is_some_and(|it| (1900..2036).contains(&it));
        if is_year && folders[i].role == Role::Title && folders[i - 1].role == Role::Title {
            folders[i].role = Role::Generic(None);
        }
    }
}

/// "Breaking Bad/1" is a season, "TV/24/Season 1" a series: a bare number needs a series in front and no season behind.
fn title_bare_numbers(folders: &mut [Folder]) {
    for i in 0..folders.len() {
        let is_bare =
            matches!(folders[i].role, Role::Season(_)) && folders[i].reading.numbering.is_none();
        let is_below_title = i > 0 && folders[i - 1].role == Role::Title;
        let holds_season = folders.get(i + 1).is_some_and(|it| matches!(it.role, Role::Season(_)));
        if is_bare && (!is_below_title || holds_season) {
            folders[i].role = Role::Title;
        }
    }
}

fn sharpen(folders: &[Folder], hint: Hint) -> Hint {
    if hint != Hint::Any {
        return hint;
    }
    for folder in folders.iter().rev() {
        match folder.role {
            Role::Season(_) | Role::Specials => return Hint::Shows,
            Role::Generic(Some(hint)) => return hint,
            // A release of a whole season.
            Role::Title
                if folder
                    .reading
                    .numbering
                    .as_ref()
                    .is_some_and(|it| it.0.style == Style::Season) =>
            {
                return Hint::Shows;
            }
            _ => {}
        }
    }
    hint
}
