//! The word before the colon, and the backend that it opens.

use super::nearest::hint;
use crate::{Error, ErrorKind, Result};
use std::fmt;

/// Every spelling of every scheme.
const KNOWN: [(&str, Scheme); 7] = [
    ("sqlite", Scheme::Sqlite),
    ("postgres", Scheme::Postgres),
    ("postgresql", Scheme::Postgres),
    ("mysql", Scheme::MySql),
    ("mariadb", Scheme::MySql),
    ("mongodb", Scheme::MongoDb),
    ("memory", Scheme::Memory),
];

/// Which backend a URL opens. New ones may be added.
///
/// ```
/// use seabed::config::{ConnectionUrl, Scheme};
/// let url = ConnectionUrl::parse("mariadb://app@localhost/shop")?;
/// assert_eq!(url.scheme(), Scheme::MySql);
/// assert_eq!(url.scheme().to_string(), "mysql");
/// # Ok::<_, seabed::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// `sqlite:`: a file, or memory that lives as long as its connections.
    Sqlite,
    /// `postgres:` or `postgresql:`.
    Postgres,
    /// `mysql:` or `mariadb:`: the server says which of the two it is.
    MySql,
    /// `mongodb:`: a replica set, of which one member is named.
    MongoDb,
    /// `memory:`: the reference backend; nothing outlives the process.
    Memory,
}

impl Scheme {
    /// The scheme of a word before the colon, in any case.
    ///
    /// The word is quoted in the error only where it can be a scheme at all: what stands before the first colon of a
    /// mangled URL may be part of a password.
    pub(super) fn of(word: &str) -> Result<Self> {
        let lower = word.to_ascii_lowercase();
        if let Some((_, scheme)) = KNOWN.iter().find(|(known, _)| *known == lower) {
            return Ok(*scheme);
        }
        let message = match lower.as_str() {
            "mongodb+srv" => {
                "`mongodb+srv:` asks DNS for its hosts: name one member, `mongodb://host/database`".to_owned()
            }
            _ if is_word(&lower) => {
                format!("`{lower}:` is of no backend{}", hint(&lower, KNOWN.iter().map(|(known, _)| *known)))
            }
            _ => "the URL does not begin with a scheme such as `postgres:`".to_owned(),
        };
        Err(Error::new(ErrorKind::UnknownScheme, message))
    }

    /// The cargo feature that builds the backend in. `memory` is always there.
    #[must_use]
    pub fn feature(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::MySql => "mysql",
            Self::MongoDb => "mongodb",
            Self::Memory => "memory",
        }
    }

    /// Whether a server is at the other end, with a host, users and TLS.
    #[must_use]
    pub fn has_server(self) -> bool {
        matches!(self, Self::Postgres | Self::MySql | Self::MongoDb)
    }

    /// The port that the server listens on where the URL names none; 0 without a server.
    pub(super) fn port(self) -> u16 {
        match self {
            Self::Postgres => 5432,
            Self::MySql => 3306,
            Self::MongoDb => 27017,
            Self::Sqlite | Self::Memory => 0,
        }
    }
}

/// The scheme's own word: `sqlite`, `postgres`, `mysql`, `mongodb`, `memory`.
impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.feature())
    }
}

/// RFC 3986, 3.1, and short enough to be a name.
fn is_word(word: &str) -> bool {
    word.len() <= 20
        && word.starts_with(|first: char| first.is_ascii_lowercase())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_opens_its_backend() {
        for (word, scheme) in KNOWN {
            assert_eq!(Scheme::of(word).unwrap(), scheme);
            assert_eq!(Scheme::of(&word.to_uppercase()).unwrap(), scheme);
        }
    }

    #[test]
    fn an_unknown_scheme_names_the_nearest_known_one() {
        let error = Scheme::of("postgre").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnknownScheme);
        assert!(error.message().contains("did you mean `postgres`?"), "{error}");
        assert!(Scheme::of("http").unwrap_err().message().contains("known are `sqlite`, `postgres`"));
    }

    #[test]
    fn hosts_that_dns_lists_are_refused_by_name() {
        let error = Scheme::of("mongodb+srv").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnknownScheme);
        assert!(error.message().contains("name one member"), "{error}");
    }

    #[test]
    fn what_cannot_be_a_scheme_is_not_quoted() {
        assert!(!Scheme::of("hunter2@db").unwrap_err().to_string().contains("hunter2"));
    }
}
