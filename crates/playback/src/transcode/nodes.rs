//! Other machines that make runs: what is known of each, when it is left alone, and how fast it is.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use media::transcode::{Abilities, Rendition};
use tokio::sync::{Notify, watch};

use super::pace::Pace;
use crate::node::Offer;
use crate::node::call::{Address, NodeError};

/// How often a node that is well is asked how it is.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// How long a node is left alone after its first failure; after each further one twice as long.
const FIRST_REST: Duration = Duration::from_secs(2);
/// And at the most.
const LONGEST_REST: Duration = Duration::from_mins(5);
/// How long a node makes no pictures whose FFmpeg makes others than this server's.
const OTHER_PICTURES: Duration = Duration::from_mins(10);

/// All nodes, in the order of the configuration.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    list: Vec<Arc<Node>>,
    /// A place is free, or a node is there again.
    pub freed: Arc<Notify>,
}

/// A machine that makes runs.
#[derive(Debug)]
pub(super) struct Node {
    pub address: Address,
    pub pace: Pace,
    state: Mutex<State>,
    /// Whether it has been asked once at least.
    is_asked: watch::Sender<bool>,
    /// It is to be asked again.
    troubled: Arc<Notify>,
    freed: Arc<Notify>,
}

#[derive(Debug, Default)]
struct State {
    /// What it said last.
    offer: Option<Offer>,
    /// It is well as far as is known.
    is_well: bool,
    /// Failures since it last made a run.
    n_failures: u32,
    /// Why it did not say what it can when it was asked last.
    silence: Option<String>,
    /// Why it did not make the last run.
    trouble: Option<String>,
    /// Until then it is left alone.
    rests_until: Option<Instant>,
    /// Until then it makes no pictures.
    no_pictures_until: Option<Instant>,
    /// What it makes for us, pictures and sound.
    n_running: [usize; 2],
}

/// A place on a node, as long as it is held.
#[derive(Debug)]
pub(super) struct Held {
    pub node: Arc<Node>,
    kind: usize,
}

/// How much of a kind a node makes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Runs that it makes for us.
    pub running: usize,
    /// As many it makes at once.
    pub places: usize,
    /// Of the machine.
    pub cores: usize,
}

/// Filters of FFmpeg that a run takes and not every FFmpeg has.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Needs {
    /// It brings a high range down.
    pub zscale: bool,
    /// It draws text.
    pub libass: bool,
}

/// How a node is, for whoever runs the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeReport {
    /// Its address.
    pub url: String,
    /// What it can do.
    pub offer: Option<Offer>,
    /// What is wrong with it, if anything.
    pub trouble: Option<String>,
}

/// Pictures and sound are counted apart.
fn kind(rendition: Rendition) -> usize {
    usize::from(!matches!(rendition, Rendition::Picture(_)))
}

impl Nodes {
    /// The nodes at these addresses, asked by and by in the background for as long as this lives.
    pub fn new(addresses: Vec<Address>) -> Self {
        let freed = Arc::new(Notify::new());
        let new = |address| {
            Arc::new(Node {
                address,
                pace: Pace::default(),
                state: Mutex::default(),
                is_asked: watch::Sender::new(false),
                troubled: Arc::default(),
                freed: Arc::clone(&freed),
            })
        };
        let list: Vec<Arc<Node>> = addresses.into_iter().map(new).collect();
        for node in &list {
            tokio::spawn(look_after(Arc::downgrade(node), Arc::clone(&node.troubled)));
        }
        Self { list, freed }
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Node>> {
        self.list.iter()
    }

    /// Comes when every node has said what it can, or has had its time for it.
    pub async fn introduced(&self) {
        for node in &self.list {
            // Asked by a task that lives as long as the node.
            let _ = node.is_asked.subscribe().wait_for(|it| *it).await;
        }
    }

    /// What a server without an FFmpeg of its own can do with them, and which build its pictures are made by: that of the
    /// first that said so.
    pub fn standard(&self) -> (Abilities, String) {
        let offers: Vec<Offer> = self.list.iter().filter_map(|it| it.offer()).collect();
        let has_zscale = offers.iter().any(|it| it.has_zscale);
        let has_libass = offers.iter().any(|it| it.has_libass);
        let build = offers.into_iter().next().map(|it| it.build).unwrap_or_default();
        (Abilities { has_zscale, has_libass, ..Abilities::NONE }, build)
    }

    /// How all of them are at this moment.
    pub async fn report(&self) -> Vec<NodeReport> {
        futures::future::join_all(self.list.iter().map(|it| it.ask())).await;
        self.list.iter().map(|it| it.report()).collect()
    }
}

/// Asks a node now and then for as long as it is one.
async fn look_after(node: Weak<Node>, troubled: Arc<Notify>) {
    let until_next_look = || Some(node.upgrade()?.until_next_look(Instant::now()));
    loop {
        let Some(known) = node.upgrade() else { return };
        known.ask().await;
        drop(known);
        let Some(pause) = until_next_look() else { return };
        if tokio::time::timeout(pause, troubled.notified()).await.is_ok() {
            // When its rest is over.
            let Some(rest) = until_next_look() else { return };
            tokio::time::sleep(rest).await;
        }
    }
}

impl Node {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks it what it can do.
    async fn ask(&self) {
        let answer = self.address.abilities().await;
        match answer {
            Ok(offer) => {
                let mut state = self.state();
                if !state.is_well {
                    tracing::info!(node = self.address.url, cores = offer.n_cores, "node.ready");
                }
                if state.offer.as_ref().is_none_or(|it| it.build != offer.build) {
                    state.no_pictures_until = None;
                }
                state.offer = Some(offer);
                state.is_well = true;
                state.silence = None;
                state.rests_until = state.rests_until.filter(|it| *it > Instant::now());
                drop(state);
                self.freed.notify_waiters();
            }
            Err(error) => {
                let mut state = self.state();
                let said = error.to_string();
                // Once: a machine that is switched off would say the same all night.
                if state.silence.as_ref() != Some(&said) {
                    tracing::warn!(node = self.address.url, error = said, "node.silent");
                }
                state.silence = Some(said);
                state.is_well = false;
                // Whoever looks at it while it rests makes the rest no longer.
                if state.rests_until.is_none_or(|it| it <= Instant::now()) {
                    state.has_failed();
                }
            }
        }
        self.is_asked.send_replace(true);
    }

