//! Expand and contract, as the guide has it: a new name, another type and NOT NULL, over four releases and three migrations. Two
//! releases are always at work while the next migration runs, and neither notices.

use super::on_each;
use crate::support::Place;
use seabed::{
    Database, Result,
    migration::{ApplyOptions, Stepwise, apply, prelude::*},
    prelude::{Repository, Set, col},
    schema::Step,
    sea_orm::{self, prelude::Decimal},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinHandle;

on_each! {
    nobody_notices_a_new_name_another_type_and_a_not_null,
    who_contracts_too_early_is_noticed,
}

stepwise!(Begin, "m1_begin", begin);
stepwise!(Expand, "m2_expand", expand);
stepwise!(Fill, "m3_fill", fill);
stepwise!(Contract, "m4_contract", contract);

migrator!(Zeroth, Begin);
migrator!(First, Begin, Expand);
migrator!(Second, Begin, Expand, Fill);
migrator!(Third, Begin, Expand, Fill, Contract);

fn begin() -> Result<Vec<Step>> {
    steps![create_table(
        table("sold").int64("id").text("sku", 64).int32("cents").text("buyer", 64).nullable().primary_key(&["id"])
    )]
}

fn expand() -> Result<Vec<Step>> {
    steps![add_column("sold", text("code", 64).nullable()), add_column("sold", decimal("price", 9, 2).nullable()),]
}

fn fill() -> Result<Vec<Step>> {
    steps![
        backfill("sold").set("code", "sku").only("code IS NULL").batch(10),
        // SQLite keeps a decimal as a whole number of its smallest unit.
        backfill("sold").set("price", Words::from("cents / 100.0").sqlite("cents")).only("price IS NULL").batch(10),
        backfill("sold").set("buyer", "'nobody'").only("buyer IS NULL").batch(10),
        alter_column("sold", text("code", 64).nullable(), text("code", 64)),
        alter_column("sold", decimal("price", 9, 2).nullable(), decimal("price", 9, 2)),
        alter_column("sold", text("buyer", 64).nullable(), text("buyer", 64)),
        // Else the release that writes the new ones alone could not insert.
        alter_column("sold", text("sku", 64), text("sku", 64).nullable()),
        alter_column("sold", int32("cents"), int32("cents").nullable()),
    ]
}

fn contract() -> Result<Vec<Step>> {
    steps![
        drop_column("sold", text("sku", 64).nullable()).allow("drops-column", "no release reads it since the fourth"),
        drop_column("sold", int32("cents").nullable()).allow("drops-column", "no release reads it since the fourth"),
    ]
}

macro_rules! release {
    ($module:ident { $($(#[$says:meta])* $field:ident: $type:ty,)* }) => {
        #[allow(dead_code, reason = "SeaORM makes more than a test uses, and in a macro of ours that is told")]
        mod $module {
            use super::sea_orm::{self, entity::prelude::*};

            #[sea_orm::model]
            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
            #[sea_orm(table_name = "sold")]
            pub struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub id: i64,
                $($(#[$says])* pub $field: $type,)*
            }

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}

release!(one { #[sea_orm(column_type = "String(StringLen::N(64))")] sku: String, cents: i32, buyer: Option<String>, });
release!(two {
    #[sea_orm(column_type = "String(StringLen::N(64))")] sku: String,
    cents: i32,
    buyer: Option<String>,
    code: Option<String>,
    #[sea_orm(column_type = "Decimal(Some((9, 2)))")] price: Option<Decimal>,
});
release!(three {
    sku: Option<String>,
    cents: Option<i32>,
    buyer: String,
    code: String,
    #[sea_orm(column_type = "Decimal(Some((9, 2)))")] price: Decimal,
});
release!(four {
    buyer: String,
    code: String,
    #[sea_orm(column_type = "Decimal(Some((9, 2)))")]
    price: Decimal,
});

/// What a release does all day: it sells something, and reads what was sold by whichever release.
async fn works(release: u8, db: &Database) -> Result<()> {
    static NEXT: AtomicI64 = AtomicI64::new(1);
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    let (sku, code) = (Set(format!("s{id}")), Set(format!("s{id}")));
    let (cents, price) = (i32::try_from(id).expect("few"), Decimal::new(id, 2));
    macro_rules! sells {
        ($module:ident { $($field:ident: $value:expr),* }, $sold:ident => $right:expr) => {{
            let items: Arc<dyn Repository<$module::Entity>> = db.repository();
            items.insert($module::ActiveModel { id: Set(id), $($field: $value),* }).await?;
            for $sold in items.find(col($module::COLUMN.id).gt(id - 40)).await? {
                assert!($right, "release {release} reads {:?}", $sold);
            }
        }};
    }
    let right = |id: i64, name: &str| name == format!("s{id}");
    match release {
        1 => sells!(one { sku: sku, cents: Set(cents), buyer: Set(None) },
            sold => right(sold.id, &sold.sku) && i64::from(sold.cents) == sold.id),
        2 => {
            sells!(two { sku: sku, cents: Set(cents), code: Set(Some(format!("s{id}"))), price: Set(Some(price)), buyer: Set(Some("b".into())) },
            sold => right(sold.id, &sold.sku) && i64::from(sold.cents) == sold.id);
        }
        3 => {
            sells!(three { sku: Set(Some(format!("s{id}"))), cents: Set(Some(cents)), code: code, price: Set(price), buyer: Set("b".into()) },
            sold => right(sold.id, &sold.code) && sold.price == Decimal::new(sold.id, 2) && !sold.buyer.is_empty());
        }
        _ => sells!(four { code: code, price: Set(price), buyer: Set("b".into()) },
            sold => right(sold.id, &sold.code) && sold.price == Decimal::new(sold.id, 2)),
    }
    Ok(())
}

/// A release that is at work until it is told to stop.
struct Running {
    stop: Arc<AtomicBool>,
    task: JoinHandle<Result<u32>>,
}

impl Running {
    async fn start(release: u8, place: &Place) -> Self {
        let (db, stop) = (place.open(2).await, Arc::new(AtomicBool::new(false)));
        let stopped = Arc::clone(&stop);
        works(release, &db)
            .await
            .unwrap_or_else(|error| panic!("release {release} starts: {error} {:?}", error.detail()));
        let task = tokio::spawn(async move {
            let mut sold = 0;
            while !stopped.load(Ordering::Relaxed) {
                works(release, &db).await?;
                sold += 1;
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            db.close().await?;
            Ok(sold)
        });
        Self { stop, task }
    }

    /// What it sold until now, or what it met.
    async fn stop(self) -> Result<u32> {
        self.stop.store(true, Ordering::Relaxed);
        self.task.await.expect("no panic")
    }
}

async fn deployed<M: MigratorTrait>(place: &Place) {
    let db = place.open(1).await;
    let applied = apply::<M>(&db, ApplyOptions::default()).await;
    let applied = applied.unwrap_or_else(|error| panic!("{error} {:?}", error.detail()));
    assert_eq!(applied.names.len(), 1, "{applied:?}");
    db.close().await.expect("closed");
}

async fn nobody_notices_a_new_name_another_type_and_a_not_null(place: &Place) {
    deployed::<Zeroth>(place).await;
    let mut old = Running::start(1, place).await;
    for release in 2..=4 {
        match release {
            2 => deployed::<First>(place).await,
            3 => deployed::<Second>(place).await,
            _ => {}
        }
        // For a while both are at work: what one sells the other reads.
        let new = Running::start(release, place).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        let sold =
            old.stop().await.unwrap_or_else(|error| panic!("before release {release}: {error} {:?}", error.detail()));
        assert!(sold > 0, "before release {release}");
        old = new;
    }
    deployed::<Third>(place).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    old.stop().await.expect("the fourth release knows nothing of it");
    let db = place.open(1).await;
    let mut deploy = db.backend().deploy().await.expect("a session");
    let have = deploy.inspect().await.expect("a picture");
    let columns: Vec<_> = have.tables["sold"].columns.iter().map(|it| (it.name.as_str(), it.nullable)).collect();
    assert_eq!(columns, [("id", false), ("buyer", false), ("code", false), ("price", false)]);
    deploy.close().await.expect("closed");
    db.close().await.expect("closed");
}

/// The third release still writes the old column: to drop it then is what the guide warns of.
async fn who_contracts_too_early_is_noticed(place: &Place) {
    deployed::<Zeroth>(place).await;
    deployed::<First>(place).await;
    deployed::<Second>(place).await;
    let old = Running::start(3, place).await;
    deployed::<Third>(place).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    old.stop().await.expect_err("it writes a column that is gone");
}
