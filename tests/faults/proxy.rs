//! A TCP proxy before a server, that does what networks do: late, silent, cut, refused, well again. It knows where a message of
//! the client ends, so it can cut after the n-th one; it speaks without TLS, only on the loopback, and ends with its guard.

use crate::support::{Place, address, with_port};
use seabed::{Config, Database};
use std::{
    future::pending,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpSocket, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{Notify, watch},
    task::JoinSet,
    time::{sleep, timeout},
};

/// More flows than this at once are a mistake of the test.
const FLOWS: usize = 512;

/// How long an answer of the server is waited for before it is lost: a message in the middle of others has none.
const ANSWER: Duration = Duration::from_millis(300);

/// Which message of a client is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// The n-th from now on, of all connections together, from 1.
    Message(usize),
    /// The n-th of the connection whose message holds these bytes first, that one being the first. What another connection says
    /// in the meantime, as one that is just being opened, does not count.
    MessageFrom(&'static [u8], usize),
    /// The next one that holds these bytes.
    Bytes(&'static [u8]),
}

/// How far it gets before its connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Nothing of it reaches the server.
    Nowhere,
    /// It reaches the server; what comes of it is a race, as it is in life.
    Server,
    /// The server answered, and the answer was lost.
    Answered,
}

/// A cut that waits for its message.
#[derive(Clone, Copy, Debug)]
struct Cut {
    at: At,
    reach: Reach,
    /// Whether nothing comes through after it.
    for_good: bool,
    seen: usize,
    /// The one connection whose messages count.
    flow: Option<usize>,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    up: Duration,
    down: Duration,
    /// Flows of a lower number carry nothing any more, and nobody is told.
    dark_below: usize,
    /// So do all that begin now.
    dark: bool,
    /// Flows of a lower number are ended.
    ended_below: usize,
    refusing: bool,
}

/// Where the messages of a client end.
#[derive(Clone, Copy, Debug)]
enum Wire {
    /// The first ones have no letter; from then on a letter goes before the length.
    Postgres { started: bool },
    /// Three bytes of length, one that counts.
    MySql,
    /// Four bytes of length, which count themselves.
    Mongo,
}

impl Wire {
    /// The length of the first message, where it is all there.
    fn first(&mut self, bytes: &[u8]) -> Option<usize> {
        let number = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        let length = match self {
            Self::Postgres { started: true } => 1 + number(1)? as usize,
            Self::Postgres { started } => {
                // The version 3.0; what asks for TLS goes before it.
                *started = number(4)? == 0x0003_0000;
                number(0)? as usize
            }
            Self::MySql => {
                let &[low, middle, high, _, ..] = bytes else { return None };
                4 + u32::from_le_bytes([low, middle, high, 0]) as usize
            }
            Self::Mongo => u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?) as usize,
        };
        (bytes.len() >= length).then_some(length)
    }
}

#[derive(Debug)]
struct Shared {
    server: String,
    wire: Wire,
    state: watch::Sender<State>,
    cut: Mutex<Option<Cut>>,
    flows: Mutex<usize>,
}

fn locked<T>(lock: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn flows(&self) -> usize {
        *locked(&self.flows)
    }

    /// Whether this message is the one, and then how far it gets.
    fn met(&self, flow: usize, message: &[u8]) -> Option<Reach> {
        let holds = |bytes: &[u8]| message.windows(bytes.len()).any(|window| window == bytes);
        let mut armed = locked(&self.cut);
        let cut = armed.as_mut()?;
        if let At::MessageFrom(first, _) = cut.at {
            if cut.flow.is_none() && holds(first) {
                cut.flow = Some(flow);
            }
            if cut.flow != Some(flow) {
                return None;
            }
        }
        cut.seen += 1;
        let is_it = match cut.at {
            At::Message(number) | At::MessageFrom(_, number) => cut.seen == number,
            At::Bytes(bytes) => holds(bytes),
        };
        if !is_it {
            return None;
        }
        let cut = armed.take()?;
        drop(armed);
        if cut.for_good {
            self.state.send_modify(|state| state.refusing = true);
        }
        Some(cut.reach)
    }
}

