//! The kinds of failure and what a caller may do about each.

use std::fmt;

/// Whether trying again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// The same call would fail again.
    Permanent,
    /// Nothing was written; the same call may succeed later.
    Temporary,
    /// The write may or may not be there: look before trying again.
    Unknown,
}

macro_rules! kinds {
    ($( $(#[$doc:meta])* $kind:ident $status:ident $words:literal, )*) => {
        /// What kind of failure an [`Error`](crate::Error) is. New kinds may be added.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind { $( $(#[$doc])* $kind, )* }

        impl ErrorKind {
            /// Whether trying again can help.
            #[must_use]
            pub fn status(self) -> Status {
                match self { $( Self::$kind => Status::$status, )* }
            }
        }

        impl fmt::Display for ErrorKind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $( Self::$kind => $words, )* })
            }
        }
    };
}

kinds! {
    /// The configuration is missing, contradicts itself or cannot be read; every fault is listed.
    Config Permanent "configuration",
    /// The URL's scheme is of no backend, or of one whose feature is off.
    UnknownScheme Permanent "unknown scheme",
    /// The server, or the file, cannot be reached.
    Unreachable Temporary "unreachable",
    /// The user or the password is wrong.
    Authentication Permanent "authentication",
    /// The connection cannot be made as safe as the configuration asks: no TLS there, or a certificate that is not trusted.
    Tls Permanent "TLS",
    /// The server has no database of this name, or the file may not be created.
    DatabaseNotFound Permanent "no such database",
    /// The server takes no more connections.
    ServerFull Temporary "server full",
    /// The server is starting up or shutting down.
    Starting Temporary "server starting",
    /// Every connection of the pool stayed in use until the bound.
    PoolExhausted Temporary "pool exhausted",
    /// The connection broke while a read was on its way; nothing was written.
    ConnectionLost Temporary "connection lost",
    /// The connection broke while a write was on its way: it may be there.
    WriteUnknown Unknown "write unknown",
    /// The answer to COMMIT was lost: the transaction may be there.
    CommitUnknown Unknown "commit unknown",
    /// The time allowed was over; what ran in the server was cancelled.
    Timeout Temporary "timeout",
    /// The database handle was closed.
    Closed Permanent "closed",
    /// No row has the key that was to be updated.
    NotFound Permanent "not found",
    /// Another row has the same unique key.
    UniqueViolation Permanent "unique violation",
    /// The parent is missing, or a child is still there.
    ForeignKeyViolation Permanent "foreign key violation",
    /// A required field has no value.
    NotNullViolation Permanent "not null violation",
    /// A check of the schema refused the row.
    CheckViolation Permanent "check violation",
    /// The row was changed since it was read.
    VersionConflict Temporary "version conflict",
    /// A value that the contract refuses before it is sent: a NaN, a NUL in text, an integer out of range.
    InvalidValue Permanent "invalid value",
    /// A page's token that is none, was altered, or is of another query.
    InvalidToken Permanent "invalid token",
    /// An entity that belongs to tenants was asked for without one.
    TenantRequired Permanent "tenant required",
    /// A query that cannot be asked: an unknown column, text against a number, a page of size zero.
    InvalidQuery Permanent "invalid query",
    /// A stored value that the model cannot hold.
    CorruptData Permanent "corrupt data",
    /// The table is not there: was it migrated?
    TableNotFound Permanent "no such table",
    /// The table is there and differs from its entity.
    SchemaMismatch Permanent "schema mismatch",
    /// A capability that this backend does not have, or that what stands before it takes away.
    Unsupported Permanent "unsupported",
    /// A write where only reads are allowed.
    ReadOnly Permanent "read only",
    /// Concurrent transactions cannot be put in an order: run the transaction again.
    Serialization Temporary "serialization failure",
    /// A deadlock was broken by ending this transaction: run it again.
    Deadlock Temporary "deadlock",
    /// A lock was not got in time: run the transaction again.
    LockTimeout Temporary "lock timeout",
    /// The transaction failed before and was rolled back; the first cause is the source.
    TransactionFailed Permanent "transaction failed",
    /// It cannot be committed yet: a call inside is on its way, or a savepoint is open. Of a savepoint: one that was set after it
    /// is open, and the whole is over.
    TransactionBusy Permanent "transaction busy",
    /// A write through a handle from outside, inside the work of a transaction.
    OutsideTransaction Permanent "outside the transaction",
    /// A transaction with this idempotency key was committed before.
    AlreadyDone Permanent "already done",
    /// The transaction has ended.
    TransactionClosed Permanent "transaction closed",
    /// A migration stopped where nobody can know how far it came: the message says what is left, and the command that goes on.
    HalfApplied Permanent "half applied",
    /// A step of a migration has a risk that its author has not accepted; nothing was run.
    NotAccepted Permanent "not accepted",
    /// A service's own rule said no.
    Rejected Permanent "rejected",
    /// The disk, or the space that the server may use, is full.
    StorageFull Temporary "storage full",
    /// A statement or a value is larger than the server takes.
    TooLarge Permanent "too large",
    /// A migration failed, or its books do not fit.
    Migration Permanent "migration",
    /// What no other kind says.
    Other Permanent "error",
}
