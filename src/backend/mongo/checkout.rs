//! One session of the driver on loan, and what becomes of it when its caller goes.
//!
//! The driver forgets a transaction whose first command was given up half-way, and what was given up runs on in the server. So
//! a [`Checkout`] knows what is on its way: dropped then, its session is killed in the server, and with it its command and its
//! transaction, before it serves anybody else.

use super::{
    error::{self, Doing},
    keys::COUNTERS,
    pool::Shared,
};
use crate::{Error, ErrorKind, Result, schema::Table};
use mongodb::{
    ClientSession, Database,
    bson::{Bson, Document, doc},
    error::ErrorKind as Kind,
    options::{ReadConcern, WriteConcern},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{runtime::Handle, sync::OwnedSemaphorePermit, time::timeout};

/// How long the clean-up of what was given up may take.
const CLEAN_UP: Duration = Duration::from_secs(1);

/// How much later than the server, which is told the same bound, we end a command by ourselves (hazard H7: the driver waits for
/// ever).
pub(super) const GRACE: Duration = Duration::from_secs(2);

/// How long a transaction that begins anew waits for a server: the driver looks for one again after half a second.
const ANEW: Duration = Duration::from_secs(2);

/// The longest that one command of a deploy may take: an index of a large collection is built in one.
const LONGEST: Duration = Duration::from_hours(24);

/// As long as the server lets a transaction live unless it is told otherwise.
const LIFETIME: Duration = Duration::from_mins(1);

/// What a session is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing.
    Idle,
    /// A transaction is open, of which the server has not heard.
    Begun,
    /// A transaction is open and nothing runs.
    Open,
    /// A command is on its way, or was given up.
    InFlight,
}

/// A session on loan. Dropping it in any state is safe, at any await.
pub(super) struct Checkout {
    /// There until it is dropped.
    session: Option<ClientSession>,
    permit: Option<OwnedSemaphorePermit>,
    shared: Arc<Shared>,
    state: State,
    /// When its last transaction began.
    begun: Option<Instant>,
    runtime: Handle,
}

impl Checkout {
    pub fn of(session: ClientSession, permit: OwnedSemaphorePermit, shared: Arc<Shared>) -> Self {
        let (session, permit, runtime) = (Some(session), Some(permit), Handle::current());
        Self { session, permit, shared, state: State::Idle, begun: None, runtime }
    }

    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// By what the server knows the session.
    pub fn id(&self) -> Option<&Document> {
        self.session.as_ref().map(ClientSession::id)
    }

