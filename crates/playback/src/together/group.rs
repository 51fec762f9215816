//! The rules of a group. Pure: every time is handed in, in milliseconds of the server's clock.

use kernel::id::{ItemId, PersonId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A start lies so far ahead that all have heard of it.
const LEAD_MS: i64 = 400;
/// A member that is not ready is waited for this long, then the others go on and it catches up.
const PATIENCE_MS: i64 = 10_000;
/// A member that said nothing for so long has left. Pages in the background may speak once a minute only.
const SILENCE_MS: i64 = 75_000;
/// A player that is this far from where the group stands has not come there yet, whatever it says.
const NEAR_MS: i64 = 1_500;
/// More members than this are no group of people.
const MAX_MEMBERS: usize = 64;

/// Players that show one film at the same moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Its id; who knows it and may see the film may join.
    pub id: Uuid,
    /// What is watched.
    pub item_id: ItemId,
    /// Whether it is to play, be it that somebody is still waited for.
    pub is_wanted: bool,
    /// Since when it runs; `None` while it stands still.
    pub runs_since: Option<i64>,
    /// Where it is while it stands still, and where it was at `runs_since`.
    pub position_ms: i64,
    /// Who watches, in the order of joining.
    pub members: Vec<Member>,
}

/// One player of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// The playing.
    pub play_id: Uuid,
    /// Whose it is.
    pub person_id: PersonId,
    /// What the person is called.
    pub name: String,
    /// Whether it could play at the group's position.
    pub is_ready: bool,
    /// Whether it ever could: who joins is not waited for before.
    pub has_arrived: bool,
    /// Since when it is not ready.
    pub waits_since: i64,
    /// When it last said something.
    pub heard_at: i64,
    /// Where it said it is.
    pub position_ms: i64,
}

/// What a member tells of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// Where it is.
    pub position_ms: i64,
    /// Whether it can play at the group's position.
    pub is_ready: bool,
}

/// What a member does for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Play on.
    Play,
    /// Stand still.
    Pause,
    /// Go to this position.
    Seek(i64),
}

impl Member {
    /// A player that joins now.
    pub fn new(play_id: Uuid, person_id: PersonId, name: String, now: i64) -> Self {
        Self {
            play_id,
            person_id,
            name,
            is_ready: false,
            has_arrived: false,
            waits_since: now,
            heard_at: now,
            position_ms: 0,
        }
    }

    fn is_waited_for(&self, now: i64) -> bool {
        !self.is_ready && self.has_arrived && now - self.waits_since < PATIENCE_MS
    }
}

impl Group {
    /// A group around its first member, who is where the group is.
    pub fn around(
        id: Uuid,
        item_id: ItemId,
        first: Member,
        position_ms: i64,
        is_wanted: bool,
    ) -> Self {
        let position_ms = position_ms.max(0);
        let first = Member { is_ready: true, has_arrived: true, position_ms, ..first };
        Self { id, item_id, is_wanted, runs_since: None, position_ms, members: vec![first] }
    }

    /// Where all are to be.
    pub fn position_at(&self, now: i64) -> i64 {
        let ran = self.runs_since.map_or(0, |it| (now - it).max(0));
        self.position_ms.saturating_add(ran)
    }

    /// Takes in what a member tells; `member` joins if it is new.
    pub fn hear(&mut self, member: Member, report: Report, now: i64) {
        let at = match self.members.iter().position(|it| it.play_id == member.play_id) {
            Some(at) => at,
            None if self.members.len() < MAX_MEMBERS => {
                self.members.push(member);
                self.members.len() - 1
            }
            None => return,
        };
        // What it says of itself may be older than the last seek.
        let is_near =
            (report.position_ms.saturating_sub(self.position_at(now))).saturating_abs() <= NEAR_MS;
        let is_ready = report.is_ready && (is_near || self.runs_since.is_some());
        let known = &mut self.members[at];
        known.heard_at = now;
        known.position_ms = report.position_ms.max(0);
        if is_ready {
            known.is_ready = true;
            known.has_arrived = true;
        } else if known.is_ready && !report.is_ready {
            known.is_ready = false;
            known.waits_since = now;
            self.hold(now);
        }
        self.settle(now);
    }

    /// Does what a member asks for.
    pub fn step(&mut self, step: Move, now: i64) {
        match step {
            Move::Play => self.is_wanted = true,
            Move::Pause => {
                self.is_wanted = false;
                self.hold(now);
            }
            Move::Seek(position_ms) => {
                self.hold(now);
                self.position_ms = position_ms.max(0);
                for member in &mut self.members {
                    member.is_ready = false;
                    member.waits_since = now;
                }
            }
        }
        self.settle(now);
    }

    /// Takes a member out.
    pub fn leave(&mut self, play_id: Uuid, person: PersonId, now: i64) {
        self.members.retain(|it| it.play_id != play_id || it.person_id != person);
        self.settle(now);
    }

    /// Draws what follows from the time: who went silent has left, and when all are ready it goes on.
    pub fn settle(&mut self, now: i64) {
        self.members.retain(|it| now - it.heard_at < SILENCE_MS);
        let is_held = self.members.iter().any(|it| it.is_waited_for(now));
        let can_run = self.members.iter().any(|it| it.is_ready) || !is_held;
        if self.is_wanted && self.runs_since.is_none() && !is_held && can_run {
            self.runs_since = Some(now + LEAD_MS);
        }
    }

