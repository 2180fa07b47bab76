//! What sea-orm-migration needs: SeaORM's own connection type, over a pool of exactly one.

use super::{
    connection::Endpoint,
    dialect::{self, Role},
    error::{Doing, error},
};
use crate::{Error, Result, config::Scheme, schema::Flavor};
use sea_orm::DatabaseConnection;
use sqlx::{Executor, pool::PoolOptions};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Sets up the connection of sqlx's pool (hazard H12: SeaORM's own hook runs once per pool).
///
/// The pool would open another one where the first broke, and nobody would hear of it: the lock and what BEGIN began would be gone,
/// and COMMIT would keep nothing. So the second is ended as soon as it is there, and every later call fails.
macro_rules! one {
    ($config:ident, $driver:ty, $connector:ident :: $from:ident, $options:expr, $settings:expr, $end:literal, $flavor:expr) => {{
        let options = $options.map_err(|failure| error($flavor, Doing::Connecting, &failure))?;
        let settings: String = $settings;
        let opened = Arc::new(AtomicBool::new(false));
        let pool = PoolOptions::<$driver>::new()
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .acquire_timeout($config.connect_timeout)
            .after_connect(move |connection, _| {
                let (settings, opened) = (settings.clone(), opened.clone());
                Box::pin(async move {
                    if opened.swap(true, Ordering::Relaxed) {
                        // It says that it was ended, which is what was asked.
                        let _ = connection.execute($end).await;
                        return Ok(());
                    }
                    connection.execute(sqlx::raw_sql(sqlx::AssertSqlSafe(settings))).await?;
                    Ok(())
                })
            })
            .connect_with(options)
            .await
            .map_err(|failure| error($flavor, Doing::Connecting, &failure))?;
        Ok(sea_orm::$connector::$from(pool))
    }};
}

pub(super) async fn connection(config: &Endpoint) -> Result<DatabaseConnection> {
    match config.url.scheme() {
        #[cfg(feature = "sqlite")]
        Scheme::Sqlite => {
            let options = Ok::<_, sqlx::Error>(dialect::sqlite::options(config, Role::Migrate));
            one!(
                config,
                sqlx::Sqlite,
                SqlxSqliteConnector::from_sqlx_sqlite_pool,
                options,
                String::new(),
                "SELECT 1",
                Flavor::Sqlite
            )
        }
        #[cfg(feature = "postgres")]
        Scheme::Postgres => {
            let options = dialect::postgres::options(config).await;
            let settings = dialect::postgres::settings(config, Role::Migrate);
            one!(
                config,
                sqlx::Postgres,
                SqlxPostgresConnector::from_sqlx_postgres_pool,
                options,
                settings,
                "SELECT pg_terminate_backend(pg_backend_pid())",
                Flavor::Postgres
            )
        }
        #[cfg(feature = "mysql")]
        Scheme::MySql => {
            let options = dialect::mysql::options(config).await;
            let settings = dialect::mysql::settings(config, Role::Migrate, Flavor::MySql);
            one!(
                config,
                sqlx::MySql,
                SqlxMySqlConnector::from_sqlx_mysql_pool,
                options,
                settings,
                "KILL CONNECTION_ID()",
                Flavor::MySql
            )
        }
        other => Err(Error::unsupported(format!("`{other}:` has no migrations by sea-orm-migration"))),
    }
}
