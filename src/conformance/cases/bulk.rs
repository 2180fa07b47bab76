//! Laws W6, Q10: many rows at once, in order, all or nothing.

use crate::{
    Database, ErrorKind, all, col,
    conformance::{
        check::{Proof, refused, table},
        entities::{maybe, node, person, preset, tally, word},
    },
    repository::InsertOptions,
};
use sea_orm::Set;
use std::sync::{Arc, Mutex};

/// 5,000 rows of 12 columns: 60,000 values, more than SQLite takes in one statement, and with the key nearly PostgreSQL's.
const ROWS: i32 = 5_000;

pub async fn w6_many_rows_come_back_in_order(db: Database) -> Proof {
    let rows = table::<tally::Entity>(&db).await?;
    let inserted = rows.insert_many((0..ROWS).rev().map(tally::row).collect::<Vec<_>>()).await?;
    assert_eq!(inserted.len(), 5_000, "W6: every row comes back");
    let numbers = inserted.iter().map(|row| row.number);
    assert!(numbers.eq((0..ROWS).rev()), "W6: in the order in which they were given");
    let ids: Vec<i64> = inserted.iter().map(|row| row.id).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "W6, W7: each with its own key, growing in that order");
    let stored = rows.find(all().order_by(col(tally::COLUMN.id).asc())).await?;
    assert!(stored == inserted, "V1: every row is read as it was returned");
    Ok(())
}

pub async fn w6_a_bulk_insert_is_all_or_nothing(db: Database) -> Proof {
    let rows = table::<tally::Entity>(&db).await?;
    rows.insert(tally::row(ROWS)).await?;
    let answer = rows.insert_many((0..=ROWS).map(tally::row).collect::<Vec<_>>()).await;
    let answer = answer.map(|rows| rows.len());
    refused(answer, ErrorKind::UniqueViolation, "W6: the last of 5,001 rows collides");
    assert_eq!(rows.count(all()).await?, 1, "W6: so none of the others is left");
    Ok(())
}

pub async fn w6_a_value_refused_in_the_last_row_leaves_nothing(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let mut new: Vec<_> = (0..3_000).map(maybe::row).collect();
    new.push(maybe::ActiveModel { score: Set(Some(f64::NAN)), ..maybe::row(3_000) });
    refused(
        rows.insert_many(new).await.map(|rows| rows.len()),
        ErrorKind::InvalidValue,
        "W6: the last row holds a NaN",
    );
    assert_eq!(rows.count(all()).await?, 0, "W6: all or nothing");
    Ok(())
}

pub async fn w6_a_table_far_wider_than_a_statement_is_filled(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    // 26 columns: 78,000 values are more than any server takes at once.
    let inserted = rows.insert_many((0..3_000).map(maybe::row).collect::<Vec<_>>()).await?;
    assert!(inserted.iter().map(|row| row.id).eq(0..3_000), "W6, Q10: all rows, in order");
    assert_eq!(rows.count(all()).await?, 3_000, "W6: all rows are there");
    Ok(())
}

pub async fn w6_defaults_apply_to_each_row(db: Database) -> Proof {
    let rows = table::<preset::Entity>(&db).await?;
    let base = |id| preset::ActiveModel { id: Set(id), ..Default::default() };
    let inserted = rows
        .insert_many([
            base(1),
            preset::ActiveModel { weight: Set(1), ..base(2) },
            preset::ActiveModel { status: Set("old".into()), score: Set(None), ..base(3) },
            preset::ActiveModel { active: Set(false), ..base(4) },
        ])
        .await?;
    let row =
        |id, status: &str, weight, active, score| preset::Model { id, status: status.into(), weight, active, score };
    let expected = [
        row(1, "new 'one'", 7, true, Some(0.5)),
        row(2, "new 'one'", 1, true, Some(0.5)),
        row(3, "old", 7, true, None),
        row(4, "new 'one'", 7, false, Some(0.5)),
    ];
    assert_eq!(inserted, expected, "W6: what one row sets is not what another takes");
    assert_eq!(rows.find(all().order_by(col(preset::COLUMN.id).asc())).await?, expected, "V1: and so they are read");
    Ok(())
}

