//! From text to parts. No message quotes what may be a password, however mangled the URL is.

use super::{ConnectionUrl, SqlitePath, parameter};
use crate::{Error, ErrorKind, Result, config::scheme::Scheme};
use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use std::{borrow::Cow, path::PathBuf};
use url::{ParseError, Url};

pub(super) fn parse(text: &str) -> Result<ConnectionUrl> {
    let (word, rest) = text.split_once(':').unwrap_or(("", text));
    let mut url = ConnectionUrl::bare(Scheme::of(word)?);
    match url.scheme {
        Scheme::Postgres | Scheme::MySql | Scheme::MongoDb => server(&mut url, text, rest)?,
        Scheme::Sqlite => sqlite(&mut url, rest)?,
        Scheme::Memory if matches!(rest, "" | "//") => {}
        Scheme::Memory => return Err(fault("`memory:` stands alone")),
    }
    Ok(url)
}

pub(super) fn fault(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, message)
}

/// What is said wherever a part ends where no part can end.
pub(super) fn escape() -> Error {
    fault(
        "the URL cannot be read: in a user or a password write `@`, `:`, `/`, `?`, `#` and `%` percent-encoded, \
         such as `%40` for `@`",
    )
}

/// Everything up to `?` is the path: SQLite's URLs have no host, whatever the number of slashes.
fn sqlite(url: &mut ConnectionUrl, rest: &str) -> Result<()> {
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    url.path = match decode(path)? {
        path if path.is_empty() => return Err(fault("`sqlite:` names no file; in memory it is `sqlite::memory:`")),
        path if path == ":memory:" => SqlitePath::Memory,
        path => SqlitePath::File(PathBuf::from(path)),
    };
    parameter::read(url, query)
}

fn server(url: &mut ConnectionUrl, text: &str, rest: &str) -> Result<()> {
    let scheme = url.scheme;
    if !rest.starts_with("//") {
        return Err(fault(format!("write `{scheme}://user@host/database`")));
    }
    let parsed = Url::parse(&with_host(text)).map_err(|error| match error {
        ParseError::InvalidPort => {
            fault(format!("the port is not a number from 1 to 65535, or {}", escape().message()))
        }
        _ => escape(),
    })?;
    if parsed.fragment().is_some() {
        return Err(escape());
    }
    url.user = filled(decode(parsed.username())?);
    url.password = parsed.password().map(decode).transpose()?.map(SecretString::from);
    url.port = match parsed.port() {
        Some(0) => return Err(fault("the port is not a number from 1 to 65535")),
        port => port,
    };
    match parsed.host_str().map(decode).transpose()?.and_then(filled) {
        Some(host) if host == ABSENT => {}
        Some(host) if host.contains(',') => return Err(fault("a URL names one host")),
        Some(host) if host.starts_with('/') && scheme == Scheme::Postgres => url.socket = Some(host.into()),
        Some(host) => url.host = Some(bare_host(&host).to_owned()),
        None => {}
    }
    let path = parsed.path().trim_start_matches('/');
    // What is behind an unescaped slash in a password looks like a path.
    if path.contains(['/', '@']) {
        return Err(escape());
    }
    url.database = filled(decode(path)?);
    parameter::read(url, parsed.query().unwrap_or(""))
}

/// Stands for the host that `user@/database?host=…` leaves out, which is no URL by the standard. No host can be named so.
const ABSENT: &str = "seabed.absent.invalid";

fn with_host(text: &str) -> Cow<'_, str> {
    let start = text.find("//").map_or(0, |at| at + 2);
    let end = text[start..].find(['/', '?', '#']).map_or(text.len(), |at| start + at);
    if text[start..end].ends_with('@') {
        Cow::Owned(format!("{}{ABSENT}{}", &text[..end], &text[end..]))
    } else {
        Cow::Borrowed(text)
    }
}

fn bare_host(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn decode(text: &str) -> Result<String> {
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| fault("a percent-encoded part is not UTF-8"))?;
    if decoded.contains('\0') {
        return Err(fault("a part holds a NUL"));
    }
    Ok(decoded.into_owned())
}
