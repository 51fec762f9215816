//! Starting a playback.

mod chosen;

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use catalog::Catalog;
use catalog::analysis::Segment;
use catalog::item::{Chapter, ItemCard, StreamView};
use catalog::playable::PlayableFile;
use catalog::taste::Wanted;
use chrono::DateTime;
use kernel::id::{FileId, Ids, ItemId};
use kernel::{Clock, Error, Limits, Permission, Result, Viewer};
use media::decide::{AudioWhy, ClientProfile, Method, Reason, SubtitleWhy, Wish, choose_subtitle};
use media::transcode::{Encoder, Picture, Rendition, Rung};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wire::signed::Signer;

use self::chosen::Tried;
use crate::analyze::shelf::Shelf;
use crate::analyze::{self, Analyst};
use crate::choose::{Candidate, Version, candidates};
use crate::films::{Films, OpenFilm};
use crate::pictures::Pictures;
use crate::playing::{Board, FindNames};
use crate::subtitles::{Subtitle, choose_shown, texts_beside};
use crate::together::Groups;
use crate::transcode::encoders::Encoders;
use crate::transcode::{self, Transcoder};
use crate::ways::{self, Cost, Parts};

/// How long a stream's URL opens: a long film with pauses.
const URL_LIFE: Duration = Duration::from_hours(12);
/// URLs end at whole hours, so that the same part of a film keeps its address, and a browser's cache its use.
const URL_GRAIN_S: i64 = 3600;

/// The room: from "play" to bytes. Cheap to clone.
#[derive(Clone)]
pub struct Playback {
    pub(crate) catalog: Catalog,
    signer: Signer,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) films: Films,
    pub(crate) transcoder: Transcoder,
    pub(crate) shelf: Shelf,
    analyzing: Arc<analyze::Settings>,
    pub(crate) names: FindNames,
    pub(crate) board: Board,
    pub(crate) groups: Groups,
    pub(crate) limits: Limits,
}

impl std::fmt::Debug for Playback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Playback").field("catalog", &self.catalog).finish_non_exhaustive()
    }
}

/// What a client wants to play, and what it can.
#[derive(Debug, Default)]
pub struct Request {
    /// One of the item's files; else the one that plays best.
    pub file: Option<FileId>,
    /// This sound track and no other.
    pub audio: Option<u32>,
    /// Heard where the person never said what they like, BCP 47, the dearest first.
    pub languages: Vec<String>,
    /// The subtitle to begin with.
    pub subtitle: SubtitleWish,
    /// What the client tried and made nothing of.
    pub given_up: Option<GivenUp>,
    /// Streams of the item's files that the server began to make anew for the client, and could not.
    pub unmade: Vec<(FileId, u32)>,
    /// Left out: anything.
    pub profile: Option<ClientProfile>,
    /// Whether the client is in the house.
    pub is_near: bool,
}

/// What a client made nothing of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenUp {
    /// The file itself.
    File,
    /// The film's own pictures, in segments, too.
    Pictures,
}

/// Which subtitle a client wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SubtitleWish {
    /// By what the person chose before and likes.
    #[default]
    Taste,
    /// None.
    Off,
    /// The one at this place in the list.
    At(usize),
}

/// How the bytes come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// The file's own.
    Direct,
    /// The file's pictures and sound, as HLS.
    Remux,
    /// The file's pictures with sound made anew, as HLS.
    TranscodeAudio,
    /// Pictures made anew, with the file's sound where that plays, as HLS.
    TranscodeVideo,
    /// Not at all.
    Unsupported,
}

impl Way {
    /// Each of them.
    pub const ALL: [Self; 5] =
        [Self::Direct, Self::Remux, Self::TranscodeAudio, Self::TranscodeVideo, Self::Unsupported];

    /// As it stands in answers and measurements.
    pub fn code(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Remux => "remux",
            Self::TranscodeAudio => "transcode_audio",
            Self::TranscodeVideo => "transcode_video",
            Self::Unsupported => "unsupported",
        }
    }
}

