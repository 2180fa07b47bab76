//! What was on its way when a driver failed: it decides what the failure means.

use crate::ErrorKind;

/// What was on its way when the error came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    Connecting,
    Reading,
    Writing,
    Committing,
}

impl Doing {
    /// What a broken connection means for it.
    pub(crate) fn lost(self) -> ErrorKind {
        match self {
            Self::Connecting => ErrorKind::Unreachable,
            Self::Reading => ErrorKind::ConnectionLost,
            Self::Writing => ErrorKind::WriteUnknown,
            Self::Committing => ErrorKind::CommitUnknown,
        }
    }
}
