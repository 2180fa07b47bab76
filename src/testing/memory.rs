//! A database in memory with its handles.

use crate::{
    Database, Entity, ErrorKind, Result,
    backend::memory::{Memory, Snapshot},
    layer::{self, DeadlineLayer, FaultLayer, Faults},
    repository::EntityInfo,
};
use std::{ops::Deref, sync::Arc, time::Duration};

/// The longest that a call may take, as on a server where nothing else is configured.
const LIMIT: Duration = Duration::from_secs(30);

/// A [`Database`] in memory, and what a test does with it beyond its calls: go back to a [`Snapshot`], make calls fail or take
/// long. It derefs to `Database`.
///
/// ```
/// use seabed::{prelude::*, testing::MemoryDatabase};
/// # mod note {
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
/// #     #[sea_orm(table_name = "note")]
/// #     pub struct Model { #[sea_orm(primary_key)] pub id: i64, pub text: String }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let db = MemoryDatabase::with_tables(&seabed::entities![note]).await?;
/// let notes = db.repository::<note::Entity>();
/// let note = || note::ActiveModel { text: Set("hello".into()), ..Default::default() };
/// let empty = db.snapshot()?;
///
/// db.fail_next_on::<note::Entity>(ErrorKind::ConnectionLost);
/// assert!(notes.insert(note()).await.unwrap_err().is(ErrorKind::ConnectionLost));
/// assert_eq!(notes.insert(note()).await?.id, 1);
///
/// db.restore(&empty).await?;
/// assert_eq!(notes.count(all()).await?, 0);
/// # Ok::<_, Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct MemoryDatabase {
    db: Database,
    memory: Arc<Memory>,
    faults: Faults,
}

impl MemoryDatabase {
    /// An empty database, without a table.
    #[must_use]
    pub fn new() -> Self {
        Self::over(Memory::default())
    }

    /// The same on a backend that was made by hand, such as [`Memory::with_lock_timeout`].
    #[must_use]
    pub fn over(memory: Memory) -> Self {
        let (memory, faults) = (Arc::new(memory), Faults::new());
        let stack: [&dyn layer::Layer; 2] = [&DeadlineLayer { limit: LIMIT }, &FaultLayer(faults.clone())];
        let db = Database::from_backend(layer::stack(Arc::clone(&memory) as _, &stack));
        Self { db, memory, faults }
    }

    /// A database with the tables of these entities: `MemoryDatabase::with_tables(&seabed::entities![note])`.
    ///
    /// # Errors
    /// As [`Database::create_tables`].
    pub async fn with_tables(entities: &[EntityInfo]) -> Result<Self> {
        let this = Self::new();
        this.create_tables(entities).await?;
        Ok(this)
    }

    /// The database itself, for a service that wants one of its own.
    #[must_use]
    pub fn database(&self) -> Database {
        self.db.clone()
    }

    /// What goes wrong: see [`Faults`].
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The next operation on this entity fails; operations on others pass. For any entity: `db.faults().fail_next(kind)`.
    pub fn fail_next_on<E: Entity>(&self, kind: ErrorKind) {
        self.faults.fail_next_on(E::default().table_name(), kind);
    }

    /// What is committed now, tables and rows, at no cost.
    ///
    /// # Errors
    /// `Closed`.
    pub fn snapshot(&self) -> Result<Snapshot> {
        self.memory.snapshot()
    }

    /// Makes the database what it was then, at no cost; see [`Memory::restore`].
    ///
    /// # Errors
    /// `Closed`; `LockTimeout` where a transaction goes on writing.
    pub async fn restore(&self, snapshot: &Snapshot) -> Result<()> {
        self.memory.restore(snapshot).await
    }
}

impl Default for MemoryDatabase {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for MemoryDatabase {
    type Target = Database;
    fn deref(&self) -> &Database {
        &self.db
    }
}
