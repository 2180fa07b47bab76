//! The laws, through the repositories that a service holds.

mod constraint;
mod entity;
mod query;
mod scan;
mod schema;
mod transaction;
mod write;

use crate::prelude::*;
use entity::{alias, author, badge, book, node, note, place, remark, sample, tag};

/// A database with every table of these tests.
async fn database() -> Database {
    let db = Database::memory();
    // Children stand before their parents: the order in the list does not count.
    let tables = crate::entities![alias, badge, book, note, remark, tag, author, node, place, sample];
    db.create_tables(&tables).await.expect("tables");
    db
}

/// The error of a call that must fail.
fn refused<T: std::fmt::Debug>(result: Result<T>, kind: ErrorKind) -> Error {
    let error = result.expect_err("must be refused");
    assert_eq!(error.kind(), kind, "{error}");
    error
}

async fn author(db: &Database, code: &str) -> i32 {
    let row = author::ActiveModel { code: Set(code.into()), ..Default::default() };
    db.repository::<author::Entity>().insert(row).await.expect("an author").id
}

async fn book(db: &Database, author: i32) -> Result<book::Model> {
    let row = book::ActiveModel { author_id: Set(Some(author)), ..Default::default() };
    db.repository::<book::Entity>().insert(row).await
}
