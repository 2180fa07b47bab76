//! Steps that are whole with their name.

use super::{MakeTable, StepBuilder, built};
use crate::{
    Error, ErrorKind,
    schema::{
        Words, build,
        step::{
            Action,
            column::ColumnBuilder,
            index::{IndexBuilder, ReferenceBuilder, check},
        },
    },
};

/// A table that is not there yet, with its keys and indexes.
pub fn create_table(table: impl MakeTable) -> StepBuilder<Action> {
    StepBuilder::new(table.table().map(Action::CreateTable))
}

/// A table that goes, with its rows; said as it was, for the way back.
pub fn drop_table(table: impl MakeTable) -> StepBuilder<Action> {
    StepBuilder::new(table.table().map(Action::DropTable))
}

/// A table under a new name.
pub fn rename_table(from: &str, to: &str) -> StepBuilder<Action> {
    let name = to.split_once('.').map_or(to, |(_, name)| name);
    let made = build::named(name).map(|()| Action::RenameTable { from: from.to_owned(), to: to.to_owned() });
    StepBuilder::new(made.map_err(|error| error.entity(from)))
}

/// A column that goes, with its values; said as it was, for the way back.
pub fn drop_column(table: &str, column: ColumnBuilder) -> StepBuilder<Action> {
    StepBuilder::new(built(table, column).map(|column| Action::DropColumn { table: table.to_owned(), column }))
}

/// A column under a new name.
pub fn rename_column(table: &str, from: &str, to: &str) -> StepBuilder<Action> {
    let made = build::named(to).map_err(|error| error.entity(table).field(from));
    let (from, to) = (from.to_owned(), to.to_owned());
    StepBuilder::new(made.map(|()| Action::RenameColumn { table: table.to_owned(), from, to }))
}

/// An index more.
pub fn add_index(table: &str, index: IndexBuilder) -> StepBuilder<Action> {
    StepBuilder::new(index.build(table).map(|index| Action::AddIndex { table: table.to_owned(), index }))
}

/// An index that goes; said as it was, for the way back.
pub fn drop_index(table: &str, index: IndexBuilder) -> StepBuilder<Action> {
    StepBuilder::new(index.build(table).map(|index| Action::DropIndex { table: table.to_owned(), index }))
}

/// An index under a new name.
pub fn rename_index(table: &str, from: &str, to: &str) -> StepBuilder<Action> {
    let made = build::named(to).map_err(|error| error.entity(table).constraint(from));
    let (from, to) = (from.to_owned(), to.to_owned());
    StepBuilder::new(made.map(|()| Action::RenameIndex { table: table.to_owned(), from, to }))
}

/// A reference more.
pub fn add_foreign_key(table: &str, key: ReferenceBuilder) -> StepBuilder<Action> {
    StepBuilder::new(key.build(table).map(|key| Action::AddForeignKey { table: table.to_owned(), key }))
}

/// A reference that goes; said as it was, for the way back.
pub fn drop_foreign_key(table: &str, key: ReferenceBuilder) -> StepBuilder<Action> {
    StepBuilder::new(key.build(table).map(|key| Action::DropForeignKey { table: table.to_owned(), key }))
}

/// A check more, called `ck_<table>_<name>`, or as it is said where that begins with `ck_`.
pub fn add_check(table: &str, name: &str, condition: impl Into<Words>) -> StepBuilder<Action> {
    let made = check(table, name, condition.into());
    StepBuilder::new(made.map(|check| Action::AddCheck { table: table.to_owned(), check }))
}

/// A check that goes; said as it was, for the way back.
pub fn drop_check(table: &str, name: &str, condition: impl Into<Words>) -> StepBuilder<Action> {
    let made = check(table, name, condition.into());
    StepBuilder::new(made.map(|check| Action::DropCheck { table: table.to_owned(), check }))
}

/// Another primary key: its columns as they were, and as they become.
pub fn set_key(table: &str, from: &[&str], to: &[&str]) -> StepBuilder<Action> {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let made = if to.is_empty() {
        Err(Error::new(ErrorKind::SchemaMismatch, "a table has a primary key").entity(table))
    } else {
        Ok(Action::SetKey { table: table.to_owned(), from: owned(from), to: owned(to) })
    };
    StepBuilder::new(made)
}

/// Another remark on a table: as it was, and as it becomes.
pub fn comment_table(table: &str, from: Option<&str>, to: Option<&str>) -> StepBuilder<Action> {
    let (from, to) = (from.map(ToOwned::to_owned), to.map(ToOwned::to_owned));
    StepBuilder::new(Ok(Action::SetComment { table: table.to_owned(), column: None, from, to }))
}

/// Another remark on a column: as it was, and as it becomes.
pub fn comment_column(table: &str, column: ColumnBuilder, from: Option<&str>, to: Option<&str>) -> StepBuilder<Action> {
    let (from, to) = (from.map(ToOwned::to_owned), to.map(ToOwned::to_owned));
    let made = built(table, column);
    StepBuilder::new(made.map(|column| Action::SetComment { table: table.to_owned(), column: Some(column), from, to }))
}
