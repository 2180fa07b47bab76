//! A step in the words of one server, on a database that has this.
//!
//! One file per dialect, the same functions in each: `Dialect`. A text depends on what is there as little as it can: after a
//! crash on a server that commits at every DDL statement it is asked for again, and must come out the same.

mod beside;
mod constant;
mod found;
mod mysql;
mod place;
mod postgres;
mod rebuild;
mod sqlite;
#[cfg(test)]
mod tests;
mod tokens;

use super::index;
use crate::{
    Error, ErrorKind, Result,
    schema::{Action, Check, Column, Done, Flavor, IndexDef, Picture, Reference, Sql, Statement, Table, Words},
};
pub(crate) use beside::concurrently;
use place::Place;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub(in crate::schema::ddl) use rebuild::Anew;
pub(in crate::schema) use tokens::is_reserved;

/// The statements of a step, each of which is whole by itself, so that a journal can tell them apart. A [`Backfill`] has none:
/// who applies it runs it batch by batch.
///
/// ```
/// use seabed::schema::{Action, Flavor, Picture, build, ddl};
/// let note = build::table("note").uuid("id").text("title", 80).primary_key(&["id"]).index(&["title"]).build()?;
/// let statements = ddl::step::statements(&Action::CreateTable(note), &Picture::default(), Flavor::Postgres)?;
/// assert_eq!(statements[1].sql, r#"CREATE INDEX "ix_note_title" ON "note" ("title")"#);
/// # Ok::<_, seabed::Error>(())
/// ```
///
/// [`Backfill`]: Action::Backfill
///
/// # Errors
/// `Unsupported` with entity and field for what this server cannot do; `SchemaMismatch` where the database lacks what the step
/// is about.
pub fn statements(action: &Action, have: &Picture, flavor: Flavor) -> Result<Vec<Statement>> {
    let dialect: &dyn Dialect = match flavor {
        Flavor::Sqlite => &sqlite::Words,
        Flavor::Postgres => &postgres::Words,
        Flavor::MySql | Flavor::MariaDb => &mysql::Words,
    };
    let place = |table| Place::of(table, have, flavor);
    match action {
        Action::CreateTable(table) => create_table(table, flavor),
        Action::DropTable(table) => {
            let done = Done::NoTable(whole(table));
            Ok(vec![Statement { sql: super::drop_table(table, flavor, false), alone: false, done }])
        }
        Action::RenameTable { from, to } => dialect.rename_table(&place(from), to),
        Action::AddColumn { table, column, fill } => dialect.add_column(&place(table), column, fill.as_ref()),
        Action::DropColumn { table, column } => {
            let place = place(table);
            place.free(&column.name)?;
            dialect.drop_column(&place, column)
        }
        Action::RenameColumn { table, from, to } => dialect.rename_column(&place(table), from, to),
        Action::AlterColumn { table, from, to, using, fill } => {
            let change = Change { from: from.as_ref(), to, using: using.as_ref(), fill: fill.as_ref() };
            dialect.alter_column(&place(table), &change)
        }
        Action::AddIndex { table, index } => dialect.add_index(&place(table), index),
        Action::DropIndex { table, index } => {
            let place = place(table);
            match index::written(table, index, |name| place.nullable(name), flavor) {
                Ok(None) => Ok(Vec::new()),
                _ => dialect.drop_index(&place, index),
            }
        }
        Action::RenameIndex { table, from, to } => dialect.rename_index(&place(table), from, to),
        Action::AddForeignKey { table, key } => dialect.add_foreign_key(&place(table), key),
        Action::DropForeignKey { table, key } => dialect.drop_foreign_key(&place(table), key),
        Action::AddCheck { table, check } => match check.condition.on(flavor) {
            Some(condition) => dialect.add_check(&place(table), &check.name, condition),
            None => Ok(Vec::new()),
        },
        Action::DropCheck { table, check } => match check.condition.on(flavor) {
            Some(_) => dialect.drop_check(&place(table), check),
            None => Ok(Vec::new()),
        },
        Action::SetKey { table, from, to } => dialect.set_key(&place(table), from, to),
        Action::SetComment { table, column, from: _, to } => {
            dialect.set_comment(&place(table), column.as_ref(), to.as_deref())
        }
        Action::Sql(sql) => Ok(said(sql, flavor)),
        Action::Backfill(_) => Ok(Vec::new()),
    }
}