    /// Whether `after` is something the members must hear of at once; where each is, they need not.
    pub fn is_news(&self, after: &Self) -> bool {
        let seen = |it: &Self| {
            let members: Vec<(Uuid, bool)> =
                it.members.iter().map(|it| (it.play_id, it.is_ready)).collect();
            (it.is_wanted, it.runs_since, it.position_ms, members)
        };
        seen(self) != seen(after)
    }

    /// Stands still where it is.
    fn hold(&mut self, now: i64) {
        self.position_ms = self.position_at(now);
        self.runs_since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_000_000;

    fn member(number: u128, now: i64) -> Member {
        Member::new(Uuid::from_u128(number), PersonId(Uuid::from_u128(number)), "Ana".into(), now)
    }

    fn ready(position_ms: i64) -> Report {
        Report { position_ms, is_ready: true }
    }

    fn waiting(position_ms: i64) -> Report {
        Report { position_ms, is_ready: false }
    }

    /// Two who watch, playing since `START`.
    fn pair() -> Group {
        let item = ItemId(Uuid::from_u128(9));
        let mut group =
            Group::around(Uuid::from_u128(8), item, member(1, START - LEAD_MS), 5_000, true);
        group.settle(START - LEAD_MS);
        group.hear(member(2, START - LEAD_MS), ready(5_000), START - LEAD_MS);
        assert_eq!(group.runs_since, Some(START));
        group
    }

    #[test]
    fn all_are_where_the_clock_says() {
        let group = pair();
        assert_eq!(group.position_at(START - 100), 5_000, "before its start");
        assert_eq!(group.position_at(START + 3_000), 8_000);
    }

    #[test]
    fn a_pause_holds_all_and_a_start_lies_ahead() {
        let mut group = pair();
        group.step(Move::Pause, START + 1_000);
        assert_eq!((group.position_at(START + 9_000), group.runs_since), (6_000, None));
        group.step(Move::Play, START + 10_000);
        assert_eq!(group.runs_since, Some(START + 10_000 + LEAD_MS));
        assert_eq!(group.position_at(START + 10_000), 6_000);
    }

    #[test]
    fn after_a_seek_it_goes_on_when_all_are_there() {
        let mut group = pair();
        group.step(Move::Seek(60_000), START + 1_000);
        assert_eq!((group.runs_since, group.position_ms), (None, 60_000));
        group.hear(member(2, 0), ready(6_400), START + 1_400);
        group.hear(member(1, 0), ready(60_000), START + 1_500);
        assert_eq!(group.runs_since, None, "one is still on the way");
        group.hear(member(2, 0), ready(60_000), START + 1_900);
        assert_eq!(group.runs_since, Some(START + 1_900 + LEAD_MS));
        group.step(Move::Pause, START + 5_000);
        group.step(Move::Seek(-5), START + 6_000);
        group.hear(member(1, 0), ready(0), START + 6_100);
        group.hear(member(2, 0), ready(0), START + 6_100);
        assert_eq!((group.runs_since, group.position_ms), (None, 0), "a seek starts nothing");
    }

    #[test]
    fn who_must_load_is_waited_for_but_not_for_ever() {
        let mut group = pair();
        group.hear(member(2, 0), waiting(6_000), START + 1_000);
        assert_eq!((group.runs_since, group.position_ms), (None, 6_000));
        group.hear(member(1, 0), ready(6_000), START + 1_000 + PATIENCE_MS - 1);
        assert_eq!(group.runs_since, None);
        group.hear(member(1, 0), ready(6_000), START + 1_000 + PATIENCE_MS);
        assert_eq!(group.runs_since, Some(START + 1_000 + PATIENCE_MS + LEAD_MS));
        group.hear(member(2, 0), waiting(6_000), START + 30_000);
        assert!(group.runs_since.is_some(), "nor does it stop the others again");
    }

    #[test]
    fn who_joins_stops_nobody() {
        let mut group = pair();
        group.hear(member(3, START + 1_000), waiting(0), START + 1_000);
        assert_eq!((group.members.len(), group.runs_since), (3, Some(START)));
        group.hear(member(3, 0), ready(7_000), START + 2_000);
        assert_eq!(group.runs_since, Some(START));
    }

    #[test]
    fn who_leaves_or_goes_silent_is_not_waited_for() {
        let mut group = pair();
        group.step(Move::Seek(1_000), START);
        group.hear(member(1, 0), ready(1_000), START + 100);
        let stranger = PersonId(Uuid::from_u128(1));
        group.leave(Uuid::from_u128(2), stranger, START + 200);
        assert_eq!(group.members.len(), 2, "nobody takes another out");
        group.leave(Uuid::from_u128(2), PersonId(Uuid::from_u128(2)), START + 200);
        assert_eq!(group.runs_since, Some(START + 200 + LEAD_MS));
        group.settle(START + 200 + SILENCE_MS);
        assert_eq!(group.members, []);
    }

    #[test]
    fn only_what_members_must_do_is_news() {
        let group = pair();
        let mut heard = group.clone();
        heard.hear(member(1, 0), ready(5_500), START + 500);
        assert!(!group.is_news(&heard));
        let mut moved = group.clone();
        moved.step(Move::Pause, START + 500);
        assert!(group.is_news(&moved));
    }

    #[test]
    fn a_group_has_a_bounded_number_of_members() {
        let mut group = pair();
        for number in 0..200 {
            group.hear(member(100 + number, START), ready(0), START);
        }
        assert_eq!(group.members.len(), MAX_MEMBERS);
    }
}