pub async fn w6_rows_that_set_different_columns_stand_in_one_insert(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    let inserted = rows
        .insert_many([
            person::row("a"),
            person::ActiveModel { id: Set(1_000), ..person::row("b") },
            person::ActiveModel { email: Set(Some("c@x".into())), ..person::row("c") },
            person::ActiveModel { age: Set(Some(5)), ..person::row("d") },
        ])
        .await?;
    let names: Vec<_> = inserted.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c", "d"], "W6: in order, whatever each sets");
    assert_eq!(inserted[1].id, 1_000, "W6: a key that is given is kept");
    assert_eq!((inserted[2].email.as_deref(), inserted[3].age), (Some("c@x"), Some(5)), "W6: and so is all else");
    for row in inserted {
        assert_eq!(rows.get(row.id).await?, Some(row), "V1: each is read as it was returned, under its own key");
    }
    Ok(())
}

pub async fn w6_concurrent_bulk_inserts_get_their_own_rows_back(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    let tasks = (0..4).map(|task| {
        let rows = rows.clone();
        tokio::spawn(async move {
            let names: Vec<String> = (0..50).map(|n| format!("{task}-{n}")).collect();
            let inserted = rows.insert_many(names.iter().map(|name| person::row(name)).collect::<Vec<_>>()).await?;
            Ok::<_, crate::Error>((names, inserted))
        })
    });
    for task in futures::future::join_all(tasks).await {
        let (names, inserted) = match task {
            Ok(ended) => ended?,
            Err(error) => panic!("W6: a task of the case ended with {error}"),
        };
        assert!(inserted.iter().map(|row| &row.name).eq(&names), "W6: the rows of one insert, in its order");
        for row in inserted.iter().step_by(17) {
            assert_eq!(rows.get(row.id).await?.as_ref(), Some(row), "W6: under the keys that came back");
        }
    }
    assert_eq!(rows.count(all()).await?, 200, "W6: nothing is lost");
    Ok(())
}

pub async fn w6_one_row_is_a_bulk_of_one(db: Database) -> Proof {
    let rows = table::<word::Entity>(&db).await?;
    let inserted = rows.insert_many([word::row(1, "a")]).await?;
    assert_eq!(inserted, [word::Model { id: 1, text: "a".into(), prose: "a".into() }], "W6: the row");
    Ok(())
}

pub async fn w6_progress_is_told_every_500_rows_and_at_the_end(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let told: Arc<Mutex<Vec<(u64, u64)>>> = Arc::default();
    let heard = Arc::clone(&told);
    let options = || {
        let heard = Arc::clone(&heard);
        InsertOptions::default().progress(move |done, all| {
            if let Ok(mut heard) = heard.lock() {
                heard.push((done, all));
            }
        })
    };
    let take = || told.lock().map(|mut told| std::mem::take(&mut *told)).unwrap_or_default();
    rows.insert_many_with((0..1_700).map(maybe::row).collect::<Vec<_>>(), options()).await?;
    assert_eq!(take(), [(500, 1_700), (1_000, 1_700), (1_500, 1_700), (1_700, 1_700)], "W6: as it goes");
    rows.insert_many_with((1_700..2_200).map(maybe::row).collect::<Vec<_>>(), options()).await?;
    assert_eq!(take(), [(500, 500)], "W6: the last one is all of them, once");
    rows.insert_many_with(vec![maybe::row(5_000)], options()).await?;
    assert_eq!(take(), [(1, 1)], "W6: one is all");
    rows.insert_many_with(Vec::<maybe::ActiveModel>::new(), options()).await?;
    assert_eq!(take(), [], "W6: none is nothing to tell");
    let answer = rows.insert_many_with(vec![maybe::row(9_000), maybe::row(0)], options()).await;
    refused(answer.map(|rows| rows.len()), ErrorKind::UniqueViolation, "W6: it is there");
    assert_eq!(take(), [], "W6: what fails at once was never on its way");
    let upsert = crate::repository::InsertOptions { upsert: Some(vec!["id"]), ..options() };
    let some = (0..600).map(|id| maybe::ActiveModel { small: Set((id % 2 == 0).then_some(1)), ..maybe::row(id) });
    rows.insert_many_with(some.collect::<Vec<_>>(), upsert).await?;
    assert_eq!(take(), [(500, 600), (600, 600)], "W6: of an upsert too");
    Ok(())
}

