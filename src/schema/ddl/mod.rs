//! The one emitter of DDL: a neutral [`Table`] in the words of one server.
//!
//! SeaORM's own `CREATE TABLE` breaks laws V2, V3, V5, V6 and V10: MariaDB would fold case and cut decimals, PostgreSQL would
//! order text by locale, SQLite would store anything anywhere. So migrations, plans and tests all come here, and what a backend
//! binds and reads is exactly what is declared here. What differs between servers stands in one file per dialect, the same
//! three functions in each: `storage`, `check`, `key`.
//!
//! Names of constraints carry their meaning: a `ty_…` check guards the type (a value that breaks it is invalid), a `ck_…` check
//! guards a rule (an enum's list), `pk_…`, `ux_…`, `ix_…` and `fk_…` are what they say.

mod index;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
pub(crate) mod mend;
mod mysql;
mod postgres;
mod sqlite;
pub mod step;
#[cfg(test)]
pub(crate) mod tests;

use super::{Column, Flavor, ForeignKey, Index, IndexDef, Kind, Table, name::bounded};
use crate::{Error, ErrorKind, Result};

/// How a column's values are held: its declared type, and what else the server must check.
struct Storage {
    declared: String,
    /// A condition on the quoted column, not aware of null.
    check: Option<String>,
}

impl Storage {
    fn plain(declared: impl Into<String>) -> Self {
        Self { declared: declared.into(), check: None }
    }

    fn checked(declared: impl Into<String>, check: String) -> Self {
        Self { declared: declared.into(), check: Some(check) }
    }
}

/// The statements that create a table: the table with its constraints first, then its indexes. A default is not emitted: it is
/// made in Rust, the same on every backend.
///
/// ```
/// use seabed::schema::{Flavor, build, ddl};
/// let note = build::table("note").uuid("id").text("title", 80).primary_key(&["id"]).index(&["title"]).build()?;
/// let statements = ddl::create_table(&note, Flavor::Postgres, false)?;
/// assert!(statements[0].starts_with(r#"CREATE TABLE "note""#));
/// assert_eq!(statements[1], r#"CREATE INDEX "ix_note_title" ON "note" ("title")"#);
/// # Ok::<_, seabed::Error>(())
/// ```
///
/// # Errors
/// `Unsupported` with entity and field for what this server cannot hold exactly: a decimal of more than 18 digits on SQLite, an
/// index on text without a length on MySQL.
pub fn create_table(table: &Table, flavor: Flavor, if_not_exists: bool) -> Result<Vec<String>> {
    let exists = if if_not_exists { "IF NOT EXISTS " } else { "" };
    let mut lines = Vec::with_capacity(table.columns.len() * 2);
    let mut checks = Vec::new();
    for (position, column) in table.columns.iter().enumerate() {
        lines.push(column_line(table, position, flavor)?);
        checks.extend(checks_of(table, column, flavor)?);
    }
    lines.extend(primary_key(table, flavor)?);
    lines
        .extend(checks.into_iter().map(|(name, check)| format!("CONSTRAINT {} CHECK ({check})", flavor.quoted(&name))));
    lines.extend(table.extra.checks.iter().filter_map(|check| {
        let condition = check.condition.on(flavor)?;
        Some(format!("CONSTRAINT {} CHECK ({condition})", flavor.quoted(&check.name)))
    }));
    lines.extend(table.foreign_keys.iter().map(|key| foreign_key(table, key, flavor)));

    let mut indexes = Vec::with_capacity(table.indexes.len());
    for index in &table.indexes {
        indexable(table, &index.columns, flavor)?;
        if flavor.is_mysql() {
            let unique = if index.unique { "UNIQUE " } else { "" };
            lines.push(format!(
                "{unique}KEY {} ({})",
                flavor.quoted(&index.name),
                names(table, &index.columns, flavor)
            ));
        } else {
            indexes.push(create_index(table, index, flavor, if_not_exists)?);
        }
    }
    for index in &table.extra.indexes {
        let Some(written) = extra_index(table, index, flavor)? else { continue };
        if flavor.is_mysql() {
            let unique = if index.unique { "UNIQUE " } else { "" };
            lines.push(format!("{unique}KEY {} {written}", flavor.quoted(&index.name)));
        } else {
            let mut name = String::new();
            flavor.table(&mut name, table);
            let sql = index::create(&index.name, index.unique, &name, &written, flavor);
            indexes.push(if if_not_exists { sql.replacen("INDEX ", "INDEX IF NOT EXISTS ", 1) } else { sql });
        }
    }
    let mut create = format!("CREATE TABLE {exists}");
    flavor.table(&mut create, table);
    create.push_str(" (\n  ");
    create.push_str(&lines.join(",\n  "));
    create.push_str("\n)");
    if flavor.is_mysql() {
        create.push_str(mysql::options(flavor));
        if let Some(comment) = &table.extra.comment {
            create.push_str(&format!(" COMMENT={}", mysql::remark(comment)?));
        }
    }
    indexes.insert(0, create);
    if flavor == Flavor::Postgres {
        indexes.extend(postgres::comments(table)?);
    }
    Ok(indexes)
}

