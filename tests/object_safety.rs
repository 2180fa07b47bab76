//! Both planes are objects: a service holds `Arc<dyn Repository<E>>`, a layer `Arc<dyn Backend>`, and a test fakes either.

use async_trait::async_trait;
use futures::{StreamExt, stream, stream::BoxStream};
use sea_orm::{ActiveValue, Value, entity::prelude::Uuid};
use seabed::{
    Database, Result,
    backend::{Backend, Operation, Row},
    prelude::{ErrorKind, Repository, Set, all, col},
    repository::{Change, Deletion, Filter, InsertOptions, Query, Read, Tokens},
    sea_orm,
};
use std::sync::{Arc, Mutex};

mod task {
    use seabed::sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "task")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub title: String,
        pub done: bool,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A service, written once against the contract.
struct Tasks(Arc<dyn Repository<task::Entity>>);

impl Tasks {
    async fn add(&self, title: &str) -> Result<task::Model> {
        self.0.insert(task::ActiveModel { title: Set(title.into()), done: Set(false), ..Default::default() }).await
    }

    async fn finish(&self, id: Uuid) -> Result<task::Model> {
        self.0.update(task::ActiveModel { id: Set(id), done: Set(true), ..Default::default() }).await
    }

    async fn open(&self) -> Result<u64> {
        self.0.count(col(task::COLUMN.done).eq(false)).await
    }
}

/// A repository written by hand: six methods, and every comfortable call works.
#[derive(Debug, Default)]
struct Fake {
    rows: Mutex<Vec<task::Model>>,
}

impl Fake {
    fn rows(&self) -> std::sync::MutexGuard<'_, Vec<task::Model>> {
        self.rows.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[async_trait]
impl Repository<task::Entity> for Fake {
    async fn select(&self, query: Query<task::Entity>) -> Result<Vec<task::Model>> {
        assert!(query.erased_filter().is_none(), "this fake knows all() only");
        Ok(self.rows().clone())
    }

    fn select_stream(&self, _: Query<task::Entity>) -> BoxStream<'static, Result<task::Model>> {
        stream::iter(self.rows().clone()).map(Ok).boxed()
    }

    async fn read(&self, read: Read<task::Entity>) -> Result<Vec<Row>> {
        let Read::Figures(_, figures) = read else { return Err(seabed::Error::unsupported("this fake does not")) };
        let open = self.rows().iter().filter(|row| !row.done).count();
        Ok(vec![figures.iter().map(|_| Value::BigInt(i64::try_from(open).ok())).collect()])
    }

    async fn insert_rows(&self, rows: Vec<task::ActiveModel>, _: InsertOptions) -> Result<Vec<task::Model>> {
        let new: Vec<_> = rows
            .into_iter()
            .map(|row| task::Model { id: Uuid::now_v7(), title: row.title.unwrap(), done: row.done.unwrap() })
            .collect();
        self.rows().extend(new.clone());
        Ok(new)
    }

    async fn update_rows(&self, rows: Vec<task::ActiveModel>) -> Result<Vec<task::Model>> {
        let missing = || seabed::Error::new(ErrorKind::NotFound, "no such task");
        let mut stored = self.rows();
        rows.into_iter()
            .map(|row| {
                let found = stored.iter_mut().find(|stored| row.id == ActiveValue::Set(stored.id));
                let found = found.ok_or_else(missing)?;
                if let ActiveValue::Set(done) = row.done {
                    found.done = done;
                }
                Ok(found.clone())
            })
            .collect()
    }

    async fn update_where(&self, _: Query<task::Entity>, _: Vec<Change<task::Entity>>) -> Result<u64> {
        Err(seabed::Error::unsupported("this fake does not"))
    }

    async fn delete_where(&self, query: Query<task::Entity>, _: Deletion) -> Result<u64> {
        assert!(query.erased_filter().is_none(), "this fake empties the whole table");
        Ok(std::mem::take(&mut *self.rows()).len() as u64)
    }

    fn tokens(&self) -> Tokens {
        Tokens::default()
    }
}

fn held_by_a_service<T: ?Sized + Send + Sync + 'static>(_: &Arc<T>) {}

#[tokio::test]
async fn a_service_works_with_a_fake_and_with_a_database() -> Result<()> {
    let db = Database::memory();
    db.create_tables(&seabed::entities![task]).await?;
    let repositories: [Arc<dyn Repository<task::Entity>>; 2] = [Arc::new(Fake::default()), db.repository()];
    for repository in repositories {
        held_by_a_service(&repository);
        let tasks = Tasks(Arc::clone(&repository));
        let first = tasks.add("write").await?;
        tasks.add("read").await?;
        assert_eq!(tasks.open().await?, 2);
        assert!(tasks.finish(first.id).await?.done);
        assert_eq!(tasks.open().await?, 1);
        assert_eq!(repository.find(all()).await?.len(), 2);
        let error = tasks.finish(Uuid::nil()).await.expect_err("no such task");
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(repository.delete_where(all(), Deletion::ByRule).await?, 2);
    }
    Ok(())
}

#[tokio::test]
async fn a_backend_is_an_object_that_a_database_is_made_over() -> Result<()> {
    let backend: Arc<dyn Backend> = Arc::new(seabed::backend::memory::Memory::default());
    held_by_a_service(&backend);
    let (one, other) = (Database::from_backend(Arc::clone(&backend)), Database::from_backend(backend));
    one.create_tables(&seabed::entities![task]).await?;
    Tasks(one.repository()).add("here").await?;
    assert_eq!(Tasks(other.repository()).open().await?, 1, "two databases over one backend see the same rows");
    Ok(())
}

#[tokio::test]
async fn a_service_moves_into_a_task_and_into_a_transaction() -> Result<()> {
    let db = Database::memory();
    db.create_tables(&seabed::entities![task]).await?;
    let tasks = Tasks(db.repository());
    let spawned = tokio::spawn(async move { tasks.add("in a task").await });
    spawned.await.expect("the task ends")?;
    db.transact(|tx| async move { Tasks(tx.repository()).add("in a transaction").await }).await?;
    assert_eq!(Tasks(db.repository()).open().await?, 2);
    Ok(())
}

#[test]
fn what_is_shared_between_tasks_can_be() {
    fn shared<T: ?Sized + Send + Sync + 'static>() {}
    shared::<Database>();
    shared::<seabed::Transaction>();
    shared::<seabed::Error>();
    shared::<seabed::Context>();
    shared::<Query<task::Entity>>();
    shared::<Filter<task::Entity>>();
    shared::<Change<task::Entity>>();
    shared::<Operation>();
    shared::<dyn Backend>();
    shared::<dyn Repository<task::Entity>>();
}
