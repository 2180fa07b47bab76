//! Law W1: missing rows, set fields and whole models.

use super::{ids, maybe_rows, words};
use crate::{
    Database, ErrorKind, all, col,
    conformance::{
        check::{Proof, refused, refused_at, table, there},
        entities::{ghost, maybe, member, person, preset, word_with_state},
    },
};
use sea_orm::{ActiveModelTrait, IntoActiveModel, NotSet, Set, Unchanged};

pub async fn w1_get_of_a_missing_row_is_none(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64], |row, value| row.big = Set(Some(value))).await?;
    assert_eq!(rows.get(7).await?, None, "W1: no row has this key");
    assert_eq!(rows.one(col(maybe::COLUMN.big).eq(7)).await?, None, "W1: no row matches");
    assert!(rows.get(0).await?.is_some(), "W1: the row that is there is found");
    Ok(())
}

pub async fn w1_one_is_the_first_in_the_order(db: Database) -> Proof {
    let rows = maybe_rows(&db, [2_i64, 3, 1], |row, value| row.big = Set(Some(value))).await?;
    let big = col(maybe::COLUMN.big);
    assert_eq!(there(rows.one(all().order_by(big.asc())).await?, "W1").id, 2, "W1: the least");
    assert_eq!(there(rows.one(all().order_by(big.desc())).await?, "W1").id, 1, "W1: the greatest");
    assert_eq!(there(rows.one(all().order_by(big.desc()).offset(1)).await?, "W1").id, 0, "W1: after an offset");
    Ok(())
}

pub async fn w1_exists_and_count_look_at_the_filter_alone(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64, 2, 3], |row, value| row.big = Set(Some(value))).await?;
    let big = col(maybe::COLUMN.big);
    assert_eq!(rows.count(big.gt(1).order_by(big.asc()).limit(1).offset(9)).await?, 2, "W1: the window does not count");
    assert!(rows.exists(big.gt(2)).await? && !rows.exists(big.gt(3)).await?, "W1: exists by the filter");
    Ok(())
}

pub async fn w1_update_of_a_missing_row_is_not_found(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64], |row, value| row.big = Set(Some(value))).await?;
    let answer = rows.update(maybe::ActiveModel { big: Set(Some(2)), ..maybe::row(7) }).await;
    let error = refused(answer, ErrorKind::NotFound, "W1: update of a missing row");
    assert_eq!(error.entity_name(), Some("maybe"), "W1: the error names the entity: {error}");
    assert_eq!(ids(&rows, all()).await?, [0], "W1: and no row is made");
    Ok(())
}

pub async fn w1_replace_of_a_missing_row_is_not_found(db: Database) -> Proof {
    let rows = table::<member::Entity>(&db).await?;
    let answer = rows.replace(member::Model { team_id: 1, handle: "a".into(), role: "r".into() }).await;
    refused(answer, ErrorKind::NotFound, "W1: replace does not insert");
    assert_eq!(rows.count(all()).await?, 0, "W1: nothing was inserted");
    Ok(())
}

pub async fn w1_update_writes_the_set_fields_alone(db: Database) -> Proof {
    let rows = table::<maybe::Entity>(&db).await?;
    let row = maybe::ActiveModel { big: Set(Some(1)), name: Set(Some("n".into())), ..maybe::row(1) };
    rows.insert(row).await?;
    let change = maybe::ActiveModel { big: Set(Some(2)), name: Unchanged(Some("other".into())), ..maybe::row(1) };
    let updated = rows.update(change).await?;
    assert_eq!((updated.big, updated.name.as_deref()), (Some(2), Some("n")), "W1: Unchanged and NotSet stay");
    let nulled = rows.update(maybe::ActiveModel { name: Set(None), ..maybe::row(1) }).await?;
    assert_eq!((nulled.big, nulled.name), (Some(2), None), "W1: a field set to null becomes null");
    assert_eq!(there(rows.get(1).await?, "W1").big, Some(2), "W1: and so it is read");
    Ok(())
}

pub async fn w1_update_with_nothing_set_returns_the_row(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64], |row, value| row.big = Set(Some(value))).await?;
    let row = rows.update(maybe::row(0)).await?;
    assert_eq!(row.big, Some(1), "W1: the row as it is");
    let unchanged = rows.update(row.clone().into_active_model()).await?;
    assert_eq!(unchanged, row, "W1: a model turned into an ActiveModel has nothing set");
    refused(rows.update(maybe::row(7)).await, ErrorKind::NotFound, "W1: missing all the same");
    Ok(())
}

