//! The work: spreading an event to all who want it, delivering it to one, gathering, forgetting.

use std::time::Duration;

use ::jobs::{Context, JobError, Queue, Registry, Work};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::Result;
use kernel::notice::Notice;
use serde::{Deserialize, Serialize};

use crate::hear::Listener;
use crate::message::Message;
use crate::send::{Parcel, Undelivered};
use crate::store::delivery::Waiting;
use crate::target::{DeliveryId, DeliveryStatus, EventId, Owner, Target};
use crate::way::Channel;
use crate::{Notices, store};

/// The pause after the first try that failed; three times as long after each further one.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(30);
/// The longest pause: with it, the last try comes about two days after the first.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(8);
/// The other side may ask for a pause up to this.
const LONGEST_WISH: TimeDelta = TimeDelta::hours(24);
/// Nothing waits longer for its turn.
const LONGEST_WAIT: TimeDelta = TimeDelta::days(14);
/// A target is given up when so many tries failed in a row ...
const MAX_FAILURES: i32 = 10;
/// ... and nothing arrived for so long.
const MAX_FAILING: TimeDelta = TimeDelta::hours(24);
/// Messages to one mailbox, and to any other target, within an hour.
const MAILS_AN_HOUR: i64 = 30;
const MESSAGES_AN_HOUR: i64 = 240;
/// What is too much now waits at least so long.
const TOO_MUCH_PAUSE: TimeDelta = TimeDelta::minutes(15);
/// Deliveries whose time has come are brought on their way so many at a time.
const DUE_AT_ONCE: i64 = 1_000;

/// Gives an event to all targets that want it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Spread {
    /// Which.
    pub event_id: EventId,
}

impl Work for Spread {
    const KIND: &'static str = "notices.spread";
    const ONE_PER: Option<&'static str> = Some("event");

    fn unique_key(&self) -> Option<String> {
        Some(self.event_id.to_string())
    }
}

/// Sends one event to one target.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deliver {
    /// Which delivery.
    pub delivery_id: DeliveryId,
    /// How often somebody had it sent again.
    pub round: i32,
}

impl Work for Deliver {
    const KIND: &'static str = "notices.deliver";
    const TIMEOUT: Duration = Duration::from_mins(2);
    const MAX_ATTEMPTS: u16 = 12;
    const ONE_PER: Option<&'static str> = Some("delivery");

    fn unique_key(&self) -> Option<String> {
        Some(format!("{}/{}", self.delivery_id, self.round))
    }
}

/// Tells of what is told together, and goes on with deliveries that waited for their time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Gather;

impl Work for Gather {
    const KIND: &'static str = "notices.gather";
    const ONE_PER: Option<&'static str> = Some("server");

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Forgets what is long past.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Forget;

impl Work for Forget {
    const KIND: &'static str = "notices.forget";
    const QUEUE: Queue = Queue::Low;
    const ONE_PER: Option<&'static str> = Some("server");

