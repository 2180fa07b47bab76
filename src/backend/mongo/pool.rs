//! The client of the driver, and how many calls may use it at a time.
//!
//! The driver's own pool waits without a bound for a connection; here a call waits for its turn within `acquire_timeout`.

use super::{
    checkout::{Checkout, GRACE, refused},
    error::{self, Doing},
};
use crate::{
    Error, ErrorKind, Result,
    backend::PoolState,
    config::{DatabaseConfig, TlsMode},
};
use mongodb::{
    Client, Database,
    bson::{Document, doc},
    options::{ClientOptions, Credential, ServerAddress, SessionOptions, Tls, TlsOptions},
};
use secrecy::ExposeSecret;
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{sync::Semaphore, time::timeout};

/// The oldest protocol that we speak: that of MongoDB 5.0, which reads one state in one statement.
const OLDEST: i64 = 13;

/// How long a row that was lost is taken for one that others want.
const CONTENDED: Duration = Duration::from_secs(1);

/// How long the driver may take to close its connections.
const FAREWELL: Duration = Duration::from_millis(500);

/// How often the driver asks a server whether it is there: at least and at most, as the driver allows and as it does by itself.
const HEARTBEAT: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));

/// The turns of those whose write met another, by collection.
type Turns = Mutex<HashMap<String, Turn>>;

/// The line of those whose write to one collection met another, and when that was last.
#[derive(Default)]
struct Turn {
    line: Arc<tokio::sync::Mutex<()>>,
    lost: Option<Instant>,
}

/// The columns that a collection was made with; none where another program made it.
pub(super) type Columns = Option<HashSet<String>>;

/// What every session of a database shares.
pub(super) struct Shared {
    pub client: Client,
    pub database: Database,
    /// The longest that one command may run in the server.
    pub timeout: Duration,
    /// The longest that a call waits for others that write the same rows.
    pub lock_timeout: Duration,
    /// Whether the server has transactions.
    pub transactions: bool,
    /// Whether the server knows after a crash what it has committed. MongoDB does; `SecantusDB` does not, and takes the second asking
    /// for a commit for one of a transaction that never was.
    pub remembers: bool,
    /// The collections that were seen: the server makes one that is not there, with no law in it.
    pub known: RwLock<HashMap<String, Columns>>,
    turns: Turns,
}

impl Shared {
    /// Says who asks and how long it may take: the same words for every call.
    pub fn tag(&self, command: &mut Document) {
        command.insert("comment", "seabed");
        command.insert("maxTimeMS", i64::try_from(self.timeout.as_millis()).unwrap_or(i64::MAX));
    }
}

impl Shared {
    /// The turns of those who lost a row of this collection: they try again one after the other.
    pub fn turn(&self, collection: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&turns.entry(collection.to_owned()).or_default().line)
    }

    /// A transaction lost a row of this collection, and could not try again by itself.
    pub fn lost(&self, collection: &str) {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.entry(collection.to_owned()).or_default().lost = Some(Instant::now());
    }

    /// The line of a collection of which somebody has just lost a row.
    pub fn contended(&self, collection: &str) -> Option<Arc<tokio::sync::Mutex<()>>> {
        let turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = turns.get(collection)?;
        turn.lost.is_some_and(|lost| lost.elapsed() < CONTENDED).then(|| Arc::clone(&turn.line))
    }

    /// One command by itself, beside whatever transaction is open: a look, or a key that is counted up and may stay a gap.
    pub async fn ask(&self, mut command: Document) -> Result<Document> {
        self.tag(&mut command);
        let bound = self.timeout.saturating_add(GRACE);
        match timeout(bound, self.database.run_command(command)).await {
            Ok(Ok(answer)) => refused(Doing::Reading, &answer).map(|()| answer),
            Ok(Err(failure)) => Err(error::error(Doing::Reading, &failure)),
            Err(_) => Err(Error::new(ErrorKind::Timeout, format!("no answer within {} ms", bound.as_millis()))),
        }
    }
}

#[cfg(test)]
impl Shared {
    /// For what is decided without asking.
    pub fn of_no_server(lock_timeout: Duration) -> Self {
        let hosts = vec![ServerAddress::Tcp { host: "127.0.0.1".to_owned(), port: Some(1) }];
        let client = Client::with_options(ClientOptions::builder().hosts(hosts).build()).expect("a client");
        Self {
            database: client.database("none"),
            client,
            timeout: lock_timeout,
            lock_timeout,
            transactions: true,
            remembers: true,
            known: RwLock::default(),
            turns: Mutex::default(),
        }
    }
}

/// A bounded number of sessions.
pub(super) struct Pool {
    shared: Arc<Shared>,
    turns: Arc<Semaphore>,
    max: usize,
    waiting: AtomicUsize,
    acquire: Duration,
    url: String,
    /// What the server calls its version.
    pub version: String,
}

