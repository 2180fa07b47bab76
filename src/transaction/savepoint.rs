//! A part of a transaction that may fail by itself.

use super::{Open, Transaction};
use crate::{Context, Database, Error, Result};
use std::sync::Arc;

impl Transaction {
    /// Runs `work` as a part that may fail by itself: on `Err`, and where a call inside failed, what it wrote is undone and the
    /// transaction goes on as if it had not been. A collision (`Deadlock`, `Serialization`) and a lost connection end the whole
    /// all the same. Dropped half-way, it dooms the whole (hazard H2), and so does one that ends while another that was set after it
    /// is open: they nest, and do not stand beside each other. `work` runs once.
    ///
    /// ```
    /// use seabed::prelude::*;
    /// # mod note {
    /// #     use sea_orm::entity::prelude::*;
    /// #     #[sea_orm::model]
    /// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    /// #     #[sea_orm(table_name = "note")]
    /// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, #[sea_orm(unique)] pub text: String }
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let db = Database::memory();
    /// # db.create_tables(&seabed::entities![note]).await?;
    /// let note = |text: &str| note::ActiveModel { text: Set(text.into()), ..Default::default() };
    /// db.transact(|tx| async move {
    ///     let notes = tx.repository::<note::Entity>();
    ///     notes.insert(note("hello")).await?;
    ///     let again = tx
    ///         .savepoint(|part| async move { part.repository::<note::Entity>().insert(note("hello")).await })
    ///         .await;
    ///     assert_eq!(again.unwrap_err().kind(), ErrorKind::UniqueViolation);
    ///     notes.insert(note("and on")).await
    /// })
    /// .await?;
    /// assert_eq!(db.repository::<note::Entity>().count(all()).await?, 2);
    /// # Ok::<_, Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// What `work` returns; `TransactionFailed` where a call inside failed and `work` did not say so; `Unsupported` where the
    /// backend has no savepoints; what the server says.
    pub async fn savepoint<T, F>(&self, work: impl FnOnce(Transaction) -> F + Send) -> Result<T>
    where
        T: Send,
        F: Future<Output = Result<T>> + Send,
    {
        self.try_savepoint(work).await
    }

    /// The same for a service with its own error type.
    ///
    /// # Errors
    /// As [`savepoint`](Self::savepoint).
    pub async fn try_savepoint<T, X, F>(&self, work: impl FnOnce(Transaction) -> F + Send) -> Result<T, X>
    where
        T: Send,
        X: From<Error> + Send,
        F: Future<Output = Result<T, X>> + Send,
    {
        let part = super::Part::savepoint(&self.open);
        let depth = match self.open.set(&Context::current()).await {
            Ok(depth) => depth,
            Err(error) => {
                // What was refused before the server leaves the transaction as it was.
                part.done();
                return Err(error.into());
            }
        };
        let ended = work(Self::joined(Database::clone(self), Arc::clone(&self.open))).await;
        let closed = close(&self.open, depth, ended).await;
        // Ended, well or not, by its own state: only one that was dropped on the way here dooms the whole.
        part.done();
        closed
    }
}

/// Forgets the savepoint, or goes back to it.
async fn close<T, X: From<Error>>(open: &Open, depth: u32, ended: Result<T, X>) -> Result<T, X> {
    let context = Context::current();
    let undone = match ended {
        Ok(value) => match open.release(&context, depth).await {
            Ok(()) => return Ok(value),
            // A call inside had failed, and the work had swallowed it.
            Err(error) => error.into(),
        },
        Err(error) => error,
    };
    // Where there is nothing to go back to, the whole has failed and says so by itself.
    let _ = open.roll_back_to(&context, depth).await;
    Err(undone)
}