    fn unique_key(&self) -> Option<String> {
        Some(String::new())
    }
}

/// Registers the work of the room.
pub fn register(registry: &mut Registry, notices: &Notices) -> Result<()> {
    let with = notices.clone();
    registry.add::<Spread, _, _>(move |work, _| {
        let notices = with.clone();
        async move { Ok(notices.spread(work.event_id).await?) }
    });
    let with = notices.clone();
    registry.add::<Deliver, _, _>(move |work, context| {
        let notices = with.clone();
        async move { notices.deliver(&work, &context).await }
    });
    let with = notices.clone();
    registry.add::<Gather, _, _>(move |_, _| {
        let notices = with.clone();
        async move {
            let now = notices.0.parts.clock.now();
            notices.gather_arrivals(now).await?;
            notices.gather_failures(now).await?;
            notices.go_on_with_due(now).await?;
            Ok(())
        }
    });
    let with = notices.clone();
    registry.add::<Forget, _, _>(move |_, context| {
        let notices = with.clone();
        async move {
            let n_forgotten = notices.forget(notices.0.parts.clock.now()).await?;
            context.log(format!("{n_forgotten} events were old"));
            Ok(())
        }
    });
    registry.every(Duration::from_mins(1), || Gather)?;
    registry.every(Duration::from_hours(24), || Forget)?;
    Ok(())
}

impl Notices {
    /// Gives an event to all who want it. What they may know of it is decided when it is sent.
    async fn spread(&self, event: EventId) -> Result<()> {
        let parts = &self.0.parts;
        let now = parts.clock.now();
        let mut tx = parts.pool.begin().await?;
        let found = store::event::lock_unspread(&mut tx, event).await?;
        let Some((notice, happened_at)) = found else { return Ok(()) };
        let (library, person) = (notice.library(), notice.person());
        let targets = store::target::list_wanting_unscoped(
            &mut tx,
            notice.kind(),
            library,
            person,
            happened_at,
        )
        .await?;
        let ids: Vec<DeliveryId> = targets.iter().map(|_| self.0.ids.next()).collect();
        let made = store::delivery::insert_deliveries(&mut tx, event, &ids, &targets, now).await?;
        let works: Vec<Deliver> =
            made.into_iter().map(|delivery_id| Deliver { delivery_id, round: 0 }).collect();
        parts.jobs.enqueue_many(&mut tx, &works).await?;
        store::event::mark_spread(&mut tx, event, now).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn deliver(&self, work: &Deliver, context: &Context) -> Result<(), JobError> {
        let mut db = self.0.parts.pool.acquire().await?;
        let waiting = store::delivery::find_waiting(&mut db, work.delivery_id, work.round).await?;
        let Some(waiting) = waiting else { return Ok(()) };
        let target = store::target::find_target_unscoped(&mut db, waiting.target_id).await?;
        drop(db);
        let Some((target, sealed)) = target else { return Ok(()) };
        let outcome = self.try_to_deliver(work.delivery_id, &waiting, &target, &sealed).await;
        let (title, undelivered) = match outcome {
            Ok(None) => return Ok(()),
            Ok(Some((title, undelivered))) => (title, undelivered),
            // It was not tried, so that costs no attempt, however often it happens.
            Err(JobError::Later { after, message }) => {
                let next_at =
                    TimeDelta::from_std(after).map_or(LONGEST_WAIT, |it| it.min(LONGEST_WAIT));
                let next_at = self.0.parts.clock.now() + next_at;
                let mut db = self.0.parts.pool.acquire().await?;
                store::delivery::postpone(&mut db, work.delivery_id, next_at).await?;
                context.log(message);
                return Ok(());
            }
            Err(JobError::Failed(error)) if context.is_last_attempt() => {
                tracing::warn!(error = format!("{error:#}"), delivery.id = %work.delivery_id, "notice.not_sent");
                (String::new(), Undelivered::for_good("something went wrong on the server"))
            }
            Err(error) => return Err(error),
        };
        self.note_failure(work.delivery_id, &waiting, &target, (&title, &undelivered), context)
            .await
    }

    /// One try. Nothing where there is nothing more to do.
    async fn try_to_deliver(
        &self,
        id: DeliveryId,
        waiting: &Waiting,
        target: &Target,
        sealed: &[u8],
    ) -> Result<Option<(String, Undelivered)>, JobError> {
        let parts = &self.0.parts;
        let now = parts.clock.now();
        let is_test = waiting.notice == Notice::Test;
        if !is_test && (!target.is_enabled || target.paused_reason.is_some()) {
            let sentence = "the target is switched off or was given up";
            return Ok(Some((String::new(), Undelivered::for_good(sentence))));
        }
        let Some(message) = self.message(target, &waiting.notice).await? else {
            // That there was something would be too much to say already.
            store::delivery::delete_delivery(&mut *parts.pool.acquire().await?, id).await?;
            return Ok(None);
        };
        self.check_rate(id, target, now).await?;
        let way = self.open_way(target.id, sealed)?;
        let mail = match target.channel {
            Channel::Mail => self.read_mail_server().await?,
            _ => None,
        };
        let title = message.title.clone();
        let (event_id, happened_at) = (waiting.event_id.0, waiting.happened_at);
        let parcel = Parcel { event_id, happened_at, message };
        let sent = self.0.sender.send(&way, target.is_local, &parcel, mail.as_ref()).await;
        if let Err(undelivered) = sent {
            return Ok(Some((title, undelivered)));
        }
        let now = parts.clock.now();
        let mut tx = parts.pool.begin().await?;
        let (sent, told) = (DeliveryStatus::Sent, (title.as_str(), None));
        store::delivery::update_delivery(&mut tx, id, sent, told, None, now).await?;
        store::target::mark_well(&mut tx, target.id).await?;
        tx.commit().await?;
        tracing::debug!(delivery.id = %id, notice.kind = waiting.notice.kind().name(), "notice.sent");
        Ok(None)
    }

    /// What a target is told, in the language of whose it is.
    async fn message(&self, target: &Target, notice: &Notice) -> Result<Option<Message>, JobError> {
        let parts = &self.0.parts;
        let libraries = target.libraries.clone();
        let (listener, language) = match target.owner {
            Owner::Server => {
                let all = parts.catalog.all_library_ids().await?;
                (Listener::server(all, libraries), target.language.clone())
            }
            Owner::Person(id) => {
                let Some(recipient) = parts.accounts.find_recipient(id).await? else {
                    return Ok(None);
                };
                if let Some(opens_at) = recipient.opens_at {
                    let after = (opens_at - parts.clock.now()).to_std().unwrap_or_default();
                    let message = "these are not the person's hours".to_owned();
                    return Err(JobError::Later { after, message });
                }
                let viewer = recipient.viewer;
                (Listener { viewer, is_server: false, libraries }, recipient.language)
            }
        };
        let said = self.heard(&listener, notice).await?;
        Ok(said.map(|it| it.message(&language)))
    }

    /// Whether this is the delivery's turn; when it will be where it is not.
    async fn check_rate(
        &self,
        id: DeliveryId,
        target: &Target,
        now: DateTime<Utc>,
    ) -> Result<(), JobError> {
        let mut db = self.0.parts.pool.acquire().await?;
        let since = now - TimeDelta::hours(1);
        let (n_tried, n_before) =
            store::delivery::count_tried(&mut db, target.id, id, since).await?;
        let most = match target.channel {
            Channel::Mail => MAILS_AN_HOUR,
            _ => MESSAGES_AN_HOUR,
        };
        if n_tried < most {
            return Ok(());
        }
        let message = format!("{most} messages within an hour are enough for one target");
        let hours = i32::try_from(n_before / most).unwrap_or(i32::MAX);
        let after = TimeDelta::hours(1).checked_mul(hours).unwrap_or(LONGEST_WAIT) + TOO_MUCH_PAUSE;
        Err(JobError::Later { after: after.to_std().unwrap_or_default(), message })
    }

    /// Has those deliveries go on that waited for their time. One that is under way anyway is not doubled.
    async fn go_on_with_due(&self, now: DateTime<Utc>) -> Result<()> {
        let parts = &self.0.parts;
        let mut tx = parts.pool.begin().await?;
        let due = store::delivery::list_due_unscoped(&mut tx, now, DUE_AT_ONCE).await?;
        let works: Vec<Deliver> =
            due.into_iter().map(|(delivery_id, round)| Deliver { delivery_id, round }).collect();
        parts.jobs.enqueue_many(&mut tx, &works).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Notes a failed try, and says when there is another.
    async fn note_failure(
        &self,
        id: DeliveryId,
        waiting: &Waiting,
        target: &Target,
        (title, undelivered): (&str, &Undelivered),
        context: &Context,
    ) -> Result<(), JobError> {
        let now = self.0.parts.clock.now();
        let is_over =
            undelivered.is_final || context.is_last_attempt() || waiting.notice == Notice::Test;
        let pause = pause(waiting.attempts, undelivered.retry_after);
        let status = if is_over { DeliveryStatus::Failed } else { DeliveryStatus::Waiting };
        let next_at = (!is_over).then(|| now + pause);
        let mut tx = self.0.parts.pool.begin().await?;
        let told = (title, Some(undelivered.sentence.as_str()));
        store::delivery::update_delivery(&mut tx, id, status, told, next_at, now).await?;
        if waiting.notice != Notice::Test && target.paused_reason.is_none() && target.is_enabled {
            let failing = store::target::mark_failing(&mut tx, target.id, now).await?;
            let is_hopeless = failing.is_some_and(|(since, n_failures)| {
                n_failures >= MAX_FAILURES && now - since >= MAX_FAILING
            });
            if (is_hopeless || undelivered.is_gone)
                && store::target::pause(&mut tx, target.id, &undelivered.sentence, now).await?
            {
                tracing::warn!(target.id = %target.id, reason = undelivered.sentence, "notice.target_given_up");
            }
        }
        tx.commit().await?;
        if is_over {
            tracing::info!(delivery.id = %id, reason = undelivered.sentence, "notice.given_up");
            return Ok(());
        }
        let after = pause.to_std().unwrap_or_default();
        Err(JobError::Retry { after, message: undelivered.sentence.clone() })
    }
}

/// How long to wait after `n_before` tries and one more that failed, when the other side wants it to be `wish`.
fn pause(n_before: i32, wish: Option<Duration>) -> TimeDelta {
    let n_before = u32::try_from(n_before).unwrap_or(0).min(20);
    let grown = FIRST_PAUSE
        .checked_mul(3_i32.saturating_pow(n_before))
        .map_or(LONGEST_PAUSE, |it| it.min(LONGEST_PAUSE));
    let wish = wish.and_then(|it| TimeDelta::from_std(it).ok()).unwrap_or_default();
    grown.max(wish.min(LONGEST_WISH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound_and_honour_what_the_other_side_wants() {
        let seconds = |n_before, wish| pause(n_before, wish).num_seconds();
        let grown: Vec<i64> = (0..8).map(|it| seconds(it, None)).collect();
        assert_eq!(grown, [30, 90, 270, 810, 2430, 7290, 21_870, 28_800]);
        assert_eq!(seconds(i32::MAX, None), 28_800);
        assert_eq!(seconds(0, Some(Duration::from_mins(10))), 600);
        assert_eq!(seconds(3, Some(Duration::from_secs(1))), 810);
        assert_eq!(seconds(0, Some(Duration::from_hours(24 * 365))), 86_400);
        assert_eq!(seconds(0, Some(Duration::MAX)), 30);
        let all: i64 = (0..i32::from(Deliver::MAX_ATTEMPTS) - 1).map(|it| seconds(it, None)).sum();
        assert!((36..72).contains(&(all / 3600)), "given up after {all} s");
    }
}
