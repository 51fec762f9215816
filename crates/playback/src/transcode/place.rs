//! Where a run is made: on this machine or on another.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kernel::{Error, Result};
use media::transcode::{Encoder, Picture, Rendition};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::nodes::{Held, Needs, Node};
use super::pace::{AMPLE, LEAST};
use super::{CORES_FOR_AHEAD, Standard, Transcoder};

/// Longer than this nobody waits for a place; players ask again by themselves.
const PATIENCE: Duration = Duration::from_secs(10);
/// When a place may be free again.
pub(super) const RETRY_AFTER: Duration = Duration::from_secs(3);

/// A place that is held.
#[derive(Debug)]
pub(super) enum Place {
    Here(OwnedSemaphorePermit),
    There(Held),
}

/// What a place is wanted for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    pub rendition: Rendition,
    /// What the FFmpeg must have.
    pub needs: Needs,
    /// It is made by this machine's FFmpeg if there is one: the beginning of a rendition, and what takes its hardware.
    pub is_ours: bool,
}

/// A machine as the choice sees it.
#[derive(Debug, Clone, Copy)]
struct Machine {
    n_running: usize,
    n_places: usize,
    /// As many runs go on beside each other without one taking from another.
    n_quiet: usize,
    /// Seconds of film in a second, where that is known.
    speed: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    Here,
    /// By its place among the others.
    There(usize),
}

impl Machine {
    fn new(n_running: usize, n_places: usize, n_cores: usize, rendition: Rendition) -> Self {
        let n_quiet = match rendition {
            Rendition::Picture(_) => (n_cores / CORES_FOR_AHEAD).clamp(1, n_places.max(1)),
            Rendition::Sound | Rendition::Surround => n_places,
        };
        Self { n_running, n_places, n_quiet, speed: None }
    }

    fn is_free(&self) -> bool {
        self.n_running < self.n_places
    }

    fn is_quiet(&self) -> bool {
        self.n_running < self.n_quiet.min(self.n_places)
    }

    /// How fast one run more is expected to be. What is not known yet is believed to be fast, so that it becomes known.
    fn expected(&self) -> f64 {
        let share = (self.n_running + 1) as f64 / self.n_quiet.max(1) as f64;
        self.speed.unwrap_or(AMPLE) / share.max(1.0)
    }
}

/// This machine while it has nothing else to do and is fast enough, since nothing has to go over the network; then the
/// other that will be fastest; then this one as long as it has places at all.
fn choose(here: Option<Machine>, there: &[Option<Machine>]) -> Option<Choice> {
    let mut best: Option<(usize, Machine)> = None;
    for (number, machine) in there.iter().enumerate() {
        let Some(machine) = machine.filter(Machine::is_free) else { continue };
        if best.is_none_or(|(_, it)| machine.expected() > it.expected()) {
            best = Some((number, machine));
        }
    }
    let here = here.filter(Machine::is_free);
    let is_here = match (here, best) {
        (Some(here), Some((_, other))) => {
            let is_fast = here.speed.is_none_or(|it| it >= LEAST);
            here.is_quiet() && is_fast || here.expected() >= other.expected()
        }
        (here, _) => here.is_some(),
    };
    if is_here { Some(Choice::Here) } else { best.map(|(number, _)| Choice::There(number)) }
}

impl Transcoder {
    fn places(&self, rendition: Rendition) -> &Arc<Semaphore> {
        match rendition {
            Rendition::Sound | Rendition::Surround => &self.0.sounds,
            Rendition::Picture(_) => &self.0.pictures,
        }
    }

    fn n_places(&self, rendition: Rendition) -> usize {
        let n_films = self.0.settings.max_films.max(1);
        match rendition {
            Rendition::Sound | Rendition::Surround => n_films * super::SOUNDS_PER_PICTURE,
            Rendition::Picture(_) => n_films,
        }
    }

    /// Whether a run more would be made at once, on another machine where this one is needed as it is.
    pub(super) fn has_room(&self, rendition: Rendition, is_needed_here: bool) -> bool {
        let is_here = self.0.settings.ffmpeg.is_some()
            && !is_needed_here
            && self.places(rendition).available_permits() > 0;
        let now = Instant::now();
        // What is made ahead must not slow down what is waited for.
        let has_room = |node: &Arc<Node>| {
            let room = node.room(rendition, Needs::default(), now);
            room.is_some_and(|it| {
                Machine::new(it.running, it.places, it.cores, rendition).is_quiet()
            })
        };
        is_here || self.0.nodes.iter().any(has_room)
    }

    /// Waits for a place on any machine but those on which this run was tried.
    pub(super) async fn place(&self, wish: Wish, tried: &[Arc<Node>]) -> Result<Place> {
        let is_here = self.0.settings.ffmpeg.is_some();
        let waiting = async {
            loop {
                let freed = self.0.nodes.freed.notified();
                if let Some(place) = self.find_place(wish, tried) {
                    return place;
                }
                tokio::select! {
                    place = Arc::clone(self.places(wish.rendition)).acquire_owned(), if is_here => {
                        if let Ok(place) = place {
                            return Place::Here(place);
                        }
                    }
                    () = freed => {}
                    // Places of others are freed without our being told.
                    () = tokio::time::sleep(Duration::from_secs(1)) => {}
                }
            }
        };
        let place = tokio::time::timeout(PATIENCE, waiting).await;
        place.map_err(|_| Error::Overloaded { retry_after: RETRY_AFTER })
    }

