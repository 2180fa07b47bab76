//! What the cases say things with.

use crate::{Database, Error, ErrorKind, Repository, Result, repository::Entity};
use std::{
    fmt::{self, Debug},
    panic::Location,
    sync::Arc,
};

/// How a case ends that does not panic.
pub type Proof = std::result::Result<(), Failure>;

/// An error where the contract promises none, and the line that met it.
#[derive(Debug)]
pub struct Failure {
    error: Error,
    at: &'static Location<'static>,
}

impl From<Error> for Failure {
    #[track_caller]
    fn from(error: Error) -> Self {
        Self { error, at: Location::caller() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: an error where none is promised: {}", self.at, self.error)?;
        // The rows are the suite's own, so what the server quotes of them may be seen.
        if let Some(detail) = self.error.detail() {
            write!(f, "; detail: {detail}")?;
        }
        let mut source = std::error::Error::source(&self.error);
        while let Some(cause) = source {
            write!(f, "; because: {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

/// A repository, as a service holds it.
pub type Rows<E> = Arc<dyn Repository<E>>;

/// The repository of an entity whose table was just made.
pub async fn table<E: Entity>(db: &Database) -> Result<Rows<E>> {
    db.create_tables(&[crate::repository::EntityInfo::of::<E>()]).await?;
    Ok(db.repository::<E>())
}

/// The error of a call that the contract refuses with this kind.
#[track_caller]
pub fn refused<T: Debug>(answer: Result<T>, kind: ErrorKind, law: &str) -> Error {
    match answer {
        Ok(value) => panic!("{law}: refused with `{kind}`; it answered {value:?}"),
        Err(error) if error.kind() == kind => error,
        Err(error) => {
            panic!("{law}: refused with `{kind}`; it was refused with {error} (detail: {:?})", error.detail())
        }
    }
}

/// Refused with this kind, naming the entity and the field.
#[track_caller]
pub fn refused_at<T: Debug>(answer: Result<T>, kind: ErrorKind, entity: &str, field: &str, law: &str) -> Error {
    let error = refused(answer, kind, law);
    assert_eq!(error.entity_name(), Some(entity), "{law}: the error names the entity: {error}");
    assert_eq!(error.fields(), [field], "{law}: the error names the field: {error}");
    error
}

/// Refused with this kind, naming the entity, and no field but this one: a server does not always tell which column a sum
/// does not fit.
#[track_caller]
pub fn refused_in<T: Debug>(answer: Result<T>, kind: ErrorKind, entity: &str, field: &str, law: &str) -> Error {
    let error = refused(answer, kind, law);
    assert_eq!(error.entity_name(), Some(entity), "{law}: the error names the entity: {error}");
    assert!(error.fields().iter().all(|name| name == field), "{law}: the error names no other field: {error}");
    error
}

/// The value that the contract says is there.
#[track_caller]
pub fn there<T>(value: Option<T>, law: &str) -> T {
    match value {
        Some(value) => value,
        None => panic!("{law}: the row is there"),
    }
}

/// A constant of the suite that is one by construction.
#[track_caller]
pub fn sure<T>(value: Option<T>) -> T {
    there(value, "a constant of the suite")
}
