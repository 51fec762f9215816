//! The contract of a content kind: a static table of contents, and the candidates it makes of a folder.
//!
//! The spine knows no kind by name. A kind says what files are; the spine finds them, keeps them and writes the items.

use futures::future::BoxFuture;
use kernel::Result;
use kernel::id::ItemId;
use metadata::{Facts, Subject};
use naming::{Hint, MediaClass, Parsed};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use sqlx::migrate::Migrator;
use utoipa::ToSchema;

use crate::item::Form;

mod versions;

/// What a content kind consists of. One `static` per kind; `revenge::kinds` lists them.
pub struct Kind {
    /// One word: schema, route prefix, and `library.kind`.
    pub id: &'static str,
    /// What the name parser may expect in a library of this kind.
    pub hint: Hint,
    /// What providers call its topmost things; none where no provider knows such things.
    pub subject: Option<Subject>,
    /// The kinds of item it makes, topmost first.
    pub items: &'static [ItemKind],
    /// Its own tables, in the schema called like `id`.
    pub migrations: &'static Migrator,
    /// What the files of one folder tree are. Pure; called again whenever something in the tree changed.
    pub arrange: fn(&[Listed<'_>]) -> Arrangement,
    /// Writes its own tables for items that were just written, in their transaction.
    pub describe: Describe,
}

/// See [`Kind::describe`].
pub type Describe =
    for<'a> fn(&'a mut PgConnection, &'a [Described<'a>]) -> BoxFuture<'a, Result<()>>;

/// One kind of item that a content kind makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemKind {
    /// `movie`, `series`, `episode`; kept in `item.kind`.
    pub name: &'static str,
    /// How a client presents it.
    pub form: Form,
    /// Whether lists of a library show it, or only its parent's page.
    pub is_top: bool,
}

/// One file of the tree that a kind arranges.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'a> {
    /// Relative to the library's folder, `/` between the parts.
    pub path: &'a str,
    /// What its name says.
    pub parsed: &'a Parsed,
    /// What its extension says.
    pub class: MediaClass,
    /// How large it is.
    pub size_bytes: i64,
}

impl<'a> Listed<'a> {
    /// The folder it lies in; empty for the library's folder itself.
    pub fn folder(&self) -> &'a str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Its name without folder and extension.
    pub fn stem(&self) -> &'a str {
        let name = self.path.rsplit_once('/').map_or(self.path, |(_, name)| name);
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }

    /// Its place among the pictures of one role.
    fn artwork_place(&self) -> (bool, bool, usize, u32, &'a str) {
        let stem = self.stem();
        let word = stem.trim_end_matches(|it: char| it.is_ascii_digit());
        let number = stem[word.len()..].parse().unwrap_or(0);
        let word = word.trim_end_matches(['-', '_', '.', ' ']).to_ascii_lowercase();
        let telling = TELLING.iter().position(|it| word.ends_with(it)).unwrap_or(TELLING.len());
        let folder = self.folder().rsplit('/').next().unwrap_or_default();
        let is_aside = ["extrafanart", "extrathumbs", "artwork", "metadata"]
            .iter()
            .any(|it| folder.eq_ignore_ascii_case(it));
        let is_of_all = stem.to_ascii_lowercase().starts_with("season-all");
        (is_of_all, is_aside, telling, number, self.path)
    }
}

/// Words at the end of the names of pictures, those that say most clearly what they show first.
const TELLING: [&str; 8] =
    ["poster", "fanart", "clearlogo", "landscape", "discart", "backdrop", "folder", "cover"];

/// What a kind made of a tree of files. Files are named by their position in the listing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrangement {
    /// The topmost items.
    pub items: Vec<Candidate>,
    /// Files of which no item can be made, with the reason for a person. Files that are neither here nor in an item are
    /// kept and shown nowhere.
    pub refused: Vec<(usize, &'static str)>,
}