    fn find_place(&self, wish: Wish, tried: &[Arc<Node>]) -> Option<Place> {
        let Wish { rendition, needs, is_ours } = wish;
        let is_here = self.0.settings.ffmpeg.is_some();
        let now = Instant::now();
        let picture = match rendition {
            Rendition::Picture(Picture { rung, encoder, .. }) => match encoder {
                Encoder::Software(effort) | Encoder::Instead(effort) => Some((rung, effort)),
                // No other machine is asked for it.
                Encoder::Hardware(_) => None,
            },
            Rendition::Sound | Rendition::Surround => None,
        };
        let others = self.0.nodes.iter().filter(|_| !(is_ours && is_here));
        let nodes: Vec<&Arc<Node>> = others.collect();
        let there = nodes.iter().map(|node| {
            if tried.iter().any(|it| Arc::ptr_eq(it, node)) {
                return None;
            }
            let room = node.room(rendition, needs, now)?;
            let machine = Machine::new(room.running, room.places, room.cores, rendition);
            let speed = picture.and_then(|it| node.pace.speed(it, now));
            Some(Machine { speed, ..machine })
        });
        let there: Vec<Option<Machine>> = there.collect();
        let here = is_here.then(|| {
            let n_places = self.n_places(rendition);
            let n_running = n_places - self.places(rendition).available_permits().min(n_places);
            let machine = Machine::new(n_running, n_places, self.0.settings.n_cores, rendition);
            let speed = picture.and_then(|it| self.0.pace.speed(it, now));
            Machine { speed, ..machine }
        });
        match choose(here, &there)? {
            Choice::Here => {
                Arc::clone(self.places(rendition)).try_acquire_owned().ok().map(Place::Here)
            }
            Choice::There(number) => Some(Place::There(nodes[number].hold(rendition))),
        }
    }

    /// By what parts are made at this moment.
    pub(super) fn standard(&self) -> Standard {
        let settings = &self.0.settings;
        if settings.ffmpeg.is_some() {
            return Standard { abilities: self.0.desk.abilities(), build: settings.build.clone() };
        }
        let (abilities, build) = self.0.nodes.standard();
        Standard { abilities, build }
    }
}

#[cfg(test)]
mod tests {
    use media::transcode::{Effort, Rung};

    use super::*;

    const PICTURE: Rendition = Rendition::Picture(Picture {
        rung: Rung::P720,
        encoder: Encoder::Software(Effort::Superfast),
        burnt: None,
    });

    /// A name, this machine, the others, and what is chosen.
    type Row<'a> = (&'a str, Option<Machine>, &'a [Option<Machine>], Option<Choice>);

    #[test]
    fn this_machine_comes_first_while_it_is_quiet_and_others_before_it_is_crowded() {
        let machine = |n_running, n_cores, speed| {
            Some(Machine { speed, ..Machine::new(n_running, 2, n_cores, PICTURE) })
        };
        let quiet = machine(0, 2, None);
        let table: [Row<'_>; 12] = [
            ("alone", quiet, &[], Some(Choice::Here)),
            ("quiet", quiet, &[machine(0, 32, Some(9.0))], Some(Choice::Here)),
            ("at work", machine(1, 2, None), &[machine(0, 2, None)], Some(Choice::There(0))),
            ("many cores", machine(1, 8, None), &[machine(0, 2, None)], Some(Choice::Here)),
            ("full", machine(2, 8, None), &[machine(0, 2, None)], Some(Choice::There(0))),
            ("all full", machine(2, 2, None), &[machine(2, 2, None)], None),
            ("nobody else", machine(1, 2, None), &[None], Some(Choice::Here)),
            ("too slow", machine(0, 2, Some(0.8)), &[machine(0, 2, None)], Some(Choice::There(0))),
            (
                "slow, and the other slower",
                machine(0, 2, Some(0.8)),
                &[machine(0, 2, Some(0.5))],
                Some(Choice::Here),
            ),
            ("none here", None, &[None, machine(0, 2, None)], Some(Choice::There(1))),
            (
                "the fastest",
                None,
                &[machine(0, 2, Some(2.0)), machine(0, 2, Some(3.0))],
                Some(Choice::There(1)),
            ),
            (
                "the one with less to do",
                None,
                &[machine(1, 2, Some(3.0)), machine(0, 2, Some(2.0))],
                Some(Choice::There(1)),
            ),
        ];
        for (name, here, there, expected) in table {
            assert_eq!(choose(here, there), expected, "{name}");
        }
    }

    #[test]
    fn sound_stays_here_as_long_as_there_are_places() {
        let sound = |n_running| Some(Machine::new(n_running, 8, 2, Rendition::Sound));
        assert_eq!(choose(sound(7), &[sound(0)]), Some(Choice::Here));
        assert_eq!(choose(sound(8), &[sound(0)]), Some(Choice::There(0)));
    }
}