    /// What it said last.
    pub fn offer(&self) -> Option<Offer> {
        self.state().offer.clone()
    }

    fn until_next_look(&self, now: Instant) -> Duration {
        let rests_until = self.state().rests_until;
        rests_until.map_or(LOOK_EVERY, |it| it.saturating_duration_since(now))
    }

    /// Whether it is there and can make this kind of thing, and how much it does so.
    pub fn room(&self, rendition: Rendition, needs: Needs, now: Instant) -> Option<Room> {
        let state = self.state();
        let offer = state.offer.as_ref().filter(|_| state.is_well)?;
        let is_picture = matches!(rendition, Rendition::Picture(_));
        let rests = |until: Option<Instant>| until.is_some_and(|it| now < it);
        if rests(state.rests_until)
            || is_picture && rests(state.no_pictures_until)
            || needs.zscale && !offer.has_zscale
            || needs.libass && !offer.has_libass
        {
            return None;
        }
        let places = if is_picture { offer.n_pictures } else { offer.n_sounds };
        let running = state.n_running[kind(rendition)];
        Some(Room { running, places, cores: offer.n_cores })
    }

    /// Takes a place of those that it is believed to have.
    pub fn hold(self: &Arc<Self>, rendition: Rendition) -> Held {
        let kind = kind(rendition);
        self.state().n_running[kind] += 1;
        Held { node: Arc::clone(self), kind }
    }

    /// It made a run.
    pub fn did_well(&self) {
        let mut state = self.state();
        state.n_failures = 0;
        state.trouble = None;
    }

    /// It did not make a run: it is left alone for some time.
    pub fn did_not(&self, error: &NodeError) {
        let mut state = self.state();
        match error {
            NodeError::Busy { retry_after } => {
                state.rests_until = Some(Instant::now() + *retry_after);
            }
            NodeError::OtherPictures => {
                state.no_pictures_until = Some(Instant::now() + OTHER_PICTURES);
                state.trouble = Some(error.to_string());
                tracing::warn!(node = self.address.url, error = %error, "node.other_pictures");
            }
            _ => {
                tracing::warn!(node = self.address.url, error = %error, "node.failed");
                state.trouble = Some(error.to_string());
                state.has_failed();
            }
        }
        drop(state);
        self.troubled.notify_one();
    }

    fn report(&self) -> NodeReport {
        let state = self.state();
        NodeReport {
            url: self.address.url.clone(),
            offer: state.offer.clone().filter(|_| state.is_well),
            trouble: state.silence.clone().or_else(|| state.trouble.clone()),
        }
    }
}

impl State {
    /// Leaves it alone, the longer the oftener it failed, and until it says again what it can.
    fn has_failed(&mut self) {
        self.is_well = false;
        self.n_failures = self.n_failures.saturating_add(1);
        let rest = FIRST_REST * 2_u32.saturating_pow(self.n_failures.min(16) - 1);
        self.rests_until = Some(Instant::now() + rest.min(LONGEST_REST));
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.node.state().n_running[self.kind] -= 1;
        self.node.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_left_alone_the_longer_the_oftener_it_failed_but_not_for_ever() {
        let mut state = State::default();
        let mut rests = Vec::new();
        for _ in 0..40 {
            let now = Instant::now();
            state.has_failed();
            let until = state.rests_until.expect("it rests");
            rests.push(until.duration_since(now).as_secs_f64().round() as u64);
            assert!(!state.is_well);
        }
        assert_eq!(rests[..9], [2, 4, 8, 16, 32, 64, 128, 256, 300]);
        assert!(rests[9..].iter().all(|it| *it == 300));
    }
}
