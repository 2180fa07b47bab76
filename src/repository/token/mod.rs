//! The tokens of keyset pages: opaque, versioned, bound to their query, signed where a key is configured.
//!
//! ```text
//! version 1 · signed 1 · entity 4 · order 4 · query 16 · side 1 · values … · seal 16
//! ```
//!
//! `entity` and `order` are there to say what is wrong; `query` binds the token to all of it. The seal is an HMAC where a key
//! is configured, else a sum that finds what was cut off or mistyped. All digests are of a form written by hand
//! (`canonical.rs`), the same in every process and every release of this version.

mod canonical;
mod code;

use crate::{
    Error, ErrorKind, Result,
    backend::{
        Deleted, Filter,
        keyset::{Gap, Keyset, Side},
        value,
    },
    context::Tenant,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use canonical::Canonical;
use code::Reader;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{convert::Infallible, fmt, str::FromStr, sync::Arc};

const VERSION: u8 = 1;
/// The bytes before the values, and those of the seal after them.
const HEAD: usize = 2 + HINT + HINT + DIGEST + 1;
const HINT: usize = 4;
const DIGEST: usize = 16;
const SEAL: usize = 16;
/// What is signed with these keys is a token of pages and nothing else.
const PURPOSE: &[u8] = b"seabed page token\0";

/// A place between two rows of one query, to go on from: text that is safe in a URL. What is in it is no business of its
/// holder, but it is not a secret either: **it holds the values of the order's columns**, readable by whoever decodes it.
///
/// Any text makes one: whether it is a token is told by the page that it is given to (`InvalidToken`).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PageToken(String);

impl PageToken {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Without the text: it holds values of a row.
impl fmt::Debug for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PageToken({} characters)", self.0.len())
    }
}

impl FromStr for PageToken {
    type Err = Infallible;
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl From<String> for PageToken {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for PageToken {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<PageToken> for String {
    fn from(token: PageToken) -> Self {
        token.0
    }
}

/// Makes and reads the tokens of keyset pages. The default signs nothing.
#[derive(Clone, Default)]
pub struct Tokens {
    /// The first signs, all are tried on a token.
    keys: Arc<[Hmac<Sha256>]>,
    /// Whose rows the repository is about, whatever the context says.
    tenant: Option<Tenant>,
}

/// Says how many keys there are, and no more.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("keys", &self.keys.len()).finish_non_exhaustive()
    }
}

/// The rows that a token goes through.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound<'q> {
    pub keyset: &'q Keyset,
    pub filter: Option<&'q Filter>,
    pub deleted: Deleted,
    /// The ambient tenant.
    pub tenant: Option<&'q Tenant>,
}

struct Digests {
    entity: [u8; HINT],
    order: [u8; HINT],
    query: [u8; DIGEST],
}

impl Tokens {
    /// Signs with the first key; takes what any of them has signed, so that keys can be changed. Without a key nothing is
    /// signed.
    ///
    /// # Errors
    /// `Config` for a key that cannot be one.
    pub fn signed(keys: &[SecretString]) -> Result<Self> {
        let key = |key: &SecretString| {
            Hmac::new_from_slice(key.expose_secret().as_bytes())
                .map_err(|_| Error::new(ErrorKind::Config, "a page key is of no use"))
        };
        Ok(Self { keys: keys.iter().map(key).collect::<Result<_>>()?, tenant: None })
    }

    /// The same for a repository of this tenant.
    pub(crate) fn for_tenant(&self, tenant: Option<&Tenant>) -> Self {
        Self { keys: Arc::clone(&self.keys), tenant: tenant.cloned() }
    }

