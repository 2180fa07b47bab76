//! Steps: what a migration is made of. Each is neutral, says all that its reverse needs, and is written in the words of a server
//! only when it meets one.

mod column;
mod index;
mod make;
mod reverse;
#[cfg(test)]
mod tests;

pub use column::{
    ColumnBuilder, boolean, bytes, column, date, datetime, decimal, double, enumeration, instant, int8, int16, int32,
    int64, json, long_text, text, time, uint8, uint16, uint32, uint64, uuid,
};
pub(in crate::schema) use index::check;
pub use index::{IndexBuilder, ReferenceBuilder, index, reference};
pub use make::{
    Adding, Altering, Finish, Make, MakeTable, StepBuilder, add_check, add_column, add_foreign_key, add_index,
    alter_column, backfill, comment_column, comment_table, create_table, drop_check, drop_column, drop_foreign_key,
    drop_index, drop_table, gathered, rename_column, rename_index, rename_table, set_key, sql,
};

use super::{Check, Column, IndexDef, OnDelete, Table, Words};
use serde::{Deserialize, Serialize};

/// One step of a migration: what it does, and which of its risks its author has accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What it does.
    pub action: Action,
    /// The warnings that are accepted, each with a reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<Allowed>,
}

/// A warning that is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowed {
    /// The warning's code, such as `drops-column`.
    pub code: String,
    /// Why it is no danger here.
    pub reason: String,
}

impl From<Action> for Step {
    fn from(action: Action) -> Self {
        Self { action, allowed: Vec::new() }
    }
}

impl Step {
    /// Accepts a warning of this step, with the reason why it is no danger here.
    #[must_use]
    pub fn allow(mut self, code: impl Into<String>, reason: impl Into<String>) -> Self {
        self.allowed.push(Allowed { code: code.into(), reason: reason.into() });
        self
    }
}

/// One change of a schema, or of the rows in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "there are a few in a migration, and a box would stand in every pattern")]
pub enum Action {
    /// A table that is not there yet, with its keys and indexes.
    CreateTable(Table),
    /// A table that goes, with its rows.
    DropTable(Table),
    /// A table under a new name.
    RenameTable {
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// A column more.
    AddColumn {
        /// The table.
        table: String,
        /// The column.
        column: Column,
        /// What the rows that are there get; without it they get null, or the column's default where it has one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fill: Option<Words>,
    },
    /// A column that goes, with its values.
    DropColumn {
        /// The table.
        table: String,
        /// The column as it was.
        column: Column,
    },
    /// A column under a new name.
    RenameColumn {
        /// The table.
        table: String,
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// A column of another type, other values of an enum, another nullability.
    AlterColumn {
        /// The table.
        table: String,
        /// As it was; its name is the new one's. None where nobody knows: then there is no way back.
        from: Option<Column>,
        /// As it becomes.
        to: Column,
        /// The expression that makes the new value of the old one, where a cast does not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        using: Option<Words>,
        /// What rows with a null get, where it takes no null any more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fill: Option<Words>,
    },
    /// An index more.
    AddIndex {
        /// The table.
        table: String,
        /// The index.
        index: IndexDef,
    },
    /// An index that goes.
    DropIndex {
        /// The table.
        table: String,
        /// The index as it was.
        index: IndexDef,
    },
    /// An index under a new name.
    RenameIndex {
        /// The table.
        table: String,
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// A reference more.
    AddForeignKey {
        /// The table.
        table: String,
        /// The reference.
        key: Reference,
    },
    /// A reference that goes.
    DropForeignKey {
        /// The table.
        table: String,
        /// The reference as it was.
        key: Reference,
    },
    /// A check more.
    AddCheck {
        /// The table.
        table: String,
        /// The check.
        check: Check,
    },
    /// A check that goes.
    DropCheck {
        /// The table.
        table: String,
        /// The check as it was.
        check: Check,
    },
    /// Another primary key.
    SetKey {
        /// The table.
        table: String,
        /// Its columns as they were.
        from: Vec<String>,
        /// Its columns as they become.
        to: Vec<String>,
    },
    /// Another remark on a table or on a column.
    SetComment {
        /// The table.
        table: String,
        /// The column; none for the table itself.
        column: Option<Column>,
        /// As it was.
        from: Option<String>,
        /// As it becomes.
        to: Option<String>,
    },
    /// Statements of one's own.
    Sql(Sql),
    /// A change of all rows, in batches.
    Backfill(Backfill),
}

/// A reference as a step names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// Its name, bounded.
    pub name: String,
    /// The columns here.
    pub columns: Vec<String>,
    /// The parent.
    pub parent: String,
    /// The parent's columns.
    pub parent_columns: Vec<String>,
    /// What a delete of the parent does.
    pub on_delete: OnDelete,
}

/// A statement of one's own, and how to know that it was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sql {
    /// What it does, in a few words.
    pub what: String,
    /// The statement; nothing is done on a server that it says nothing for.
    pub up: Words,
    /// The way back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down: Option<Words>,
    /// A question whose first cell is true (`1`, `t`) where the statement was done: after a crash on a server without
    /// transactional DDL it tells whether to run it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<Words>,
    /// Whether it must stand outside a transaction, such as CREATE INDEX CONCURRENTLY.
    #[serde(default)]
    pub alone: bool,
}

/// A change of all rows of a table, some thousand at a time, each batch in a transaction with the place where the next begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backfill {
    /// The table.
    pub table: String,
    /// What is set: the column, and the expression in SQL.
    pub set: Vec<(String, Words)>,
    /// Which rows; all without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Words>,
    /// How many rows a batch has: 1 to 100,000, 1,000 unless said otherwise.
    pub batch: u32,
}

impl Action {
    /// The table that it is about; none for statements of one's own.
    #[must_use]
    pub fn table(&self) -> Option<&str> {
        match self {
            Self::CreateTable(table) | Self::DropTable(table) => Some(&table.name),
            Self::RenameTable { from, .. } => Some(from),
            Self::AddColumn { table, .. }
            | Self::DropColumn { table, .. }
            | Self::RenameColumn { table, .. }
            | Self::AlterColumn { table, .. }
            | Self::AddIndex { table, .. }
            | Self::DropIndex { table, .. }
            | Self::RenameIndex { table, .. }
            | Self::AddForeignKey { table, .. }
            | Self::DropForeignKey { table, .. }
            | Self::AddCheck { table, .. }
            | Self::DropCheck { table, .. }
            | Self::SetKey { table, .. }
            | Self::SetComment { table, .. } => Some(table),
            Self::Backfill(backfill) => Some(&backfill.table),
            Self::Sql(_) => None,
        }
    }
}
