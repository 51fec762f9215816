//! Words that name folders, seasons, episodes, parts and extras, in the languages people file things in.

/// "Season" in front of or behind its number.
pub const SEASON_WORDS: &[&str] = &[
    "season",
    "seasons",
    "saison",
    "saisons",
    "staffel",
    "staffeln",
    "temporada",
    "temporadas",
    "stagione",
    "stagioni",
    "seizoen",
    "sezon",
    "sezona",
    "sezone",
    "saeson",
    "sasong",
    "sesong",
    "kausi",
    "evad",
    "serie",
    "series",
    "sæson",
    "sezonul",
    "sezóna",
    "сезон",
    "сезона",
    "季",
    "シーズン",
    "시즌",
    "기",
    "期",
    "mua",
    "musim",
    "sr",
    "seson",
    "עונה",
    "الموسم",
    "موسم",
    "κυκλος",
    "σεζον",
    "sezonu",
    "cour",
];

/// "Episode" in front of or behind its number.
pub const EPISODE_WORDS: &[&str] = &[
    "episode",
    "episodes",
    "ep",
    "eps",
    "epi",
    "episodio",
    "episodios",
    "capitulo",
    "capitulos",
    "cap",
    "folge",
    "folgen",
    "teil",
    "aflevering",
    "avsnitt",
    "odcinek",
    "epizod",
    "epizoda",
    "dil",
    "jakso",
    "bolum",
    "серия",
    "серія",
    "серии",
    "серій",
    "эпизод",
    "выпуск",
    "集",
    "話",
    "话",
    "回",
    "화",
    "회",
    "tap",
    "פרק",
    "الحلقة",
    "حلقة",
    "επεισοδιο",
    "puntata",
    "afsnit",
    "osa",
    "odc",
    "episod",
    "rész",
    "resz",
];

/// "Part" of a mini-series, in front of its number.
pub const MINI_SERIES_WORDS: &[&str] = &["part", "pt", "teil", "parte", "partie", "chapter"];

/// Things counted outside of the seasons.
pub const SPECIAL_WORDS: &[&str] = &[
    "special",
    "specials",
    "sp",
    "ova",
    "ovas",
    "oav",
    "oad",
    "ona",
    "特别篇",
    "特典",
    "番外",
    "番外篇",
];

/// "Part" in front of its number. Of these `cd`, `dvd`, `disc` and `disk` never belong to a title.
pub const PART_WORDS: &[&str] =
    &["cd", "disc", "disk", "dvd", "part", "pt", "parte", "partie", "teil", "deel", "часть"];

/// Folders that say what lies in them and nothing about one film or series; with what they promise.
pub const GENERIC_FOLDERS: &[(&[&str], Option<crate::Hint>)] = &[
    (
        &[
            "movies",
            "movie",
            "films",
            "film",
            "filme",
            "peliculas",
            "cine",
            "filmes",
            "cinema",
            "movies 4k",
            "4k movies",
            "uhd movies",
            "movies uhd",
            "movies 3d",
            "3d movies",
            "kids movies",
            "hd movies",
            "movies hd",
            "my movies",
            "фильмы",
            "电影",
            "電影",
            "映画",
            "영화",
            "anime movies",
            "documentaries",
            "dokumentationen",
            "family movies",
            "feature films",
            "spielfilme",
            "kinofilme",
        ],
        Some(crate::Hint::Movies),
    ),
    (
        &[
            "tv",
            "tv shows",
            "tvshows",
            "tv show",
            "shows",
            "series",
            "tv series",
            "serien",
            "series tv",
            "animes",
            "anime",
            "cartoons",
            "kids tv",
            "television",
            "anime series",
            "anime shows",
            "сериалы",
            "剧集",
            "電視劇",
            "电视剧",
            "アニメ",
            "드라마",
            "dramas",
            "miniseries",
            "mini series",
            "kids shows",
            "4k shows",
            "tv 4k",
            "tv hd",
            "seriale",
            "my shows",
            "sitcoms",
            "docuseries",
        ],
        Some(crate::Hint::Shows),
    ),
    (
        &[
            "media",
            "mnt",
            "data",
            "video",
            "videos",
            "downloads",
            "download",
            "complete",
            "completed",
            "incoming",
            "torrents",
            "usenet",
            "home",
            "srv",
            "volume1",
            "volume2",
            "nas",
            "share",
            "shared",
            "storage",
            "library",
            "libraries",
            "root",
            "tank",
            "pool",
            "disks",
            "disk1",
            "disk2",
            "user",
            "users",
            "public",
            "new",
            "unsorted",
            "temp",
            "tmp",
            "misc",
            "hd",
            "uhd",
            "4k",
            "1080p",
            "720p",
            "2160p",
            "sd",
            "3d",
            "dvd",
            "bluray",
            "blu ray",
            "kids",
            "family",
            "action",
            "comedy",
            "drama",
            "horror",
            "thriller",
            "sci fi",
            "animation",
            "foreign",
            "classics",
            "a z",
            "0 9",
            "watched",
            "unwatched",
            "to watch",
            "multimedia",
            "content",
            "archive",
            "backup",
            "files",
            "plex",
            "jellyfin",
            "emby",
            "kodi",
            "nzb",
            "sonarr",
            "radarr",
            "mkv",
            "avi",
            "mp4",
            "var",
            "opt",
            "export",
            "volumes",
            "documentary",
            "sorted",
            "collection",
            "collections",
            "sets",
            "boxsets",
            "box sets",
        ],
        None,
    ),
];