/// How a column changes.
struct Change<'a> {
    from: Option<&'a Column>,
    to: &'a Column,
    using: Option<&'a Words>,
    fill: Option<&'a Words>,
}

impl Change<'_> {
    /// Whether the type may be another one.
    fn retypes(&self) -> bool {
        self.from.is_none_or(|from| {
            from.kind != self.to.kind
                || from.extra.native != self.to.extra.native
                || from.auto_increment != self.to.auto_increment
        })
    }
}

/// What differs between servers.
trait Dialect {
    fn rename_table(&self, place: &Place<'_>, to: &str) -> Result<Vec<Statement>>;
    fn add_column(&self, place: &Place<'_>, column: &Column, fill: Option<&Words>) -> Result<Vec<Statement>>;
    fn drop_column(&self, place: &Place<'_>, column: &Column) -> Result<Vec<Statement>>;
    fn rename_column(&self, place: &Place<'_>, from: &str, to: &str) -> Result<Vec<Statement>>;
    fn alter_column(&self, place: &Place<'_>, change: &Change<'_>) -> Result<Vec<Statement>>;
    fn add_index(&self, place: &Place<'_>, index: &IndexDef) -> Result<Vec<Statement>>;
    fn drop_index(&self, place: &Place<'_>, index: &IndexDef) -> Result<Vec<Statement>>;
    fn rename_index(&self, place: &Place<'_>, from: &str, to: &str) -> Result<Vec<Statement>>;
    fn add_foreign_key(&self, place: &Place<'_>, key: &Reference) -> Result<Vec<Statement>>;
    fn drop_foreign_key(&self, place: &Place<'_>, key: &Reference) -> Result<Vec<Statement>>;
    fn add_check(&self, place: &Place<'_>, name: &str, condition: &str) -> Result<Vec<Statement>>;
    fn drop_check(&self, place: &Place<'_>, check: &Check) -> Result<Vec<Statement>>;
    fn set_key(&self, place: &Place<'_>, from: &[String], to: &[String]) -> Result<Vec<Statement>>;
    fn set_comment(&self, place: &Place<'_>, column: Option<&Column>, to: Option<&str>) -> Result<Vec<Statement>>;
}

/// A table, its indexes, its remarks.
fn create_table(table: &Table, flavor: Flavor) -> Result<Vec<Statement>> {
    let name = whole(table);
    let mut emitted = super::create_table(table, flavor, false)?.into_iter();
    let create = emitted.next().unwrap_or_default();
    let mut statements = vec![done(create, Done::Table(name.clone()))];
    // On MySQL the indexes are part of the table. Elsewhere they follow it in their order, and the remarks follow them.
    let mut names = super::separate(table, flavor)?.into_iter();
    statements.extend(emitted.map(|sql| {
        let proof = names.next().map_or(Done::Again, |index| Done::Index(name.clone(), index));
        done(sql, proof)
    }));
    Ok(statements)
}

fn said(sql: &Sql, flavor: Flavor) -> Vec<Statement> {
    let Some(up) = sql.up.on(flavor) else { return Vec::new() };
    // It says what it makes, and no transaction takes it.
    if flavor == Flavor::Postgres
        && let Some((table, index)) = concurrently(up)
    {
        return vec![Statement { sql: up.to_owned(), alone: true, done: Done::Index(table, index) }];
    }
    let probe = sql.probe.as_ref().and_then(|probe| probe.on(flavor));
    let proof = probe.map_or(Done::Unknown, |probe| Done::Asked(probe.to_owned()));
    let alone = sql.alone || (flavor == Flavor::Postgres && beside::drops(up));
    vec![Statement { sql: up.to_owned(), alone, done: proof }]
}

fn done(sql: impl Into<String>, done: Done) -> Statement {
    Statement { sql: sql.into(), alone: false, done }
}

/// The name under which a picture has the table.
fn whole(table: &Table) -> String {
    match &table.schema {
        Some(schema) => [schema, table.name.as_str()].join("."),
        None => table.name.clone(),
    }
}

fn missing(why: &str, table: &str, field: &str) -> Error {
    Error::new(ErrorKind::SchemaMismatch, why.to_owned()).entity(table).field(field)
}
