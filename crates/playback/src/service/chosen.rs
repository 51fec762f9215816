//! Which way a film really goes: tried in the order of what it costs, and changed where the client, or the subtitle that it
//! wants, needs another.

use std::sync::Arc;

use catalog::playable::PlayableFile;
use kernel::id::FileId;
use kernel::{Error, Result};
use media::Container;
use media::decide::{ClientProfile, Decision, Method, Reason};
use media::transcode::Burnt;

use super::{GivenUp, Playback, Way};
use crate::choose::Candidate;
use crate::films::OpenFilm;
use crate::limit::Allowance;
use crate::painted::Paintable;
use crate::subtitles::Subtitle;
use crate::ways::{self, Parts, Without};

/// A film that comes in segments.
type Segments = (Arc<OpenFilm>, Parts);

/// What was chosen, and the open film with its parts unless the file itself is played.
pub(super) struct Chosen<'a> {
    pub candidate: Candidate<'a>,
    pub way: Way,
    pub film: Option<Segments>,
    /// What is not made anew, and why.
    pub without: Without,
    /// The most that may come, if there is a most.
    pub allowance: Option<Allowance>,
}

/// What a client tried in vain.
#[derive(Clone, Copy)]
pub(super) struct Tried<'a> {
    /// What it made nothing of.
    pub given_up: Option<GivenUp>,
    /// What the server could not make for it.
    pub unmade: &'a [(FileId, u32)],
}

impl Tried<'_> {
    /// Why the pictures of a file come in no way at all, if so: neither as they are, nor made anew.
    fn against_pictures(self, Candidate { file, decision }: &Candidate<'_>) -> Option<Reason> {
        let is_unmade = decision.video.is_some_and(|it| self.unmade.contains(&(file.id, it)));
        let is_given_up = self.given_up == Some(GivenUp::Pictures);
        (is_unmade && is_given_up).then_some(Reason::ConversionFailed)
    }
}

impl<'a> Chosen<'a> {
    fn in_segments(
        mut candidate: Candidate<'a>,
        (film, parts): Segments,
        without: Without,
        allowance: Option<Allowance>,
    ) -> Self {
        let decision = &mut candidate.decision;
        decision.playable_audio = parts.playable_audio();
        // Something better would have come, had it not failed.
        let failed = Reason::ConversionFailed;
        if !without.unmade.is_empty() && !decision.reasons.contains(&failed) {
            decision.reasons.push(failed);
        }
        let way = match parts.method() {
            Method::TranscodeVideo => Way::TranscodeVideo,
            Method::TranscodeAudio => Way::TranscodeAudio,
            Method::Remux | Method::Direct => Way::Remux,
        };
        Self { candidate, way, film: Some((film, parts)), without, allowance }
    }

    /// Whoever was failed before, and has no way left, is told so.
    pub fn or_nothing(self, tried: Tried<'_>) -> Result<Self> {
        if self.way == Way::Unsupported && !tried.unmade.is_empty() {
            let message = "the server could not convert this film, and no other way to play it here is left; its log has \
                           the reason";
            return Err(Error::conflict("playback.no_way_left", message));
        }
        Ok(self)
    }
}

impl Playback {
    /// Takes the next way where the client made nothing of the one before, and says that this is why.
    pub(super) fn heed(
        &self,
        given_up: Option<GivenUp>,
        chosen: &mut Chosen<'_>,
        profile: Option<&ClientProfile>,
    ) {
        // Without segments there is no next way.
        let (Some(given_up), Some((film, _))) = (given_up, &chosen.film) else { return };
        let film = Arc::clone(film);
        chosen.candidate.decision.reasons.retain(|it| !matches!(it, Reason::Container(_)));
        let is_made = given_up == GivenUp::Pictures
            && self.make_anew(chosen, film, profile, None, Reason::PicturesGivenUp);
        if !is_made {
            chosen.candidate.decision.reasons.push(Reason::FileGivenUp);
        }
    }