/// An item as the names of its files tell it.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// One of [`Kind::items`].
    pub kind: ItemKind,
    /// What makes it the same thing after its files moved: unique in a library per kind, equal across libraries.
    pub identity: String,
    /// Season or episode number.
    pub number: Option<i32>,
    /// Last number when it spans several.
    pub number_end: Option<i32>,
    /// Number of its parent; a season repeats its own, by which seasons are put in order.
    pub parent_number: Option<i32>,
    /// Number counted through all seasons.
    pub absolute_number: Option<i32>,
    /// Title to show.
    pub title: String,
    /// Whether `title` is a mere number or file name, so that the title inside the file is better.
    pub is_title_weak: bool,
    /// Title it is sorted by.
    pub sort_title: String,
    /// Further titles that its names give: original, translated.
    pub other_titles: Vec<String>,
    /// Year of release.
    pub year: Option<i32>,
    /// Day of broadcast.
    pub released_on: Option<chrono::NaiveDate>,
    /// Who made it.
    pub studios: Vec<String>,
    /// Who is to be seen in it.
    pub cast: Vec<String>,
    /// Ids that its name carries: provider, id.
    pub ids: Vec<(&'static str, String)>,
    /// The files that play, or belong to what plays.
    pub files: Vec<CandidateFile>,
    /// NFO files, the strongest first.
    pub nfo: Vec<usize>,
    /// Pictures by role, the first of a role shown.
    pub artwork: Vec<(ImageRole, usize)>,
    /// Pictures of people who have a part in it, by name.
    pub portraits: Vec<(String, usize)>,
    /// Items below it.
    pub children: Vec<Candidate>,
    /// Whether a person put its files to another item: that one's names say what it is called, these do not.
    pub is_guest: bool,
}

impl Candidate {
    /// An item of `kind` with a title and nothing else yet.
    pub fn new(kind: ItemKind, identity: String, title: &str) -> Self {
        Self {
            kind,
            identity,
            number: None,
            number_end: None,
            parent_number: None,
            absolute_number: None,
            title: title.to_owned(),
            is_title_weak: false,
            sort_title: naming::sort_title(title),
            other_titles: Vec::new(),
            year: None,
            released_on: None,
            studios: Vec::new(),
            cast: Vec::new(),
            ids: Vec::new(),
            files: Vec::new(),
            nfo: Vec::new(),
            artwork: Vec::new(),
            portraits: Vec::new(),
            children: Vec::new(),
            is_guest: false,
        }
    }

    /// Takes the picture at `position` as what its name says it is; one that names no role of ours stays aside.
    pub fn add_picture(&mut self, position: usize, parsed: &Parsed) {
        match (parsed.artwork, &parsed.label) {
            (Some("portrait"), Some(name)) => self.portraits.push((name.clone(), position)),
            (Some(role), _) => {
                self.artwork.extend(ImageRole::of(role).map(|role| (role, position)));
            }
            (None, _) => {}
        }
    }

    /// Puts the pictures of it and of the items below it in the order in which they are shown: by how telling the name is,
    /// then by the number in it, those in folders of their own last.
    pub fn sort_artwork(&mut self, listed: &[Listed<'_>]) {
        self.artwork.sort_by_cached_key(|(_, position)| listed[*position].artwork_place());
        for child in &mut self.children {
            child.sort_artwork(listed);
        }
    }

    /// Positions of all files that it and the items below it use.
    pub fn positions(&self) -> Vec<usize> {
        let mut positions: Vec<usize> = self.files.iter().map(|it| it.position).collect();
        positions.extend(&self.nfo);
        positions.extend(self.artwork.iter().map(|(_, position)| position));
        positions.extend(self.portraits.iter().map(|(_, position)| position));
        positions.extend(self.children.iter().flat_map(Self::positions));
        positions
    }
}

/// A file's part in an item.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CandidateFile {
    /// Position in the listing.
    pub position: usize,
    /// What it is for.
    pub role: FileRole,
    /// Tells the versions of one film apart.
    pub version: Option<String>,
    /// Of a film in several files, from 1.
    pub part: Option<i16>,
    /// What kind of extra.
    pub extra_type: Option<String>,
    /// Its own name.
    pub title: Option<String>,
    /// BCP 47, of an external subtitle or audio file.
    pub language: Option<String>,
    /// Subtitles of foreign parts only.
    pub is_forced: bool,
    /// Subtitles for the deaf and hard of hearing.
    pub is_hearing_impaired: bool,
    /// To be chosen by itself.
    pub is_default: bool,
}

