//! What a migration does to tables, in the words of the server that it meets.

use crate::{
    Result,
    schema::{Flavor, Table, ddl},
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use sea_orm_migration::SchemaManager;

/// Which server the migration meets. MySQL and MariaDB share a protocol, so the server is asked for its version.
///
/// # Errors
/// What the server says; `DbErr::Custom` for a server that is none of ours.
pub async fn flavor(manager: &SchemaManager<'_>) -> Result<Flavor, DbErr> {
    match manager.get_database_backend() {
        DbBackend::Sqlite => Ok(Flavor::Sqlite),
        DbBackend::Postgres => Ok(Flavor::Postgres),
        DbBackend::MySql => {
            let ask = Statement::from_string(DbBackend::MySql, "SELECT VERSION()");
            let row = manager.get_connection().query_one_raw(ask).await?;
            let version = row.map(|row| row.try_get_by_index::<String>(0)).transpose()?.unwrap_or_default();
            let maria = version.to_ascii_lowercase().contains("mariadb");
            Ok(if maria { Flavor::MariaDb } else { Flavor::MySql })
        }
        other => Err(DbErr::Custom(format!("{other:?} is none of the servers that migrations know"))),
    }
}

/// Runs the statements that `emit` gives for this server, one after the other: the door to the rest of
/// [`ddl`](crate::schema::ddl).
///
/// # Errors
/// `DbErr::Migration` with the words of our error where the emitter refuses; what the server says.
pub async fn execute(
    manager: &SchemaManager<'_>,
    emit: impl FnOnce(Flavor) -> Result<Vec<String>> + Send,
) -> Result<(), DbErr> {
    let statements = emit(flavor(manager).await?).map_err(|error| DbErr::Migration(error.to_string()))?;
    for statement in statements {
        manager.get_connection().execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// Creates tables with their indexes, in the order given: parents first. A table is a [`build`](crate::schema::build)er's
/// result, so that its fault is the migration's.
///
/// # Errors
/// As [`execute`]; on PostgreSQL and SQLite a table of this name that is there already. On MySQL it is taken for what a run
/// that broke off has left, because DDL cannot be rolled back there.
pub async fn create_tables(
    manager: &SchemaManager<'_>,
    tables: impl IntoIterator<Item = Result<Table>, IntoIter: Send> + Send,
) -> Result<(), DbErr> {
    execute(manager, |flavor| {
        let mut statements = Vec::new();
        for table in tables {
            statements.extend(ddl::create_table(&table?, flavor, flavor.is_mysql())?);
        }
        Ok(statements)
    })
    .await
}

/// Drops tables, the last one given first: the way back of [`create_tables`] with the same list.
///
/// # Errors
/// As [`create_tables`].
pub async fn drop_tables(
    manager: &SchemaManager<'_>,
    tables: impl IntoIterator<Item = Result<Table>, IntoIter: Send> + Send,
) -> Result<(), DbErr> {
    execute(manager, |flavor| {
        let mut statements = Vec::new();
        for table in tables {
            statements.push(ddl::drop_table(&table?, flavor, flavor.is_mysql()));
        }
        statements.reverse();
        Ok(statements)
    })
    .await
}