    /// Has a subtitle painted into the pictures, which costs making all of them anew. Where that does not go everything stays as
    /// it was, and why is told if it is not known.
    pub(super) async fn paint(
        &self,
        chosen: &mut Chosen<'_>,
        (subtitle, files): (&Subtitle, &[PlayableFile]),
        profile: Option<&ClientProfile>,
    ) -> Result<(), Option<Reason>> {
        if chosen.way == Way::Unsupported {
            return Err(None);
        }
        let file = chosen.candidate.file;
        let film = if let Some((film, _)) = &chosen.film {
            Arc::clone(film)
        } else {
            let film = self.films.outline(file.id, &file.path).await;
            film.map_err(|it| Some(Reason::SubtitleNotPainted(it.to_string())))?
        };
        let Paintable { burnt, codec } =
            self.paintable((file.id, &film), subtitle, files).await.map_err(Some)?;
        let reason = Reason::SubtitlePainted(codec);
        if self.make_anew(chosen, film, profile, Some(burnt), reason) { Ok(()) } else { Err(None) }
    }

    /// Has all pictures of a film made anew for a reason of the client's, with a subtitle in them or none. Whether that goes; if
    /// not, everything stays as it was.
    fn make_anew(
        &self,
        chosen: &mut Chosen<'_>,
        film: Arc<OpenFilm>,
        profile: Option<&ClientProfile>,
        burnt: Option<Burnt>,
        reason: Reason,
    ) -> bool {
        let abilities = self.transcoder.abilities();
        let decision = &mut chosen.candidate.decision;
        let mut made = Decision { method: Method::TranscodeVideo, ..decision.clone() };
        // What is told to be playable may be so because it is made anew, too.
        if let Some((_, parts)) = &chosen.film {
            made.playable_audio = parts.copied_audio();
        }
        let (without, allowance) = (&chosen.without, chosen.allowance);
        let parts = ways::parts(&film.film, &made, profile, without, abilities, allowance);
        let Ok(mut parts) = parts else {
            return false;
        };
        parts.burnt = burnt;
        decision.method = Method::TranscodeVideo;
        decision.reasons.push(reason);
        decision.playable_audio = parts.playable_audio();
        (chosen.way, chosen.film) = (Way::TranscodeVideo, Some((film, parts)));
        true
    }

    /// Whether the client would play the file itself, has to know where its key frames are, and is not told.
    pub(super) async fn is_lost_in(
        &self,
        candidate: &Candidate<'_>,
        profile: Option<&ClientProfile>,
        known: &[FileId],
    ) -> bool {
        let Candidate { file, decision } = candidate;
        let may_lack = matches!(file.container, Some(Container::Matroska | Container::WebM));
        decision.method == Method::Direct
            && may_lack
            && profile.is_some_and(|it| !it.seeks_without_index)
            && !known.contains(&file.id)
            && self.films.lacks_index(file.id, &file.path).await
    }