/// What a client needs to play an item.
pub struct Start {
    pub play_id: Uuid,
    pub item: ItemCard,
    pub file: PlayableFile,
    pub way: Way,
    pub reasons: Vec<Reason>,
    pub url: String,
    pub file_url: String,
    pub position_ms: i64,
    pub audio: Vec<StreamView>,
    pub audio_index: Option<u32>,
    pub audio_why: Option<AudioWhy>,
    pub playable_audio: Vec<u32>,
    pub subtitles: Vec<Subtitle>,
    pub subtitle_index: Option<usize>,
    pub subtitle_why: SubtitleWhy,
    pub cost: Cost,
    pub encoder: Option<Encoder>,
    pub chapters: Vec<Chapter>,
    pub pictures: Option<Pictures>,
    pub segments: Vec<Segment>,
    pub next: Option<ItemCard>,
}

impl Playback {
    /// The room built from what it needs.
    pub fn new(
        catalog: Catalog,
        signer: Signer,
        clock: Clock,
        ids: Ids,
        settings: transcode::Settings,
        analyzing: analyze::Settings,
        names: FindNames,
    ) -> Self {
        let films = Films::new(settings.indexes.clone());
        let transcoder = Transcoder::new(settings, films.clone());
        let shelf = Shelf::new(&analyzing);
        let analyzing = Arc::new(analyzing);
        let (board, groups) = (Board::new(&catalog.cache), Groups::new(&catalog.cache));
        Self {
            catalog,
            signer,
            clock,
            ids,
            films,
            transcoder,
            shelf,
            analyzing,
            names,
            board,
            groups,
            limits: Limits::default(),
        }
    }

