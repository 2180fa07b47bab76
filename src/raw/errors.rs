//! `SeaORM`'s errors as ours, and back.

use crate::{Error, ErrorKind};
use sea_orm::DbErr;
use std::sync::Arc;

/// Our error, where `SeaORM` carries it out of [`SeaOrm`](super::SeaOrm); else the kind that its own variant says.
impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let said = |kind, why: &str| Self::new(kind, why).with_detail(error.to_string());
        match &error {
            DbErr::TryIntoErr { source, .. } => match source.downcast_ref::<Self>() {
                Some(ours) => ours.clone(),
                None => said(ErrorKind::CorruptData, "a value does not fit into its field"),
            },
            DbErr::ConnectionAcquire(_) => said(ErrorKind::PoolExhausted, "SeaORM got no connection"),
            DbErr::Conn(_) => said(ErrorKind::Unreachable, "SeaORM has no connection"),
            DbErr::Exec(error) | DbErr::Query(error) => {
                driver(error).unwrap_or_else(|| said(ErrorKind::Other, "SeaORM's query failed"))
            }
            DbErr::RecordNotFound(_) | DbErr::RecordNotUpdated => said(ErrorKind::NotFound, "no row has the key"),
            DbErr::AttrNotSet(field) => {
                Self::new(ErrorKind::InvalidValue, "the field is not set").field(field.as_str())
            }
            DbErr::UpdateGetPrimaryKey | DbErr::PrimaryKeyNotSet { .. } => {
                said(ErrorKind::InvalidValue, "the key is not set")
            }
            DbErr::Type(_) | DbErr::Json(_) | DbErr::ConvertFromU64(_) => {
                said(ErrorKind::CorruptData, "a stored value does not fit into its field")
            }
            DbErr::BackendNotSupported { db, ctx } => Self::unsupported(format!("SeaORM: {db} has no {ctx}")),
            DbErr::Migration(_) => said(ErrorKind::Migration, "SeaORM's migration failed"),
            _ => said(ErrorKind::Other, "SeaORM's call failed"),
        }
    }
}

/// What of the driver's errors comes from reading a row that the server sent.
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
fn driver(error: &sea_orm::RuntimeErr) -> Option<Error> {
    use super::answer::name;
    use sea_orm::{RuntimeErr, SqlxError};
    let RuntimeErr::SqlxError(error) = error else { return None };
    Some(match &**error {
        SqlxError::ColumnNotFound(column) => {
            Error::new(ErrorKind::InvalidQuery, "the statement answers no such column").field(name(column))
        }
        SqlxError::ColumnIndexOutOfBounds { index, len } => {
            Error::new(ErrorKind::InvalidQuery, format!("the statement answers {len} columns")).field(index.to_string())
        }
        SqlxError::ColumnDecode { index, source } => {
            Error::new(ErrorKind::CorruptData, "the column holds another type than its field")
                .field(name(index))
                .with_detail(source.to_string())
        }
        _ => return None,
    })
}

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
fn driver(_: &sea_orm::RuntimeErr) -> Option<Error> {
    None
}

/// Carried, so that [`Error::from`] gets it out again: also through the code of a library that only knows `DbErr`.
impl From<Error> for DbErr {
    fn from(error: Error) -> Self {
        Self::TryIntoErr { from: "a call", into: "its answer", source: Arc::new(error) }
    }
}
