//! What a hole stands for is bound, and rows come back as structs or by name.

use crate::{
    entities::author,
    place::{Place, on_each, refused},
};
use sea_orm::FromQueryResult;
use seabed::{Database, ErrorKind, raw, raw::Raw};

on_each! {
    values_are_bound_and_never_written_into_the_text
    one_text_is_bound_with_values_of_several_types
    rows_are_structs_models_or_cells
    a_column_that_does_not_fit_is_named
    each_server_has_words_of_its_own
    a_script_runs_all_its_statements
}

#[derive(Debug, PartialEq, FromQueryResult)]
struct Named {
    id: i64,
    name: String,
}

async fn names(place: &Place) -> Database {
    let db = place.open(2).await;
    for name in ["Ann", "Ben", "it's; drop table author; --", "{id}"] {
        db.raw(raw!("insert into author (name) values ({name})")).execute().await.expect("inserted");
    }
    db
}

struct Wanted {
    name: &'static str,
    pair: (i32, String),
}

async fn values_are_bound_and_never_written_into_the_text(place: &Place) {
    let db = names(place).await;
    let wanted = Wanted { name: "it's; drop table author; --", pair: (0, "Ann".to_owned()) };
    let listed = ["Ben".to_owned(), "{id}".to_owned(), "nobody".to_owned()];
    let query = raw!(
        "select id, name from author where name in ({..listed}, {wanted.name}) or name = {wanted.pair.1} order by id"
    );
    let found: Vec<Named> = db.raw(query).all().await.expect("an answer");
    let found: Vec<&str> = found.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(found, ["Ann", "Ben", "it's; drop table author; --", "{id}"]);
    // The variables are still there, and a slice is a list too.
    let (slice, first) = (&listed[..2], &wanted.pair.1);
    let query = raw!("select id, name from author where name in ({..slice}) or name = {first}");
    assert_eq!(db.raw(query).rows().await.expect("an answer").len(), 3);
    let none: Option<String> = None;
    let query = raw!("select count(*) as found from author where name = {none}");
    assert_eq!(db.raw(query).rows().await.expect("an answer")[0].get::<i64>("found").expect("a number"), 0);
    let table = "author";
    let query = Raw::new(format!("update {table} set name = {{name}} where name in ({{..old}})"));
    let changed = db.raw(query.bind("name", "Bob").bind_all("old", ["Ben"])).execute().await.expect("changed");
    assert_eq!(changed, 1);
}

async fn one_text_is_bound_with_values_of_several_types(place: &Place) {
    let db = place.open(1).await;
    let text = || {
        Raw::new(
            "insert into sample (id, flag, small, big, score, price, name, data, extra, token, at, local, day, clock) \
        select id, flag, small, {big}, score, price, name, data, extra, token, at, local, day, clock from sample where big = {big}",
        )
    };
    for _ in 0..2 {
        for value in
            [sea_orm::Value::from(1_i16), 2_i32.into(), 3_u8.into(), 4_i64.into(), i64::MAX.into(), 5_u64.into()]
        {
            assert_eq!(db.raw(text().bind("big", value)).execute().await.expect("run"), 0);
        }
    }
}

async fn rows_are_structs_models_or_cells(place: &Place) {
    let db = names(place).await;
    let one: Option<Named> = db.raw(raw!("select * from author order by id limit 1")).one().await.expect("an answer");
    assert_eq!(one.expect("a row").name, "Ann");
    let model: Vec<author::Model> = db.raw(raw!("select * from author where name = 'Ben'")).all().await.expect("rows");
    assert_eq!(model[0].name, "Ben");
    let none: Option<Named> = db.raw(raw!("select * from author where name = 'Zoe'")).one().await.expect("an answer");
    assert_eq!(none, None);
    let rows = db.raw(raw!("select name, id from author order by id")).rows().await.expect("rows");
    assert_eq!(rows[0].columns(), ["name", "id"]);
    assert_eq!(rows[1].at::<String>(0).expect("text"), "Ben");
    assert_eq!(rows[1].get::<Option<i64>>("id").expect("a number"), Some(model[0].id));
    let ben = &model[0];
    assert_eq!(db.raw(raw!("delete from author where id > {ben.id}")).execute().await.expect("deleted"), 2);
}

async fn a_column_that_does_not_fit_is_named(place: &Place) {
    let db = names(place).await;
    let all = |query| async { db.raw(query).all::<Named>().await };
    let missing = refused(all(raw!("select id from author")).await, ErrorKind::InvalidQuery);
    let null = refused(all(raw!("select id, null as name from author")).await, ErrorKind::CorruptData);
    assert_eq!((missing.fields(), null.fields()), (&["name".to_owned()][..], &["name".to_owned()][..]));
    let wrong = refused(all(raw!("select name as id, name from author")).await, ErrorKind::CorruptData);
    assert_eq!(wrong.fields(), ["id"]);
    assert!(!wrong.to_string().contains("Ann") && !format!("{wrong:?}").contains("Ann"), "{wrong}");
    let rows = db.raw(raw!("select id, null as name from author")).rows().await.expect("rows");
    assert_eq!(refused(rows[0].get::<String>("nam"), ErrorKind::InvalidQuery).fields(), ["nam"]);
    assert_eq!(refused(rows[0].get::<String>("name"), ErrorKind::CorruptData).fields(), ["name"]);
    assert_eq!(refused(rows[0].at::<i64>(7), ErrorKind::InvalidQuery).fields(), ["7"]);
}

async fn each_server_has_words_of_its_own(place: &Place) {
    let db = names(place).await;
    let sign = "+";
    let query = raw!(
        sqlite: "select group_concat(name, {sign}) as names from author where id < 3",
        postgres: "select string_agg(name, {sign}) as names from author where id < 3",
        mysql: "select group_concat(name separator '+') as names from author where id < 3",
    );
    let rows = db.raw(query).rows().await.expect("rows");
    assert_eq!(rows[0].get::<String>("names").expect("text"), "Ann+Ben");
    let others = match place.dialect {
        sea_orm::DbBackend::Sqlite => raw!(postgres: "select 1", mysql: "select 1"),
        sea_orm::DbBackend::Postgres => raw!(sqlite: "select 1", mysql: "select 1"),
        _ => raw!(postgres: "select 1", sqlite: "select 1"),
    };
    let error = refused(db.raw(others).execute().await, ErrorKind::Unsupported);
    let name = db.info().product;
    assert!(error.message().contains(name), "{error}");
}

async fn a_script_runs_all_its_statements(place: &Place) {
    let db = place.open(1).await;
    db.raw_script("insert into author (name) values ('a;b'); -- one\ninsert into author (name) values ('c');")
        .await
        .expect("run");
    assert_eq!(db.raw(raw!("delete from author")).execute().await.expect("deleted"), 2);
    let failed = "insert into author (name) values ('d'); insert into nowhere values (1); insert into author (name) values ('e')";
    refused(db.raw_script(failed).await, ErrorKind::TableNotFound);
    let left = db.raw(raw!("select name from author")).rows().await.expect("rows").len();
    assert_eq!(left, usize::from(place.dialect != sea_orm::DbBackend::Postgres), "PostgreSQL takes a script as one");
}
