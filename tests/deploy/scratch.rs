//! The scratch place: what is wanted equals what our migrations made, an empty copy tells what the server does, and nothing is left.

use super::{on_each, session};
use crate::support::{Place, execute};
use seabed::{
    backend::Deploy,
    migration::{counted, prelude::*},
    schema::{Flavor, Picture, Planned, Risk, ddl, lint},
};
use std::sync::Arc;

on_each! {
    s2_what_our_migrations_made_is_what_is_wanted,
    s2_parents_in_circles_in_other_schemas_and_elsewhere_are_wanted_too,
    s2_a_rehearsal_hears_the_server_and_leaves_no_trace,
    s2_what_the_server_refuses_is_told_before_it_is_done,
    s2_what_would_reach_beyond_the_copy_is_not_played,
    s2_what_a_killed_run_left_is_swept,
    s2_who_may_not_make_a_place_is_told_the_right,
    s2_rows_in_the_way_are_counted,
}

/// What is compared: on SQLite the text is kept for rebuilds.
fn compared(mut picture: Picture) -> Picture {
    picture.tables.values_mut().for_each(|table| table.create = None);
    picture
}

/// The scratch places that are there and that nobody works in. On MySQL other tests make theirs on the same server, and hold the
/// locks of their names meanwhile.
async fn places(deploy: &mut Box<dyn Deploy>) -> Vec<String> {
    let question = match deploy.flavor() {
        Some(Flavor::Postgres) => "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'seabed%scratch%'",
        Some(Flavor::Sqlite) => "SELECT name FROM sqlite_master WHERE name LIKE 'seabed%scratch%'",
        _ => {
            "SELECT CAST(schema_name AS CHAR) FROM information_schema.schemata WHERE schema_name LIKE 'seabed%scratch%' \
             AND (IS_USED_LOCK(schema_name) IS NULL OR IS_USED_LOCK(schema_name) = CONNECTION_ID())"
        }
    };
    deploy.ask(question).await.expect("asked").into_iter().flatten().flatten().collect()
}

/// That this session has left nothing.
async fn nothing_is_left(deploy: &mut Box<dyn Deploy>) {
    let mut left = places(deploy).await;
    left.retain(|place| !place.starts_with(LEFT));
    assert_eq!(left, Vec::<String>::new());
}

/// What the test of the sweep leaves.
const LEFT: &str = "seabed_scratch_left_";

/// `shop` and `item` with a row each.
async fn items(place: &Place, flavor: Flavor) {
    let shop = table("shop").int64("id").text("name", 40).primary_key(&["id"]).build().expect("a table");
    let item = table("item")
        .int64("id")
        .int32("price")
        .text("name", 60)
        .text("note", 60)
        .nullable()
        .int64("shop_id")
        .nullable()
        .primary_key(&["id"])
        .index(&["name"])
        .build()
        .expect("a table");
    for table in [shop, item] {
        for sql in ddl::create_table(&table, flavor, false).expect("emitted") {
            execute(place, &sql).await;
        }
    }
    execute(place, "INSERT INTO shop (id, name) VALUES (1, 'a')").await;
    execute(place, "INSERT INTO item (id, price, name, shop_id) VALUES (1, 5, 'x', 1), (2, 6, 'x', 9)").await;
}

fn codes(warnings: &[seabed::schema::Warning]) -> Vec<String> {
    let mut codes: Vec<_> = warnings.iter().map(|it| format!("{} {}", it.code, it.risk)).collect();
    codes.sort();
    codes
}

async fn s2_what_our_migrations_made_is_what_is_wanted(place: &Place) {
    let (db, mut deploy) = session(place).await;
    seabed::migration::up::<migration::Migrator>(&db).await.expect("migrated");
    let tables: Vec<_> = migration::tables().expect("tables").into_iter().map(Arc::new).collect();
    let want = deploy.want(&tables).await.expect("built");
    let have = deploy.inspect().await.expect("read");
    assert_eq!(want.tables.len(), tables.len());
    assert_eq!(compared(want), compared(have));
    nothing_is_left(&mut deploy).await;
    deploy.close().await.expect("closed");
}

