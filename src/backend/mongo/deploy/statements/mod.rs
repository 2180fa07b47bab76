//! A step in commands, on a database that has this. MongoDB keeps each command at once and undoes none, so each may be run again:
//! it says what is to be, or changes only rows that are not yet as they are to be.
//!
//! The rows are changed before the validator that asks for the change, and looked at between the two: MongoDB makes a validator
//! without a look at the rows.

mod alter;
mod column;
mod index;
mod reference;
mod table;
#[cfg(test)]
mod tests;

pub(super) use reference::{orphans, whole as parent};

use super::{said, text, validator::Validator};
use crate::{
    Error, ErrorKind, Result,
    schema::{Action, Done, Picture, Sql, Statement, picture::TablePicture},
};
use mongodb::bson::{Bson, Document, doc};

/// The commands of an action. A backfill has none: who applies it runs it batch by batch.
///
/// # Errors
/// `Unsupported` with entity and field for what MongoDB cannot do; `SchemaMismatch` where the database lacks what the action is
/// about.
pub(super) fn statements(action: &Action, have: &Picture) -> Result<Vec<Statement>> {
    let place = |table| Place::of(table, have);
    match action {
        Action::CreateTable(table) => table::create(table),
        Action::DropTable(table) => table::drop_it(table, have),
        Action::RenameTable { from, to } => Ok(table::rename(&place(from)?, to)),
        Action::AddColumn { table, column, fill } => column::add(&place(table)?, column, fill.as_ref()),
        Action::DropColumn { table, column } => column::drop_it(&place(table)?, &column.name),
        Action::RenameColumn { table, from, to } => column::rename(&place(table)?, from, to),
        Action::AlterColumn { table, from, to, using, fill } => {
            let change = alter::Change { from: from.as_ref(), to, using: using.as_ref(), fill: fill.as_ref() };
            alter::alter(&place(table)?, &change)
        }
        Action::AddIndex { table, index } => index::add(&place(table)?, index),
        Action::DropIndex { table, index } => index::drop_it(&place(table)?, index),
        Action::RenameIndex { table, from, to } => index::rename(&place(table)?, from, to),
        Action::AddForeignKey { table, key } => reference::add(&place(table)?, key),
        Action::DropForeignKey { table, key } => reference::drop_it(&place(table)?, key),
        Action::AddCheck { table, check } | Action::DropCheck { table, check } => {
            let at = |error: Error| error.entity(table).constraint(&check.name);
            match said(&check.condition).map_err(at)? {
                None => Ok(Vec::new()),
                Some(_) => Err(at(Error::unsupported("MongoDB has no checks here but those of a column's type"))),
            }
        }
        Action::SetKey { table, to, .. } => index::set_key(&place(table)?, to),
        // It keeps no remarks.
        Action::SetComment { .. } | Action::Backfill(_) => Ok(Vec::new()),
        Action::Sql(sql) => own(sql),
    }
}

/// A command of one's own.
fn own(sql: &Sql) -> Result<Vec<Statement>> {
    let Some(up) = said(&sql.up)? else { return Ok(Vec::new()) };
    text::document(up)?;
    let probe = sql.probe.as_ref().map(said).transpose()?.flatten();
    let done = probe.map_or(Done::Unknown, |probe| Done::Asked(probe.to_owned()));
    Ok(vec![Statement { sql: up.to_owned(), alone: sql.alone, done }])
}

/// One collection that is there.
struct Place<'a> {
    name: &'a str,
    live: &'a TablePicture,
    have: &'a Picture,
    validator: Validator,
}

impl<'a> Place<'a> {
    fn of(name: &'a str, have: &'a Picture) -> Result<Self> {
        let missing = || Error::new(ErrorKind::SchemaMismatch, "the database has no such collection").entity(name);
        let live = have.tables.get(name).ok_or_else(missing)?;
        Ok(Self { name, live, have, validator: Validator::of(live, name)? })
    }

    /// That it has a column.
    fn has(&self, column: &str) -> Result<()> {
        if self.validator.property(column).is_some() {
            return Ok(());
        }
        Err(self.fault("the collection has no such column", column))
    }

    /// That no condition that somebody put into the validator names it.
    fn is_free(&self, column: &str) -> Result<()> {
        if self.validator.is_named(column) {
            return Err(self.fault("a condition made by hand in the validator names the column: it goes first", column));
        }
        Ok(())
    }

    fn fault(&self, why: &str, column: &str) -> Error {
        Error::new(ErrorKind::SchemaMismatch, why.to_owned()).entity(self.name).field(column)
    }

    fn validated(&self, validator: &Validator) -> Statement {
        again(doc! {
            "collMod": self.name, "validator": validator.document(), "validationLevel": "strict", "validationAction": "error",
        })
    }

    /// Changes the rows that a filter finds.
    fn updated(&self, filter: Document, update: impl Into<Bson>) -> Statement {
        again(doc! { "update": self.name, "updates": [{ "q": filter, "u": update.into(), "multi": true }] })
    }

    /// Refuses to go on while a filter finds rows.
    fn none(&self, filter: Document, or: &str, field: &str) -> Statement {
        again(doc! { "expectNone": counting(self.name, filter), "else": or, "entity": self.name, "fields": [field] })
    }

    /// Those who refer to rows of this collection, each with its collection.
    fn children(&self) -> impl Iterator<Item = (&'a String, &'a crate::schema::picture::ForeignKeyPicture)> {
        let name = self.name;
        let all =
            self.have.tables.iter().flat_map(|(child, table)| table.foreign_keys.iter().map(move |key| (child, key)));
        all.filter(move |(_, key)| key.parent == name)
    }
}

/// A question that counts the rows that a filter finds.
pub(super) fn counting(collection: &str, filter: Document) -> Document {
    doc! { "aggregate": collection, "pipeline": [{ "$match": filter }, { "$count": "n" }], "cursor": {} }
}

/// A command that may be run again.
fn again(command: Document) -> Statement {
    done(command, Done::Again)
}

fn done(command: Document, done: Done) -> Statement {
    Statement { sql: text::written(&command), alone: false, done }
}