    /// Whether a transaction is open.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Begun | State::Open)
    }

    /// Runs a command that reads, or that writes inside a transaction.
    pub async fn command(&mut self, command: Document, table: &Table) -> Result<Document> {
        self.run(command).await.map_err(|failure| error::about(failure, table))
    }

    /// The same, of no entity in particular.
    pub async fn run(&mut self, command: Document) -> Result<Document> {
        let writes = WRITES.contains(&first(&command));
        self.send(command, writes).await
    }

    /// The same, of which the caller knows whether it writes.
    pub async fn send(&mut self, mut command: Document, writes: bool) -> Result<Document> {
        let open = self.is_open();
        self.shared.tag(&mut command);
        if writes && !open {
            command.insert("writeConcern", doc! { "w": "majority" });
            self.built_by_a_majority(&mut command);
        }
        // A connection that breaks inside a transaction took the whole with it.
        let doing = if writes && !open { Doing::Writing } else { Doing::Reading };
        let work = async |database: &Database, session: &mut ClientSession, command: Document| {
            database.run_command(command).session(session).await
        };
        let answer = self.asked(doing, command, work).await?;
        refused(doing, &answer)?;
        Ok(answer)
    }

    /// Every document that a command with a cursor answers.
    pub async fn documents(&mut self, command: Document, table: &Table) -> Result<Vec<Document>> {
        self.cursor(command, Doing::Reading).await.map_err(|failure| error::about(failure, table))
    }

    /// The same, of no entity in particular; a pipeline may write what it finds.
    pub async fn cursor(&mut self, mut command: Document, doing: Doing) -> Result<Vec<Document>> {
        self.shared.tag(&mut command);
        if doing == Doing::Writing {
            command.insert("writeConcern", doc! { "w": "majority" });
        } else if !self.is_open() && self.shared.transactions && reads_a_state(&command) {
            // One statement sees one state, also where its answer takes many batches.
            command.insert("readConcern", doc! { "level": "snapshot" });
        }
        let work = async |database: &Database, session: &mut ClientSession, command: Document| {
            let mut cursor = database.run_cursor_command(command).session(&mut *session).await?;
            let mut found = Vec::new();
            while let Some(document) = cursor.next(session).await {
                found.push(document?);
            }
            Ok(found)
        };
        self.asked(doing, command, work).await
    }

    /// Sends a command. Where a connection breaks under the first one of a transaction, nothing of it is done, and it is begun
    /// anew: the driver tries no connection that was idle (hazard H7).
    async fn asked<T>(
        &mut self,
        doing: Doing,
        command: Document,
        work: impl AsyncFn(&Database, &mut ClientSession, Document) -> mongodb::error::Result<T>,
    ) -> Result<T> {
        let spare = (self.state == State::Begun).then(|| command.clone());
        let answer = self.tracked(doing, async |database, session| work(database, session, command).await).await;
        match (answer, spare) {
            (Err(error), Some(command)) if error.is(ErrorKind::ConnectionLost) && self.anew().await => {
                self.tracked(doing, async |database, session| work(database, session, command).await).await
            }
            (answer, _) => answer,
        }
    }

    /// Begins the transaction anew where its first command found a server and lost it, and says whether it did.
    async fn anew(&mut self) -> bool {
        let abort = async |_: &Database, session: &mut ClientSession| session.abort_transaction().await;
        if self.state != State::Open || self.bounded(Doing::Reading, ANEW, abort).await.is_err() {
            return false;
        }
        self.state = State::Idle;
        self.begin().await.is_ok()
    }

    /// A command of a deploy, in whatever database: it may take as long as it takes, for the deploy holds its lease meanwhile.
    pub async fn run_of(&mut self, database: &Database, mut command: Document) -> Result<Document> {
        command.insert("comment", "seabed");
        if !self.is_open() && (WRITES.contains(&first(&command)) || DEPLOYS.contains(&first(&command))) {
            command.insert("writeConcern", doc! { "w": "majority" });
            self.built_by_a_majority(&mut command);
        }
        let doing = if self.is_open() { Doing::Reading } else { Doing::Writing };
        let work =
            async |_: &Database, session: &mut ClientSession| database.run_command(command).session(session).await;
        let answer = self.bounded(doing, LONGEST, work).await?;
        refused(doing, &answer)?;
        Ok(answer)
    }

    /// Every document that a question of a deploy answers.
    pub async fn rows_of(&mut self, database: &Database, mut command: Document) -> Result<Vec<Document>> {
        command.insert("comment", "seabed");
        if first(&command) == "aggregate" && !command.contains_key("cursor") {
            command.insert("cursor", doc! {});
        }
        let work = async |_: &Database, session: &mut ClientSession| {
            let mut cursor = database.run_cursor_command(command).session(&mut *session).await?;
            let mut found = Vec::new();
            while let Some(document) = cursor.next(session).await {
                found.push(document?);
            }
            Ok(found)
        };
        self.bounded(Doing::Reading, LONGEST, work).await
    }

    /// An index waits for every voting member unless it is told otherwise: for one that is down, without a bound. A standalone
    /// refuses the word.
    fn built_by_a_majority(&self, command: &mut Document) {
        if self.shared.transactions && first(command) == "createIndexes" && !command.contains_key("commitQuorum") {
            command.insert("commitQuorum", "majority");
        }
    }

    /// Whether a command is on its way, or was given up.
    pub fn is_in_flight(&self) -> bool {
        self.state == State::InFlight
    }

    /// Opens a transaction. The server hears of it with the first command.
    pub async fn begin(&mut self) -> Result<()> {
        let bound = self.shared.timeout;
        let begin = async |_: &Database, session: &mut ClientSession| {
            let begin = session.start_transaction().read_concern(ReadConcern::snapshot());
            begin.write_concern(WriteConcern::majority()).max_commit_time(bound).await
        };
        self.tracked(Doing::Reading, begin).await?;
        (self.state, self.begun) = (State::Begun, Some(Instant::now()));
        Ok(())
    }

    /// Commits. A server's refusal is a definite no, and an answer that does not come is unknown (hazard H11). The driver asks once
    /// more for such an answer, and does not tell: of a server that may have forgotten it, the second one proves nothing.
    pub async fn commit(&mut self) -> Result<()> {
        let committed = self.tracked(Doing::Committing, async |_, session| session.commit_transaction().await).await;
        let remembers = self.shared.remembers;
        committed.map_err(|error| if remembers { error } else { error::of_a_forgetful_one(error) })?;
        self.state = State::Idle;
        Ok(())
    }

    pub async fn rollback(&mut self) -> Result<()> {
        self.tracked(Doing::Reading, async |_, session| session.abort_transaction().await).await?;
        self.state = State::Idle;
        Ok(())
    }

    /// Runs something on the session, within a bound; dropped before its end, it leaves the state at `InFlight`.
    async fn tracked<T>(
        &mut self,
        doing: Doing,
        work: impl AsyncFnOnce(&Database, &mut ClientSession) -> mongodb::error::Result<T>,
    ) -> Result<T> {
        let bound = self.shared.timeout.saturating_add(GRACE);
        self.bounded(doing, bound, work).await
    }

    /// The same with a bound of its own.
    async fn bounded<T>(
        &mut self,
        doing: Doing,
        bound: Duration,
        work: impl AsyncFnOnce(&Database, &mut ClientSession) -> mongodb::error::Result<T>,
    ) -> Result<T> {
        let before = std::mem::replace(&mut self.state, State::InFlight);
        let Some(session) = self.session.as_mut().filter(|_| before != State::InFlight) else {
            // What is on its way stays so until it is killed.
            self.state = before;
            return Err(Error::new(ErrorKind::ConnectionLost, "a call of this session was given up"));
        };
        let after = if before == State::Begun { State::Open } else { before };
        match timeout(bound, work(&self.shared.database, session)).await {
            Ok(Ok(value)) => {
                self.state = after;
                Ok(value)
            }
            Ok(Err(failure)) => {
                let unsent = matches!(&*failure.kind, Kind::ServerSelection { .. });
                self.state = if unsent { before } else { after };
                let error = error::error(doing, &failure);
                // Of a commit it is told as a collision, which it is as well: nothing is kept.
                let inside = after == State::Open && doing != Doing::Committing;
                let old = inside && self.begun.is_some_and(|begun| begun.elapsed() >= LIFETIME);
                Err(if old { error::of_an_old_one(error) } else { error })
            }
            // What it waits for may still come: it stays in flight, and is killed when it is dropped.
            Err(_) => {
                let kind = if doing == Doing::Reading { ErrorKind::Timeout } else { doing.lost() };
                Err(Error::new(kind, format!("no answer within {} ms", bound.as_millis())))
            }
        }
    }
}