pub async fn w1_update_to_the_same_values_finds_its_row(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64], |row, value| row.big = Set(Some(value))).await?;
    let same = rows.update(maybe::ActiveModel { big: Set(Some(1)), ..maybe::row(0) }).await?;
    assert_eq!(same.big, Some(1), "W1, W5: a row that need not change is not missing");
    Ok(())
}

pub async fn w1_update_without_a_key_is_refused(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64], |row, value| row.big = Set(Some(value))).await?;
    let answer = rows.update(maybe::ActiveModel { big: Set(Some(9)), ..Default::default() }).await;
    refused_at(answer, ErrorKind::InvalidQuery, "maybe", "id", "W1: which row?");
    let members = table::<member::Entity>(&db).await?;
    let answer = members.update(member::ActiveModel { handle: NotSet, ..member::row(1, "", "r") }).await;
    refused_at(answer, ErrorKind::InvalidQuery, "member", "handle", "W1: half a key is none");
    assert_eq!(there(rows.get(0).await?, "W1").big, Some(1), "W1: nothing was changed");
    Ok(())
}

pub async fn w1_replace_writes_every_field(db: Database) -> Proof {
    let rows = maybe_rows(&db, ["n"], |row, name| (row.name, row.big) = (Set(Some(name.into())), Set(Some(1)))).await?;
    let model = maybe::Model { name: None, whole: Some(3), ..there(rows.get(0).await?, "W1") };
    let replaced = rows.replace(model.clone()).await?;
    assert_eq!(replaced, model, "W1: replace writes null and values alike");
    assert_eq!(rows.get(0).await?, Some(model), "W1: and so it is read");
    Ok(())
}

pub async fn w1_several_updates_are_all_or_nothing(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64, 2], |row, value| row.big = Set(Some(value))).await?;
    let to = |id, big| maybe::ActiveModel { big: Set(Some(big)), ..maybe::row(id) };
    let updated = rows.update_rows(vec![to(1, 20), to(0, 10)]).await?;
    assert_eq!(updated.iter().map(|row| row.big).collect::<Vec<_>>(), [Some(20), Some(10)], "W1: in the same order");
    let answer = rows.update_rows(vec![to(0, 100), to(7, 700), to(1, 200)]).await;
    refused(answer, ErrorKind::NotFound, "W1: one row is missing");
    assert_eq!(there(rows.get(0).await?, "T1").big, Some(10), "T1: so nothing is written");
    Ok(())
}

pub async fn w1_delete_says_whether_a_row_was_there(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64, 2], |row, value| row.big = Set(Some(value))).await?;
    assert!(rows.delete(0).await?, "W1: the row was there");
    assert!(!rows.delete(0).await?, "W1: it is gone");
    assert_eq!(ids(&rows, all()).await?, [1], "W1: the other stays");
    Ok(())
}

pub async fn w1_composite_keys_find_update_and_delete_their_row(db: Database) -> Proof {
    let rows = table::<member::Entity>(&db).await?;
    rows.insert_many([member::row(1, "a", "x"), member::row(1, "b", "x"), member::row(2, "a", "x")]).await?;
    let updated = rows.update(member::row(1, "b", "captain")).await?;
    assert_eq!((updated.team_id, updated.handle.as_str()), (1, "b"), "W1: the row of both columns");
    assert_eq!(rows.count(col(member::COLUMN.role).eq("captain")).await?, 1, "W1: and no other");
    assert!(rows.delete((2, "a".to_owned())).await?, "W1: deleted by both columns");
    assert_eq!(rows.get((2, "a".to_owned())).await?, None, "W1: gone");
    assert_eq!(rows.count(all()).await?, 2, "W1: the others stay");
    Ok(())
}

pub async fn w1_a_key_does_not_change(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64], |row, value| row.big = Set(Some(value))).await?;
    let key = col(maybe::COLUMN.id);
    let law = "W1: a key does not change";
    refused_at(rows.update_many(key.eq(0), [key.set(5)]).await, ErrorKind::InvalidQuery, "maybe", "id", law);
    refused_at(rows.update_many(key.eq(0), [key.increment(5)]).await, ErrorKind::InvalidQuery, "maybe", "id", law);
    assert_eq!(ids(&rows, all()).await?, [0], "W1: it did not");
    Ok(())
}