impl CandidateFile {
    /// What the name says of a file that is not the film itself; `None` for films and for what does not play.
    pub fn beside(position: usize, parsed: &Parsed) -> Option<Self> {
        use naming::Kind as Named;
        let role = match (parsed.kind, parsed.extra_type) {
            (Named::Subtitle, _) => FileRole::Subtitle,
            (Named::Audio, _) => FileRole::Audio,
            (Named::Extra, Some("trailer")) => FileRole::Trailer,
            (Named::Extra, Some("sample")) => FileRole::Sample,
            (Named::Extra, Some("theme_song" | "theme_video")) => FileRole::Theme,
            (Named::Extra, _) => FileRole::Extra,
            _ => return None,
        };
        Some(Self {
            role,
            extra_type: parsed.extra_type.map(str::to_owned),
            title: parsed.label.clone(),
            language: parsed.language.map(str::to_owned),
            is_forced: parsed.forced,
            is_hearing_impaired: parsed.sdh,
            is_default: parsed.default,
            ..Self::main(position)
        })
    }

    /// The film itself.
    pub fn main(position: usize) -> Self {
        Self {
            position,
            role: FileRole::Main,
            version: None,
            part: None,
            extra_type: None,
            title: None,
            language: None,
            is_forced: false,
            is_hearing_impaired: false,
            is_default: false,
        }
    }
}

/// What a file is for in an item, as `item_file.role` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the words of the data model say it")]
pub enum FileRole {
    Main,
    Extra,
    Trailer,
    Sample,
    Theme,
    Subtitle,
    Audio,
}

impl FileRole {
    /// As the database has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Extra => "extra",
            Self::Trailer => "trailer",
            Self::Sample => "sample",
            Self::Theme => "theme",
            Self::Subtitle => "subtitle",
            Self::Audio => "audio",
        }
    }
}

/// What a picture shows, as `image.role` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words of the data model say it")]
pub enum ImageRole {
    Poster,
    Backdrop,
    Thumb,
    Logo,
    Banner,
    Disc,
    Clearart,
    Keyart,
    /// Of the collection that the item is part of.
    SetPoster,
    /// Of the collection that the item is part of.
    SetBackdrop,
}

impl ImageRole {
    /// All of them, as a chooser puts them in order.
    pub const ALL: [Self; 10] = [
        Self::Poster,
        Self::Backdrop,
        Self::Thumb,
        Self::Logo,
        Self::Banner,
        Self::Disc,
        Self::Clearart,
        Self::Keyart,
        Self::SetPoster,
        Self::SetBackdrop,
    ];

    /// As the database has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Poster => "poster",
            Self::Backdrop => "backdrop",
            Self::Thumb => "thumb",
            Self::Logo => "logo",
            Self::Banner => "banner",
            Self::Disc => "disc",
            Self::Clearart => "clearart",
            Self::Keyart => "keyart",
            Self::SetPoster => "set_poster",
            Self::SetBackdrop => "set_backdrop",
        }
    }

    /// The role a name gives to artwork; `None` for roles that no page of ours shows.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }
}

/// An item that was just written, for [`Kind::describe`].
#[derive(Clone, Copy, Debug)]
pub struct Described<'a> {
    /// Its row.
    pub item_id: ItemId,
    /// What its names say.
    pub candidate: &'a Candidate,
    /// What its local metadata says.
    pub facts: &'a Facts,
}

/// Which item lies where: finds the owner of a file whose own name names none.
#[derive(Debug, Default)]
pub struct Homes<'a>(std::collections::HashMap<&'a str, Home>);

#[derive(Clone, Copy, Debug)]
enum Home {
    Of(usize),
    /// Several live there: nobody's file is told by the folder alone.
    Shared,
}

impl<'a> Homes<'a> {
    /// Notes that the item `owner` has a file of its own in `folder`.
    pub fn add(&mut self, folder: &'a str, owner: usize) {
        self.0
            .entry(folder)
            .and_modify(|home| {
                if !matches!(home, Home::Of(it) if *it == owner) {
                    *home = Home::Shared;
                }
            })
            .or_insert(Home::Of(owner));
    }

    /// The only item of the nearest folder, from `folder` upwards, that is the home of any.
    pub fn nearest(&self, folder: &str) -> Option<usize> {
        let mut folder = folder;
        loop {
            match self.0.get(folder) {
                Some(Home::Of(owner)) => return Some(*owner),
                Some(Home::Shared) => return None,
                None if folder.is_empty() => return None,
                None => folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_folder_with_one_item_owns_a_nameless_file() {
        let mut homes = Homes::default();
        homes.add("Heat (1995)", 0);
        homes.add("Heat (1995)", 0);
        homes.add("", 1);
        homes.add("", 2);
        assert_eq!(homes.nearest("Heat (1995)/Extras/Old"), Some(0));
        assert_eq!(homes.nearest("Elsewhere"), None);
    }
}
