//! A database of others is taken in: the entities that are written from it want exactly what is there, so the plan is empty. Its
//! scripts lie beside the checkout and are never copied into it; where they are not there a test says so.

use super::{on_each, session};
use crate::support::Place;
use seabed::{
    ErrorKind,
    migration::{entities, plan},
    schema::{Flavor, Table, build},
};
use std::{path::Path, sync::Arc};

on_each! {
    s2_the_plan_of_entities_from_a_database_of_others_is_empty,
    s1_a_plan_without_entities_drops_nothing_of_others,
    a_table_in_another_schema_is_refused_with_its_name,
}

/// The statements that make its tables; none where the script is not there.
fn script(flavor: Option<Flavor>) -> Option<String> {
    let file = match flavor {
        Some(Flavor::Sqlite) => "Chinook_Sqlite_AutoIncrementPKs.sql",
        Some(Flavor::Postgres) => "Chinook_PostgreSql_AutoIncrementPKs.sql",
        _ => "Chinook_MySql_AutoIncrementPKs.sql",
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/chinook").join(file);
    let Ok(script) = std::fs::read_to_string(&path) else {
        println!("SKIPPED: there is no {}", path.display());
        return None;
    };
    let (from, to) = (script.find("CREATE TABLE").expect("tables"), script.find("INSERT INTO").expect("rows"));
    Some(script[from..to].to_owned())
}

async fn s2_the_plan_of_entities_from_a_database_of_others_is_empty(place: &Place) {
    let (db, mut deploy) = session(place).await;
    let Some(script) = script(deploy.flavor()) else { return };
    deploy.run(&script).await.expect("the tables of others");
    let reversed = entities::tables(&mut *deploy).await.expect("tables");
    assert_eq!(reversed.left, [], "each thing can be said");
    let tables: Vec<Arc<Table>> = reversed.tables.iter().cloned().map(Arc::new).collect();
    assert_eq!(tables.len(), 11);
    let plan = plan::against(&mut *deploy, &tables, &reversed.tables).await.expect("a plan");
    assert!(plan.is_empty(), "{:#?}", plan.steps.iter().map(|step| &step.step).collect::<Vec<_>>());
    let written = entities::entities(&mut *deploy).await.expect("files");
    assert_eq!(written.files.len(), 12, "one a table, and the one that names them");
    deploy.close().await.expect("closed");
    db.close().await.expect("closed");
}

async fn a_table_in_another_schema_is_refused_with_its_name(place: &Place) {
    let (db, mut deploy) = session(place).await;
    let elsewhere =
        build::table("thing").schema("elsewhere").int64("id").primary_key(&["id"]).build().expect("a table");
    let tables = [Arc::new(elsewhere)];
    let planned = plan::against(&mut *deploy, &tables, &[]).await;
    if deploy.flavor() == Some(Flavor::Sqlite) {
        // A file has no schemas: it is a part of the name.
        let plan = planned.expect("a plan");
        deploy.run(&plan.steps[0].statements[0].sql).await.expect("made");
        assert!(plan::against(&mut *deploy, &tables, &[]).await.expect("a plan").is_empty());
    } else {
        let refused = planned.expect_err("it is in another schema");
        assert_eq!((refused.kind(), refused.entity_name()), (ErrorKind::Unsupported, Some("thing")), "{refused}");
        assert!(refused.to_string().contains("`elsewhere`"), "{refused}");
    }
    deploy.close().await.expect("closed");
    db.close().await.expect("closed");
}

async fn s1_a_plan_without_entities_drops_nothing_of_others(place: &Place) {
    let (db, mut deploy) = session(place).await;
    let Some(script) = script(deploy.flavor()) else { return };
    deploy.run(&script).await.expect("the tables of others");
    let plan = plan::against(&mut *deploy, &[], &[]).await.expect("a plan");
    assert!(plan.is_empty(), "{:?}", plan.steps);
    assert_eq!(plan.drift.iter().filter(|drift| drift.what.contains("table")).count(), 11, "{:?}", plan.drift);
    deploy.close().await.expect("closed");
    db.close().await.expect("closed");
}
