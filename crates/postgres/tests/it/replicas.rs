//! Reading from a replica that streams from a real primary, through everything that may happen to it.

use kernel::{Error, Result};
use postgres::replicas::Report;
use postgres::{PoolConfig, Readers, Reading, Replicas};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Executor as _, PgConnection};
use testkit::postgres_server::PostgresServer;

struct House {
    primary: PostgresServer,
    replica: PostgresServer,
    on_primary: PgConnection,
    replicas: Replicas,
    readers: Readers,
}

impl House {
    async fn open() -> Self {
        let (primary, replica) = PostgresServer::primary_and_replica();
        Self::of(primary, replica, |it| it).await
    }

    /// As the user that `as_user` makes of the superuser.
    async fn of(
        primary: PostgresServer,
        replica: PostgresServer,
        as_user: impl Fn(PgConnectOptions) -> PgConnectOptions,
    ) -> Self {
        let mut on_primary = primary.options().connect().await.expect("the primary is there");
        on_primary
            .execute("CREATE TABLE play (n integer); INSERT INTO play VALUES (0)")
            .await
            .expect("a table");
        let replicas =
            Replicas::open(&as_user(primary.options()), vec![as_user(replica.options())]).await;
        let readers = replicas.readers(PoolConfig::new("public", 4));
        let house = Self { primary, replica, on_primary, replicas, readers };
        house.until(|it| it.is_usable).await;
        house
    }

