//! How work stands back behind those who use the server.

use std::time::Duration;

use jobs::{Demands, JobError, JobState, Pace, Queue, Registry, Rule, Work};
use tokio::sync::mpsc;

use crate::{TestQueue, config, waiting, work};

work!(Idle, "test.idle", const QUEUE: Queue = Queue::Low);
work!(Usual, "test.usual");
work!(Heavy, "test.heavy", const QUEUE: Queue = Queue::Low, const IS_HEAVY: bool = true);

const PLAYING: Demands = Demands { is_anybody_playing: true, heavy_after: None };
const DAY: Demands =
    Demands { is_anybody_playing: false, heavy_after: Some(Duration::from_hours(6)) };
/// Longer than a job that may begin needs to.
const MOMENT: Duration = Duration::from_millis(300);

#[tokio::test]
async fn while_somebody_plays_one_job_of_the_low_queue_runs() {
    let queue = TestQueue::new().await;
    let pace = Pace::default();
    let mut registry = Registry::with_pace(&pace);
    let mut idle = waiting::<Idle>(&mut registry);
    let mut usual = waiting::<Usual>(&mut registry);
    let running = queue.jobs.start(&config(), &registry).await.expect("started");
    pace.demand(PLAYING);
    for number in 0..2 {
        queue.enqueue(&Idle(number)).await;
        queue.enqueue(&Usual(number)).await;
    }
    idle.recv().await.expect("one of them begins");
    for _ in 0..2 {
        usual.recv().await.expect("what is not low begins");
    }
    assert!(tokio::time::timeout(MOMENT, idle.recv()).await.is_err(), "the other waits");

    pace.demand(Demands::default());
    idle.recv().await.expect("it begins when nobody plays any more");
    running.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn what_runs_beside_another_when_somebody_begins_to_play_goes_back_and_on_later() {
    let queue = TestQueue::new().await;
    let pace = Pace::default();
    let mut registry = Registry::with_pace(&pace);
    let (began, mut begins) = mpsc::unbounded_channel();
    registry.add::<Idle, _, _>(move |Idle(number), context| {
        let began = began.clone();
        async move {
            began.send(number).expect("the test listens");
            loop {
                tokio::time::sleep(Duration::from_millis(5)).await;
                // As work does that only looks whether to go on, and tells at its end why it did not.
                if context.check().is_err() {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    return context.check();
                }
            }
        }
    });
    let ids = [queue.enqueue(&Idle(0)).await, queue.enqueue(&Idle(1)).await];
    let running = queue.jobs.start(&config(), &registry).await.expect("started");
    for _ in 0..2 {
        begins.recv().await.expect("both begin");
    }
    pace.demand(PLAYING);
    let put_off = async {
        for at in (0..2).cycle() {
            let job = queue.jobs.get(ids[at]).await.expect("a job");
            if job.log.iter().any(|it| it.contains("makes room for those who play")) {
                return (at, job);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        unreachable!("it goes round and round")
    };
    let put_off = tokio::time::timeout(Duration::from_mins(1), put_off).await;
    let (at, job) = put_off.expect("one of them stops");
    assert!(job.failures.is_empty(), "{job:?}");
    let other = queue.jobs.get(ids[1 - at]).await.expect("a job");
    assert_eq!((other.state, other.log.len()), (JobState::Running, 0), "the other goes on");
    assert!(tokio::time::timeout(MOMENT, begins.recv()).await.is_err(), "and the one waits");

    pace.demand(Demands::default());
    let again = tokio::time::timeout(Duration::from_mins(1), begins.recv()).await;
    assert_eq!(again.expect("it goes on"), Some(at as u32));
    assert_eq!(queue.jobs.get(ids[at]).await.expect("a job").attempt, 1);
    running.stop(Duration::ZERO).await;
}

#[tokio::test]
async fn the_next_one_begins_when_the_one_that_runs_ends() {
    let queue = TestQueue::new().await;
    let pace = Pace::default();
    pace.demand(PLAYING);
    let mut registry = Registry::with_pace(&pace);
    registry.add::<Idle, _, _>(|_, _| async { Ok::<(), JobError>(()) });
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(queue.enqueue(&Idle(number)).await);
    }
    let running = queue.jobs.start(&config(), &registry).await.expect("started");
    for id in ids {
        queue.when_in(id, JobState::Completed).await;
    }
    running.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn heavy_work_waits_for_its_hours_and_other_work_does_not() {
    let queue = TestQueue::new().await;
    let pace = Pace::default();
    pace.demand(DAY);
    let mut registry = Registry::with_pace(&pace);
    registry.add::<Heavy, _, _>(|_, _| async { Ok::<(), JobError>(()) });
    registry.add::<Idle, _, _>(|_, _| async { Ok::<(), JobError>(()) });
    let running = queue.jobs.start(&config(), &registry).await.expect("started");
    let heavy = queue.enqueue(&Heavy(1)).await;
    let idle = queue.enqueue(&Idle(1)).await;

    let view = queue.when_in(heavy, JobState::Scheduled).await;
    let wait = (view.scheduled_at - view.attempted_at.expect("looked at")).num_minutes();
    assert!((359..=361).contains(&wait), "{wait} minutes");
    assert_eq!((view.attempt, &*view.log[0]), (0, "waits for the hours of heavy work"));
    queue.when_in(idle, JobState::Completed).await;

    // A person says: now.
    queue.jobs.retry(heavy).await.expect("made due");
    queue.when_in(heavy, JobState::Completed).await;
    running.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn heavy_work_that_runs_stops_at_the_end_of_its_hours() {
    let queue = TestQueue::new().await;
    let pace = Pace::default();
    let mut registry = Registry::with_pace(&pace);
    let (begun, mut begins) = mpsc::unbounded_channel();
    registry.add::<Heavy, _, _>(move |_, context| {
        let begun = begun.clone();
        async move {
            begun.send(()).expect("the test listens");
            loop {
                context.check()?;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    });
    let running = queue.jobs.start(&config(), &registry).await.expect("started");
    let id = queue.enqueue(&Heavy(1)).await;
    begins.recv().await.expect("it begins");
    pace.demand(DAY);
    let view = queue.when_in(id, JobState::Scheduled).await;
    assert_eq!((view.attempt, view.failures.len()), (0, 0), "nothing failed");
    running.stop(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn what_comes_around_is_done_outside_of_its_hours_when_a_person_says_so() {
    let queue = TestQueue::new().await;
    let pace = Pace::default();
    pace.demand(DAY);
    let mut registry = Registry::with_pace(&pace);
    registry.add::<Heavy, _, _>(|_, _| async { Ok::<(), JobError>(()) });
    registry.scheduled(Rule::Never, || Heavy(7)).expect("a rule");
    let running = queue.jobs.start(&config(), &registry).await.expect("started");
    let id = queue.jobs.enqueue_now(&registry.schedules(), Heavy::KIND).await.expect("enqueued");
    queue.when_in(id, JobState::Completed).await;
    running.stop(Duration::from_secs(5)).await;
}