/// Titles that end in a number which reads as a year, up to that year: without another year it is theirs.
pub const ENDS_IN_YEAR: &[&str] = &[
    "space 1999",
    "sealab 2021",
    "death race 2000",
    "knight rider 2000",
    "class of 1984",
    "class of 1999",
    "wonder woman 1984",
    "dracula 2000",
    "cherry 2000",
    "godzilla 2000",
    "heavy metal 2000",
    "blues brothers 2000",
    "airport 1975",
    "galactica 1980",
];

/// Folders that hold the subtitles of what lies beside them.
pub const SUBTITLE_FOLDERS: &[&str] = &[
    "subs",
    "sub",
    "subtitles",
    "subtitle",
    "vobsub",
    "vobsubs",
    "legendas",
    "untertitel",
    "字幕",
    "captions",
];

/// Beginnings of titles that open with a number which reads as a year.
pub const YEAR_TITLES: &[&str] = &[
    "1492 conquest",
    "2001 a",
    "2010 the",
    "2012 doomsday",
    "2012 supernova",
    "2012 ice",
    "2012 zombie",
    "1900 novecento",
    "1911 revolution",
    "1920 london",
    "1920 evil",
    "1920 horrors",
    "1921 the",
    "1922 the",
    "1945 the",
    "1968 tunnel",
    "1971 beyond",
    "1982 the",
    "1987 when",
    "1990 the",
    "1991 the",
    "1999 autumn",
    "2000 maniacs",
    "2000 ad",
    "2002 the",
    "2015 the",
    "2018 everyone",
    "2019 after",
    "2020 texas",
    "2022 tsunami",
    "2025 the",
    "2030 the",
    "2033 future",
    "2035 the",
    "1941 battle",
    "1989 a",
    "1984 the",
    "1995 the",
    "2009 lost",
];

/// Kind of an extra, as `Parsed::extra_type` states it.
pub type Extra = &'static str;

/// What a folder of this name holds besides the film or series.
pub fn extra_of_folder(phrase: &str) -> Option<Extra> {
    Some(match phrase {
        "trailers" | "trailer" | "teasers" | "previews" => "trailer",
        "featurettes" | "featurette" => "featurette",
        "behind the scenes" | "behindthescenes" | "making of" | "bts" => "behind_the_scenes",
        "deleted scenes" | "deleted scene" | "deleted" | "deletedscenes" => "deleted_scene",
        "interviews" | "interview" => "interview",
        "scenes" | "scene" => "scene",
        "shorts" | "short" | "short films" => "short",
        "clips" | "clip" => "clip",
        "samples" | "sample" => "sample",
        "theme music" => "theme_song",
        "backdrops" | "theme videos" => "theme_video",
        "extras" | "extra" | "other" | "others" | "bonus" | "bonus features"
        | "special features" | "bonus disc" | "bonus material" | "supplements"
        | "extra features" | "nc" | "nced" | "ncop" | "creditless" | "menu" | "menus"
        | "bonusmaterial" => "other",
        _ => return None,
    })
}

