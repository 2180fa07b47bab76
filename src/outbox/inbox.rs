//! What a consumer has taken in: handed over twice, done once.

use super::{count::Counted, entity::inbox, publish::named};
use crate::{Result, Transaction, repository::describe::described};
use sea_orm::Value;
use uuid::Uuid;

impl Transaction {
    /// Whether this consumer takes the message in for the first time. What it then does belongs into the same transaction: so it
    /// is done once, however often the message is handed over. Where another transaction takes the same message in, this waits for
    /// its end, and is the first where that was rolled back. `consumer` has 1 to 255 characters.
    ///
    /// ```
    /// use seabed::{outbox, prelude::*};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let db = Database::memory();
    /// db.create_tables(&outbox::entities()).await?;
    /// let id = db.transact(|tx| async move { tx.publish("order.paid", "order-7", 30).await }).await?;
    /// for first in [true, false] {
    ///     db.transact(|tx| async move {
    ///         if tx.receive("mailer", id).await? != first {
    ///             return Err(Error::rejected("never"));
    ///         }
    ///         Ok(()) // the first time: write what follows from the message
    ///     })
    ///     .await?;
    /// }
    /// # Ok::<_, Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// `InvalidValue` with entity and field for a consumer that cannot be; what the server says.
    pub async fn receive(&self, consumer: impl Into<String> + Send, message: Uuid) -> Result<bool> {
        let consumer = consumer.into();
        named("seabed_inbox", "consumer", &consumer, 1)?;
        let new = [("consumer", consumer.into()), ("message_id", message.into()), ("times", Value::from(1_i64))];
        let counted = Counted {
            new: new.into_iter().chain([("received_at", self.now().into())]).collect(),
            key: ["consumer", "message_id"],
            counts: "times",
            changes: Vec::new(),
        };
        let row = counted.up::<inbox::Entity>(self).await?;
        Ok(row[described::<inbox::Entity>()?.position("times")?] == Value::from(1_i64))
    }
}
