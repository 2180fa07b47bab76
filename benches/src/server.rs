//! The servers: their tables, and who speaks to them.

use crate::peer::{Peer, ROWS, diesel, seabed, seaorm, sqlx};
use ::sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, PgConnection};
use anyhow::Result;

/// A server, by its URL.
pub enum Server {
    Postgres(String),
    MariaDb(String),
}

impl Server {
    /// Every peer, sqlx first: it is what the others are compared with.
    pub async fn peers(&self) -> Result<Vec<Box<dyn Peer>>> {
        let (Self::Postgres(url) | Self::MariaDb(url)) = self;
        let (sqlx, diesel): (Box<dyn Peer>, Box<dyn Peer>) = match self {
            Self::Postgres(_) => {
                (Box::new(sqlx::Postgres::connect(url).await?), Box::new(diesel::Postgres::connect(url)?))
            }
            Self::MariaDb(_) => {
                (Box::new(sqlx::MariaDb::connect(url).await?), Box::new(diesel::MariaDb::connect(url)?))
            }
        };
        let seabed = Box::new(seabed::Seabed::connect(url).await?);
        Ok(vec![sqlx, seabed, Box::new(seaorm::SeaOrm::connect(url).await?), diesel])
    }

    /// Makes the tables anew: `users` to read, `written` to insert into. The server's name and version.
    pub async fn prepare(&self) -> Result<String> {
        let fill = "insert into users select n, concat('user ', n), case when n % 2 = 0 then 'brown' end from ";
        let version = match self {
            Self::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await?;
                connection.execute(::sqlx::raw_sql(AssertSqlSafe(tables("text collate \"C\"")))).await?;
                let fill = format!("{fill} generate_series(1, {ROWS}) n");
                connection.execute(AssertSqlSafe(fill)).await?;
                connection.execute("analyze users").await?;
                let sql = "select 'PostgreSQL ' || current_setting('server_version')";
                let version = ::sqlx::query_scalar::<_, String>(sql).fetch_one(&mut connection).await?;
                connection.close().await?;
                version
            }
            Self::MariaDb(url) => {
                let mut connection = MySqlConnection::connect(url).await?;
                let text = "varchar(255) character set utf8mb4 collate utf8mb4_nopad_bin";
                connection.execute(::sqlx::raw_sql(AssertSqlSafe(tables(text)))).await?;
                let fill = format!("{fill} (select seq n from seq_1_to_{ROWS}) numbers");
                connection.execute(AssertSqlSafe(fill)).await?;
                connection.execute("analyze table users").await?;
                let sql = "select concat('MariaDB ', version())";
                let version = ::sqlx::query_scalar::<_, String>(sql).fetch_one(&mut connection).await?;
                connection.close().await?;
                version
            }
        };
        Ok(version)
    }
}

fn tables(text: &str) -> String {
    let table = |name| {
        let columns = format!("id bigint primary key, name {text} not null, hair_color {text}");
        format!("drop table if exists {name}; create table {name} ({columns});")
    };
    table("users") + &table("written")
}