    /// The same, where nobody goes beyond `limits`; their number of films is of everybody together.
    pub fn within(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Who looks at films and listens to them at leisure.
    pub(crate) fn analyst(&self) -> Analyst {
        Analyst::of(self, Arc::clone(&self.analyzing))
    }

    /// What is being made anew at this moment.
    pub fn load(&self) -> transcode::Load {
        self.transcoder.load()
    }

    /// How many play in each way now, on all nodes.
    pub async fn count_playing(&self) -> Result<[(Way, usize); Way::ALL.len()]> {
        let playing = self.board.list().await?;
        let of = |way: Way| playing.iter().filter(|it| it.way == way && it.goes_on()).count();
        Ok(Way::ALL.map(|way| (way, of(way))))
    }

    /// How the other machines are that make films anew.
    pub async fn nodes(&self) -> Vec<transcode::NodeReport> {
        self.transcoder.nodes().await
    }

    /// Finds out in the background which hardware codes pictures here.
    pub fn begin_trials(&self) {
        self.transcoder.begin_trials();
    }

    /// Finds out which hardware codes pictures here, unless that is known.
    pub async fn try_encoders(&self) {
        self.transcoder.try_encoders().await;
    }

    /// What is known of the encoders so far; `None` while it is being found out.
    pub fn encoders(&self) -> Option<Encoders> {
        self.transcoder.encoders()
    }

    /// Chooses a file and a way to play it, and hands out URLs.
    pub async fn start(&self, viewer: &Viewer, item: ItemId, request: &Request) -> Result<Start> {
        let detail = self.catalog.find_item(viewer, item).await?;
        self.require_room(viewer, item).await?;
        let files = self.catalog.list_playable(viewer, item).await?;
        let ids: Vec<FileId> = files.iter().map(|it| it.id).collect();
        let streams = self.catalog.list_streams(viewer, &ids).await?;
        let wanted = self.catalog.find_wanted(viewer, item).await?;
        let version =
            Version { asked: request.file, remembered: wanted.file, unmade: &request.unmade };
        let mut profile = request.profile.clone();
        if let Some(profile) = profile.as_mut().filter(|_| request.given_up.is_some()) {
            profile.containers.clear();
        }
        // The versions of an item are of one library.
        let library = files.first().map_or_else(Limits::default, |it| it.limits);
        let allowance = self.allowance(viewer, library, request.is_near);
        if let (Some(profile), Some(allowance)) = (profile.as_mut(), allowance) {
            let own = profile.max_bitrate_bps.unwrap_or(i64::MAX);
            profile.max_bitrate_bps = Some(own.min(allowance.bps));
        }
        let profile = profile.as_ref();
        let without = self.against(viewer);
        let wish = wish(request, &wanted, without.is_none());
        let mut unindexed = Vec::new();
        let mut candidates = loop {
            let found =
                candidates(&files, &streams, &unindexed, version, profile, &wish, allowance);
            // Looking into a file takes a moment, so only what would be played is looked into, each once.
            match found.first() {
                Some(first) if self.is_lost_in(first, profile, &unindexed).await => {
                    unindexed.push(first.file.id);
                }
                _ => break found,
            }
        };
        if profile.is_none() && request.given_up.is_some() {
            let direct = |it: &&mut Candidate<'_>| it.decision.method == Method::Direct;
            for candidate in candidates.iter_mut().filter(direct) {
                candidate.give_up_file(&streams);
            }
        }
        let tried = Tried { given_up: request.given_up, unmade: &request.unmade };
        let chosen = self.choose(candidates, profile, (without, tried), allowance).await?;
        let mut chosen = chosen.or_nothing(tried)?;
        self.heed(request.given_up, &mut chosen, profile);
        let file = chosen.candidate.file.clone();
        let own = streams.iter().filter(|it| it.0 == file.id).map(|it| &it.1);
        let frame_rate = own.clone().find_map(|it| it.frame_rate);
        let mut subtitles = self.subtitles_beside(viewer, (&file, frame_rate), &files);
        subtitles.extend(self.subtitles_inside(viewer, &file, own.clone()).await);
        for subtitle in &mut subtitles {
            subtitle.retime(wanted.retiming(file.id, &subtitle.id));
        }
        let heard = own.clone().find(|it| Some(it.index) == chosen.candidate.decision.audio);
        let heard = heard.and_then(|it| it.language.as_deref());
        let shows = profile.map(|it| it.subtitles).unwrap_or_default();
        let (mut subtitle_index, mut subtitle_why) = match request.subtitle {
            SubtitleWish::Off => (None, SubtitleWhy::Asked),
            SubtitleWish::At(at) => {
                (Some(at).filter(|it| *it < subtitles.len()), SubtitleWhy::Asked)
            }
            SubtitleWish::Taste => choose_shown(&subtitles, shows, |texts| {
                choose_subtitle(texts, heard, &wish.taste, wanted.subtitle.as_ref())
            }),
        };
        let found = subtitle_index.and_then(|it| subtitles.get_mut(it));
        if let Some(found) = found.filter(|it| !it.is_shown_by(shows)) {
            let painting = self.paint(&mut chosen, (found, &files), profile).await;
            found.is_painted = painting.is_ok();
            if let Err(why) = painting {
                (subtitle_index, subtitle_why) = (None, SubtitleWhy::NotShown);
                chosen.candidate.decision.reasons.extend(why);
            }
        }
        let decision = chosen.candidate.decision;
        let view = detail.files.into_iter().find(|it| it.id == file.id);
        let (audio, chapters) = view.map_or_else(Default::default, |it| {
            (it.streams.into_iter().filter(|stream| stream.kind == "audio").collect(), it.chapters)
        });
        let file_url = self.sign(viewer, &format!("/playback/streams/{}", file.id));
        let url = match &chosen.film {
            Some((film, parts)) => {
                let beside = texts_beside(&file, &files).map(|it| it.id.to_string());
                let beside: Vec<String> = beside.collect();
                let mut address = self.address(viewer, file.id, film, parts);
                if !beside.is_empty() {
                    // Writing to a string cannot fail.
                    let _ = write!(address, "&subtitles={}", beside.join(","));
                }
                address
            }
            None => file_url.clone(),
        };
        let progress = &detail.card.progress;
        let position_ms = progress.position_ms;
        if let Some((film, parts)) = &chosen.film
            && let (false, Some(rung)) = (parts.has_copy, parts.rungs.first())
        {
            // The player needs a moment to come for it.
            let who = (viewer.person_id, viewer.session_id);
            let picture = self.picture(film, parts, *rung);
            let rendition = Rendition::Picture(picture);
            let position_ns = position_ms.saturating_mul(1_000_000);
            self.transcoder.expect(who, file.id, film, rendition, position_ns);
        }
        let encoder = chosen.film.as_ref().and_then(|(film, parts)| {
            Some(self.picture(film, parts, *parts.rungs.first()?).encoder)
        });
        let cost = chosen.film.as_ref().map_or_else(Cost::default, |(film, parts)| {
            parts.cost(&film.film, |it| self.picture(film, parts, it))
        });
        let cost = Cost { bitrate_bps: cost.bitrate_bps.or(file.bitrate_bps), ..cost };
        let start = Start {
            play_id: self.ids.next(),
            way: chosen.way,
            reasons: decision.reasons,
            url,
            file_url,
            position_ms,
            audio,
            audio_index: decision.audio,
            audio_why: decision.audio_why,
            playable_audio: decision.playable_audio,
            subtitles,
            subtitle_index,
            subtitle_why,
            chapters,
            pictures: self.pictures(viewer, file.id).await?,
            segments: self.catalog.find_segments(viewer, file.id).await?.segments,
            next: self.catalog.find_next(viewer, item).await?,
            item: detail.card,
            cost,
            encoder,
            file,
        };
        if start.way != Way::Unsupported {
            self.show_start(viewer, &start).await;
        }
        Ok(start)
    }

    /// Why nothing is made anew for somebody, if so.
    fn against(&self, viewer: &Viewer) -> Option<Reason> {
        let may = viewer.can(Permission::Transcode);
        self.transcoder.against().or_else(|| (!may).then_some(Reason::NotAllowed))
    }

    /// The address of a film's playlist with its parts as they were decided on.
    fn address(&self, viewer: &Viewer, file: FileId, film: &OpenFilm, parts: &Parts) -> String {
        let path = format!("/playback/hls/{file}/{}/master.m3u8", film.version);
        let mut address = self.sign(viewer, &path);
        // Writing to a string cannot fail.
        let _ = write!(address, "&audio={}", ways::write_sounds(&parts.sounds));
        if !parts.rungs.is_empty() {
            let rendition = |it: Rung| Rendition::Picture(self.picture(film, parts, it));
            let _ = write!(address, "&video={}", ways::write_pictures(parts, rendition));
        }
        address
    }

    /// How pictures of this size are made of a film here.
    fn picture(&self, film: &OpenFilm, parts: &Parts, rung: Rung) -> Picture {
        self.transcoder.picture(&film.film.video().stream, rung, parts.burnt)
    }

    /// The film behind a signed URL, if its file is still the version that the URL was made for.
    pub(crate) async fn find_film(
        &self,
        viewer: &Viewer,
        file: FileId,
        version: &str,
    ) -> Result<Arc<OpenFilm>> {
        let file = self.find_file(viewer, file).await?;
        self.open(&file, version).await
    }

    /// The film of a file that is still this version.
    pub(crate) async fn open(&self, file: &PlayableFile, version: &str) -> Result<Arc<OpenFilm>> {
        let now = self.films.version(&file.path).await?;
        if now == version {
            return self.films.open_version(file.id, &file.path, now).await;
        }
        Err(file_changed())
    }

    /// The same, of which only the tracks are to be known.
    pub(crate) async fn find_outline(
        &self,
        viewer: &Viewer,
        file: FileId,
        version: &str,
    ) -> Result<Arc<OpenFilm>> {
        let file = self.find_file(viewer, file).await?;
        let now = self.films.version(&file.path).await?;
        if now == version {
            return self.films.outline_version(file.id, &file.path, now).await;
        }
        Err(file_changed())
    }

    /// The file behind a signed URL.
    pub async fn find_file(&self, viewer: &Viewer, file: FileId) -> Result<PlayableFile> {
        let file = self.catalog.find_playable(viewer, file).await?;
        if file.is_missing { Err(Error::NotFound("file")) } else { Ok(file) }
    }

    /// A path of ours with a signature for this person and session.
    pub(crate) fn sign(&self, viewer: &Viewer, path: &str) -> String {
        let latest = (self.clock.now() + URL_LIFE).timestamp();
        let whole = latest.saturating_add(URL_GRAIN_S - latest.rem_euclid(URL_GRAIN_S));
        let expires_at = DateTime::from_timestamp(whole, 0).unwrap_or(self.clock.now() + URL_LIFE);
        let path = format!("{}{path}", viewer.area.address());
        self.signer.sign(&path, viewer.person_id, viewer.session_id, expires_at)
    }
}

/// What the person wants of the item, by what the client asks and by what they like and chose before.
fn wish(request: &Request, wanted: &Wanted, makes_anew: bool) -> Wish {
    let mut taste = wanted.taste.clone();
    if taste.audio_languages.is_empty() {
        taste.audio_languages.clone_from(&request.languages);
    }
    let takes_made = request.profile.as_ref().is_none_or(ClientProfile::takes_made_sound);
    Wish {
        audio: request.audio,
        taste,
        original: wanted.original.clone(),
        remembered: wanted.audio.clone(),
        makes_sound: takes_made && makes_anew,
        // Of each file others.
        unmade: Vec::new(),
    }
}

pub(crate) fn file_changed() -> Error {
    let message = "the file was replaced since this playback began; start it again";
    Error::conflict("playback.file_changed", message)
}
