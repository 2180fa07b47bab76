//! What sea-orm-migration needs: SeaORM's own connection type, over a pool of exactly one.

use super::{
    connection::Endpoint,
    dialect::{self, Role},
    error::{Doing, error},
};
use crate::{Error, Result, config::Scheme, schema::Flavor};
use sea_orm::DatabaseConnection;
use sqlx::{Executor, pool::PoolOptions};

/// Sets up every connection of sqlx's pool (hazard H12: SeaORM's own hook runs once per pool).
macro_rules! one {
    ($config:ident, $driver:ty, $connector:ident :: $from:ident, $options:expr, $settings:expr, $flavor:expr) => {{
        let options = $options.map_err(|failure| error($flavor, Doing::Connecting, &failure))?;
        let settings: String = $settings;
        let pool = PoolOptions::<$driver>::new()
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .acquire_timeout($config.connect_timeout)
            .after_connect(move |connection, _| {
                let settings = settings.clone();
                Box::pin(async move {
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
                Flavor::Postgres
            )
        }
        #[cfg(feature = "mysql")]
        Scheme::MySql => {
            let options = dialect::mysql::options(config).await;
            let settings = dialect::mysql::settings(config, Role::Migrate, Flavor::MySql);
            one!(config, sqlx::MySql, SqlxMySqlConnector::from_sqlx_mysql_pool, options, settings, Flavor::MySql)
        }
        other => Err(Error::unsupported(format!("`{other}:` has no migrations by sea-orm-migration"))),
    }
}