async fn s2_parents_in_circles_in_other_schemas_and_elsewhere_are_wanted_too(place: &Place) {
    let (_db, mut deploy) = session(place).await;
    let tables = [
        table("egg").int64("id").int64("hen_id").primary_key(&["id"]).references(
            &["hen_id"],
            "hen",
            &["id"],
            OnDelete::Restrict,
        ),
        table("hen")
            .int64("id")
            .int64("egg_id")
            .nullable()
            .int64("yard_id")
            .primary_key(&["id"])
            .references(&["egg_id"], "egg", &["id"], OnDelete::SetNull)
            .references(&["yard_id"], "yard", &["id"], OnDelete::Cascade),
        table("crate").schema("sales").int64("id").primary_key(&["id"]),
        table("load").schema("sales").int64("id").int64("crate_id").primary_key(&["id"]).references(
            &["crate_id"],
            "crate",
            &["id"],
            OnDelete::Cascade,
        ),
    ];
    let tables: Vec<_> = tables.into_iter().map(|table| Arc::new(table.build().expect("a table"))).collect();
    let want = deploy.want(&tables).await.expect("built");
    let names: Vec<_> = want.tables.keys().map(String::as_str).collect();
    assert_eq!(names, ["egg", "hen", "sales.crate", "sales.load"]);
    let parents: Vec<_> = want.tables.values().flat_map(|it| &it.foreign_keys).map(|key| &*key.parent).collect();
    let mut sorted = parents.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, ["egg", "hen", "sales.crate", "yard"]);
    nothing_is_left(&mut deploy).await;
    deploy.close().await.expect("closed");
}

async fn s2_a_rehearsal_hears_the_server_and_leaves_no_trace(place: &Place) {
    let (_db, mut deploy) = session(place).await;
    let flavor = deploy.flavor().expect("a flavor");
    items(place, flavor).await;
    let have = deploy.inspect().await.expect("read");
    let steps = || -> Result<Vec<Step>> {
        seabed::steps![
            add_column("item", text("sku", 20).nullable()),
            add_index("item", index(&["sku"])),
            alter_column("item", int32("price"), int64("price")),
            alter_column("item", text("name", 60), text("name", 62)),
            add_foreign_key("item", reference(&["shop_id"], "shop", &["id"], OnDelete::Restrict)),
            backfill("item").set("sku", "'S'").only("sku IS NULL"),
            create_table(table("new").int64("id").text("a", 9).primary_key(&["id"])),
            alter_column("new", text("a", 9), text("a", 8)),
        ]
    };
    let steps = steps().expect("steps");
    let heard = deploy.rehearse(&have, &steps).await.expect("played");
    let heard_codes: Vec<_> = heard.steps.iter().map(|step| codes(&step.warnings)).collect();
    let expected: [&[&str]; 8] = match flavor {
        Flavor::Sqlite => [
            &[],
            &[],
            &["rewrites-table rewrites"],
            &["rewrites-table rewrites"],
            &["rewrites-table rewrites"],
            &[],
            &[],
            &[],
        ],
        Flavor::Postgres => [
            &["locks-reads safe"],
            &["locks-writes safe"],
            &["locks-reads locks", "rewrites-table rewrites"],
            &[],
            &["locks-writes safe"],
            &[],
            &[],
            &[],
        ],
        _ => [
            &[],
            &[],
            &["locks-writes locks", "rewrites-table rewrites"],
            &[],
            &["locks-writes locks", "rewrites-table rewrites"],
            &[],
            &[],
            &[],
        ],
    };
    assert_eq!(heard_codes, expected);
    if flavor == Flavor::Postgres {
        let why = &heard.steps[4].warnings[0].why;
        assert!(why.contains("SHARE ROW EXCLUSIVE on `item`") && why.contains("on `shop`"), "{why}");
    }
    let item = &heard.after.tables["item"];
    assert!(item.column("sku").is_some() && item.foreign_keys.len() == 1);
    assert_eq!(deploy.inspect().await.expect("read"), have, "the live schema is as it was");
    let rows = deploy.ask("SELECT count(*) FROM item").await.expect("rows");
    assert_eq!(rows, [[Some("2".to_owned())]]);
    nothing_is_left(&mut deploy).await;
    deploy.close().await.expect("closed");
}