    /// The token of a gap.
    pub(super) fn write(&self, bound: &Bound<'_>, gap: &Gap) -> Result<PageToken> {
        let digests = self.digests(bound)?;
        let mut bytes = Vec::with_capacity(HEAD + SEAL + 16 * gap.values.len());
        bytes.extend([VERSION, u8::from(!self.keys.is_empty())]);
        bytes.extend(digests.entity);
        bytes.extend(digests.order);
        bytes.extend(digests.query);
        bytes.push(u8::from(gap.side == Side::After));
        for value in &gap.values {
            code::write(&mut bytes, value);
        }
        bytes.extend(self.seal(&bytes));
        Ok(PageToken(BASE64_URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The gap of a token.
    ///
    /// # Errors
    /// `InvalidToken` that says what is wrong with it.
    pub(super) fn read(&self, bound: &Bound<'_>, token: &PageToken) -> Result<Gap> {
        let table = bound.keyset.table();
        let invalid = |why: &str| Error::new(ErrorKind::InvalidToken, why).entity(&table.name);
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&token.0).map_err(|_| invalid("it is no token"))?;
        match bytes.first() {
            Some(&VERSION) => {}
            Some(_) => return Err(invalid("it is of another version, or no token")),
            None => return Err(invalid("it is empty")),
        }
        let Some((content, seal)) = bytes.len().checked_sub(SEAL).and_then(|at| bytes.split_at_checked(at)) else {
            return Err(invalid("it is too short"));
        };
        let mut reader = Reader::new(&content[1..]);
        let cut = || invalid("it is too short");
        match (reader.byte().ok_or_else(cut)?, self.keys.is_empty()) {
            (0, true) | (1, false) => {}
            (0, false) => return Err(invalid("it is not signed")),
            (1, true) => return Err(invalid("it is signed, and no key is configured to check it")),
            _ => return Err(invalid("it was altered")),
        }
        if !self.sealed(content, seal) {
            let why = if self.keys.is_empty() { "it was altered" } else { "the signature is wrong" };
            return Err(invalid(why));
        }
        let digests = self.digests(bound)?;
        let entity: [u8; HINT] = reader.array().ok_or_else(cut)?;
        let order: [u8; HINT] = reader.array().ok_or_else(cut)?;
        let query: [u8; DIGEST] = reader.array().ok_or_else(cut)?;
        if query != digests.query {
            return Err(invalid(if entity != digests.entity {
                "it is of another entity"
            } else if order != digests.order {
                "it is of another order, or of columns that have changed"
            } else {
                "it is of another filter, another tenant, or with other deleted rows"
            }));
        }
        let side = match reader.byte().ok_or_else(cut)? {
            0 => Side::Before,
            1 => Side::After,
            _ => return Err(invalid("it was altered")),
        };
        let mut values = Vec::with_capacity(bound.keyset.columns().len());
        for &column in bound.keyset.columns() {
            let column = &table.columns[column];
            let wrong = || invalid("it holds no value of this column").field(&*column.name);
            let value = reader.value().ok_or_else(wrong)?;
            // A value that the column can no longer be compared with, exactly, would lead to another place.
            let (value, exact) = value::compared(&column.kind, value).map_err(|_| wrong())?;
            if !exact || (value::is_null(&value) && !column.nullable) {
                return Err(wrong());
            }
            values.push(value);
        }
        if reader.is_empty() { Ok(Gap { side, values }) } else { Err(invalid("it is too long")) }
    }

    fn digests(&self, bound: &Bound<'_>) -> Result<Digests> {
        let table = bound.keyset.table();
        let mut entity = Canonical::default();
        entity.table(table);
        let mut order = Canonical::default();
        order.order(bound.keyset);
        let mut query = Canonical::default();
        query.bytes(entity.as_bytes());
        query.bytes(order.as_bytes());
        query.filter(bound.filter).map_err(|error| error.entity(&table.name))?;
        query.byte(match bound.deleted {
            Deleted::Without => 0,
            Deleted::With => 1,
            Deleted::Only => 2,
        });
        // Whose rows they are counts where the table has such a rule.
        let tenant = table.rules.tenant.and(self.tenant.as_ref().or(bound.tenant));
        query.byte(u8::from(tenant.is_some()));
        if let Some(tenant) = tenant {
            query.value(tenant.value());
        }
        Ok(Digests {
            entity: front(&Sha256::digest(entity.as_bytes())),
            order: front(&Sha256::digest(order.as_bytes())),
            query: front(&Sha256::digest(query.as_bytes())),
        })
    }

    fn seal(&self, content: &[u8]) -> [u8; SEAL] {
        match self.keys.first() {
            Some(key) => front(&key.clone().chain_update(PURPOSE).chain_update(content).finalize().into_bytes()),
            None => front(&Sha256::new().chain_update(PURPOSE).chain_update(content).finalize()),
        }
    }

    /// Whether the seal is ours. A signature is compared in constant time.
    fn sealed(&self, content: &[u8], seal: &[u8]) -> bool {
        if self.keys.is_empty() {
            return self.seal(content) == seal;
        }
        let by = |key: &Hmac<Sha256>| {
            let mac = key.clone().chain_update(PURPOSE).chain_update(content);
            mac.verify_truncated_left(seal).is_ok()
        };
        self.keys.iter().any(by)
    }
}

/// The first bytes of a digest.
fn front<const N: usize>(digest: &[u8]) -> [u8; N] {
    std::array::from_fn(|at| digest.get(at).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests;
