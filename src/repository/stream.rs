//! Streams: batches by place, and nothing held between them.
//!
//! A stream of a server's cursor holds its connection, and dropped early it reads the rest first (hazard H10). Here each batch
//! is a query of its own that begins after the last row of the one before, so between batches there is no connection, no
//! cursor and no state in the server; inside a transaction other calls go on in between.

use super::{Entity, IntoQuery, Repository, bridge::rows_of};
use crate::{
    Context, Error, Result,
    backend::{
        Filter, Operation, Row, Select,
        keyset::{Gap, Keyset, Side},
    },
    transaction::Scope,
};
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use sea_orm::Value;

/// What a batch should hold, in bytes.
const BATCH: usize = 1 << 20;
/// The fewest rows of a batch, and those of the first: whoever stops after a few has not paid for many.
const FEWEST: u64 = 16;
/// The most rows of a batch.
const MOST: u64 = 5_000;
/// How much longer than the one before a batch may be: the rows that were seen may be the small ones.
const GROWTH: u64 = 8;

impl<E: Entity> dyn Repository<E> {
    /// The rows that match, one after the other, in the query's order with the primary key appended (by key where it has
    /// none), in constant memory: batches of about 1 MiB, of 16 to 5,000 rows, the first one small.
    ///
    /// Between batches nothing is held: no connection, no cursor. It may be dropped at any row at no cost, and other calls go on
    /// beside it, also inside a transaction. Limit and offset hold for the whole.
    ///
    /// It is not a snapshot: a row that is not changed comes exactly once; one that is changed meanwhile comes as it was or as it
    /// is when its batch is read, and where its place in the order changes, perhaps twice or not at all. Order by columns that do
    /// not change.
    ///
    /// The context in which it is made holds for all of it: the tenant, and the deadline, by which the last batch must end. The
    /// configured `timeout` bounds each batch.
    ///
    /// ```
    /// # mod note {
    /// #     use sea_orm::entity::prelude::*;
    /// #     #[sea_orm::model]
    /// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    /// #     #[sea_orm(table_name = "note")]
    /// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, pub words: i32 }
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// use futures::TryStreamExt;
    /// use seabed::prelude::*;
    /// # let db = Database::memory();
    /// # db.create_tables(&seabed::entities![note]).await?;
    /// let notes = db.repository::<note::Entity>();
    /// # notes.insert_many((0..100).map(|n| note::ActiveModel { words: Set(n), ..Default::default() })).await?;
    /// let mut words = 0;
    /// let mut stream = notes.stream(col(note::COLUMN.words).gte(50));
    /// while let Some(note) = stream.try_next().await? {
    ///     words += note.words;
    /// }
    /// assert_eq!(words, (50..100).sum::<i32>());
    /// # Ok::<_, seabed::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// The first error is the last item: those of [`find`](#method.find), and `TransactionClosed` where the transaction that it
    /// is about has ended.
    #[must_use]
    pub fn stream(&self, query: impl IntoQuery<E>) -> BoxStream<'static, Result<E::Model>> {
        self.select_stream(query.into_query())
    }
}

/// The rows of a select, in batches; the order is made total.
pub(super) fn rows(scope: Scope, context: Context, select: Select) -> BoxStream<'static, Result<Row>> {
    let reading = if select.columns.is_some() || select.distinct {
        Err(Error::unsupported("a stream of some columns").entity(&select.table.name))
    } else {
        Keyset::new(select.table.clone(), &select.order)
    };
    match reading {
        Err(error) => stream::once(async { Err(error) }).boxed(),
        Ok(keyset) => {
            let left = select.limit.unwrap_or(u64::MAX);
            let (filter, batch) = (select.filter.clone(), Vec::new().into_iter());
            let reading = Reading { scope, context, keyset, select, filter, left, next: FEWEST, batch, ended: false };
            // Boxed: the state is moved with every row.
            stream::try_unfold(Box::new(reading), Reading::row).boxed()
        }
    }
}

/// How far a stream has come.
struct Reading {
    scope: Scope,
    context: Context,
    keyset: Keyset,
    select: Select,
    /// The query's own.
    filter: Option<Filter>,
    /// So many rows are still to come, at most.
    left: u64,
    /// So many rows the next batch may have.
    next: u64,
    batch: std::vec::IntoIter<Row>,
    /// No batch follows.
    ended: bool,
}