/// The names of the indexes that are statements of their own, in the order in which [`create_table`] gives them.
fn separate(table: &Table, flavor: Flavor) -> Result<Vec<String>> {
    if flavor.is_mysql() {
        return Ok(Vec::new());
    }
    let mut names: Vec<String> = table.indexes.iter().map(|index| index.name.clone()).collect();
    for index in &table.extra.indexes {
        if extra_index(table, index, flavor)?.is_some() {
            names.push(index.name.clone());
        }
    }
    Ok(names)
}

/// An index of the `schema` rule; none where nothing is said for this server.
fn extra_index(table: &Table, index: &IndexDef, flavor: Flavor) -> Result<Option<String>> {
    let columns = index.parts.iter().filter_map(crate::schema::Part::column);
    let columns = columns.map(|name| table.position(name)).collect::<Result<Vec<_>>>()?;
    let written = index::written(&table.name, index, |name| Ok(table.column(name)?.nullable), flavor)?;
    if written.is_some() {
        indexable(table, &columns, flavor)?;
    }
    Ok(written)
}

/// Everything that this server cannot hold of a table, where [`create_table`] tells the first.
pub(crate) fn refused(table: &Table, flavor: Flavor) -> Vec<Error> {
    let mut faults = Vec::new();
    for (position, column) in table.columns.iter().enumerate() {
        faults.extend(column_line(table, position, flavor).err());
        if faults.last().is_none_or(|fault| fault.fields() != [&*column.name]) {
            faults.extend(checks_of(table, column, flavor).err());
        }
    }
    let unique = table.indexes.iter().map(|index| &index.columns);
    faults.extend(std::iter::once(&table.key).chain(unique).filter_map(|it| indexable(table, it, flavor).err()));
    if faults.is_empty() {
        faults.extend(create_table(table, flavor, true).err());
    }
    faults
}

/// The statement that drops a table, its indexes with it.
#[must_use]
pub fn drop_table(table: &Table, flavor: Flavor, if_exists: bool) -> String {
    let mut sql = format!("DROP TABLE {}", if if_exists { "IF EXISTS " } else { "" });
    flavor.table(&mut sql, table);
    sql
}

/// The statement that adds an index to a table that is there. MySQL has no `IF NOT EXISTS` for it: there the flag says nothing.
///
/// # Errors
/// As [`create_table`].
pub fn create_index(table: &Table, index: &Index, flavor: Flavor, if_not_exists: bool) -> Result<String> {
    indexable(table, &index.columns, flavor)?;
    let unique = if index.unique { "UNIQUE " } else { "" };
    let exists = if if_not_exists && flavor != Flavor::MySql { "IF NOT EXISTS " } else { "" };
    let mut sql = format!("CREATE {unique}INDEX {exists}{} ON ", flavor.quoted(&index.name));
    flavor.table(&mut sql, table);
    sql.push_str(" (");
    for (i, position) in index.columns.iter().enumerate() {
        let column = &table.columns[*position];
        if i > 0 {
            sql.push_str(", ");
        }
        flavor.quote(&mut sql, &column.name);
        // Null sorts lowest (law Q2), which PostgreSQL's default index order cannot serve.
        if flavor == Flavor::Postgres && column.nullable {
            sql.push_str(" NULLS FIRST");
        }
    }
    sql.push(')');
    Ok(sql)
}