pub async fn w1_insert_takes_a_model_or_an_active_model(db: Database) -> Proof {
    let rows = table::<member::Entity>(&db).await?;
    let model = member::Model { team_id: 1, handle: "m".into(), role: "r".into() };
    assert_eq!(rows.insert(model.clone()).await?, model, "W1: a model writes all its fields");
    assert_eq!(rows.insert(member::row(1, "a", "r")).await?.handle, "a", "W1: an ActiveModel what it sets");
    let unchanged = member::Model { team_id: 2, ..model.clone() }.into_active_model();
    assert_eq!(rows.insert(unchanged).await?.team_id, 2, "W1: what is Unchanged is known, so it is inserted too");
    let reset = member::Model { team_id: 3, ..model }.into_active_model().reset_all();
    assert_eq!(rows.insert(reset).await?.team_id, 3, "W1: so is what is Set");
    Ok(())
}

pub async fn w1_what_is_not_set_takes_its_default(db: Database) -> Proof {
    let rows = table::<preset::Entity>(&db).await?;
    let row = rows.insert(preset::ActiveModel { id: Set(1), ..Default::default() }).await?;
    let expected = preset::Model { id: 1, status: "new 'one'".into(), weight: 7, active: true, score: Some(0.5) };
    assert_eq!(row, expected, "W1: the defaults of the entity");
    assert_eq!(rows.get(1).await?, Some(row), "V1: and so they are read");
    let set = preset::ActiveModel { id: Set(2), score: Set(None), active: Set(false), ..Default::default() };
    let row = rows.insert(set).await?;
    assert_eq!((row.score, row.active, row.weight), (None, false, 7), "W1: null and false that are set are no default");
    Ok(())
}

pub async fn w1_a_table_that_was_never_made_is_named(db: Database) -> Proof {
    let rows = db.repository::<ghost::Entity>();
    let law = "W1: the table is not there";
    let row = || ghost::ActiveModel { id: Set(1), name: Set("n".into()) };
    let errors = [
        refused(rows.get(1).await, ErrorKind::TableNotFound, law),
        refused(rows.count(all()).await, ErrorKind::TableNotFound, law),
        refused(rows.insert(row()).await, ErrorKind::TableNotFound, law),
        refused(rows.update(row()).await, ErrorKind::TableNotFound, law),
        refused(rows.delete(1).await, ErrorKind::TableNotFound, law),
    ];
    for error in errors {
        assert_eq!(error.entity_name(), Some("ghost"), "W1: the error names the entity: {error}");
    }
    Ok(())
}

pub async fn s1_making_tables_again_touches_nothing(db: Database) -> Proof {
    let people = table::<person::Entity>(&db).await?;
    people.insert(person::row("p")).await?;
    db.create_tables(&crate::entities![person, member]).await?;
    assert_eq!(people.count(all()).await?, 1, "S1: a table that is there is left as it is");
    assert_eq!(db.repository::<member::Entity>().count(all()).await?, 0, "S1: one that is not is made");
    Ok(())
}

pub async fn w1_a_closed_database_refuses_every_call(db: Database) -> Proof {
    let rows = maybe_rows(&db, [1_i64], |row, value| row.big = Set(Some(value))).await?;
    let clone = db.clone();
    db.close().await?;
    let law = "W1: a closed database says so";
    refused(rows.get(0).await, ErrorKind::Closed, law);
    refused(rows.insert(maybe::row(5)).await, ErrorKind::Closed, law);
    refused(clone.begin(crate::TransactionOptions::default()).await, ErrorKind::Closed, law);
    clone.close().await?;
    Ok(())
}

pub async fn w1_a_column_that_the_table_lacks_is_told_and_nothing_is_touched(db: Database) -> Proof {
    let rows = words(&db, &["a", "b"]).await?;
    let wider = db.repository::<word_with_state::Entity>();
    let state = col(word_with_state::COLUMN.state);
    refused(wider.find(all()).await, ErrorKind::SchemaMismatch, "W1");
    refused(wider.delete_many(state.ne("done")).await, ErrorKind::SchemaMismatch, "W1");
    refused(wider.update_many(state.ne("done"), [state.set("done")]).await, ErrorKind::SchemaMismatch, "W1");
    assert_eq!(rows.count(all()).await?, 2, "W1: both rows are there");
    Ok(())
}
