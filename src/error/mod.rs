//! One opaque error for every backend.
//!
//! A caller branches on [`Error::kind`] and on [`Error::status`], never on text. The entity, the fields and the
//! constraint are there where the server, or the check before it, knows them. No driver type is visible, and no text
//! of a row: what a server quotes of the data is kept apart in [`Error::detail`], because an error message ends in
//! logs and logs are read by people who may not see the data.

mod kind;

pub use kind::{ErrorKind, Status};
use std::{fmt, sync::Arc};

/// `std::result::Result` with [`Error`] as its default error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, the same on every backend.
///
/// ```
/// use seabed::{Error, ErrorKind};
/// let error = Error::new(ErrorKind::InvalidValue, "a NaN is not a number").entity("dataset").field("size");
/// assert_eq!(error.kind(), ErrorKind::InvalidValue);
/// assert_eq!(error.to_string(), "invalid value: dataset.size: a NaN is not a number");
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    entity: Option<String>,
    fields: Vec<String>,
    constraint: Option<String>,
    context: Vec<(&'static str, String)>,
    detail: Option<Arc<str>>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of this kind; `message` must not quote stored data.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            entity: None,
            fields: Vec::new(),
            constraint: None,
            context: Vec::new(),
            detail: None,
            source: None,
        }))
    }

    /// A service's own rule said no: the transaction is rolled back and never retried.
    pub fn rejected(why: impl Into<String>) -> Self {
        Self::new(ErrorKind::Rejected, why)
    }

    /// The capability or the option that this backend refuses, by name.
    pub fn unsupported(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unsupported, what)
    }

    /// Names the entity (its table) that the error is about. The first name stays.
    #[must_use]
    pub fn entity(mut self, entity: impl Into<String>) -> Self {
        self.0.entity.get_or_insert_with(|| entity.into());
        self
    }

    /// Names one more field (its column) that the error is about.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.0.fields.push(field.into());
        self
    }

    /// Names the constraint of the schema that refused.
    #[must_use]
    pub fn constraint(mut self, constraint: impl Into<String>) -> Self {
        self.0.constraint = Some(constraint.into());
        self
    }

    /// Adds one more fact, such as `operation = insert`; the order is kept.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.context.push((name, value.into()));
        self
    }

    /// What the server said, word for word. It may quote rows.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Arc<str>>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// The error underneath; it MUST NOT quote rows or secrets, for it is printed with the chain.
    #[must_use]
    pub fn with_source(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether this is an error of `kind`.
    #[must_use]
    pub fn is(&self, kind: ErrorKind) -> bool {
        self.0.kind == kind
    }

    /// Whether trying again can help, and whether the effect may already be there.
    #[must_use]
    pub fn status(&self) -> Status {
        self.0.kind.status()
    }

    /// The table of the entity, where known.
    #[must_use]
    pub fn entity_name(&self) -> Option<&str> {
        self.0.entity.as_deref()
    }

    /// The columns concerned, in the constraint's order; empty where the server does not tell.
    #[must_use]
    pub fn fields(&self) -> &[String] {
        &self.0.fields
    }

    /// The constraint that refused, where the server tells.
    #[must_use]
    pub fn constraint_name(&self) -> Option<&str> {
        self.0.constraint.as_deref()
    }

    /// What the error is about, without kind, entity and fields.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The facts added on the way up, innermost first.
    #[must_use]
    pub fn context(&self) -> &[(&'static str, String)] {
        &self.0.context
    }

    /// What the server said, word for word, where it said anything. **It may quote stored data**: show it to whoever may
    /// see the rows, and keep it out of logs above `debug`.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        write!(f, "{}", inner.kind)?;
        match (&inner.entity, inner.fields.as_slice()) {
            (Some(entity), []) => write!(f, ": {entity}")?,
            (Some(entity), [field]) => write!(f, ": {entity}.{field}")?,
            (Some(entity), fields) => write!(f, ": {entity}.({})", fields.join(", "))?,
            (None, []) => {}
            (None, fields) => write!(f, ": {}", fields.join(", "))?,
        }
        if !inner.message.is_empty() {
            write!(f, ": {}", inner.message)?;
        }
        if let Some(constraint) = &inner.constraint {
            write!(f, " [constraint {constraint}]")?;
        }
        for (name, value) in &inner.context {
            write!(f, " [{name} {value}]")?;
        }
        Ok(())
    }
}

/// Says what [`Display`](fmt::Display) says: the detail may quote rows, and `{:?}` ends in logs.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({self})")
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
