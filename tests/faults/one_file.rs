//! Two processes write one SQLite file, eight writers in one of them, and four readers look on: nobody is told that the database
//! is locked, and no reader sees half a transaction (hazard H14).

mod sqlite {
    use crate::{
        oracle::{Oracle, effect, part},
        support::Place,
    };
    use futures::future::join_all;
    use seabed::{Database, TransactionOptions, prelude::*, transaction::Retry};
    use std::sync::atomic::{AtomicBool, Ordering};
    use tokio::process::Command;

    const TURNS: usize = 25;
    const WRITERS: usize = 8;

    /// The file and the numbers of the operations that the other process does.
    const FILE: &str = "SEABED_FAULTS_FILE";
    const UNITS: &str = "SEABED_FAULTS_UNITS";
    const SETTINGS: [(&str, &str); 3] = [("max_connections", "4"), ("lock_timeout", "20s"), ("acquire_timeout", "20s")];

    /// Looks first and writes then, once: begun as one that reads, it could not write after another one did.
    async fn read_and_write(db: &Database, unit: i64) -> Result<()> {
        let once = TransactionOptions::default().retry(Retry::never());
        db.transact_with(once, |tx| async move {
            let effects = tx.repository::<effect::Entity>();
            effects.count(col(effect::COLUMN.unit).eq(unit)).await?;
            effects.insert_many([part(unit, 0), part(unit, 1)]).await.map(drop)
        })
        .await
    }

    async fn open(url: &str) -> Database {
        let mut config = Config::builder().url(url);
        for (name, value) in SETTINGS {
            config = config.set(&format!("databases.main.{name}"), value);
        }
        Database::connect(config.load().expect("a configuration")).await.expect("the file")
    }

    /// The other process is this program, asked for this test alone; asked as any other it has nothing to do.
    #[tokio::test(flavor = "multi_thread")]
    async fn the_other_process() {
        let (Ok(url), Ok(units)) = (std::env::var(FILE), std::env::var(UNITS)) else { return };
        let db = open(&url).await;
        for unit in units.split(',').map(|unit| unit.parse().expect("a number")) {
            let answer = read_and_write(&db, unit).await;
            println!("\nHEARD {unit} {}", answer.map_or_else(|error| error.to_string(), |()| "ok".to_owned()));
        }
        db.close().await.expect("closed");
    }

    async fn written_beside(oracle: &Oracle, url: &str) {
        let units: Vec<_> = (0..4 * TURNS).map(|_| oracle.unit()).collect();
        let listed = units.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let program = std::env::current_exe().expect("this program");
        let output = Command::new(program)
            .args(["--exact", "one_file::sqlite::the_other_process", "--nocapture"])
            .envs([(FILE, url), (UNITS, &listed)])
            .kill_on_drop(true)
            .output()
            .await
            .expect("the other process");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        for unit in units {
            let heard = said.lines().find_map(|line| line.strip_prefix(&format!("HEARD {unit} ")));
            assert_eq!(heard, Some("ok"), "the other process is never told that it is locked:\n{said}");
            oracle.heard(unit, &Ok(()));
        }
    }

    async fn write(oracle: &Oracle, db: &Database) {
        for _ in 0..TURNS {
            let unit = oracle.unit();
            let answer = read_and_write(db, unit).await;
            oracle.heard(unit, &answer);
            answer.expect("it is never locked for longer than it waits");
        }
    }

    async fn look_on(oracle: &Oracle, db: &Database, done: &AtomicBool) {
        let effects = db.repository::<effect::Entity>();
        while !done.load(Ordering::Relaxed) {
            let rows = effects.count(all()).await.expect("readers do not wait");
            assert_eq!(rows % 2, 0, "a transaction is seen whole or not at all");
            tokio::task::yield_now().await;
        }
        oracle.healed();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn f20_nobody_is_told_that_the_file_is_locked() {
        let place = Place::new("sqlite", "f20").await.expect("a folder");
        let oracle = Oracle::new(20, "sqlite", &place, 2).await;
        let db = open(&place.url()).await;
        let done = AtomicBool::new(false);
        let url = place.url();
        let work = async {
            tokio::join!(join_all((0..WRITERS).map(|_| write(&oracle, &db))), written_beside(&oracle, &url));
            done.store(true, Ordering::Relaxed);
        };
        tokio::join!(work, join_all((0..4).map(|_| look_on(&oracle, &db, &done))));
        oracle.transact(&db, TransactionOptions::default()).await.expect("nothing is wrong");
        oracle.pool_is_back(&place, &db, 1).await;
        db.close().await.expect("closed");
        oracle.judge(&place).await;
        place.close().await;
    }
}