/// A TCP proxy before a server.
#[derive(Debug)]
pub struct Proxy {
    pub port: u16,
    shared: Arc<Shared>,
    tasks: tokio::task::AbortHandle,
}

impl Proxy {
    /// A proxy to the server of this URL.
    pub async fn to(url: &str) -> Self {
        let server = address(url).to_owned();
        let wire = match url.split_once(':').expect("a URL").0 {
            "mysql" => Wire::MySql,
            "mongodb" => Wire::Mongo,
            _ => Wire::Postgres { started: false },
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (state, cut, flows) = (watch::Sender::new(State::default()), Mutex::new(None), Mutex::new(0));
        let shared = Arc::new(Shared { server, wire, state, cut, flows });
        let tasks = tokio::spawn(accept(Arc::clone(&shared), listener, port)).abort_handle();
        Self { port, shared, tasks }
    }

    fn set(&self, change: impl FnOnce(&mut State)) {
        self.shared.state.send_modify(change);
    }

    /// Ends every connection, and refuses new ones.
    pub fn cut(&self) {
        let below = self.shared.flows();
        self.set(|state| (state.ended_below, state.refusing) = (below, true));
    }

    /// Ends every connection; new ones come through.
    pub fn cut_once(&self) {
        let below = self.shared.flows();
        self.set(|state| state.ended_below = below);
    }

    /// How many connections were made so far.
    pub fn connections(&self) -> usize {
        self.shared.flows()
    }

    /// Every message takes so much longer, up to the server and down to the client.
    pub fn delay(&self, up: Duration, down: Duration) {
        self.set(|state| (state.up, state.down) = (up, down));
    }

    /// Nothing comes through any more, also of new connections, and nobody is told. What begins in the dark stays there.
    pub fn go_dark(&self) {
        let below = self.shared.flows();
        self.set(|state| (state.dark_below, state.dark) = (below, true));
    }

    /// The same for the connections that are there; new ones come through, as where a firewall forgot the old.
    pub fn forget(&self) {
        let below = self.shared.flows();
        self.set(|state| state.dark_below = below);
    }

    /// New connections come through again at once. Those that went dark stay dark, and those that were cut are gone.
    pub fn heal(&self) {
        let below = self.shared.flows();
        self.set(|state| {
            if state.dark {
                state.dark_below = below;
            }
            (state.dark, state.refusing, state.up, state.down) = (false, false, Duration::ZERO, Duration::ZERO);
        });
        self.disarm();
    }

    /// Cuts the connection that this message comes on; the others stay.
    pub fn cut_at(&self, at: At, reach: Reach) {
        *locked(&self.shared.cut) = Some(Cut { at, reach, for_good: false, seen: 0, flow: None });
    }

    /// The same, and from then on nothing comes through, on any connection, new ones included, until [`heal`](Self::heal).
    pub fn cut_for_good_at(&self, at: At, reach: Reach) {
        *locked(&self.shared.cut) = Some(Cut { at, reach, for_good: true, seen: 0, flow: None });
    }

    /// Whether the message never came: the cut is taken back.
    pub fn disarm(&self) -> bool {
        locked(&self.shared.cut).take().is_some()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // With it goes every flow.
        self.tasks.abort();
    }
}

async fn accept(shared: Arc<Shared>, mut listener: TcpListener, port: u16) {
    let mut state = shared.state.subscribe();
    let mut flows = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            biased;
            _ = state.wait_for(|state| state.refusing) => None,
            accepted = listener.accept() => accepted.ok(),
        };
        if let Some((client, _)) = accepted {
            while flows.try_join_next().is_some() {}
            assert!(flows.len() < FLOWS, "more than {FLOWS} connections through the proxy");
            let number = {
                let mut flows = locked(&shared.flows);
                *flows += 1;
                *flows - 1
            };
            // Its time of birth decides: what begins in the dark stays there.
            if state.borrow().dark {
                shared.state.send_modify(|state| state.dark_below = state.dark_below.max(number + 1));
            }
            flows.spawn(flow(Arc::clone(&shared), number, client));
            continue;
        }
        // The port is held and does not listen: who connects is refused, and nobody else can take it.
        drop(listener);
        let held = hold(port);
        if state.wait_for(|state| !state.refusing).await.is_err() {
            return;
        }
        listener = held.listen(128).expect("the port was held");
    }
}

