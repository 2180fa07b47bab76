//! The servers, each test in a place of its own, and a direct connection to look from outside.

use seabed::{Config, Database};
use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, PgConnection, SqliteConnection};
use std::sync::atomic::{AtomicU32, Ordering};

/// A place of its own on one server.
pub enum Place {
    Sqlite(tempfile::TempDir),
    Postgres {
        server: String,
        name: String,
    },
    MySql {
        server: String,
        name: String,
    },
    #[cfg(feature = "mongodb")]
    Mongo {
        server: String,
        name: String,
    },
}

/// The URL of a test server; says that it was skipped where there is none, and fails where it was required.
pub fn server(backend: &str, test: &str) -> Option<String> {
    let variable = format!("SEABED_TEST_{}_URL", backend.to_uppercase());
    let url = std::env::var(&variable).ok();
    if url.is_none() {
        let required = std::env::var("SEABED_TEST_REQUIRE").unwrap_or_default();
        assert!(!required.split(',').any(|name| name == backend), "{backend} is required and {variable} is not set");
        // A test's thread has its whole name: others have the same last part, on other servers.
        let thread = std::thread::current();
        let test = thread.name().filter(|name| name.ends_with(test)).unwrap_or(test);
        println!("SKIPPED {test}: {variable} is not set");
    }
    url
}

/// `url` with another path.
pub fn with_database(url: &str, database: &str) -> String {
    let (server, path) = url.rsplit_once('/').expect("a URL with a database");
    let parameters = path.find('?').map_or("", |at| &path[at..]);
    format!("{server}/{database}{parameters}")
}

fn unique() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("faults_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Place {
    /// A new place on this backend; `None` where its server is not there.
    pub async fn new(backend: &str, test: &str) -> Option<Self> {
        let name = unique();
        match backend {
            "sqlite" => Some(Self::Sqlite(tempfile::tempdir().expect("a folder"))),
            "postgres" => {
                let server = server(backend, test)?;
                let mut direct = PgConnection::connect(&server).await.expect("the server");
                direct.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.expect("a database");
                Some(Self::Postgres { server, name })
            }
            "mysql" => {
                let server = server(backend, test)?;
                let mut direct = MySqlConnection::connect(&server).await.expect("the server");
                direct.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.expect("a database");
                Some(Self::MySql { server, name })
            }
            #[cfg(feature = "mongodb")]
            "mongodb" => server(backend, test).map(|server| Self::Mongo { server, name }),
            other => panic!("no backend {other}"),
        }
    }

    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite:{}", folder.path().join("test.db").display()),
            Self::Postgres { server, name } | Self::MySql { server, name } => with_database(server, name),
            #[cfg(feature = "mongodb")]
            Self::Mongo { server, name } => with_database(server, name),
        }
    }

    /// A database with so many connections.
    pub async fn open(&self, connections: u32) -> Database {
        let config = Config::builder().url(self.url()).set("databases.main.max_connections", connections);
        Database::connect(config.load().expect("a configuration")).await.expect("a connection")
    }

    /// Sessions that the server holds in a transaction and that do nothing, or still work on one, in this place.
    pub async fn open_transactions(&self) -> i64 {
        match self {
            Self::Sqlite(_) => 0,
            #[cfg(feature = "mongodb")]
            Self::Mongo { .. } => self.mongo_open().await,
            Self::Postgres { server, name } => {
                let mut direct = PgConnection::connect(server).await.expect("the server");
                let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND xact_start IS NOT NULL";
                sqlx::query_scalar(sql).bind(name).fetch_one(&mut direct).await.expect("an answer")
            }
            Self::MySql { server, name } => {
                let mut direct = MySqlConnection::connect(server).await.expect("the server");
                let sql = "SELECT COUNT(*) FROM information_schema.innodb_trx t JOIN information_schema.processlist p \
                     ON p.id = t.trx_mysql_thread_id WHERE p.db = ?";
                sqlx::query_scalar(sql).bind(name).fetch_one(&mut direct).await.expect("an answer")
            }
        }
    }

    /// Statements that the server runs in this place now.
    pub async fn running(&self) -> i64 {
        match self {
            Self::Sqlite(_) => 0,
            // That is not told apart from what is open.
            #[cfg(feature = "mongodb")]
            Self::Mongo { .. } => 0,
            Self::Postgres { server, name } => {
                let mut direct = PgConnection::connect(server).await.expect("the server");
                let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND state = 'active'";
                sqlx::query_scalar(sql).bind(name).fetch_one(&mut direct).await.expect("an answer")
            }
            Self::MySql { server, name } => {
                let mut direct = MySqlConnection::connect(server).await.expect("the server");
                let sql = "SELECT COUNT(*) FROM information_schema.processlist WHERE db = ? AND command = 'Query'";
                sqlx::query_scalar(sql).bind(name).fetch_one(&mut direct).await.expect("an answer")
            }
        }
    }

    /// Ends every session of this place in the server, as an administrator or a restart does.
    pub async fn end_sessions(&self) {
        match self {
            Self::Sqlite(_) => {}
            #[cfg(feature = "mongodb")]
            Self::Mongo { .. } => unreachable!("nothing asks for it"),
            Self::Postgres { server, name } => {
                let mut direct = PgConnection::connect(server).await.expect("the server");
                let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1";
                let _: i64 = sqlx::query_scalar(sql).bind(name).fetch_one(&mut direct).await.expect("an answer");
            }
            Self::MySql { server, name } => {
                let mut direct = MySqlConnection::connect(server).await.expect("the server");
                let sql = "SELECT CAST(id AS SIGNED) FROM information_schema.processlist WHERE db = ?";
                let sessions = sqlx::query_scalar::<_, i64>(sql).bind(name).fetch_all(&mut direct).await;
                for session in sessions.expect("an answer") {
                    direct.execute(AssertSqlSafe(format!("KILL {session}"))).await.expect("ended");
                }
            }
        }
    }

    /// Takes the place away.
    pub async fn close(self) {
        match self {
            Self::Sqlite(folder) => folder.close().expect("the folder can be removed"),
            #[cfg(feature = "mongodb")]
            Self::Mongo { .. } => {
                let drop = async |database: mongodb::Database| database.drop().await;
                self.ask_mongo(drop).await.expect("the database can be dropped");
            }
            Self::Postgres { server, name } => {
                let mut direct = PgConnection::connect(&server).await.expect("the server");
                let drop = format!("DROP DATABASE {name} WITH (FORCE)");
                direct.execute(AssertSqlSafe(drop)).await.expect("the database can be dropped");
            }
            Self::MySql { server, name } => {
                let mut direct = MySqlConnection::connect(&server).await.expect("the server");
                direct
                    .execute(AssertSqlSafe(format!("DROP DATABASE {name}")))
                    .await
                    .expect("the database can be dropped");
            }
        }
    }
}

