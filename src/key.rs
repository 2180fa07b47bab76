//! Time and keys: injected, so that they can be tested.

use chrono::{DateTime, Utc};
use std::fmt::Debug;
use uuid::Uuid;

/// What says the time.
pub trait Clock: Debug + Send + Sync + 'static {
    /// Now, UTC.
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// What makes the keys of new rows.
pub trait KeyGenerator: Debug + Send + Sync + 'static {
    /// A key that was never given before.
    fn next(&self) -> Uuid;
}

/// `UUIDv7` (RFC 9562, 5.7): ordered by time, so that new rows stand at the end of the index; made by the application, so that
/// no server need be asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct UuidV7;

impl KeyGenerator for UuidV7 {
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}