fn hold(port: u16) -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_reuseaddr(true).expect("an option");
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).expect("the port was ours");
    socket
}

/// One connection and the one behind it; its end ends both.
async fn flow(shared: Arc<Shared>, number: usize, client: TcpStream) {
    let Ok(server) = TcpStream::connect(&shared.server).await else { return };
    // Else a short message waits for the answer to the one before.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((client_out, client_in), (server_out, server_in)) = (client.into_split(), server.into_split());
    let mut state = shared.state.subscribe();
    let lost = Arc::new(Notify::new());
    let swallow = watch::Sender::new(false);
    tokio::select! {
        biased;
        _ = state.wait_for(|state| number < state.ended_below) => {}
        () = upwards(&shared, number, client_out, server_in, &swallow, &lost) => {}
        () = downwards(&shared, number, server_out, client_in, &swallow, &lost) => {}
    }
    let below = shared.flows();
    shared.state.send_if_modified(|state| {
        // What was cut for good takes the others along.
        let others = state.refusing && state.ended_below < below;
        if others {
            state.ended_below = below;
        }
        others
    });
}

/// Waits as the state says. Does not return where the flow is dark; `false` where it is ended.
async fn passes(shared: &Shared, number: usize, delay: impl Fn(&State) -> Duration) -> bool {
    let late = delay(&shared.state.borrow());
    if !late.is_zero() {
        sleep(late).await;
    }
    let state = *shared.state.borrow();
    if number < state.dark_below {
        pending::<()>().await;
    }
    number >= state.ended_below
}

async fn upwards(
    shared: &Shared,
    number: usize,
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    swallow: &watch::Sender<bool>,
    lost: &Notify,
) {
    let (mut wire, mut bytes) = (shared.wire, Vec::with_capacity(16 * 1024));
    loop {
        let read = client.read_buf(&mut bytes).await;
        if !passes(shared, number, |state| state.up).await || !read.is_ok_and(|read| read > 0) {
            return;
        }
        let mut sent = 0;
        while let Some(length) = wire.first(&bytes[sent..]) {
            let message = &bytes[sent..sent + length];
            sent += length;
            let reach = shared.met(number, message);
            if reach == Some(Reach::Nowhere) {
                return;
            }
            if reach == Some(Reach::Answered) {
                swallow.send_replace(true);
            }
            if server.write_all(message).await.is_err() || reach == Some(Reach::Server) {
                return;
            }
            if reach == Some(Reach::Answered) {
                // What belongs to it comes in the same breath: the server answers at the end of it.
                let rest = bytes.split_off(sent);
                let _ = server.write_all(&rest).await;
                let _ = timeout(ANSWER, lost.notified()).await;
                return;
            }
        }
        bytes.drain(..sent);
    }
}

async fn downwards(
    shared: &Shared,
    number: usize,
    mut server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    swallow: &watch::Sender<bool>,
    lost: &Notify,
) {
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let read = server.read(&mut bytes).await.unwrap_or(0);
        if !passes(shared, number, |state| state.down).await || read == 0 {
            return;
        }
        if *swallow.borrow() {
            lost.notify_one();
            return pending().await;
        }
        if client.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}

impl Place {
    /// A database with these settings, behind a proxy where there is one.
    pub async fn open_with(&self, proxy: Option<&Proxy>, settings: &[(&str, &str)]) -> Database {
        let url = proxy.map_or_else(|| self.url(), |proxy| with_port(&self.url(), proxy.port));
        let mut config = Config::builder().url(url);
        if proxy.is_some() {
            // The proxy reads along.
            config = config.set("databases.main.tls.mode", "disable");
        }
        for (name, value) in settings {
            config = config.set(&format!("databases.main.{name}"), *value);
        }
        Database::connect(config.load().expect("a configuration")).await.expect("a connection")
    }
}
