//! A message as a handler is given it.

use super::entity::{lane, message};
use crate::{Error, ErrorKind, Result};
use chrono::{DateTime, Utc};
use sea_orm::prelude::Json;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// What was published, as a handler is given it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Message {
    /// The same each time that it is handed over: what [`receive`](crate::Transaction::receive) takes.
    pub id: Uuid,
    /// What it was published to.
    pub topic: String,
    /// Messages of one topic and one key come in order.
    pub key: String,
    /// Its place among the messages of its topic and key: 1, 2, 3 … without a gap.
    pub position: i64,
    /// What was published.
    pub payload: Json,
    /// When, by the publisher's clock.
    pub published_at: DateTime<Utc>,
    /// The how-manieth time this is that it is handed over, from 1, as far as is known: a relay that crashed has not counted its
    /// last.
    pub attempt: u32,
}

impl Message {
    pub(super) fn new(lane: &lane::Model, row: message::Model) -> Self {
        Self {
            id: row.id,
            topic: lane.topic.clone(),
            key: lane.key.clone(),
            position: row.position,
            payload: row.payload,
            published_at: row.published_at,
            attempt: u32::try_from(row.attempts).unwrap_or_default().saturating_add(1),
        }
    }

    /// The payload as what was published.
    ///
    /// # Errors
    /// `CorruptData` where it is not a `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        // What serde says may quote the payload.
        T::deserialize(&self.payload).map_err(|error| {
            Error::new(ErrorKind::CorruptData, "the payload is not of the type that is asked for")
                .entity("seabed_outbox")
                .field("payload")
                .with_detail(error.to_string())
        })
    }
}

/// A message that was given up after so many attempts. The messages after it went on.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The message; `attempt` is how often it was handed over.
    pub message: Message,
    /// What the handler said last, its first 1,000 characters.
    pub error: String,
    /// When it was given up, by the relay's clock.
    pub dead_at: DateTime<Utc>,
}

impl DeadLetter {
    /// None of a message that still waits.
    pub(super) fn new(lane: &lane::Model, mut row: message::Model) -> Option<Self> {
        let (dead_at, error) = (row.dead_at?, row.last_error.take().unwrap_or_default());
        row.attempts -= 1;
        Some(Self { message: Message::new(lane, row), error, dead_at })
    }
}
