//! `mongod` as a replica set of one, where it is installed; else `SecantusDB`, which speaks its protocol: a program of others, under
//! the GPL, run as a process of its own in a virtual environment of Python and never linked.

use super::{
    Backend,
    local::{Local, Place},
};
use crate::shell;
use anyhow::{Context, Result};
use std::{
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::Command,
    time::Duration,
};

/// What pip installs.
const PACKAGE: &str = "SecantusDB==0.7.0b3";

/// The programs.
#[derive(Debug)]
pub struct MongoDb;

fn mongod() -> Option<PathBuf> {
    shell::find("mongod", &["/usr/bin", "/usr/local/bin"].map(PathBuf::from))
}

fn environment() -> PathBuf {
    shell::target().join("mongo-venv")
}

fn secantus() -> Option<PathBuf> {
    let program = environment().join("bin/secantusd-py");
    program.exists().then_some(program)
}

/// Whether one of them can be started.
pub fn is_there() -> bool {
    mongod().is_some() || secantus().is_some()
}

/// Makes the virtual environment.
///
/// # Errors
/// Python with venv and pip is not there, or the package cannot be had.
pub fn install() -> Result<()> {
    eprintln!("installing {PACKAGE} with pip into {} (--no-install forbids it)", environment().display());
    shell::run(shell::command("python3").args(["-m", "venv"]).arg(environment()))?;
    let pip = environment().join("bin/pip");
    shell::run(Command::new(pip).args(["install", "--quiet", "--disable-pip-version-check", PACKAGE])).map(drop)
}

impl Local for MongoDb {
    fn backend(&self) -> Backend {
        Backend::Mongodb
    }

    fn url(&self, place: &Place) -> String {
        format!("mongodb://127.0.0.1:{}/seabed?directConnection=true", place.port)
    }

    fn user(&self) -> Option<&'static str> {
        None
    }

    fn initialise(&self, place: &Place, _: &dyn Fn(&mut Command) -> Result<String>) -> Result<()> {
        std::fs::create_dir_all(place.data()).context("no data folder")
    }

    fn server(&self, place: &Place) -> Result<Command> {
        let port = place.port.to_string();
        if let Some(mongod) = mongod() {
            let mut command = Command::new(mongod);
            command
                .args(["--replSet", "seabed", "--bind_ip", "127.0.0.1", "--port", &port, "--dbpath"])
                .arg(place.data());
            command.args(["--wiredTigerCacheSizeGB", "0.25", "--setParameter", "transactionLifetimeLimitSeconds=60"]);
            return Ok(command);
        }
        let mut command = Command::new(secantus().context("`secantusd-py` is not there")?);
        command
            .args(["--host", "127.0.0.1", "--port", &port, "--cache-size", "256M", "--storage-path"])
            .arg(place.data());
        Ok(command)
    }

    /// It calls itself a primary that takes writes. `mongod` is told first that it is a replica set.
    fn is_ready(&self, place: &Place) -> bool {
        if mongod().is_some() {
            let host = format!("127.0.0.1:{}", place.port);
            // Once is enough; a second time is refused, which is well too.
            ask(place.port, "replSetInitiate", &host).unwrap_or_default();
        }
        let answer = ask(place.port, "hello", "").unwrap_or_default();
        contains(&answer, b"\x08isWritablePrimary\0\x01") && contains(&answer, b"setName\0")
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// One command to `admin`, written by hand (`OP_MSG`): this program is built where the driver is not. A host makes it the
/// initiation of a replica set of that host alone.
fn ask(port: u16, command: &str, host: &str) -> std::io::Result<Vec<u8>> {
    let body = if host.is_empty() {
        document(&[int(command, 1), text("$db", "admin")])
    } else {
        let member = document(&[int("_id", 0), text("host", host)]);
        let members = element(4, "members", &document(&[element(3, "0", &member)]));
        let config = document(&[text("_id", "seabed"), members]);
        document(&[element(3, command, &config), text("$db", "admin")])
    };
    let length = |bytes: usize| i32::try_from(bytes).unwrap_or(i32::MAX).to_le_bytes();
    let mut message = Vec::new();
    for word in [length(body.len() + 21), length(1), length(0), length(2013), length(0)] {
        message.extend(word);
    }
    message.push(0);
    message.extend(body);
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(&message)?;
    let mut head = [0; 4];
    stream.read_exact(&mut head)?;
    let rest = usize::try_from(i32::from_le_bytes(head)).unwrap_or_default().saturating_sub(4);
    let mut answer = vec![0; rest.min(1 << 20)];
    stream.read_exact(&mut answer)?;
    Ok(answer)
}

fn element(kind: u8, name: &str, value: &[u8]) -> Vec<u8> {
    [&[kind], name.as_bytes(), &[0], value].concat()
}

fn int(name: &str, value: i32) -> Vec<u8> {
    element(16, name, &value.to_le_bytes())
}

fn text(name: &str, value: &str) -> Vec<u8> {
    let length = i32::try_from(value.len() + 1).unwrap_or(i32::MAX).to_le_bytes();
    element(2, name, &[&length, value.as_bytes(), &[0]].concat())
}

fn document(elements: &[Vec<u8>]) -> Vec<u8> {
    let inner = elements.concat();
    let length = i32::try_from(inner.len() + 5).unwrap_or(i32::MAX).to_le_bytes();
    [&length, inner.as_slice(), &[0]].concat()
}