impl Pool {
    /// Opens the first connection, and with it learns what the server is.
    pub async fn open(config: &DatabaseConfig) -> Result<Self> {
        let url = config.url.to_string();
        let at = |error: Error| error.with("url", url.clone());
        let Some(name) = config.url.database() else {
            return Err(at(Error::new(ErrorKind::Config, "the URL names no database: `mongodb://host/database`")));
        };
        let options = options(config).await.map_err(at)?;
        let client = Client::with_options(options).map_err(|e| at(error::error(Doing::Connecting, &e)))?;
        let hello = ask(&client, config, doc! { "hello": 1 }).await.map_err(at)?;
        let build = ask(&client, config, doc! { "buildInfo": 1 }).await.map_err(at)?;
        let version = build.get_str("version").unwrap_or_default().to_owned();
        let transactions = judge(config, &hello, &version).map_err(at)?;
        let shared = Shared {
            database: client.database(name),
            client,
            timeout: config.timeout,
            lock_timeout: config.lock_timeout,
            transactions,
            remembers: !build.contains_key("secantusVersion"),
            known: RwLock::default(),
            turns: Mutex::default(),
        };
        let max = config.max_connections as usize;
        Ok(Self {
            shared: Arc::new(shared),
            turns: Arc::new(Semaphore::new(max)),
            max,
            waiting: AtomicUsize::new(0),
            acquire: config.acquire_timeout,
            url,
            version,
        })
    }

    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// A session, within the bounds of the configuration.
    pub async fn get(&self) -> Result<Checkout> {
        let permit = {
            let _waits = Waits::of(&self.waiting);
            timeout(self.acquire, Arc::clone(&self.turns).acquire_owned()).await
        };
        let permit = match permit {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(Error::new(ErrorKind::Closed, "the database was closed")),
            Err(_) => {
                let (bound, state) = (self.acquire.as_millis(), self.state());
                let why =
                    format!("all {} connections stayed in use for {bound} ms, {} calls wait", state.max, state.waiting);
                return Err(Error::new(ErrorKind::PoolExhausted, why));
            }
        };
        let options = SessionOptions::builder().causal_consistency(false).build();
        let session = self.shared.client.start_session().with_options(options).await;
        let session = session.map_err(|failure| error::error(Doing::Connecting, &failure))?;
        Ok(Checkout::of(session, permit, Arc::clone(&self.shared)))
    }

    pub fn state(&self) -> PoolState {
        let in_use = self.max.saturating_sub(self.turns.available_permits());
        let waiting = self.waiting.load(Ordering::Relaxed);
        // The driver does not tell how many it keeps open.
        PoolState { max: self.max, size: in_use, idle: 0, in_use, waiting }
    }

