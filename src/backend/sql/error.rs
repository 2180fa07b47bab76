//! A driver's error becomes ours, once, here.

use super::dialect::Driver;
pub(super) use crate::backend::doing::Doing;

use crate::{
    Error, ErrorKind,
    schema::{Flavor, Table, name::bounded},
};
use std::fmt;

/// What a server's error means.
#[derive(Debug)]
pub(super) struct Classified {
    pub kind: ErrorKind,
    pub constraint: Option<String>,
    pub fields: Vec<String>,
    pub detail: Option<String>,
    /// It was refused because it was prepared before a column changed its type.
    pub outdated: bool,
}

impl Classified {
    pub fn of(kind: ErrorKind) -> Self {
        Self { kind, constraint: None, fields: Vec::new(), detail: None, outdated: false }
    }
}

/// The text between a mark and the next `end`.
#[cfg(feature = "mysql")]
pub(super) fn between<'t>(text: &'t str, mark: &str, end: &str) -> Option<&'t str> {
    text.split_once(mark)?.1.split_once(end).map(|(found, _)| found)
}

/// Says where an error comes from without a word of data: the text of a driver may quote rows.
#[derive(Debug)]
struct DriverError {
    text: String,
    /// The statement was prepared before a column changed its type.
    outdated: bool,
}

impl fmt::Display for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for DriverError {}

/// Whether the server refused a statement, before it ran, because its connection had prepared it before a column changed its type
/// (hazard H17). On a new connection it runs.
pub(super) fn outdated(error: &Error) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<DriverError>());
    source.is_some_and(|driver| driver.outdated)
}

/// What a pooler between us and PostgreSQL that gives each transaction another session makes the server say (hazard H16): a
/// statement that was prepared is not there, or another one has its name.
fn pooled(flavor: Flavor, code: &str, message: &str) -> Option<&'static str> {
    match (flavor, code) {
        (Flavor::Postgres, "26000" | "42P05") => Some(
            "what was prepared did not stay with the session: a pooler such as pgbouncer hands out its sessions by transaction or \
             by statement; set `pool_mode = session` there, or take pgbouncer 1.21 with `max_prepared_statements`",
        ),
        // pgbouncer's own words (1.18, src/client.c); no server of PostgreSQL has them.
        (Flavor::Postgres, "08P01") if message.contains("unsupported startup parameter") => Some(
            "pgbouncer refuses what the driver says when it connects: set `ignore_startup_parameters = extra_float_digits` there",
        ),
        _ => None,
    }
}

/// Our error for the driver's.
pub(super) fn error(flavor: Flavor, doing: Doing, error: &sqlx::Error) -> Error {
    match error {
        sqlx::Error::Database(database) => {
            let classified = classify(flavor, &**database);
            let code = database.code().unwrap_or_default();
            if let Some(why) = pooled(flavor, &code, database.message()) {
                return Error::new(ErrorKind::Unsupported, why).with_source(refusal(flavor, &code, false));
            }
            // What a server answers is a definite no, also when it hangs up after it: nothing of it was written.
            let kind = match (classified.kind, doing) {
                (ErrorKind::ConnectionLost, Doing::Connecting) => ErrorKind::Unreachable,
                (kind, _) => kind,
            };
            // PostgreSQL, where the configured schema is not there and a table is to be made in it.
            let why = if code == "3F000" { "the schema is not there: make it before its tables" } else { words(kind) };
            let mut ours = Error::new(kind, why)
                .with_source(refusal(flavor, &code, classified.outdated))
                .with_detail(classified.detail.unwrap_or_else(|| database.message().to_owned()));
            for field in classified.fields {
                ours = ours.field(field);
            }
            match classified.constraint {
                Some(constraint) => ours.constraint(constraint),
                None => ours,
            }
        }
        sqlx::Error::Io(io) => Error::new(doing.lost(), words(doing.lost()))
            .with_source(DriverError { text: io.to_string(), outdated: false }),
        sqlx::Error::Tls(tls) => Error::new(ErrorKind::Tls, tls.to_string()),
        sqlx::Error::Protocol(_) if doing == Doing::Connecting => {
            Error::new(ErrorKind::Unreachable, format!("what answers there does not speak as {flavor} does"))
        }
        sqlx::Error::WorkerCrashed | sqlx::Error::Protocol(_) => Error::new(doing.lost(), words(doing.lost())),
        sqlx::Error::Encode(source) => Error::new(ErrorKind::InvalidValue, source.to_string()),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
            Error::new(ErrorKind::SchemaMismatch, "a column holds another type than its entity says")
                .with_detail(error.to_string())
        }
        sqlx::Error::Configuration(source) => match source.downcast_ref::<Error>() {
            Some(ours) => ours.clone(),
            None => Error::new(ErrorKind::Config, source.to_string()),
        },
        _ => Error::new(ErrorKind::Other, format!("{flavor}: the driver failed")).with_detail(error.to_string()),
    }
}

/// What is told of a server's answer where its own words may quote rows.
fn refusal(flavor: Flavor, code: &str, outdated: bool) -> DriverError {
    DriverError { text: format!("{flavor} error {code}"), outdated }
}

/// Whether the connection is of no more use.
pub(super) fn breaks(error: &Error, driver: &sqlx::Error) -> bool {
    !matches!(
        driver,
        sqlx::Error::Database(_) | sqlx::Error::Encode(_) | sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)
    ) || matches!(
        error.kind(),
        // SQLite ends the transaction by itself when the disk is full, and sqlx does not see it (hazard H6). What a pooler mixed up
        // stays so (hazard H16), and a node that is leaving its cluster will not come back on this connection.
        ErrorKind::ConnectionLost
            | ErrorKind::WriteUnknown
            | ErrorKind::CommitUnknown
            | ErrorKind::StorageFull
            | ErrorKind::Unsupported
            | ErrorKind::Starting
    )
}