impl Reading {
    async fn row(mut self: Box<Self>) -> Result<Option<(Row, Box<Self>)>> {
        loop {
            if let Some(row) = self.batch.next() {
                // What was read ahead must not outlive the transaction either (law Q8).
                self.scope.still_open()?;
                return Ok(Some((row, self)));
            }
            if self.ended {
                return Ok(None);
            }
            self.read().await?;
        }
    }

    async fn read(&mut self) -> Result<()> {
        let asked = self.next.min(self.left);
        let select = Select { limit: Some(asked), order: self.keyset.order().to_vec(), ..self.select.clone() };
        let rows = rows_of(self.scope.run(&self.context, Operation::Select(select)).await?)?.into_vec();
        let read = rows.len() as u64;
        self.left -= read.min(self.left);
        self.ended = read < asked || self.left == 0;
        if let Some(last) = rows.last() {
            self.go_on_after(&self.keyset.beside(last, Side::After))?;
            self.next = following(asked, &rows);
        }
        self.batch = rows.into_iter();
        Ok(())
    }

    fn go_on_after(&mut self, gap: &Gap) -> Result<()> {
        let after = self.keyset.after(gap)?;
        self.select.offset = 0;
        self.select.filter = Some(match &self.filter {
            Some(filter) => filter.clone().and(after),
            None => after,
        });
        Ok(())
    }
}

/// How many rows follow these in one batch.
fn following(asked: u64, rows: &[Row]) -> u64 {
    let bytes: usize = rows.iter().map(|row| size_of::<Row>() + row.iter().map(bytes).sum::<usize>()).sum();
    let each = (bytes / rows.len().max(1)).max(1);
    ((BATCH / each) as u64).min(asked.saturating_mul(GROWTH)).clamp(FEWEST, MOST)
}

/// What a value takes in memory, roughly.
fn bytes(value: &Value) -> usize {
    size_of::<Value>()
        + match value {
            Value::String(Some(text)) => text.len(),
            Value::Bytes(Some(bytes)) => bytes.len(),
            Value::Json(Some(json)) => weight(json),
            _ => 0,
        }
}

fn weight(json: &sea_orm::JsonValue) -> usize {
    size_of::<sea_orm::JsonValue>()
        + match json {
            sea_orm::JsonValue::String(text) => text.len(),
            sea_orm::JsonValue::Array(items) => items.iter().map(weight).sum(),
            sea_orm::JsonValue::Object(fields) => fields.iter().map(|(name, value)| name.len() + weight(value)).sum(),
            _ => 0,
        }
}

#[cfg(test)]
mod tests {
    use crate::{
        Config, Context, Database, Result, all,
        backend::{Backend, Begin, Operation, Outcome, Session},
        col,
        layer::{Layer, forward},
    };
    use async_trait::async_trait;
    use futures::TryStreamExt;
    use sea_orm::Set;
    use std::{
        sync::{Arc, Mutex, PoisonError},
        time::{Duration, Instant},
    };

    mod page {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "page")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: i32,
            #[sea_orm(column_type = "Text")]
            pub text: String,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    /// One select that reached the backend.
    #[derive(Clone, Debug)]
    struct Seen {
        limit: Option<u64>,
        offset: u64,
        rows: u64,
        context: Context,
    }

    /// Writes down every select.
    #[derive(Clone, Debug, Default)]
    struct Watch(Arc<Mutex<Vec<Seen>>>);

    impl Watch {
        fn taken(&self) -> Vec<Seen> {
            std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
        }
    }

    impl Layer for Watch {
        fn layer(&self, inner: Arc<dyn Backend>) -> Arc<dyn Backend> {
            Arc::new(Watched { inner, watch: self.clone() })
        }
    }

    #[derive(Debug)]
    struct Watched {
        inner: Arc<dyn Backend>,
        watch: Watch,
    }

    #[async_trait]
    impl Backend for Watched {
        forward! { info pool ping raw create_tables verify migration_connection deploy close }

        async fn run(&self, context: &Context, operation: Operation) -> Result<Outcome> {
            let window = match &operation {
                Operation::Select(select) => Some((select.limit, select.offset)),
                _ => None,
            };
            let outcome = self.inner.run(context, operation).await?;
            if let Some((limit, offset)) = window {
                let seen = Seen { limit, offset, rows: outcome.len(), context: context.clone() };
                self.watch.0.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
            }
            Ok(outcome)
        }

