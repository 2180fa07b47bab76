//! Law W7: keys made by the application grow, keys made by the database are never reused.

use crate::{
    Database, all, col,
    conformance::{
        check::{Proof, table, there},
        entities::{note, person, ticket},
    },
};
use sea_orm::{Set, prelude::Uuid};

/// The tables of notes and of their authors.
async fn notes(db: &Database) -> crate::Result<crate::conformance::check::Rows<note::Entity>> {
    db.create_tables(&crate::entities![person, note]).await?;
    Ok(db.repository::<note::Entity>())
}

pub async fn w7_a_uuid_key_is_made_where_none_is_set(db: Database) -> Proof {
    let rows = notes(&db).await?;
    let inserted = rows.insert(note::row(None)).await?;
    assert_eq!(inserted.id.get_version_num(), 7, "W7: a UUIDv7");
    assert_eq!(rows.get(inserted.id).await?, Some(inserted), "W7: under which the row is found");
    Ok(())
}

pub async fn w7_uuid_keys_grow(db: Database) -> Proof {
    let rows = notes(&db).await?;
    let mut ids = vec![rows.insert(note::row(None)).await?.id];
    ids.extend(rows.insert_many((0..200).map(|_| note::row(None)).collect::<Vec<_>>()).await?.iter().map(|row| row.id));
    ids.push(rows.insert(note::row(None)).await?.id);
    assert!(ids.is_sorted_by(|a, b| a < b), "W7: each key is above the one before");
    let stored = rows.find(all().order_by(col(note::COLUMN.id).asc())).await?;
    assert!(stored.iter().map(|row| row.id).eq(ids), "W7, V9: the order of keys is the order of inserts");
    Ok(())
}

pub async fn w7_a_narrow_key_is_made_by_the_database(db: Database) -> Proof {
    let rows = table::<ticket::Entity>(&db).await?;
    let first = rows.insert(ticket::row(2)).await?;
    let given = rows.insert(ticket::ActiveModel { id: Set(u16::MAX - 1), ..ticket::row(3) }).await?;
    let last = rows.insert(ticket::row(4)).await?;
    assert_eq!((first.id, given.id, last.id), (1, u16::MAX - 1, u16::MAX), "W7, V7: keys of 16 bits grow to their end");
    for row in [first, given, last] {
        assert_eq!(rows.get(row.id).await?, Some(row), "V1: and their rows are found");
    }
    Ok(())
}

pub async fn w7_a_uuid_key_that_is_set_is_kept(db: Database) -> Proof {
    let rows = notes(&db).await?;
    let id = Uuid::from_u128(42);
    let inserted = rows.insert(note::ActiveModel { id: Set(id), ..note::row(None) }).await?;
    assert_eq!(inserted.id, id, "W7: what is given is kept");
    Ok(())
}

pub async fn w7_integer_keys_grow(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    let mut ids = vec![rows.insert(person::row("a")).await?.id];
    ids.extend(rows.insert_many(["b", "c", "d"].map(person::row)).await?.iter().map(|row| row.id));
    ids.push(rows.insert(person::row("e")).await?.id);
    assert!(ids.is_sorted_by(|a, b| a < b), "W7: each key is above the one before: {ids:?}");
    assert!(ids[0] > 0, "W7: from 1");
    Ok(())
}

pub async fn w7_integer_keys_are_not_reused(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    let mut last = 0;
    for round in 0..4 {
        let row = rows.insert(person::row(&format!("p{round}"))).await?;
        assert!(row.id > last, "W7: {} was given before, to a row that was deleted", row.id);
        last = row.id;
        assert!(rows.delete(row.id).await?, "W1: the row was there");
    }
    rows.insert_many(["a", "b"].map(person::row)).await?;
    rows.delete_where(all(), crate::repository::Deletion::ByRule).await?;
    assert!(rows.insert(person::row("c")).await?.id > last + 2, "W7: also after the whole table was emptied");
    Ok(())
}

pub async fn w7_an_integer_key_that_is_given_moves_the_next_one(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    let given = rows.insert(person::ActiveModel { id: Set(500), ..person::row("a") }).await?;
    assert_eq!(given.id, 500, "W7: what is given is kept");
    let next = rows.insert(person::row("b")).await?;
    assert!(next.id > 500, "W7: the next key is above it, so that it never collides: {}", next.id);
    rows.insert(person::ActiveModel { id: Set(100), ..person::row("c") }).await?;
    let next = rows.insert(person::row("d")).await?;
    assert!(next.id > 501, "W7: a lower one moves nothing back: {}", next.id);
    rows.insert_many([person::ActiveModel { id: Set(900), ..person::row("e") }, person::row("f")]).await?;
    let next = rows.insert(person::row("g")).await?;
    assert!(next.id > 900, "W7: in bulk too: {}", next.id);
    assert_eq!(there(rows.get(100).await?, "W7").name, "c", "W7: each under its own key");
    Ok(())
}

pub async fn w7_keys_that_are_given_and_made_at_once_do_not_meet(db: Database) -> Proof {
    let rows = table::<person::Entity>(&db).await?;
    rows.insert(person::ActiveModel { id: Set(1_000), ..person::row("first") }).await?;
    let task = |task: i64| {
        let rows = std::sync::Arc::clone(&rows);
        async move {
            for n in 1..=40_i64 {
                let mut row = person::row(&format!("{task}-{n}"));
                // Two tasks give keys below those that the others are made: nothing that is made may come again.
                if task < 2 {
                    row.id = Set(task * 40 + n);
                }
                rows.insert(row).await?;
            }
            Ok::<_, crate::Error>(())
        }
    };
    for done in futures::future::join_all((0..6).map(task)).await {
        done?;
    }
    assert_eq!(rows.count(crate::all()).await?, 241, "W7: every one has a key of its own");
    Ok(())
}
