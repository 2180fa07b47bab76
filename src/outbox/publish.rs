//! Into the outbox, with all else that a transaction writes.

use super::{
    count::Counted,
    entity::{claim, lane, message},
};
use crate::{
    Error, ErrorKind, Result, Transaction, backend::value, repository::describe::described, schema::Kind,
    transaction::Part,
};
use chrono::DateTime;
use sea_orm::{Set, Value, prelude::Json};
use serde::Serialize;
use uuid::Uuid;

/// The most characters of a topic, a key, a consumer's name.
const NAME: usize = 255;
/// The most bytes of a payload, as JSON.
const PAYLOAD: usize = 256 * 1024;

impl Transaction {
    /// Leaves a message in the outbox: it is there if and only if this transaction is committed, and a
    /// [`Relay`](crate::outbox::Relay) hands it to its handler after that, at least once. Messages of one topic and one key are
    /// handed over in the order in which they were committed; whoever publishes to the same topic and key waits until this
    /// transaction ends, so choose keys that are narrow (an order, a customer) and publish late. Returns the message's id.
    ///
    /// A topic has 1 to 255 characters, a key 0 to 255, a payload at most 256 KiB as JSON. Two transactions that publish to the same
    /// two keys in unlike orders may deadlock: `transact` runs one of them again.
    ///
    /// ```
    /// use seabed::{outbox, prelude::*};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let db = Database::memory();
    /// db.create_tables(&outbox::entities()).await?;
    /// db.transact(|tx| async move { tx.publish("order.paid", "order-7", "thank you").await }).await?;
    ///
    /// let relay = outbox::Relay::new(&db, outbox::RelayOptions::default());
    /// let handed = relay
    ///     .run_once(|message: outbox::Message| async move {
    ///         assert_eq!((&*message.key, message.read::<String>()?), ("order-7", "thank you".to_owned()));
    ///         Ok::<_, Error>(())
    ///     })
    ///     .await?;
    /// assert_eq!(handed.delivered, 1);
    /// # Ok::<_, Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// Before anything is written: `InvalidValue` with entity and field for a topic, a key or a payload that cannot be,
    /// `TooLarge` for a payload beyond its bound. `TableNotFound` where the tables of
    /// [`outbox::entities`](crate::outbox::entities) were not made; what the server says.
    pub fn publish(
        &self,
        topic: impl Into<String>,
        key: impl Into<String>,
        payload: impl Serialize,
    ) -> impl Future<Output = Result<Uuid>> + Send {
        let (topic, key) = (topic.into(), key.into());
        let fits = named("seabed_lane", "topic", &topic, 1).and_then(|()| named("seabed_lane", "key", &key, 0));
        let payload = fits.and_then(|()| json(payload));
        async move { self.leave(topic, key, payload?).await }
    }

    async fn leave(&self, topic: String, key: String, payload: Json) -> Result<Uuid> {
        let first = [("id", self.next_key().into()), ("topic", topic.into()), ("key", key.into())];
        let counted = Counted {
            new: first.into_iter().chain([("position", 1_i64.into()), ("waiting", true.into())]).collect(),
            key: ["topic", "key"],
            counts: "position",
            changes: vec![("waiting", true.into())],
        };
        // A position without its message must not be committed, also where the message is refused before the server.
        let part = self.scope().open().map(|open| Part::of(open));
        let row = counted.up::<lane::Entity>(self).await?;
        let table = described::<lane::Entity>()?;
        let (lane, position) = match (&row[table.position("id")?], &row[table.position("position")?]) {
            (Value::Uuid(Some(lane)), Value::BigInt(Some(position))) => (*lane, *position),
            _ => return Err(Error::new(ErrorKind::CorruptData, "a lane has an id and a position").entity(&table.name)),
        };
        if position == 1 {
            // Nobody sees the lane yet, and whoever would make it too waits for this transaction.
            let free = claim::ActiveModel { lane_id: Set(lane), holder: Set(None), until: Set(DateTime::UNIX_EPOCH) };
            self.repository::<claim::Entity>().insert(free).await?;
        }
        let message = message::ActiveModel {
            lane_id: Set(lane),
            position: Set(position),
            payload: Set(payload),
            published_at: Set(self.now()),
            attempts: Set(0),
            ..Default::default()
        };
        let id = self.repository::<message::Entity>().insert(message).await?.id;
        if let Some(part) = part {
            part.done();
        }
        Ok(id)
    }
}

/// Refuses a name that is too short or too long, before the lane is held for it.
pub(super) fn named(entity: &str, field: &str, name: &str, least: usize) -> Result<()> {
    let length = name.chars().count();
    if (least..=NAME).contains(&length) && !name.contains('\0') {
        return Ok(());
    }
    let why = format!("it has {least} to {NAME} characters, none of them NUL");
    Err(Error::new(ErrorKind::InvalidValue, why).entity(entity).field(field))
}

fn json(payload: impl Serialize) -> Result<Json> {
    let at = |kind, why: String| Error::new(kind, why).entity("seabed_outbox").field("payload");
    // What serde says may quote the payload.
    let json = serde_json::to_value(payload).map_err(|error| {
        at(ErrorKind::InvalidValue, "the payload cannot be said in JSON".to_owned()).with_detail(error.to_string())
    })?;
    let bytes = json.to_string().len();
    if bytes > PAYLOAD {
        let why =
            format!("the payload has {bytes} bytes as JSON, {PAYLOAD} are allowed: publish where it is to be found");
        return Err(at(ErrorKind::TooLarge, why));
    }
    value::stored(&Kind::Json, json.clone().into()).map_err(|error| error.entity("seabed_outbox").field("payload"))?;
    Ok(json)
}
