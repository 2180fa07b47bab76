//! What our own DDL and our own migrations make has no finding.

use crate::place::Place;
use seabed::{
    conformance::entities::{
        everything, ledger, maybe, member, node, note, person, pet, preset, renamed, stamp, tally, visit, word,
    },
    repository::EntityInfo,
};

fn suite() -> Vec<EntityInfo> {
    seabed::entities![
        everything, ledger, maybe, member, node, person, pet, visit, stamp, note, preset, renamed, tally, word
    ]
}

fn framework() -> Vec<EntityInfo> {
    use entity::{annotation, audit_event, dataset, error_event, pipeline_run};
    let own = seabed::entities![dataset, annotation, pipeline_run, audit_event, error_event];
    [own, seabed::outbox::entities()].concat()
}

async fn is_clean(place: Place) {
    place.db.create_tables(&suite()).await.expect("the tables of the suite");
    let found = place.findings(&suite()).await;
    assert!(found.is_empty(), "{found:#?}");
    seabed::migration::up::<migration::Migrator>(&place.db).await.expect("the migrations run");
    let found = place.findings(&framework()).await;
    assert!(found.is_empty(), "{found:#?}");
    let both = [suite(), framework(), crate::entities::both()].concat();
    let found = place.findings(&both).await;
    assert_eq!(found.len(), 2, "the tables of two entities were never made: {found:#?}");
    place.end().await;
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn sqlite_as_we_make_it_breaks_no_law() {
    is_clean(Place::sqlite().await).await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn postgres_as_we_make_it_breaks_no_law() {
    if let Some(place) = Place::postgres().await {
        is_clean(place).await;
    }
}

#[cfg(feature = "mysql")]
#[tokio::test]
async fn mysql_as_we_make_it_breaks_no_law() {
    if let Some(place) = Place::mysql().await {
        is_clean(place).await;
    }
}
