//! The command line.

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use media::tool::confine::Confinement;

/// Revenge: one self-hosted media server for films, shows and everything else on your disks.
///
/// Start with `revenge serve` and open http://localhost:8096. Without any configuration it brings its own database, cache
/// and search engine; revenge.yaml and REVENGE_SECTION__KEY variables change that (see `revenge config`).
///
/// Exit codes: 0 done; 1 it failed; 2 wrong words on the command line; 3 the configuration is wrong; 4 `doctor` found a
/// part that has failed.
#[derive(Debug, Parser)]
#[command(name = "revenge", version, max_term_width = 100)]
pub struct Cli {
    /// What applies to every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What applies to every command.
#[derive(Debug, Args)]
pub struct Global {
    /// The configuration file; else ./revenge.yaml, then revenge.yaml in the data folder, then /etc/revenge/revenge.yaml.
    #[arg(long, global = true, value_name = "FILE", env = "REVENGE_CONFIG")]
    pub config: Option<PathBuf>,
    /// Where the server keeps what is its own (data_dir).
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server until it is told to stop (Ctrl-C or SIGTERM).
    Serve(Serve),
    /// Convert films for a server on another machine until told to stop; needs FFmpeg and no database.
    Transcoder(Transcoder),
    /// Show the effective configuration, secrets hidden, and where it came from.
    Config,
    /// Check every part: found, version, fine or what to do.
    Doctor {
        /// Answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Save database, chosen pictures and configuration in one file; works beside a running server. Keep it safe: it holds
    /// every secret of the server.
    Backup {
        /// The file, or a folder for it; else the folder of backups (backup.folder).
        #[arg(value_name = "FILE|FOLDER")]
        target: Option<PathBuf>,
    },
    /// Bring a backup back, into an empty data folder or database; the server must not run.
    Restore(Restore),
    /// Look after the database.
    #[command(subcommand)]
    Database(Database),
    /// Look after people's accounts; works beside a running server.
    #[command(subcommand)]
    User(User),
    /// Look after libraries; works beside a running server.
    #[command(subcommand)]
    Library(Library),
    /// Bring people and what they watched from Jellyfin or Plex; works beside a running server. Nothing there is changed.
    Import(Import),
    /// Show what the name parser and the prober make of a path; needs no database and no running server.
    Identify(Identify),
    /// Print the OpenAPI document of the HTTP API.
    Openapi,
    /// Become another program that can neither reach files nor the network; the server starts FFmpeg so.
    #[command(hide = true)]
    Confine(Confine),
}

/// What to become, and within which limits.
#[derive(Debug, Args)]
pub struct Confine {
    /// Bytes of virtual memory.
    #[arg(long)]
    pub memory: u64,
    /// Seconds of processor time.
    #[arg(long)]
    pub cpu_seconds: u64,
    /// How far it stands back behind everything else.
    #[arg(long, default_value_t = 0)]
    pub niceness: u8,
    /// The process that must be alive.
    #[arg(long)]
    pub parent: i32,
    /// A device node that it may use, or a folder of such; any number of them.
    #[arg(long = "device")]
    pub devices: Vec<PathBuf>,
    /// So many bytes at the head of its input are held for it in memory.
    #[arg(long, default_value_t = 0)]
    pub held_bytes: u64,
    /// The program.
    #[arg(last = true, required = true)]
    pub command: Vec<OsString>,
}

impl From<Confine> for Confinement {
    fn from(confine: Confine) -> Self {
        let Confine { memory, cpu_seconds, niceness, parent, devices, held_bytes, command } =
            confine;
        let mut words = command.into_iter();
        Self {
            address_space: memory,
            cpu_seconds,
            niceness,
            parent,
            program: words.next().unwrap_or_default().into(),
            args: words.collect(),
            devices,
            held_bytes,
        }
    }
}

/// What to bring back.
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup.
    pub file: PathBuf,
    /// Lose what is in the database now.
    #[arg(long)]
    pub replace: bool,
    /// Only look whether the backup is whole.
    #[arg(long, conflicts_with = "replace")]
    pub check: bool,
}

/// What to do with the database.
#[derive(Debug, Subcommand)]
pub enum Database {
    /// Copy everything into another database and count it there; the server must not run. What is here stays as it is, and
    /// the configuration is yours to change.
    Move {
        /// postgres://user:password@host:5432/name, or `private` for the data folder's own.
        #[arg(long, value_name = "ADDRESS")]
        to: String,
        /// Lose what is in the other database now.
        #[arg(long)]
        replace: bool,
    },
}

/// How to serve.
#[derive(Debug, Args)]
pub struct Serve {
    /// The address to listen on (server.host).
    #[arg(long)]
    pub host: Option<IpAddr>,
    /// The port to listen on (server.port).
    #[arg(long)]
    pub port: Option<u16>,
    /// A folder of media that the first-run wizard offers (media.folders); may be given several times.
    #[arg(long, value_name = "FOLDER")]
    pub media: Vec<PathBuf>,
}

/// How to convert for others.
#[derive(Debug, Args)]
pub struct Transcoder {
    /// The address and port to listen on (transcoder.listen). The secret that servers must know is transcoder.secret.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
}

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub enum User {
    /// Make an account. The password is asked for, or read from standard input.
    Add {
        /// How the person signs in.
        name: String,
        /// The person may administer the server.
        #[arg(long)]
        admin: bool,
    },
    /// Give a person a new password and sign them out everywhere. It is asked for, or read from standard input.
    Passwd {
        /// Whose.
        name: String,
    },
    /// Take away the second factor of a person who lost it, passkeys and recovery codes included.
    #[command(name = "no-second-factor")]
    NoSecondFactor {
        /// Whose.
        name: String,
    },
    /// Print a link that signs a person in once, within fifteen minutes: the way in when a provider of identity fails and
    /// passwords are off. A second factor is asked for all the same.
    #[command(name = "sign-in-link")]
    SignInLink {
        /// Whom.
        name: String,
    },
    /// List everybody.
    List {
        /// Answer as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// What to do with libraries.
#[derive(Debug, Subcommand)]
pub enum Library {
    /// Make a library.
    Add {
        /// What it is called.
        name: String,
        /// What it holds: movies or shows.
        #[arg(long)]
        kind: String,
        /// Where its files are; may be given several times.
        #[arg(long = "folder", value_name = "FOLDER", required = true)]
        folders: Vec<PathBuf>,
    },
    /// List all libraries.
    List {
        /// Answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Put a scan of a library on the queue: a running server does it at once, otherwise the next one that starts.
    Scan {
        /// The library's name or id.
        library: String,
    },
}

/// What to bring.
#[derive(Debug, Args)]
pub struct Import {
    /// What it comes from: jellyfin or plex.
    #[arg(value_parser = ["jellyfin", "plex"])]
    pub source: String,
    /// Its database, a folder that holds it, or the address of a Jellyfin that runs; its API key is asked for, or read from
    /// standard input.
    #[arg(value_name = "PATH|URL")]
    pub from: String,
    /// Only say what would become of it.
    #[arg(long)]
    pub dry_run: bool,
    /// Who is who: a name there, and one here. Without it, people of the same name are the same, and others get accounts. May
    /// be given several times.
    #[arg(long = "person", value_name = "THERE=HERE")]
    pub people: Vec<String>,
    /// Bring nothing of this person; may be given several times.
    #[arg(long = "skip", value_name = "THERE")]
    pub skipped: Vec<String>,
    /// Which folder is which, where that does not show by itself; may be given several times.
    #[arg(long = "folder", value_name = "THERE=HERE")]
    pub folders: Vec<String>,
    /// New accounts see all libraries; else you say what they see.
    #[arg(long)]
    pub all_libraries: bool,
    /// Answer as JSON.
    #[arg(long)]
    pub json: bool,
}

/// The fields of `identify --json`, for its long help. `docs/identify.md` has their values.
const IDENTIFY_FIELDS: &str = "\
Each path is answered by one JSON object on a line of its own; a field that the name does not tell is absent.

  path            the path as given
  kind            movie, episode, extra, subtitle, audio, track, book, comic, audiobook, photo, other
  title           of the film or episode; of what an extra, subtitle, audio track or picture belongs to
  alternative     a second title: original or translated
  year            of the film, or the one that tells series of a name apart
  series          title of the series
  season          0 holds the specials; season_end: the last season of a pack
  episode         within its season; episode_end: the last of several
  episode_title   as title, also on what belongs to an episode
  date            day of broadcast, YYYY-MM-DD
  absolute        counted through all seasons; absolute_end: the last of several
  edition         Director's Cut, Extended, IMAX ...
  version         what tells this file from others of the same film: 2160p, v2 ...
  part            1, 2 ... of a film split over files
  extra_type      trailer, featurette, behind_the_scenes, deleted_scene, interview, scene, short, clip, sample,
                  theme_song, theme_video, other
  label           own name of an extra, subtitle or audio track
  language        BCP 47; mul for several
  forced, sdh, default
                  true for such a subtitle or audio track
  resolution      1080p, 2160p ...
  source          BluRay, WEB-DL, HDTV ...; service: Netflix ...; remux, proper: true
  video_codec     h264, hevc, av1 ...; bit_depth: 8, 10 ...
  audio_codec     aac, ac3, eac3 ...; audio_channels: 5.1 ...; atmos: true
  hdr             HDR10, HDR10+, HLG, DV, DV HDR10 ...
  three_d         3D, HSBS, SBS, HOU, OU, MVC ...
  group           release group
  container       extension, in lower case
  ids             imdb, tmdb, tvdb, tvmaze, anidb, anilist, mal
  artwork, sidecar, disc
                  role of a picture, whether it is an NFO file, dvd or bluray for a disc's files
  probe, problem  what --probe found, or why it could not";

/// What to identify.
#[derive(Debug, Args)]
#[command(after_long_help = IDENTIFY_FIELDS)]
pub struct Identify {
    /// Paths; without any they are read from standard input, one a line. None has to exist: only the names are read. A
    /// folder that is there stands for every file below it.
    pub paths: Vec<PathBuf>,
    /// One JSON object a line.
    #[arg(long)]
    pub json: bool,
    /// Also read the header of files that are there.
    #[arg(long)]
    pub probe: bool,
    /// What the paths are expected to be: movies, shows or any.
    #[arg(long, default_value = "any")]
    pub kind: String,
}
