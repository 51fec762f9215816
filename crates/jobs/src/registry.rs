//! The list of kinds of work. Every node registers all of them: River's leader throws away what it does not know.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::time::Duration;

use kernel::Result;
use riverqueue::Workers;

use crate::apart::Apart;
use crate::envelope::Envelope;
use crate::schedule::Periodic;
use crate::worker::Adapter;
use crate::{Context, JobError, Rule, Schedules, Work};

/// Kinds of work with their handlers, and what comes around by itself.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    pub(crate) workers: Workers,
    periodic: Vec<Periodic>,
    schedules: OnceLock<Schedules>,
    kinds: BTreeSet<&'static str>,
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
            let worker = Adapter::new(handler);
            (Apart::<W>::KIND, self.workers.add::<Envelope<Apart<W>>, _>(worker).map(|_| ()))
        } else {
            let worker = Adapter::new(handler);
            (W::KIND, self.workers.add::<Envelope<W>, _>(worker).map(|_| ()))
        };
        added.unwrap_or_else(|error| panic!("{kind} cannot be registered: {error}"));
        self.kinds.insert(kind);
        self.longest_timeout = self.longest_timeout.max(W::TIMEOUT);
        self
    }

    /// The names of all kinds, in order.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.kinds.iter().copied()
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