    /// Waits until the looks in the background find the replica so.
    async fn until(&self, is_so: impl Fn(&Report) -> bool) {
        let waiting = async {
            while !is_so(&self.report()) {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        };
        let waited = tokio::time::timeout(std::time::Duration::from_mins(1), waiting).await;
        waited.unwrap_or_else(|_| panic!("{:?}", self.report()));
    }

    fn report(&self) -> Report {
        self.replicas.report().remove(0)
    }

    async fn write(&mut self, n: i32) {
        let written = sqlx::query("UPDATE play SET n = $1").bind(n).execute(&mut self.on_primary);
        written.await.expect("written");
    }

    /// What a reader finds: by the replica, or else by the primary.
    async fn read(&self) -> (i32, &'static str) {
        if let Some(found) = self.readers.read(&find).await {
            return (found.expect("it is read"), "replica");
        }
        let mut db = self.primary.options().connect().await.expect("a connection");
        let found = sqlx::query_scalar("SELECT n FROM play").fetch_one(&mut db).await;
        (found.expect("it is read"), "primary")
    }

    async fn on_replica(&self, sql: &'static str) {
        let mut db = self.replica.options().connect().await.expect("the replica is there");
        db.execute(sql).await.expect(sql);
    }
}

async fn find(mut db: Reading) -> Result<i32> {
    Ok(sqlx::query_scalar("SELECT n FROM play").fetch_one(&mut *db).await?)
}

#[tokio::test]
async fn each_read_sees_what_was_written_before_it() {
    let mut house = House::open().await;
    let mut by_replica = 0;
    for n in 1..200 {
        house.write(n).await;
        let (found, by) = house.read().await;
        assert_eq!(found, n, "by the {by}");
        by_replica += u32::from(by == "replica");
    }
    let report = house.report();
    assert_eq!(report.served, u64::from(by_replica));
    assert!(by_replica > 0, "{report:?}");
    assert_eq!((report.served + report.fell_back > 0, report.version.is_some()), (true, true));
}

#[tokio::test]
async fn many_who_read_while_somebody_writes_see_what_was_written_before_each() {
    let house = House::open().await;
    let written = std::sync::Arc::new(std::sync::atomic::AtomicI32::new(0));
    let order = std::sync::atomic::Ordering::SeqCst;
    let mut writer = house.primary.options().connect().await.expect("a connection");
    let write = async {
        for n in 1..300 {
            let sql = sqlx::query("UPDATE play SET n = $1").bind(n);
            sql.execute(&mut writer).await.expect("written");
            written.store(n, order);
        }
    };
    let read = async {
        while written.load(order) < 299 {
            let before = written.load(order);
            if let Some(found) = house.readers.read(&find).await {
                let found = found.expect("it is read");
                assert!(found >= before, "{found} where {before} was written before");
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(write, read, async {
        let readers: Vec<_> = (0..8)
            .map(|_| async {
                while written.load(order) < 299 {
                    let before = written.load(order);
                    if let Some(found) = house.readers.read(&find).await {
                        assert!(found.expect("it is read") >= before);
                    }
                    tokio::task::yield_now().await;
                }
            })
            .collect();
        futures::future::join_all(readers).await;
    });
    assert!(house.report().served > 0, "{:?}", house.report());
}

#[tokio::test]
async fn a_replica_that_stopped_replaying_is_passed_over_until_it_goes_on() {
    let mut house = House::open().await;
    assert_eq!(house.read().await, (0, "replica"));
    house.on_replica("SELECT pg_wal_replay_pause()").await;
    house.write(1).await;
    assert_eq!(house.read().await, (1, "primary"), "what was written is seen");
    house.until(|it| !it.is_usable && it.lag.is_some_and(|it| !it.is_zero())).await;
    let report = house.report();
    assert!(report.lag_bytes.is_some_and(|it| it > 0) && report.trouble.is_none(), "{report:?}");
    assert_eq!(house.read().await, (1, "primary"));
    let asked = house.report().fell_back;
    assert_eq!(asked, report.fell_back, "who is known to be behind is not asked by readers");

    house.on_replica("SELECT pg_wal_replay_resume()").await;
    house.until(|it| it.is_usable).await;
    assert_eq!(house.read().await, (1, "replica"));
}

#[tokio::test]
async fn nothing_can_be_written_on_a_replica() {
    let house = House::open().await;
    let write = |mut db: Reading| async move {
        sqlx::query("UPDATE play SET n = 7").execute(&mut *db).await?;
        Ok(())
    };
    assert!(house.readers.read(&write).await.is_none(), "it is for the primary to say");
    let shown = |mut db: Reading| async move {
        let shown = sqlx::query_scalar("SHOW default_transaction_read_only").fetch_one(&mut *db);
        Ok::<String, Error>(shown.await?)
    };
    let shown = house.readers.read(&shown).await.expect("the replica goes on");
    assert_eq!(shown.expect("it is told"), "on");
    assert_eq!(house.read().await, (0, "replica"));
}

#[tokio::test]
async fn what_is_wrong_with_the_question_is_told_once() {
    let house = House::open().await;
    let refuse = |_: Reading| async { Err::<(), _>(Error::NotFound("item")) };
    let refused = house.readers.read(&refuse).await.expect("the replica knows");
    assert!(matches!(refused, Err(Error::NotFound("item"))));
}

#[tokio::test]
async fn a_replica_that_dies_while_it_is_read_is_left_and_used_again_when_it_is_back() {
    let mut house = House::open().await;
    let sleep = |mut db: Reading| async move {
        sqlx::query("SELECT pg_sleep(30)").execute(&mut *db).await?;
        Ok(())
    };
    let readers = house.readers.clone();
    let reading = tokio::spawn(async move { readers.read(&sleep).await });
    busy_on(&house).await;
    house.replica.crash();
    assert!(reading.await.expect("no panic").is_none(), "the primary is asked");
    assert_eq!(house.read().await, (0, "primary"));
    house.write(1).await;
    house.replica.start();
    house.until(|it| it.is_usable).await;
    assert_eq!(house.read().await, (1, "replica"));
}

#[tokio::test]
async fn a_replica_that_stands_still_holds_nobody_up() {
    let mut house = House::open().await;
    let sleep = |mut db: Reading| async move {
        sqlx::query("SELECT pg_sleep(30)").execute(&mut *db).await?;
        Ok(())
    };
    let readers = house.readers.clone();
    let reading = tokio::spawn(async move { readers.read(&sleep).await });
    busy_on(&house).await;
    house.replica.freeze();
    house.write(1).await;
    assert_eq!(house.read().await, (1, "primary"));
    assert!(reading.await.expect("no panic").is_none(), "the primary is asked");
    house.replica.thaw();
    house.until(|it| it.is_usable).await;
    assert_eq!(house.read().await, (1, "replica"));
}

/// Waits until somebody sleeps on the replica.
async fn busy_on(house: &House) {
    let mut db = house.replica.options().connect().await.expect("the replica is there");
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    while sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut db).await.expect("a count") == 0 {}
}

#[tokio::test]
async fn a_promoted_server_is_no_replica() {
    let mut house = House::open().await;
    house.on_replica("SELECT pg_promote()").await;
    house.write(1).await;
    assert_eq!(house.read().await, (1, "primary"));
    house.until(|it| it.trouble.as_ref().is_some_and(|it| it.contains("promoted"))).await;
    // What happens there now happens to nobody who asks us.
    house.on_replica("UPDATE play SET n = 99").await;
    assert_eq!(house.read().await, (1, "primary"));
}

#[tokio::test]
async fn a_server_that_is_no_copy_is_refused() {
    let primary = PostgresServer::alone();
    let (_other, foreign) = PostgresServer::primary_and_replica();
    let replicas = Replicas::open(&primary.options(), vec![foreign.options()]).await;
    let report = replicas.report().remove(0);
    assert_eq!(report.trouble.as_deref(), Some("it is no copy of the primary"));
    let readers = replicas.readers(PoolConfig::new("public", 1));
    assert!(readers.read(&find).await.is_none());
}

#[tokio::test]
async fn without_synchronous_commit_nothing_is_read_from_replicas() {
    let house = House::open().await;
    let mut db = house.primary.options().connect().await.expect("a connection");
    db.execute("ALTER SYSTEM SET synchronous_commit = off").await.expect("set");
    db.execute("SELECT pg_reload_conf()").await.expect("loaded");
    house.until(|it| it.trouble.as_ref().is_some_and(|it| it.contains("synchronous_commit"))).await;
    assert_eq!(house.read().await, (0, "primary"));
}

#[tokio::test]
async fn an_ordinary_user_of_the_database_may_ask_everything() {
    let (primary, replica) = PostgresServer::primary_and_replica();
    let mut db = primary.options().connect().await.expect("a connection");
    db.execute("CREATE ROLE app LOGIN; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO app")
        .await
        .expect("a role");
    let house = House::of(primary, replica, |it| it.username("app")).await;
    assert_eq!(house.read().await, (0, "replica"));
}