    /// Refuses new checkouts, waits for running ones, closes the connections.
    pub async fn close(&self, until: Instant) -> Result<()> {
        self.turns.close();
        let mut ended = Ok(());
        while self.state().in_use > 0 {
            if Instant::now() >= until {
                let running = self.state().in_use;
                ended = Err(Error::new(ErrorKind::Timeout, format!("{running} calls were still running at the bound")));
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // It tells the server which sessions end, and waits for the answer without a bound.
        let _ = timeout(FAREWELL, self.shared.client.clone().shutdown().immediate(true)).await;
        ended
    }
}

/// One call that waits, also where its caller gives up.
struct Waits<'p>(&'p AtomicUsize);

impl<'p> Waits<'p> {
    fn of(count: &'p AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn ask(client: &Client, config: &DatabaseConfig, question: Document) -> Result<Document> {
    let bound = config.connect_timeout;
    match timeout(bound, client.database("admin").run_command(question)).await {
        Ok(answer) => answer.map_err(|failure| error::error(Doing::Connecting, &failure)),
        Err(_) => Err(Error::new(ErrorKind::Unreachable, format!("no answer within {} ms", bound.as_millis()))),
    }
}

/// Whether it has transactions; refused where it cannot keep the contract and nobody has accepted that.
fn judge(config: &DatabaseConfig, hello: &Document, version: &str) -> Result<bool> {
    let wire = hello.get_i32("maxWireVersion").map_or_else(|_| hello.get_i64("maxWireVersion").unwrap_or(0), i64::from);
    if wire < OLDEST {
        return Err(Error::unsupported(format!("MongoDB {version} is older than 5.0")));
    }
    let transactions = hello.contains_key("setName") || hello.get_str("msg").is_ok_and(|it| it == "isdbgrid");
    if transactions || config.url.parameter("accept_losses").is_some() {
        return Ok(transactions);
    }
    Err(Error::unsupported(
        "the server is a standalone and has no transactions: W6, Q10 and T1 cannot be kept. Make it a replica set of one, or \
         say `accept_losses=W6,Q10,T1` in the URL",
    ))
}

async fn options(config: &DatabaseConfig) -> Result<ClientOptions> {
    let url = &config.url;
    let credential = match url.user() {
        None => None,
        Some(user) => {
            let password = config.read_password().await?;
            let source = url.parameter("authSource").unwrap_or("admin");
            let credential = Credential::builder().username(user.to_owned()).source(source.to_owned());
            Some(credential.password(password.map(|password| password.expose_secret().to_owned())).build())
        }
    };
    let host = ServerAddress::Tcp { host: url.host().to_owned(), port: Some(url.port()) };
    let mut options = ClientOptions::builder().hosts(vec![host]).build();
    options.app_name = Some("seabed".to_owned());
    options.credential = credential;
    options.repl_set_name = url.parameter("replicaSet").map(ToOwned::to_owned);
    options.direct_connection = url.parameter("directConnection").map(|value| value == "true");
    options.connect_timeout = Some(config.connect_timeout);
    options.server_selection_timeout = Some(config.connect_timeout);
    // The driver does not try a connection before it uses it: one that was idle for so long is opened anew (hazard H7). To the
    // driver none is for ever.
    options.max_idle_time = Some(config.idle_check.min(config.max_lifetime).max(Duration::from_millis(1)));
    // What is opened in a silence waits without a bound, and takes the place of others, until the driver's own question stays
    // unanswered.
    options.heartbeat_freq = Some(config.idle_check.clamp(HEARTBEAT.0, HEARTBEAT.1));
    // Beside each call its session may be killed, or a key be made.
    options.max_pool_size = Some(config.max_connections.saturating_mul(2).saturating_add(2));
    // What may be done again is known by the layers, not by the driver.
    options.retry_writes = Some(false);
    options.retry_reads = Some(false);
    options.tls = tls(config)?;
    Ok(options)
}

fn tls(config: &DatabaseConfig) -> Result<Option<Tls>> {
    let (mode, tls) = (config.tls.mode, &config.tls);
    if tls.certificate.is_some() {
        return Err(Error::unsupported("`tls.certificate`: MongoDB's driver wants certificate and key in one file"));
    }
    let options = TlsOptions::builder().ca_file_path(tls.ca.clone());
    match mode {
        // The driver cannot ask whether the server has TLS; on this machine it is done without.
        TlsMode::Disable | TlsMode::Prefer => Ok(Some(Tls::Disabled)),
        TlsMode::Require => Ok(Some(Tls::Enabled(options.allow_invalid_certificates(true).build()))),
        TlsMode::VerifyFull => Ok(Some(Tls::Enabled(options.build()))),
        TlsMode::VerifyCa => Err(Error::unsupported(
            "the TLS mode `verify-ca`: MongoDB's driver also looks at the host; say `verify-full`",
        )),
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pool({}, {:?})", self.url, self.state())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ConnectionUrl;

    fn judged(url: &str, hello: &Document) -> Result<bool> {
        judge(&DatabaseConfig::new(ConnectionUrl::parse(url).expect("a URL")), hello, "7.0.1")
    }

    #[tokio::test]
    async fn h7_what_is_tried_at_each_use_is_never_kept_and_the_driver_asks_as_often_as_it_may() {
        for (check, idle, asked) in [(0, 1, 500), (2_000, 2_000, 2_000), (60_000, 60_000, 10_000)] {
            let mut config = DatabaseConfig::new(ConnectionUrl::parse("mongodb://h/db").expect("a URL"));
            config.idle_check = Duration::from_millis(check);
            let options = options(&config).await.expect("options");
            assert_eq!(options.max_idle_time, Some(Duration::from_millis(idle)), "none is for ever to the driver");
            assert_eq!(options.heartbeat_freq, Some(Duration::from_millis(asked)));
        }
    }

    #[test]
    fn what_has_no_transactions_is_refused_unless_its_losses_are_accepted() {
        const ACCEPTED: &str = "mongodb://h/db?accept_losses=W6,Q10,T1";
        let standalone = doc! { "maxWireVersion": 21 };
        let error = judged("mongodb://h/db", &standalone).expect_err("a standalone");
        assert!(error.is(ErrorKind::Unsupported) && error.to_string().contains("accept_losses=W6,Q10,T1"), "{error}");
        assert!(!judged(ACCEPTED, &standalone).expect("accepted"), "and has none all the same");
        for whole in
            [doc! { "maxWireVersion": 21, "setName": "rs0" }, doc! { "maxWireVersion": 13_i64, "msg": "isdbgrid" }]
        {
            assert!(judged("mongodb://h/db", &whole).expect("a replica set or a router"));
            assert!(judged(ACCEPTED, &whole).expect("nothing is lost where it need not be"));
        }
        let old = judged(ACCEPTED, &doc! { "maxWireVersion": 9, "setName": "rs0" }).expect_err("4.4");
        assert!(old.is(ErrorKind::Unsupported) && old.to_string().contains("older than 5.0"), "{old}");
    }
}