/// Commands that write.
const WRITES: [&str; 7] = ["insert", "update", "delete", "findAndModify", "create", "createIndexes", "collMod"];

/// Whether a command can be told to see one state: a caller may want another, and what is about no collection has none.
fn reads_a_state(command: &Document) -> bool {
    let of_a_collection = ["aggregate", "find"].iter().any(|name| command.get_str(name).is_ok());
    of_a_collection && !command.contains_key("readConcern")
}

/// Commands of a deploy that write.
const DEPLOYS: [&str; 3] = ["drop", "dropIndexes", "renameCollection"];

/// A command's name: its first key.
fn first(command: &Document) -> &str {
    command.keys().next().map_or("", String::as_str)
}

/// Refused rows stand in an answer that calls itself good.
pub(super) fn refused(doing: Doing, answer: &Document) -> Result<()> {
    if let Some(wrong) = answer.get_array("writeErrors").ok().and_then(|list| list.first()).and_then(Bson::as_document)
    {
        return Err(error::refusal(doing, wrong, false));
    }
    match answer.get_document("writeConcernError") {
        Ok(wrong) => Err(error::refusal(
            Doing::Writing,
            &doc! { "code": 64, "errmsg": wrong.get_str("errmsg").unwrap_or_default() },
            false,
        )),
        Err(_) => Ok(()),
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        let (Some(session), permit) = (self.session.take(), self.permit.take()) else { return };
        let shared = Arc::clone(&self.shared);
        match self.state {
            State::Idle => drop(session),
            State::Begun | State::Open => drop(self.runtime.spawn(roll_back(session, permit))),
            State::InFlight => drop(self.runtime.spawn(abandon(shared, session, permit))),
        }
    }
}

/// Ends the transaction that a dropped handle left open.
async fn roll_back(mut session: ClientSession, permit: Option<OwnedSemaphorePermit>) {
    let _ = timeout(CLEAN_UP, session.abort_transaction()).await;
    drop(permit);
}

/// Kills in the server what was on its way, and the transaction that it stood in; then the session may go back to the driver.
async fn abandon(shared: Arc<Shared>, mut session: ClientSession, permit: Option<OwnedSemaphorePermit>) {
    let id = session.id().clone();
    let admin = shared.client.database("admin");
    let kill = admin.run_command(doc! { "killSessions": [id] });
    let killed = matches!(timeout(CLEAN_UP, kill).await, Ok(Ok(_)));
    // The driver is told too: a session that it holds for open it would end by itself, and wait for that without a bound.
    let _ = timeout(CLEAN_UP, session.abort_transaction()).await;
    if killed && shared.transactions {
        let _ = timeout(CLEAN_UP, keep_out(&shared, &mut session)).await;
    }
    drop(permit);
}

/// What was given up may reach the server after the kill, for it came on another connection. A newer transaction of the session
/// ends it where it has begun, and has it refused where it comes later.
async fn keep_out(shared: &Shared, session: &mut ClientSession) -> mongodb::error::Result<()> {
    session.start_transaction().await?;
    let look = doc! { "find": COUNTERS, "filter": { "_id": "" }, "limit": 1, "singleBatch": true };
    let looked = shared.database.run_command(look).session(&mut *session).await;
    session.abort_transaction().await?;
    looked.map(drop)
}

impl std::fmt::Debug for Checkout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Checkout({:?})", self.state)
    }
}