/// What a file is whose name ends in this word ("Film-trailer", "Film.sample").
pub fn extra_of_suffix(phrase: &str) -> Option<Extra> {
    Some(match phrase {
        "trailer" | "trailer1" | "trailer2" | "trailer3" | "trailer4" | "teaser" | "trailers"
        | "teaser trailer" | "official trailer" | "theatrical trailer" => "trailer",
        "featurette" | "featurettes" => "featurette",
        "behindthescenes" | "behind the scenes" | "making of" | "makingof" | "bts" => {
            "behind_the_scenes"
        }
        "deleted" | "deletedscene" | "deleted scene" | "deletedscenes" | "deleted scenes" => {
            "deleted_scene"
        }
        "interview" | "interviews" => "interview",
        "scene" => "scene",
        "short" => "short",
        "clip" => "clip",
        "sample" => "sample",
        "extra" | "other" | "bonus" | "extras" => "other",
        _ => return None,
    })
}

/// Countries that tell series of one name apart ("The Office US"): part of the series' title, also in brackets.
pub fn is_country(word: &str) -> bool {
    matches!(
        word,
        "us" | "uk"
            | "au"
            | "nz"
            | "ca"
            | "in"
            | "fr"
            | "de"
            | "es"
            | "it"
            | "jp"
            | "kr"
            | "br"
            | "mx"
            | "se"
            | "dk"
            | "no"
            | "nl"
            | "be"
            | "ie"
            | "tr"
            | "usa"
            | "gb"
            | "za"
            | "ru"
            | "pl"
            | "cn"
            | "tw"
            | "th"
    )
}

/// Names of the months, folded, in English, German, French, Spanish, Italian, Portuguese and Dutch.
const MONTHS: [&[&str]; 12] = [
    &["january", "jan", "januar", "janvier", "enero", "gennaio", "janeiro", "januari"],
    &["february", "feb", "februar", "fevrier", "febrero", "febbraio", "fevereiro", "februari"],
    &["march", "mar", "marz", "maerz", "mars", "marzo", "marco", "maart"],
    &["april", "apr", "avril", "abril", "aprile"],
    &["may", "mai", "mayo", "maggio", "maio", "mei"],
    &["june", "jun", "juni", "juin", "junio", "giugno", "junho"],
    &["july", "jul", "juli", "juillet", "julio", "luglio", "julho"],
    &["august", "aug", "aout", "agosto", "augustus"],
    &["september", "sep", "sept", "septembre", "septiembre", "settembre", "setembro"],
    &["october", "oct", "oktober", "okt", "octobre", "octubre", "ottobre", "outubro"],
    &["november", "nov", "novembre", "noviembre", "novembro"],
    &["december", "dec", "dezember", "dez", "decembre", "diciembre", "dicembre", "dezembro"],
];

/// Month by its name or abbreviation.
pub fn month_of(word: &str) -> Option<u8> {
    let at = MONTHS.iter().position(|it| it.contains(&word))?;
    Some(at as u8 + 1)
}

/// Small numbers from one on, as words, in Roman or Chinese numerals, and as ordinals.
pub const NUMBER_WORDS: &[&[&str]] = &[
    &[
        "one", "i", "first", "1st", "一", "第一", "erste", "premiere", "primera", "prima", "uno",
        "eins",
    ],
    &[
        "two", "ii", "second", "2nd", "二", "第二", "zweite", "deuxieme", "segunda", "seconda",
        "dos", "zwei", "due",
    ],
    &[
        "three",
        "iii",
        "third",
        "3rd",
        "三",
        "第三",
        "dritte",
        "troisieme",
        "tercera",
        "terza",
        "tres",
        "drei",
        "tre",
    ],
    &["four", "iv", "fourth", "4th", "四", "第四", "vierte", "quatrieme", "cuarta", "quarta"],
    &["five", "v", "fifth", "5th", "五", "第五"],
    &["six", "vi", "sixth", "6th", "六", "第六"],
    &["seven", "vii", "seventh", "7th", "七", "第七"],
    &["eight", "viii", "eighth", "8th", "八", "第八"],
    &["nine", "ix", "ninth", "9th", "九", "第九"],
    &["ten", "x", "tenth", "10th", "十", "第十"],
];

/// Words that no title ends with: what follows belongs to it.
pub const JOINING_WORDS: &[&str] = &[
    "or", "and", "of", "the", "with", "for", "und", "oder", "et", "ou", "de", "der", "die", "das",
];