        async fn begin(&self, context: &Context, begin: Begin) -> Result<Box<dyn Session>> {
            self.inner.begin(context, begin).await
        }
    }

    /// So many rows with texts of this length.
    async fn pages(rows: i32, text: usize) -> (Database, Watch) {
        let watch = Watch::default();
        let builder = Database::builder(Config::from_url("memory:").expect("a URL")).layer(watch.clone());
        let db = builder.connect().await.expect("memory");
        db.create_tables(&crate::entities![page]).await.expect("a table");
        let row = |id| page::ActiveModel { id: Set(id), text: Set("x".repeat(text)) };
        db.repository::<page::Entity>().insert_many((0..rows).map(row).collect::<Vec<_>>()).await.expect("rows");
        (db, watch)
    }

    async fn batches(rows: i32, text: usize) -> Vec<u64> {
        let (db, watch) = pages(rows, text).await;
        let all: Vec<_> = db.repository::<page::Entity>().stream(all()).try_collect().await.expect("rows");
        assert_eq!(all.len(), usize::try_from(rows).expect("a count"));
        watch.taken().into_iter().filter_map(|seen| seen.limit).collect()
    }

    #[tokio::test]
    async fn batches_grow_from_few_rows_to_a_mebibyte() {
        assert_eq!(batches(15, 1).await, [16], "fewer rows than asked are the last");
        assert_eq!(batches(16, 1).await, [16, 128], "as many as asked may not be");
        assert_eq!(batches(20_000, 1).await, [16, 128, 1_024, 5_000, 5_000, 5_000, 5_000], "5,000 at most");
        let large = batches(200, 20_000).await;
        assert_eq!(large[0], 16);
        assert!(large[1..].iter().all(|rows| (50..=53).contains(rows)), "about a mebibyte: {large:?}");
        assert_eq!(batches(40, 300_000).await, [16, 16, 16], "16 at least");
    }

    #[tokio::test]
    async fn nothing_is_asked_before_the_first_row_and_nothing_after_the_stream_is_dropped() {
        let (db, watch) = pages(100, 1).await;
        let pages = db.repository::<page::Entity>();
        let mut stream = pages.stream(all());
        assert!(watch.taken().is_empty(), "a stream that nobody reads asks nothing");
        for _ in 0..16 {
            stream.try_next().await.expect("a row");
        }
        assert_eq!(watch.taken().len(), 1, "the next batch is asked for when it is needed");
        drop(stream);
        tokio::task::yield_now().await;
        assert!(watch.taken().is_empty());
    }

    #[tokio::test]
    async fn only_the_first_batch_has_the_offset_and_the_last_asks_for_what_is_left() {
        let (db, watch) = pages(1_000, 1).await;
        let query = col(page::COLUMN.id).gte(100).limit(200).offset(50);
        let ids: Vec<i32> =
            db.repository::<page::Entity>().stream(query).map_ok(|page| page.id).try_collect().await.expect("rows");
        assert_eq!(ids, (150..350).collect::<Vec<_>>());
        let seen: Vec<_> = watch.taken().iter().map(|seen| (seen.limit, seen.offset, seen.rows)).collect();
        assert_eq!(seen, [(Some(16), 50, 16), (Some(128), 0, 128), (Some(56), 0, 56)]);
    }

    #[tokio::test]
    async fn the_context_in_which_it_is_made_holds_for_every_batch() {
        let (db, watch) = pages(40, 1).await;
        let pages = db.tenant("acme").repository::<page::Entity>();
        let mut made = Context::current().within(Duration::from_mins(1)).scope(async { pages.stream(all()) }).await;
        let elsewhere = Context::current().for_tenant("other").within(Duration::from_secs(1));
        elsewhere.scope(async { while made.try_next().await.expect("a row").is_some() {} }).await;
        let seen = watch.taken();
        assert_eq!(seen.len(), 2);
        for Seen { context, .. } in seen {
            let left = context.deadline().expect("a deadline").saturating_duration_since(Instant::now());
            assert!(left > Duration::from_secs(30), "the deadline of who made it: {left:?}");
            assert_eq!(context.tenant(), Some(&"acme".into()));
        }
    }
}
