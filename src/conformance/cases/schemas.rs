//! Laws V9, V10: a table is what its entity says, what no table can be is refused by name, and a difference is found.

use crate::{
    Context, Database, ErrorKind, all,
    backend::{Finding, Insert, Operation},
    conformance::{
        cases::maybe_rows,
        check::{Proof, refused_at, table, there},
        entities::{
            Mood, everything, ghost, ledger, maybe, member, node, note, outside, person, pet, preset, renamed, stamp,
            tally, visit, word, word_with_state,
        },
    },
    repository::EntityInfo,
};
use sea_orm::{Set, Value};

pub async fn v9_a_variant_may_hold_quotes_and_backslashes(db: Database) -> Proof {
    let moods = [Mood::Glad, Mood::DontKnow, Mood::BackSlash];
    let rows = maybe_rows(&db, moods, |row, mood| row.mood = Set(Some(mood))).await?;
    for (id, mood) in (0..).zip(moods) {
        assert_eq!(there(rows.get(id).await?, "V9").mood, Some(mood), "V9: every variant is kept as it is written");
    }
    Ok(())
}

pub async fn v10_a_row_takes_the_type_of_each_column_alone(db: Database) -> Proof {
    let rows = table::<member::Entity>(&db).await?;
    let member = EntityInfo::of::<member::Entity>().table()?;
    let context = Context::current();
    let wrong = [
        (vec!["one".into(), "ada".into(), "lead".into()], "team_id"),
        (vec![1.into(), 2.into(), "lead".into()], "handle"),
        (vec![1.into(), "ada".into(), Value::from(true)], "role"),
    ];
    for (row, field) in wrong {
        let row: Vec<Option<Value>> = row.into_iter().map(Some).collect();
        let insert = Operation::Insert(Insert::of(member.clone(), vec![row]));
        let law = "V10: a row holds its columns' types";
        refused_at(db.backend().run(&context, insert).await, ErrorKind::InvalidQuery, "member", field, law);
    }
    assert_eq!(rows.count(all()).await?, 0, "V10: nothing was written");
    Ok(())
}

pub async fn v10_an_entity_outside_the_portable_types_is_refused_by_field(db: Database) -> Proof {
    let entities = [EntityInfo::of::<outside::Entity>()];
    let law = "V10: a decimal says its digits";
    refused_at(db.create_tables(&entities).await, ErrorKind::Unsupported, "outside", "price", law);
    refused_at(db.verify(&entities).await, ErrorKind::Unsupported, "outside", "price", law);
    let rows = db.repository::<outside::Entity>();
    refused_at(rows.find(all()).await, ErrorKind::Unsupported, "outside", "price", law);
    refused_at(rows.get(1).await, ErrorKind::Unsupported, "outside", "price", law);
    Ok(())
}

pub async fn v10_a_table_that_was_just_made_breaks_no_law(db: Database) -> Proof {
    let entities = crate::entities![
        everything, ledger, maybe, member, node, person, pet, visit, stamp, note, preset, renamed, tally, word
    ];
    db.create_tables(&entities).await?;
    let found = db.verify(&entities).await?;
    let of_tables: Vec<_> = found.iter().filter(|finding| finding.entity.is_some()).collect();
    assert!(of_tables.is_empty(), "V10: what our own DDL made is what the entities say: {of_tables:#?}");
    Ok(())
}

pub async fn v10_a_table_that_differs_from_its_entity_is_found(db: Database) -> Proof {
    table::<word::Entity>(&db).await?;
    let found = db.verify(&crate::entities![word_with_state, ghost]).await?;
    let at = |entity: &str, field: Option<&str>| {
        let here = |finding: &&Finding| {
            finding.entity.as_deref() == Some(entity) && finding.field.as_deref() == field && finding.law == "W1"
        };
        found.iter().filter(here).count()
    };
    assert_eq!(at("word", Some("state")), 1, "V10: the column that the table lacks is named once: {found:#?}");
    assert_eq!(at("ghost", None), 1, "V10: a table that was never made is named: {found:#?}");
    Ok(())
}