fn classify(flavor: Flavor, error: &dyn sqlx::error::DatabaseError) -> Classified {
    match flavor {
        #[cfg(feature = "sqlite")]
        Flavor::Sqlite => super::dialect::sqlite::Driving::classify(error),
        #[cfg(feature = "postgres")]
        Flavor::Postgres => super::dialect::postgres::Driving::classify(error),
        #[cfg(feature = "mysql")]
        Flavor::MySql | Flavor::MariaDb => super::dialect::mysql::Driving::classify(error),
        #[allow(unreachable_patterns, reason = "every row above may be compiled out")]
        _ => Classified::of(ErrorKind::Other),
    }
}

fn words(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::UniqueViolation => "another row has the same key",
        ErrorKind::ForeignKeyViolation => "the parent is missing, or children are still there",
        ErrorKind::NotNullViolation => "the field is required",
        ErrorKind::CheckViolation => "a check of the schema refused the row",
        ErrorKind::InvalidValue => "the value does not fit its column",
        ErrorKind::TableNotFound => "was the database migrated?",
        ErrorKind::SchemaMismatch => "the table differs from its entity: was the database migrated?",
        ErrorKind::Unreachable => "the server does not answer",
        ErrorKind::Authentication => "the server refuses this user or password",
        ErrorKind::DatabaseNotFound => "the database is not there and may not be created",
        ErrorKind::ServerFull => "the server takes no more connections",
        ErrorKind::Starting => "the server is starting up or shutting down",
        ErrorKind::ConnectionLost => "the connection broke; nothing was written",
        ErrorKind::WriteUnknown => "the connection broke while a write was on its way: look before trying again",
        ErrorKind::CommitUnknown => "the answer to COMMIT was lost: look before trying again",
        ErrorKind::LockTimeout => "a lock was not free in time",
        ErrorKind::Deadlock => "a deadlock was broken by ending this transaction",
        ErrorKind::Serialization => "concurrent transactions cannot be put in an order",
        ErrorKind::Timeout => "the server ended the statement",
        ErrorKind::ReadOnly => "the database may only be read",
        ErrorKind::StorageFull => "the disk is full",
        ErrorKind::InvalidQuery => "the server does not understand the statement",
        ErrorKind::TooLarge => "the statement or a value is larger than the server takes",
        ErrorKind::CorruptData => "the file is not a database, or is damaged",
        _ => "the server refused",
    }
}

/// Adds what the table knows: its name, the columns of a constraint, and that a broken type check means a bad value.
pub(super) fn about(error: Error, table: &Table) -> Error {
    let error = error.entity(&table.name);
    let Some(constraint) = error.constraint_name().map(ToOwned::to_owned) else {
        return name_constraint(error, table);
    };
    let typed = table.columns.iter().find(|column| bounded("ty", &table.name, &[&column.name]) == constraint);
    if let Some(column) = typed {
        let mut refused = Error::new(ErrorKind::InvalidValue, words(ErrorKind::InvalidValue))
            .entity(&table.name)
            .field(&*column.name);
        if let Some(detail) = error.detail() {
            refused = refused.with_detail(detail);
        }
        return refused;
    }
    // What MySQL calls every primary key has a name in our schema, which the others say.
    let (constraint, error) = match constraint.as_str() {
        "PRIMARY" => (bounded("pk", &table.name, &[]), error.constraint(bounded("pk", &table.name, &[]))),
        _ => (constraint, error),
    };
    if !error.fields().is_empty() {
        return error;
    }
    columns_of(table, error.kind(), &constraint)
        .into_iter()
        .fold(error, |error, position| error.field(&*table.columns[position].name))
}

/// SQLite names the columns and not the index; the entity knows it.
fn name_constraint(error: Error, table: &Table) -> Error {
    let named = match error.kind() {
        ErrorKind::UniqueViolation => {
            let same = |columns: &[usize]| table.names(columns) == error.fields();
            if same(&table.key) {
                Some(bounded("pk", &table.name, &[]))
            } else {
                table.indexes.iter().find(|index| index.unique && same(&index.columns)).map(|index| index.name.clone())
            }
        }
        // SQLite does not say which one; where there is one, it is that.
        ErrorKind::ForeignKeyViolation => match table.foreign_keys.as_slice() {
            [only] => {
                let error = only.columns.iter().fold(error, |e, &position| e.field(&*table.columns[position].name));
                return error.constraint(only.name.clone());
            }
            _ => None,
        },
        _ => None,
    };
    match named {
        Some(name) => error.constraint(name),
        None => error,
    }
}

fn columns_of(table: &Table, kind: ErrorKind, constraint: &str) -> Vec<usize> {
    match kind {
        ErrorKind::UniqueViolation if constraint == bounded("pk", &table.name, &[]) => table.key.clone(),
        ErrorKind::UniqueViolation => table
            .indexes
            .iter()
            .find(|index| index.name == constraint)
            .map(|index| index.columns.clone())
            .unwrap_or_default(),
        ErrorKind::ForeignKeyViolation => table
            .foreign_keys
            .iter()
            .find(|key| key.name == constraint)
            .map(|key| key.columns.clone())
            .unwrap_or_default(),
        ErrorKind::CheckViolation => (0..table.columns.len())
            .filter(|&position| bounded("ck", &table.name, &[&table.columns[position].name]) == constraint)
            .collect(),
        _ => Vec::new(),
    }
}
