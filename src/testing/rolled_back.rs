//! A test on a server that leaves nothing behind.

use crate::{Database, Error, Result, Transaction, TransactionOptions};

/// Runs the body of a test in a transaction that is rolled back in the end: on success, on failure and on a panic. So tests share
/// one server and one schema, and each begins with what was there.
///
/// A service is built from the transaction as from a database, and its own `transact` joins. What the body cannot see here:
/// what only a commit does, and a second connection.
///
/// ```
/// use seabed::{prelude::*, testing::rolled_back};
/// # mod note {
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "note")]
/// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, pub text: String }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let db = Database::memory();
/// # db.create_tables(&seabed::entities![note]).await?;
/// rolled_back(&db, |tx| async move {
///     let notes = tx.repository::<note::Entity>();
///     notes.insert(note::ActiveModel { text: Set("hello".into()), ..Default::default() }).await?;
///     assert_eq!(notes.count(all()).await?, 1);
///     Ok::<_, Error>(())
/// })
/// .await?;
/// assert_eq!(db.repository::<note::Entity>().count(all()).await?, 0);
/// # Ok::<_, Error>(())
/// # }).unwrap();
/// ```
///
/// # Errors
/// What the body returns; what BEGIN and ROLLBACK say.
pub async fn rolled_back<T, X, F>(db: &Database, work: impl FnOnce(Transaction) -> F) -> Result<T, X>
where
    X: From<Error>,
    F: Future<Output = Result<T, X>>,
{
    let transaction = db.begin(TransactionOptions::default()).await?;
    let ended = work(transaction.clone()).await;
    transaction.rollback().await?;
    ended
}
