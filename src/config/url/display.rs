//! A URL for people to read: no secret in it.

use super::{ConnectionUrl, SqlitePath};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt;

/// What stands for a secret.
const MASK: &str = "***";
/// What is escaped in a user, a database and a parameter: all but the unreserved characters and `/` (RFC 3986, 2.3).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Whether a parameter of this name may hold a secret.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["pass", "secret", "token", "key"].iter().any(|part| name.contains(part))
}

/// The URL with `***` for the password, and for each parameter whose name speaks of a secret.
impl fmt::Display for ConnectionUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.scheme)?;
        match &self.path {
            SqlitePath::File(path) => write!(f, "{}", path.display())?,
            SqlitePath::Memory if self.scheme.has_server() => self.write_server(f)?,
            SqlitePath::Memory if self.scheme == super::Scheme::Sqlite => f.write_str(":memory:")?,
            SqlitePath::Memory => {}
        }
        for (index, (name, value)) in self.parameters.iter().enumerate() {
            write!(f, "{}{name}=", if index == 0 { '?' } else { '&' })?;
            if is_secret(name) { f.write_str(MASK)? } else { write!(f, "{}", utf8_percent_encode(value, ESCAPED))? }
        }
        Ok(())
    }
}

impl ConnectionUrl {
    fn write_server(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("//")?;
        if let Some(user) = &self.user {
            write!(f, "{}", utf8_percent_encode(user, ESCAPED))?;
        }
        if self.password.is_some() {
            write!(f, ":{MASK}")?;
        }
        if self.user.is_some() || self.password.is_some() {
            f.write_str("@")?;
        }
        match &self.socket {
            // A socket that is not among the parameters was written in place of the host.
            Some(socket) if self.parameters.iter().all(|(name, _)| name != "host" && name != "socket") => {
                write!(f, "{}", utf8_percent_encode(&socket.to_string_lossy(), NON_ALPHANUMERIC))?;
            }
            Some(_) => {}
            None if self.host().contains(':') => write!(f, "[{}]:{}", self.host(), self.port())?,
            None => write!(f, "{}:{}", self.host(), self.port())?,
        }
        match &self.database {
            Some(database) => write!(f, "/{}", utf8_percent_encode(database, ESCAPED)),
            None => Ok(()),
        }
    }
}

/// Says what [`Display`](fmt::Display) says.
impl fmt::Debug for ConnectionUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConnectionUrl({self})")
    }
}
