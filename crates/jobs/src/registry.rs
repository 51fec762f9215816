//! The list of kinds of work. Every node registers all of them: River's leader throws away what it does not know.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use kernel::Result;
use riverqueue::Workers;

use crate::apart::Apart;
use crate::envelope::Envelope;
use crate::schedule::Periodic;
use crate::worker::Adapter;
use crate::{Context, JobError, Pace, Queue, Rule, Schedules, Work};

/// What a kind of work says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// Its name in the database, `room.verb_noun`.
    pub name: &'static str,
    /// Who waits for it.
    pub queue: Queue,
    /// Longer than this is a failure.
    pub timeout: Duration,
    /// Tries, the first included.
    pub max_attempts: u16,
    /// Whether it keeps to the hours of heavy work.
    pub is_heavy: bool,
    /// What there is at most one of at a time.
    pub one_per: Option<&'static str>,
    /// When it comes around where nobody says otherwise.
    pub usual: Option<Rule>,
}

/// Kinds of work with their handlers, and what comes around by itself.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    pub(crate) workers: Workers,
    periodic: Vec<Periodic>,
    schedules: OnceLock<Schedules>,
    kinds: BTreeMap<&'static str, Kind>,
    pub(crate) pace: Pace,
    /// Of the slowest kind.
    pub(crate) longest_timeout: Duration,
    /// What is added now is set apart.
    is_apart: bool,
}

impl Registry {
    /// Knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Knows nothing yet; its work makes room as `pace` demands.
    pub fn with_pace(pace: &Pace) -> Self {
        Self { pace: pace.clone(), ..Self::default() }
    }

    /// What `add` adds is set apart: [`Jobs::apart`](crate::Jobs::apart) writes it down and lists it.
    pub fn apart<T>(&mut self, add: impl FnOnce(&mut Self) -> T) -> T {
        self.is_apart = true;
        let added = add(self);
        self.is_apart = false;
        added
    }

    /// Work of kind `W` is done by `handler`.
    ///
    /// # Panics
    /// When the kind is there already, or its name is none: a mistake in the list of kinds, seen at the first start.
    pub fn add<W, F, Fut>(&mut self, handler: F) -> &mut Self
    where
        W: Work,
        F: Fn(W, Context) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        let (kind, added) = if self.is_apart {
            let handler = move |Apart(work): Apart<W>, context| handler(work, context);
            let worker = Adapter::new(handler, self.pace.clone());
            (Apart::<W>::KIND, self.workers.add::<Envelope<Apart<W>>, _>(worker).map(|_| ()))
        } else {
            let worker = Adapter::new(handler, self.pace.clone());
            (W::KIND, self.workers.add::<Envelope<W>, _>(worker).map(|_| ()))
        };
        added.unwrap_or_else(|error| panic!("{kind} cannot be registered: {error}"));
        let about = Kind {
            name: kind,
            queue: W::QUEUE,
            timeout: W::TIMEOUT,
            max_attempts: W::MAX_ATTEMPTS,
            is_heavy: W::IS_HEAVY,
            one_per: W::ONE_PER,
            usual: None,
        };
        self.kinds.insert(kind, about);
        self.longest_timeout = self.longest_timeout.max(W::TIMEOUT);
        self
    }

    /// The names of all kinds, in order.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.kinds.keys().copied()
    }

    /// All kinds, by name.
    pub fn list(&self) -> Vec<Kind> {
        let usual = |it: &Kind| self.periodic.iter().find(|periodic| periodic.name == it.name);
        let whole = |it: &Kind| Kind { usual: usual(it).map(|it| it.usual.clone()), ..it.clone() };
        self.kinds.values().map(whole).collect()
    }

    /// Enqueues what `make` gives when a leader takes over (so at every start of a single node), and then every
    /// `interval`, in whole seconds. Give the work a unique key if it may take longer than that.
    pub fn every<W: Work>(&mut self, interval: Duration, make: fn() -> W) -> Result<&mut Self> {
        self.scheduled(Rule::Every { seconds: interval.as_secs() }, make)
    }

    /// Enqueues what `make` gives when `usual` says, unless an administrator says otherwise. One schedule a kind.
    pub fn scheduled<W: Work>(&mut self, usual: Rule, make: fn() -> W) -> Result<&mut Self> {
        self.periodic.push(Periodic::new(usual, make, self.is_apart)?);
        Ok(self)
    }

    /// From now on these are its schedules: those of another list of the same work, whose rules are theirs together.
    pub fn share(&mut self, schedules: &Schedules) -> &mut Self {
        self.schedules = OnceLock::from(schedules.clone());
        self
    }

    /// What comes around, once all is added.
    pub fn schedules(&self) -> Schedules {
        self.schedules.get_or_init(|| Schedules::new(&self.periodic)).clone()
    }
}