    /// The first way that really goes: a film's tracks are read before its playlist is promised. What could only be played as
    /// the file, in which one cannot seek, is played so nevertheless; where the server failed, so is what the client does not
    /// believe that it can play.
    pub(super) async fn choose<'a>(
        &self,
        candidates: Vec<Candidate<'a>>,
        profile: Option<&ClientProfile>,
        (without, tried): (Option<Reason>, Tried<'_>),
        allowance: Option<Allowance>,
    ) -> Result<Chosen<'a>> {
        let mut refused = Vec::new();
        for mut candidate in candidates {
            let unmade = tried.unmade.iter().filter(|it| it.0 == candidate.file.id);
            let without = Without { all: without.clone(), unmade: unmade.map(|it| it.1).collect() };
            if candidate.decision.method == Method::Direct {
                let way = Way::Direct;
                return Ok(Chosen { candidate, way, film: None, without, allowance });
            }
            if let Some(reason) = tried.against_pictures(&candidate) {
                candidate.decision.reasons.push(reason);
            } else {
                match self.in_segments(&candidate, profile, &without, allowance).await? {
                    Ok(segments) => {
                        return Ok(Chosen::in_segments(candidate, segments, without, allowance));
                    }
                    Err(reasons) => candidate.decision.reasons.extend(reasons),
                }
            }
            refused.push((candidate, without));
        }
        if !tried.unmade.is_empty()
            && let Some(chosen) = self.last_resort(&refused, profile, tried, allowance).await?
        {
            return Ok(chosen);
        }
        let Some((candidate, without)) = refused.into_iter().next() else {
            let message = "no file of this is there to be played; look at its files for the reason";
            return Err(Error::conflict("playback.no_file", message));
        };
        let is_played = candidate.decision.plays_unsought();
        let way = if is_played { Way::Direct } else { Way::Unsupported };
        Ok(Chosen { candidate, way, film: None, without, allowance })
    }

    /// A film in segments as it was decided, or what is in the way.
    async fn in_segments(
        &self,
        Candidate { file, decision }: &Candidate<'_>,
        profile: Option<&ClientProfile>,
        without: &Without,
        allowance: Option<Allowance>,
    ) -> Result<Result<Segments, Vec<Reason>>> {
        // What cannot be read as a film can neither be copied nor made anew.
        if decision.reasons.iter().any(Reason::is_final) {
            return Ok(Err(Vec::new()));
        }
        let abilities = self.transcoder.abilities();
        match self.films.outline(file.id, &file.path).await {
            Ok(film) => {
                let parts =
                    ways::parts(&film.film, decision, profile, without, abilities, allowance);
                Ok(parts.map(|parts| (film, parts)))
            }
            Err(Error::Conflict { message, .. }) => Ok(Err(vec![Reason::Uncut(message)])),
            Err(error) => Err(error),
        }
    }

    /// The ways that are left where the server failed at the better ones: without the sound that it could not make; the
    /// pictures as they are; the file itself. Each is worth a try, whatever the client believes, as long as it has not said that
    /// it made nothing of it.
    async fn last_resort<'a>(
        &self,
        refused: &[(Candidate<'a>, Without)],
        profile: Option<&ClientProfile>,
        tried: Tried<'_>,
        allowance: Option<Allowance>,
    ) -> Result<Option<Chosen<'a>>> {
        let takes_own = |it: &PlayableFile| {
            allowance.is_none_or(|allowance| allowance.against(it.bitrate_bps).is_none())
        };
        for method in [None, Some(Method::Remux), Some(Method::Direct)] {
            for (candidate, without) in refused {
                let may_try = match method {
                    None => tried.against_pictures(candidate).is_none(),
                    Some(Method::Direct) => tried.given_up.is_none() && takes_own(candidate.file),
                    Some(_) => {
                        tried.given_up != Some(GivenUp::Pictures) && takes_own(candidate.file)
                    }
                };
                if !may_try {
                    continue;
                }
                let mut candidate = candidate.clone();
                let decision = &mut candidate.decision;
                decision.method = method.unwrap_or(decision.method);
                let without = without.clone();
                if method == Some(Method::Direct) {
                    let way = Way::Direct;
                    return Ok(Some(Chosen { candidate, way, film: None, without, allowance }));
                }
                let is_lost = |it: u32| {
                    !decision.playable_audio.contains(&it) && without.unmade.contains(&it)
                };
                if decision.audio.is_some_and(is_lost) {
                    (decision.audio, decision.audio_why) = (None, None);
                }
                let segments = self.in_segments(&candidate, profile, &without, allowance).await?;
                if let Ok(segments) = segments {
                    let chosen = Chosen::in_segments(candidate, segments, without, allowance);
                    return Ok(Some(chosen));
                }
            }
        }
        Ok(None)
    }
}