/// The statement that drops an index.
#[must_use]
pub fn drop_index(table: &Table, index: &Index, flavor: Flavor) -> String {
    let name = flavor.quoted(&index.name);
    match (flavor, table.schema.as_deref()) {
        (Flavor::MySql | Flavor::MariaDb, _) => {
            let mut sql = format!("DROP INDEX {name} ON ");
            flavor.table(&mut sql, table);
            sql
        }
        (Flavor::Postgres, Some(schema)) => format!("DROP INDEX {}.{name}", flavor.quoted(schema)),
        _ => format!("DROP INDEX {name}"),
    }
}

/// The statement that adds a column, already part of `table`, to a table that is there. A table with rows takes only a
/// nullable one.
///
/// # Errors
/// `InvalidQuery` for a column that the table does not have; `Unsupported` for one that is not nullable, and as
/// [`create_table`].
pub fn add_column(table: &Table, column: &str, flavor: Flavor) -> Result<String> {
    let position = table.position(column)?;
    let column = &table.columns[position];
    if !column.nullable {
        return Err(at(
            Error::unsupported("a column that is added is nullable: the rows that are there have no value"),
            table,
            column,
        ));
    }
    let mut sql = "ALTER TABLE ".to_owned();
    flavor.table(&mut sql, table);
    sql.push_str(" ADD COLUMN ");
    sql.push_str(&column_line(table, position, flavor)?);
    for (name, check) in checks_of(table, column, flavor)? {
        // MySQL's family takes a named check only as an item of its own.
        let item = if flavor.is_mysql() { ", ADD" } else { "" };
        sql += &[item, " CONSTRAINT ", &flavor.quoted(&name), " CHECK (", &check, ")"].concat();
    }
    Ok(sql)
}

/// The declared type of a kind; none where this server cannot hold it.
pub(super) fn declared(kind: &Kind, flavor: Flavor) -> Option<String> {
    let storage = match flavor {
        Flavor::Sqlite => sqlite::storage("", kind).ok()?,
        Flavor::Postgres => postgres::storage("", kind),
        Flavor::MySql | Flavor::MariaDb => mysql::storage("", kind, flavor),
    };
    Some(storage.declared)
}

fn storage(table: &Table, column: &Column, flavor: Flavor) -> Result<Storage> {
    if let Some(native) = native(column, flavor) {
        return Ok(Storage::plain(native));
    }
    let quoted = flavor.quoted(&column.name);
    let storage = match flavor {
        Flavor::Sqlite => sqlite::storage(&quoted, &column.kind),
        Flavor::Postgres => Ok(postgres::storage(&quoted, &column.kind)),
        Flavor::MySql | Flavor::MariaDb => Ok(mysql::storage(&quoted, &column.kind, flavor)),
    };
    storage.map_err(|error| at(error, table, column))
}

/// The type of the server's own that was asked for.
fn native(column: &Column, flavor: Flavor) -> Option<&str> {
    column.extra.native.as_ref().and_then(|native| native.on(flavor))
}

fn column_line(table: &Table, position: usize, flavor: Flavor) -> Result<String> {
    let column = &table.columns[position];
    let mut line = plain_line(table, position, flavor)?;
    if let Some(comment) = column.extra.comment.as_ref().filter(|_| flavor.is_mysql()) {
        let comment = mysql::remark(comment).map_err(|error| at(error, table, column))?;
        line.push_str(&format!(" COMMENT {comment}"));
    }
    Ok(line)
}

/// A column's name, type and whether it takes null.
fn plain_line(table: &Table, position: usize, flavor: Flavor) -> Result<String> {
    let column = &table.columns[position];
    let declared = storage(table, column, flavor)?.declared;
    let name = flavor.quoted(&column.name);
    if table.auto_key() == Some(position) {
        let key = match flavor {
            Flavor::Sqlite => sqlite::key(),
            Flavor::Postgres => postgres::key(),
            Flavor::MySql | Flavor::MariaDb => mysql::key(),
        };
        // The name must be exactly INTEGER for SQLite to make the values.
        let declared = if flavor == Flavor::Sqlite { "integer" } else { &declared };
        return Ok(format!("{name} {declared} {key}"));
    }
    Ok(format!("{name} {declared}{}", if column.nullable { "" } else { " NOT NULL" }))
}