#[cfg(feature = "mongodb")]
impl Place {
    /// The driver's own handle.
    pub async fn mongo(&self) -> mongodb::Database {
        let Self::Mongo { server, name } = self else { panic!("another server") };
        mongodb::Client::with_uri_str(server).await.expect("a client").database(name)
    }

    /// Asks something on a client that leaves nothing behind: else its monitors would be counted as ours.
    pub async fn ask_mongo<T>(&self, ask: impl AsyncFnOnce(mongodb::Database) -> T) -> T {
        let database = self.mongo().await;
        let client = database.client().clone();
        let answer = ask(database).await;
        client.shutdown().immediate(true).await;
        answer
    }

    /// Transactions that the server holds open; `mongod` counts them, other servers of its protocol do not.
    pub async fn mongo_open(&self) -> i64 {
        let ask = async |database: mongodb::Database| {
            database.client().database("admin").run_command(mongodb::bson::doc! { "serverStatus": 1 }).await
        };
        let status = self.ask_mongo(ask).await.expect("an answer");
        let number = status.get_document("transactions").ok().and_then(|all| all.get("currentOpen"));
        number.and_then(|number| number.as_i64().or(number.as_i32().map(i64::from))).unwrap_or_default()
    }
}

/// Runs a statement beside the library.
pub async fn execute(place: &Place, sql: &str) {
    let (url, sql) = (place.url(), sqlx::raw_sql(AssertSqlSafe(sql.to_owned())));
    let ran = match place {
        Place::Sqlite(_) => SqliteConnection::connect(&url).await.expect("the file").execute(sql).await.map(drop),
        Place::Postgres { .. } => PgConnection::connect(&url).await.expect("the server").execute(sql).await.map(drop),
        Place::MySql { .. } => MySqlConnection::connect(&url).await.expect("the server").execute(sql).await.map(drop),
        #[cfg(feature = "mongodb")]
        Place::Mongo { .. } => unreachable!("it has no SQL"),
    };
    ran.expect("the statement ran");
}

/// `url` with another password.
pub fn with_password(url: &str, password: &str) -> String {
    let (user, rest) = url.rsplit_once('@').expect("a user");
    let (user, _) = user.rsplit_once(':').expect("a password");
    format!("{user}:{password}@{rest}")
}

/// `url` with another port.
pub fn with_port(url: &str, port: u16) -> String {
    let address = address(url);
    url.replacen(address, &format!("127.0.0.1:{port}"), 1)
}

/// Host and port of a URL.
pub fn address(url: &str) -> &str {
    let (_, rest) = url.split_once("://").expect("a URL");
    let (rest, _) = rest.split_once('/').expect("a database");
    rest.rsplit_once('@').map_or(rest, |(_, address)| address)
}
