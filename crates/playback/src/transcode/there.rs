//! Making a run on another machine.
//!
//! Parts made there stand beside those made here: what a decoder needs before them must be the same to the byte. So the
//! beginning of a rendition is always made by this server's own FFmpeg, where it has one, and otherwise by whichever node
//! came first; a node whose pictures begin differently makes none of this rendition.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use kernel::Result;
use media::cmaf::Segment;
use media::transcode::{AnswerError, Part, Rendition, Step};
use tokio::sync::mpsc;

use super::Transcoder;
use super::key::RunKey;
use super::make::{Job, answer, prepare};
use super::nodes::{Held, Node};
use super::run::Run;
use crate::films::OpenFilm;
use crate::node::call::{NodeError, Patience, Progress};

/// As long a node may take where somebody else could make the run.
const SHORT: Patience =
    Patience { first: Duration::from_secs(10), silence: Duration::from_secs(15) };
/// And where nobody else could.
const LONG: Patience = Patience { first: Duration::from_mins(1), silence: Duration::from_mins(1) };

/// What came of a run on another machine.
pub(super) struct There {
    /// The end of what FFmpeg complained about.
    pub said: String,
    /// Parts that could not be made of the answer.
    pub failed: Vec<(usize, AnswerError)>,
}

/// Nodes on which a run was tried.
#[derive(Default)]
pub(super) struct Tried {
    pub nodes: Vec<Arc<Node>>,
    /// Those whose FFmpeg failed. If another makes the run of the same film, it was theirs.
    suspects: Vec<(Arc<Node>, NodeError)>,
}

impl Tried {
    /// This node did not make it.
    pub fn add(&mut self, node: &Arc<Node>, error: NodeError) {
        self.nodes.push(Arc::clone(node));
        if matches!(error, NodeError::Failed(_)) {
            self.suspects.push((Arc::clone(node), error));
        } else {
            node.did_not(&error);
        }
    }

    /// Somebody else made it.
    pub fn blame(self) {
        for (node, error) in self.suspects {
            node.did_not(&error);
        }
    }
}

impl Transcoder {
    /// Makes a run on a node, and tells of each part as soon as it is there, but for those that came before.
    pub(super) async fn make_there(
        &self,
        held: &Held,
        job: Job<'_>,
        tried: &Tried,
    ) -> Result<There, NodeError> {
        let Job { key, opened, parts, run, script } = job;
        let node = &held.node;
        let began = Instant::now();
        let rendition = self.in_software(key.of.rendition);
        let (film, stream, run_number) = (Arc::clone(opened), key.of.stream, key.run);
        let abilities = self.standard().abilities;
        let script = script.cloned();
        let work =
            move || prepare(&film, stream, rendition, run_number, abilities, script.as_deref());
        let work = self.0.films.read(work).await;
        let mut work = work.map_err(|it| NodeError::Failed(it.to_string()))?;
        let feed = std::mem::replace(&mut work.feed, Segment { pieces: Vec::new(), size: 0 });
        let mut making = work.making;
        // All that can come: every part once, and the beginning.
        let (sender, steps) = mpsc::channel(parts.len() + 2);
        let is_last = self.0.settings.ffmpeg.is_none()
            && self.0.nodes.iter().count() <= tried.nodes.len() + 1;
        let patience = if is_last { LONG } else { SHORT };
        let answering = async {
            let mut progress = Progress::Nothing;
            let take = |bytes: &[u8]| {
                for step in making.push(bytes)? {
                    if matches!(step, Step::Part(..)) {
                        progress = Progress::Parts;
                    }
                    // There is room for all that can come.
                    drop(sender.try_send(step));
                }
                Ok(progress)
            };
            let feed = (Arc::clone(&opened.file), feed);
            let said = node.address.run(&work.order, feed, patience, take).await?;
            for step in making.finish() {
                drop(sender.try_send(step));
            }
            drop(sender);
            Ok(said)
        };
        let is_own = rendition == key.of.rendition;
        let publishing = self.publish_from_there(key, opened, parts, run, (steps, is_own));
        let (said, failed) = tokio::try_join!(answering, publishing)?;
        if failed.is_empty() {
            node.did_well();
            self.0.n_made_there.fetch_add(1, Ordering::Relaxed);
            super::make::learn(&node.pace, rendition, parts, began);
        }
        tracing::debug!(
            node = node.address.url,
            rendition = %key.of.rendition,
            run = key.run,
            failed = failed.len(),
            duration_ms = began.elapsed().as_millis() as u64,
            "transcode.made_there"
        );
        Ok(There { said, failed })
    }

    async fn publish_from_there(
        &self,
        key: &RunKey,
        opened: &Arc<OpenFilm>,
        parts: &[Part],
        run: &Run,
        (mut steps, is_own): (mpsc::Receiver<Step>, bool),
    ) -> Result<Vec<(usize, AnswerError)>, NodeError> {
        self.begin_here(key, opened, run).await;
        let mut failed = Vec::new();
        while let Some(step) = steps.recv().await {
            match step {
                Step::Beginning(init) => {
                    let first = Arc::new(init.clone());
                    let beginnings = &self.0.beginnings;
                    let known = beginnings.get_with(key.of.clone(), async { first }).await;
                    // What stands in for hardware brings its beginning with every part.
                    if is_own && *known != init {
                        return Err(NodeError::OtherPictures);
                    }
                    self.publish_beginning(key, opened, run, init, is_own).await;
                }
                Step::Part(place, Ok(made)) => {
                    if let Some(part) = parts.get(place).filter(|_| !run.has(place)) {
                        self.publish_part(key, opened, (place, part), run, made, is_own).await;
                    }
                }
                Step::Part(place, Err(error)) => failed.push((place, error)),
            }
        }
        Ok(failed)
    }

    /// Makes sure that the beginning of a rendition of pictures is this server's, if it can make one: it is that of a single
    /// picture, and made once.
    async fn begin_here(&self, key: &RunKey, opened: &Arc<OpenFilm>, run: &Run) {
        let is_picture = matches!(key.of.rendition, Rendition::Picture(_));
        if !is_picture || self.0.beginnings.contains_key(&key.of) {
            return;
        }
        let of_it = RunKey { of: key.of.clone(), run: None };
        if self.bring_kept(&of_it, opened, &[], run).await {
            return;
        }
        let Some(ffmpeg) = &self.0.settings.ffmpeg else { return };
        let (film, of, abilities) = (Arc::clone(opened), of_it.of, self.standard().abilities);
        let work = move || prepare(&film, of.stream, of.rendition, None, abilities, None);
        let work = self.0.films.read(work).await;
        let Ok(work) = work else { return };
        let (sender, mut steps) = mpsc::channel(3);
        // Without it, that of the node stands: this machine's FFmpeg cannot make any part beside it.
        let (said, ()) =
            tokio::join!(answer((ffmpeg, self.limits()), work, opened, sender), async {
                while let Some(step) = steps.recv().await {
                    if let Step::Beginning(init) = step {
                        self.publish_beginning(key, opened, run, init, true).await;
                    }
                }
            });
        if let Err(error) = said {
            tracing::warn!(rendition = %key.of.rendition, error = format!("{error:#}"), "transcode.not_begun");
        }
    }
}
