//! The parameters behind `?`: known, or refused.
//!
//! Drivers ignore what they do not know, and a misspelt `sslmode` is then a connection in the clear.

use super::{ConnectionUrl, SqliteMode};
use crate::{
    Error, Result,
    config::{nearest::hint, scheme::Scheme, tls::TlsMode},
};

/// The laws that a MongoDB server without transactions cannot keep: whoever connects to one writes them down.
const LOSSES: &str = "W6,Q10,T1";

/// What each scheme knows.
fn known(scheme: Scheme) -> &'static [&'static str] {
    match scheme {
        Scheme::Sqlite => &["mode", "max_page_count"],
        Scheme::Postgres => &["sslmode", "ssl-mode", "host", "application_name"],
        Scheme::MySql => &["ssl-mode", "sslmode", "socket"],
        Scheme::MongoDb => &["sslmode", "ssl-mode", "authSource", "replicaSet", "directConnection", "accept_losses"],
        Scheme::Memory => &[],
    }
}

/// Reads the query of a URL into `url`.
pub(super) fn read(url: &mut ConnectionUrl, query: &str) -> Result<()> {
    // An `@` here is what is left of a password with a bare `?` in it.
    if query.contains('@') {
        return Err(super::parse::escape());
    }
    for (name, value) in ::url::form_urlencoded::parse(query.as_bytes()) {
        let (name, value) = (name.into_owned(), value.into_owned());
        if !known(url.scheme).contains(&name.as_str()) {
            return Err(unknown(url.scheme, &name));
        }
        if url.parameter(&name).is_some() {
            return Err(super::parse::fault(format!("the parameter `{name}` is given twice")));
        }
        apply(url, &name, &value)?;
        url.parameters.push((name, value));
    }
    Ok(())
}

fn apply(url: &mut ConnectionUrl, name: &str, value: &str) -> Result<()> {
    let refused = |why: &str| super::parse::fault(format!("the parameter `{name}` {why}"));
    match name {
        "mode" => {
            url.sqlite_mode = match value {
                "ro" => SqliteMode::ReadOnly,
                "rw" => SqliteMode::ReadWrite,
                "rwc" => SqliteMode::Create,
                _ => return Err(refused("is none of `ro`, `rw` and `rwc`")),
            };
        }
        // SQLite's own bound (sqlite.org/limits.html); 0 would only ask for the present one.
        "max_page_count" if value.parse::<u32>().is_ok_and(|pages| (1..=4_294_967_294).contains(&pages)) => {}
        "max_page_count" => return Err(refused("is not a number of pages from 1 to 4294967294")),
        "sslmode" | "ssl-mode" => {
            let mode = TlsMode::of(value).map_err(|why| refused(&why))?;
            if url.tls_mode.replace(mode).is_some() {
                return Err(refused("is given twice: `sslmode` and `ssl-mode` are the same"));
            }
        }
        "socket" if value.starts_with('/') => url.socket = Some(value.into()),
        "socket" => return Err(refused("is not the absolute path of a Unix socket")),
        "directConnection" if !matches!(value, "true" | "false") => {
            return Err(refused("is neither `true` nor `false`"));
        }
        "accept_losses" if value != LOSSES => {
            return Err(refused(&format!("is not `{LOSSES}`, the laws that are lost")));
        }
        "authSource" | "replicaSet" if value.is_empty() => return Err(refused("is empty")),
        "host" if url.host.is_some() || url.socket.is_some() => {
            return Err(refused("names a second host: leave out the one before the path"));
        }
        "host" if value.is_empty() => return Err(refused("is empty")),
        "host" if value.starts_with('/') => url.socket = Some(value.into()),
        "host" => url.host = Some(value.to_owned()),
        _ => {}
    }
    Ok(())
}

/// A name that is no plain word may be part of a mangled password: it is not quoted.
fn unknown(scheme: Scheme, name: &str) -> Error {
    let plain = name.len() <= 40 && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
    let quoted = if plain { format!(" `{name}`") } else { String::new() };
    let known = known(scheme);
    let hint = if known.is_empty() { ": it knows none".to_owned() } else { hint(name, known.iter().copied()) };
    super::parse::fault(format!("`{scheme}:` knows no parameter{quoted}{hint}"))
}