/// The checks of one column, by name.
fn checks_of(table: &Table, column: &Column, flavor: Flavor) -> Result<Vec<(String, String)>> {
    let name = flavor.quoted(&column.name);
    let mut checks = Vec::with_capacity(2);
    if flavor.is_mysql() && mysql::guarded_by_its_parent(table, column) {
        return Ok(checks);
    }
    // MySQL's family refuses a check on a key that it makes.
    let made = flavor.is_mysql() && table.auto_key().is_some_and(|key| table.columns[key].name == column.name);
    if let Some(check) = storage(table, column, flavor)?.check.filter(|_| !made) {
        // `typeof` of a null is 'null', so SQLite must be told; elsewhere a comparison with null is unknown, which passes.
        let check =
            if column.nullable && flavor == Flavor::Sqlite { format!("{name} IS NULL OR {check}") } else { check };
        checks.push((bounded("ty", &table.name, &[&column.name]), check));
    }
    if let Kind::Enum { variants } = &column.kind
        && native(column, flavor).is_none()
    {
        let list = variants.iter().map(|variant| literal(variant, flavor)).collect::<Result<Vec<_>>>();
        let list = list.map_err(|error| at(error, table, column))?.join(", ");
        checks.push((bounded("ck", &table.name, &[&column.name]), format!("{name} IN ({list})")));
    }
    Ok(checks)
}

fn primary_key(table: &Table, flavor: Flavor) -> Result<Option<String>> {
    if table.key.is_empty() {
        let why = "a table has a primary key";
        return Err(Error::new(ErrorKind::SchemaMismatch, why).entity(&table.name));
    }
    if flavor == Flavor::Sqlite && table.auto_key().is_some() {
        return Ok(None);
    }
    indexable(table, &table.key, flavor)?;
    let columns = names(table, &table.key, flavor);
    // MySQL calls every primary key PRIMARY, whatever it is given.
    let name = if flavor.is_mysql() {
        String::new()
    } else {
        format!("CONSTRAINT {} ", flavor.quoted(&bounded("pk", &table.name, &[])))
    };
    Ok(Some(format!("{name}PRIMARY KEY ({columns})")))
}

/// RESTRICT, never NO ACTION: SQLite and MySQL check it row by row. (PostgreSQL waits for the statement's end all the same; a table
/// that restricts itself is looked at before a delete, so that its answer is the others'.)
fn foreign_key(table: &Table, key: &ForeignKey, flavor: Flavor) -> String {
    let mut parent = String::new();
    // A parent that is named without a schema lives beside its child.
    flavor.qualified(&mut parent, table.schema.as_deref(), &key.parent);
    let columns: Vec<_> = key.parent_columns.iter().map(|column| flavor.quoted(column)).collect();
    format!(
        "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {parent} ({}) ON DELETE {}",
        flavor.quoted(&key.name),
        names(table, &key.columns, flavor),
        columns.join(", "),
        key.on_delete.words()
    )
}

fn names(table: &Table, columns: &[usize], flavor: Flavor) -> String {
    table.names(columns).into_iter().map(|name| flavor.quoted(name)).collect::<Vec<_>>().join(", ")
}

fn indexable(table: &Table, columns: &[usize], flavor: Flavor) -> Result<()> {
    if flavor.is_mysql() { mysql::indexable(table, columns) } else { Ok(()) }
}

/// A text as a literal of SQL. Where a backslash may be an escape (it depends on MySQL's `sql_mode`), the text is written as
/// hexadecimal, which means the same under every mode; as the argument of a function, because MariaDB 10.11 keeps a check as
/// text and writes a hexadecimal literal back with its backslash bare.
pub(crate) fn literal(text: &str, flavor: Flavor) -> Result<String> {
    if text.contains('\0') {
        return Err(Error::new(ErrorKind::InvalidValue, "text must not contain the NUL character"));
    }
    if flavor.is_mysql() && text.contains('\\') {
        let bytes: Vec<String> = text.bytes().map(|byte| format!("{byte:02X}")).collect();
        return Ok(format!("CONVERT(UNHEX('{}') USING utf8mb4)", bytes.concat()));
    }
    Ok(format!("'{}'", text.replace('\'', "''")))
}

/// The length of the longest variant, in characters.
fn longest(variants: &[String]) -> usize {
    variants.iter().map(|variant| variant.chars().count()).max().unwrap_or(1).max(1)
}

fn at(error: Error, table: &Table, column: &Column) -> Error {
    error.entity(&table.name).field(&*column.name)
}