pub async fn w6_each_row_is_updated_with_its_own_values(db: Database) -> Proof {
    let rows = table::<tally::Entity>(&db).await?;
    let inserted = rows.insert_many((0..700).map(tally::row).collect::<Vec<_>>()).await?;
    let change =
        |row: &tally::Model| tally::ActiveModel { id: Set(row.id), a: Set(row.a + 1_000), ..Default::default() };
    let updated = rows.update_each(inserted.iter().rev().map(change).collect::<Vec<_>>()).await?;
    let expected: Vec<_> = inserted.iter().rev().map(|row| tally::Model { a: row.a + 1_000, ..row.clone() }).collect();
    assert!(updated == expected, "W6: each with its own value, in order, and the rest as it was");
    let stored = rows.find(all().order_by(col(tally::COLUMN.id).desc())).await?;
    assert!(stored == expected, "V1: as it is read");
    let mut some: Vec<_> = inserted.iter().map(change).collect();
    some.push(tally::ActiveModel { id: Set(-1), a: Set(0), ..Default::default() });
    refused(rows.update_each(some).await.map(|rows| rows.len()), ErrorKind::NotFound, "W1: the last is not there");
    assert!(rows.find(all().order_by(col(tally::COLUMN.id).desc())).await? == expected, "W6: none is written");
    Ok(())
}

pub async fn w6_one_row_may_be_updated_twice_in_order(db: Database) -> Proof {
    let rows = table::<preset::Entity>(&db).await?;
    let row = |weight| preset::ActiveModel { id: Set(1), weight: Set(weight), ..Default::default() };
    rows.insert(row(1)).await?;
    let updated = rows.update_each([row(2), row(3)]).await?;
    assert_eq!(updated.iter().map(|row| row.weight).collect::<Vec<_>>(), [2, 3], "W6: each as it was then");
    assert_eq!(rows.get(1).await?.map(|row| row.weight), Some(3), "W6: the last one stays");
    Ok(())
}

pub async fn w6_a_parent_may_stand_after_its_children(db: Database) -> Proof {
    let rows = table::<node::Entity>(&db).await?;
    let chain = (0..1_300).rev().map(|id| node::row(id, (id > 0).then(|| id - 1))).collect::<Vec<_>>();
    let inserted = rows.insert_many(chain).await?;
    assert!(inserted.iter().map(|row| row.id).eq((0..1_300).rev()), "W6: answered in the order given");
    let upserted =
        rows.upsert_many([node::row(2_000, Some(2_001)), node::row(2_001, Some(0))], [node::Column::Id]).await?;
    assert_eq!(upserted.iter().map(|row| row.id).collect::<Vec<_>>(), [2_000, 2_001], "W4: by upsert too");
    Ok(())
}

pub async fn w6_rows_that_are_parents_of_each_other_are_refused(db: Database) -> Proof {
    let rows = table::<node::Entity>(&db).await?;
    let ring = || [node::row(9, None), node::row(1, Some(2)), node::row(2, Some(1))];
    let law = "W6: neither can be first";
    let error = refused(rows.insert_many(ring()).await, ErrorKind::ForeignKeyViolation, law);
    assert_eq!(error.entity_name(), Some("node"), "W2: it is named");
    refused(rows.upsert_many(ring(), [node::Column::Id]).await, ErrorKind::ForeignKeyViolation, law);
    assert_eq!(rows.count(all()).await?, 0, "W6: nothing is left");
    rows.insert_many([node::row(1, None), node::row(2, Some(1))]).await?;
    let tied = rows.upsert_many(ring(), [node::Column::Id]).await?;
    assert_eq!(tied[1].parent_id, Some(2), "W4: where both are there, they may be tied");
    Ok(())
}
