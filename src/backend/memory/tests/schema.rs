//! Which tables are made, and which are refused.

use super::{alias, author, book, refused, sample};
use crate::{
    Context, Result,
    backend::{Backend, memory::Memory},
    entities,
    prelude::*,
    repository::describe::describe,
    schema::{Index, Table},
};
use std::sync::Arc;

async fn create(tables: &[Table]) -> Result<()> {
    let tables: Vec<_> = tables.iter().cloned().map(Arc::new).collect();
    Memory::default().create_tables(&Context::default(), &tables).await
}

fn table<E: crate::Entity>() -> Table {
    Table::clone(&describe::<E>().expect("a table"))
}

#[tokio::test]
async fn a_table_that_is_there_stays_as_it_is() {
    let db = Database::memory();
    db.create_tables(&entities![author]).await.expect("created");
    super::author(&db, "a").await;
    db.create_tables(&entities![author, book, author]).await.expect("only what is missing");
    assert_eq!(db.repository::<author::Entity>().count(all()).await.expect("a count"), 1);
}

#[tokio::test]
async fn a_table_that_is_there_and_differs_is_refused() {
    let (old, mut new) = (table::<author::Entity>(), table::<author::Entity>());
    new.columns[1].nullable = true;
    let error = refused(create(&[old, new]).await, ErrorKind::SchemaMismatch);
    assert_eq!(error.entity_name(), Some("author"));
}

#[tokio::test]
async fn a_parent_that_is_nowhere_is_named_and_nothing_is_created() {
    let db = Database::memory();
    let error = refused(db.create_tables(&entities![sample, book]).await, ErrorKind::TableNotFound);
    assert_eq!((error.entity_name(), error.constraint_name()), (Some("author"), Some("fk_book_author_id")));
    refused(db.repository::<sample::Entity>().count(all()).await, ErrorKind::TableNotFound);
}

#[tokio::test]
async fn a_foreign_key_refers_to_unique_columns() {
    let mut parent = table::<author::Entity>();
    create(&[table::<alias::Entity>(), parent.clone()]).await.expect("the code is unique");
    parent.indexes.clear();
    let error = refused(create(&[table::<alias::Entity>(), parent]).await, ErrorKind::SchemaMismatch);
    assert_eq!((error.entity_name(), error.constraint_name()), (Some("alias"), Some("fk_alias_author_code")));
}

#[tokio::test]
async fn json_is_no_key_and_a_table_has_one() {
    let mut table = table::<sample::Entity>();
    let data = table.position("data").expect("a column");
    table.indexes.push(Index { name: "ix".into(), columns: vec![data], unique: false });
    let error = refused(create(&[table.clone()]).await, ErrorKind::Unsupported);
    assert_eq!(error.fields(), ["data"]);
    table.indexes.clear();
    table.key.clear();
    refused(create(&[table]).await, ErrorKind::Unsupported);
}

#[tokio::test]
async fn an_operation_on_another_definition_is_refused() {
    use crate::backend::{Delete, Operation};
    let (memory, context) = (Memory::default(), Context::default());
    let mut other = table::<sample::Entity>();
    memory.create_tables(&context, &[Arc::new(other.clone())]).await.expect("created");
    other.columns.pop();
    let delete = Delete::all(Arc::new(other));
    refused(memory.run(&context, Operation::Delete(delete)).await, ErrorKind::SchemaMismatch);
}

#[test]
fn what_is_printed_quotes_no_row() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    // Without a timer: nothing here waits.
    runtime.block_on(async {
        let db = Database::memory();
        db.create_tables(&entities![author]).await.expect("created");
        super::author(&db, "a secret").await;
        let printed = format!("{db:?}");
        assert!(printed.contains("author") && !printed.contains("secret"), "{printed}");
    });
}