async fn s2_what_the_server_refuses_is_told_before_it_is_done(place: &Place) {
    let (_db, mut deploy) = session(place).await;
    items(place, deploy.flavor().expect("a flavor")).await;
    let have = deploy.inspect().await.expect("read");
    let steps = || -> Result<Vec<Step>> {
        seabed::steps![backfill("item").set("nowhere", "1"), add_column("item", text("sku", 20).nullable()),]
    };
    let steps = steps().expect("steps");
    let heard = deploy.rehearse(&have, &steps).await.expect("played");
    assert_eq!(codes(&heard.steps[0].warnings), ["refused data-dependent"]);
    assert!(heard.steps[0].warnings[0].why.contains("nowhere"), "{:?}", heard.steps[0].warnings);
    assert_eq!(heard.steps.len(), 2);
    assert_eq!(deploy.inspect().await.expect("read"), have);
    nothing_is_left(&mut deploy).await;
    deploy.close().await.expect("closed");
}

async fn s2_what_would_reach_beyond_the_copy_is_not_played(place: &Place) {
    let (_db, mut deploy) = session(place).await;
    let flavor = deploy.flavor().expect("a flavor");
    items(place, flavor).await;
    let have = deploy.inspect().await.expect("read");
    let home = match place {
        Place::Sqlite(_) => return,
        Place::Postgres { .. } => "public",
        Place::MySql { name, .. } => name,
        #[cfg(feature = "mongodb")]
        Place::Mongo { .. } => unreachable!("MongoDB's deploys have tests of their own"),
    };
    let steps = || -> Result<Vec<Step>> {
        seabed::steps![
            sql("wipe").up(format!("UPDATE {home}.item SET price = 0").as_str()),
            rename_table("elsewhere.item", "elsewhere.thing"),
        ]
    };
    let steps = steps().expect("steps");
    let heard = deploy.rehearse(&have, &steps).await.expect("played");
    for step in &heard.steps {
        assert_eq!(codes(&step.warnings), ["not-rehearsed safe"]);
    }
    let rows = deploy.ask("SELECT CAST(min(price) AS CHAR(9)) FROM item").await.expect("rows");
    assert_eq!(rows[0][0].as_deref().map(str::trim), Some("5"));
    deploy.close().await.expect("closed");
}

async fn s2_what_a_killed_run_left_is_swept(place: &Place) {
    let (_db, mut deploy) = session(place).await;
    let make = match place {
        Place::Sqlite(_) => return,
        Place::Postgres { .. } => "CREATE SCHEMA ",
        Place::MySql { .. } => "CREATE DATABASE ",
        #[cfg(feature = "mongodb")]
        Place::Mongo { .. } => unreachable!("MongoDB's deploys have tests of their own"),
    };
    let id = std::process::id();
    let (left, owned) = (format!("{LEFT}{id}"), format!("{LEFT}owned_{id}"));
    execute(place, &format!("{make}{left}")).await;
    let (_other, mut other) = session(place).await;
    let own = match place {
        Place::Postgres { .. } => format!("SELECT pg_try_advisory_lock(126879, hashtext('{owned}'))::text"),
        _ => format!("SELECT GET_LOCK('{owned}', 0)"),
    };
    // First the lock, then the place: another test may sweep between.
    other.ask(&own).await.expect("the lock");
    execute(place, &format!("{make}{owned}")).await;
    // Any deploy on the server sweeps.
    deploy.rehearse(&Picture::default(), &[]).await.expect("played");
    let is_there = async |deploy: &mut Box<dyn Deploy>, name: &str| {
        let question = match deploy.flavor() {
            Some(Flavor::Postgres) => format!("SELECT count(*) FROM pg_namespace WHERE nspname = '{name}'"),
            _ => format!("SELECT count(*) FROM information_schema.schemata WHERE schema_name = '{name}'"),
        };
        deploy.ask(&question).await.expect("asked")[0][0].as_deref() == Some("1")
    };
    assert!(!is_there(&mut deploy, &left).await, "nobody holds it");
    assert!(is_there(&mut deploy, &owned).await, "somebody works in it");
    other.close().await.expect("closed");
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    deploy.rehearse(&Picture::default(), &[]).await.expect("played");
    assert!(!is_there(&mut deploy, &owned).await, "its session ended");
    deploy.close().await.expect("closed");
}

