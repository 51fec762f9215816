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
use crate::ways::{self, Parts};

/// What was chosen, and the open film with its parts unless the file itself is played.
pub(super) struct Chosen<'a> {
    pub candidate: Candidate<'a>,
    pub way: Way,
    pub film: Option<(Arc<OpenFilm>, Parts)>,
    /// Why nothing is made anew, if so.
    pub without: Option<Reason>,
    /// The most that may come, if there is a most.
    pub allowance: Option<Allowance>,
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
        let without = chosen.without.as_ref();
        let decision = &mut chosen.candidate.decision;
        let made = Decision { method: Method::TranscodeVideo, ..decision.clone() };
        let allowance = chosen.allowance;
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
    /// the file, in which one cannot seek, is played so nevertheless.
    pub(super) async fn choose<'a>(
        &self,
        candidates: Vec<Candidate<'a>>,
        profile: Option<&ClientProfile>,
        without: Option<Reason>,
        allowance: Option<Allowance>,
    ) -> Result<Chosen<'a>> {
        let abilities = self.transcoder.abilities();
        let mut refused = None;
        for mut candidate in candidates {
            let decision = &mut candidate.decision;
            if decision.method == Method::Direct {
                return Ok(Chosen { candidate, way: Way::Direct, film: None, without, allowance });
            }
            // What cannot be read as a film can neither be copied nor made anew.
            if decision.reasons.iter().any(Reason::is_final) {
                refused.get_or_insert(candidate);
                continue;
            }
            match self.films.outline(candidate.file.id, &candidate.file.path).await {
                Ok(film) => {
                    let against = without.as_ref();
                    match ways::parts(&film.film, decision, profile, against, abilities, allowance)
                    {
                        Ok(parts) => {
                            decision.playable_audio = parts.playable_audio();
                            let way = match parts.method() {
                                Method::TranscodeVideo => Way::TranscodeVideo,
                                Method::TranscodeAudio => Way::TranscodeAudio,
                                Method::Remux | Method::Direct => Way::Remux,
                            };
                            let film = Some((film, parts));
                            return Ok(Chosen { candidate, way, film, without, allowance });
                        }
                        Err(reasons) => decision.reasons.extend(reasons),
                    }
                }
                Err(Error::Conflict { message, .. }) => {
                    decision.reasons.push(Reason::Uncut(message));
                }
                Err(error) => return Err(error),
            }
            refused.get_or_insert(candidate);
        }
        let Some(candidate) = refused else {
            let message = "no file of this is there to be played; look at its files for the reason";
            return Err(Error::conflict("playback.no_file", message));
        };
        let is_played = candidate.decision.plays_unsought();
        let way = if is_played { Way::Direct } else { Way::Unsupported };
        Ok(Chosen { candidate, way, film: None, without, allowance })
    }
}