async fn s2_who_may_not_make_a_place_is_told_the_right(place: &Place) {
    let user = format!("poor_{}", std::process::id());
    let (server, name, grant) = match place {
        Place::Sqlite(_) => return,
        Place::Postgres { server, name } => {
            execute(place, &format!("CREATE ROLE {user} LOGIN PASSWORD 'poor'")).await;
            (server, name, "GRANT CREATE ON DATABASE")
        }
        Place::MySql { server, name } => {
            execute(place, &format!("CREATE USER {user}@'%' IDENTIFIED BY 'poor'")).await;
            execute(place, &format!("GRANT ALL ON {name}.* TO {user}@'%'")).await;
            (server, name, "GRANT ALL ON `seabed\\_scratch\\_%`.*")
        }
        #[cfg(feature = "mongodb")]
        Place::Mongo { .. } => unreachable!("MongoDB's deploys have tests of their own"),
    };
    let (scheme, rest) = server.split_once("://").expect("a URL");
    let (_, host) = rest.rsplit_once('@').expect("a user");
    let (host, _) = host.split_once('/').expect("a database");
    let config = seabed::Config::builder().url(format!("{scheme}://{user}:poor@{host}/{name}"));
    let db = seabed::Database::connect(config.load().expect("a configuration")).await.expect("connected");
    let mut deploy = db.backend().deploy().await.expect("a session");
    let lone = Arc::new(table("lone").int64("id").primary_key(&["id"]).build().expect("a table"));
    let refused = deploy.want(&[lone]).await.expect_err("the right is lacking");
    assert!(refused.to_string().contains(grant), "{refused}");
    let refused = deploy.rehearse(&Picture::default(), &[]).await.expect_err("the right is lacking");
    assert!(refused.to_string().contains(grant), "{refused}");
    assert_eq!(deploy.ask("SELECT 1").await.expect("the session is as it was").len(), 1);
    deploy.close().await.expect("closed");
    db.close().await.expect("closed");
    let drop = if scheme == "postgres" { format!("DROP ROLE {user}") } else { format!("DROP USER {user}@'%'") };
    execute(place, &drop).await;
}

async fn s2_rows_in_the_way_are_counted(place: &Place) {
    let (_db, mut deploy) = session(place).await;
    let flavor = deploy.flavor().expect("a flavor");
    items(place, flavor).await;
    let have = deploy.inspect().await.expect("read");
    let steps = || -> Result<Vec<Step>> {
        seabed::steps![
            add_index("item", index(&["name"]).unique()),
            add_index("item", index(&["price"]).unique()),
            add_foreign_key("item", reference(&["shop_id"], "shop", &["id"], OnDelete::Restrict)),
            alter_column("item", text("note", 60).nullable(), text("note", 60)),
            alter_column("item", int32("price"), int16("price")),
            drop_column("item", text("note", 60).nullable()),
        ]
    };
    let steps = steps().expect("steps");
    let mut told = Vec::new();
    for (step, warnings) in steps.iter().zip(lint::judge_all(&steps, &have, flavor)) {
        let mut planned = Planned { step: step.clone(), statements: vec![], reverse: None, warnings };
        let counted = counted(&mut *deploy, &mut planned).await.expect("counted");
        let refusals: Vec<_> = counted.iter().filter_map(seabed::migration::Counted::refusal).collect();
        for refusal in &refusals {
            assert!(refusal.detail().is_some_and(|detail| detail.contains("SELECT count(*)")));
        }
        told.push((counted[0].rows, refusals.len(), counted[0].warning.risk));
    }
    assert_eq!(
        told,
        [
            (1, 1, Risk::DataDependent),
            (0, 0, Risk::Safe),
            (1, 1, Risk::DataDependent),
            (2, 1, Risk::DataDependent),
            (0, 0, Risk::Safe),
            (0, 0, Risk::Destructive),
        ]
    );
    deploy.close().await.expect("closed");
}
