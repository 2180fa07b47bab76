//! How a database is put together: backend, layers, clock, keys.

use super::{Database, Shared, registry, start};
use crate::{
    Config, Context, Error, ErrorKind, Result,
    backend::{Backend, memory::Memory},
    config,
    key::{Clock, KeyGenerator, SystemClock, UuidV7},
    layer::{self, DeadlineLayer, ErrorContextLayer, GuardLayer, Layer, RetryLayer, TelemetryLayer},
    repository::{EntityInfo, Tokens},
    transaction::Scope,
};
use secrecy::SecretString;
use std::{sync::Arc, time::Duration};

/// The database that is opened where no other is named.
const MAIN: &str = "main";
/// How long `close` waits where no configuration says it.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// Puts a [`Database`] together.
#[derive(Debug)]
pub struct Builder {
    config: Config,
    name: String,
    clock: Arc<dyn Clock>,
    keys: Arc<dyn KeyGenerator>,
    page_keys: Vec<SecretString>,
    plain: bool,
    extra: Vec<Box<dyn Layer>>,
    entities: Option<Vec<EntityInfo>>,
    detect_loops: Option<bool>,
}

impl Builder {
    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            name: MAIN.to_owned(),
            clock: Arc::new(SystemClock),
            keys: Arc::new(UuidV7),
            page_keys: Vec::new(),
            plain: false,
            extra: Vec::new(),
            entities: None,
            detect_loops: None,
        }
    }

    /// Another database of the configuration: `[databases.<name>]`.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Another clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Another generator of keys.
    #[must_use]
    pub fn keys(mut self, keys: impl KeyGenerator) -> Self {
        self.keys = Arc::new(keys);
        self
    }

    /// The key that signs the tokens of pages, in place of the configuration's `page_key`: 32 characters or more that nobody
    /// can guess, the same in every process that serves the same pages. Called again, it adds a key that signs nothing and
    /// whose tokens are still taken: so keys are changed.
    #[must_use]
    pub fn page_key(mut self, key: impl Into<String>) -> Self {
        self.page_keys.push(key.into().into());
        self
    }

    /// One more layer, outside the standard ones; the first one given is outermost.
    #[must_use]
    pub fn layer(mut self, layer: impl Layer + 'static) -> Self {
        self.extra.push(Box::new(layer));
        self
    }

    /// Without telemetry, error context, deadlines and the second try of a read whose connection broke. The guard stays: the
    /// contract's checks live there.
    #[must_use]
    pub fn plain(mut self) -> Self {
        self.plain = true;
        self
    }

    /// The entities that the service will ask for: what no backend, or not this one, can hold of them refuses the start, and
    /// their tables are looked at as [`verify`](Database::verify) does. What is made of a finding, the configuration says
    /// (`verify = "off"`, `"warn"` or `"strict"`; a warning each unless told). Whether tables that are not as they are wanted are
    /// made so, it says too (`sync`; not unless told): where nothing but safe steps is allowed, any other refuses the start.
    /// Nothing is ever done to what no entity describes.
    ///
    /// ```
    /// use seabed::prelude::*;
    /// # mod note {
    /// #     use sea_orm::entity::prelude::*;
    /// #     #[sea_orm::model]
    /// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    /// #     #[sea_orm(table_name = "note")]
    /// #     pub struct Model { #[sea_orm(primary_key, auto_increment = false)] pub id: Uuid, pub text: String }
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// let config = Config::builder().url("memory:").set("database.verify", "strict").load()?;
    /// let start = Database::builder(config).entities(seabed::entities![note]).connect().await;
    /// let error = start.unwrap_err();
    /// assert_eq!((error.kind(), error.entity_name()), (ErrorKind::SchemaMismatch, Some("note"))); // was never made
    /// # Ok::<_, Error>(())
    /// # }).unwrap();
    /// ```
    #[must_use]
    pub fn entities(mut self, entities: impl IntoIterator<Item = EntityInfo>) -> Self {
        self.entities.get_or_insert_default().extend(entities);
        self
    }

    /// Whether rows that are loaded one at a time, in a loop, are told to the log: one warning per place and entity where it comes
    /// to ten in one [`Context::scope`](crate::Context::scope). In place of the configuration's `detect_loops`: on in builds with
    /// debug assertions, off in others, where it costs nothing.
    #[must_use]
    pub fn detect_loops(mut self, on: bool) -> Self {
        self.detect_loops = Some(on);
        self
    }

    /// Connects.
    ///
    /// # Errors
    /// As [`Database::connect`]; `Config` where the database is not configured, or a page key is too short. Where entities were given: `Unsupported`, or
    /// the kind that all agree on, with every fault of every entity, before anything is connected; with `verify = "strict"`
    /// `SchemaMismatch` with every finding; with `sync` `SchemaMismatch` with the plan that the mode refuses, and what the server
    /// says of a step.
    pub async fn connect(mut self) -> Result<Database> {
        let entities = self.entities.take();
        let config = self.config.database(&self.name)?;
        let (scheme, sync, verify) = (config.url.scheme(), config.sync, config.verify);
        if let Some(entities) = &entities {
            start::portable(entities, scheme)?;
        }
        let db = self.open().await?;
        match entities {
            Some(entities) => {
                let db = start::synced(db, &entities, sync).await?;
                start::verified(db, &entities, verify).await
            }
            None => Ok(db),
        }
    }

    async fn open(self) -> Result<Database> {
        let config = self.config.database(&self.name)?;
        let keys = if self.page_keys.is_empty() { &config.page_keys } else { &self.page_keys };
        keys.iter().try_for_each(config::page_key).map_err(|why| {
            Error::new(ErrorKind::Config, format!("the page key of the database `{}` {why}", self.name))
        })?;
        let tokens = Tokens::signed(keys)?;
        let backend = registry::connect(config).await?;
        let telemetry = TelemetryLayer { slow: config.slow, values: config.log_values };
        let deadline = DeadlineLayer { limit: config.timeout };
        let guard = GuardLayer::new(Arc::clone(&self.clock));
        let mut layers: Vec<&dyn Layer> = self.extra.iter().map(|layer| &**layer).collect();
        if self.plain {
            layers.push(&guard);
        } else {
            layers.extend([&telemetry as &dyn Layer, &ErrorContextLayer, &guard, &deadline, &RetryLayer]);
        }
        let close_within = config.close_timeout;
        let detect_loops = self.detect_loops.unwrap_or(config.detect_loops);
        if detect_loops {
            Context::detect_loops();
        }
        let shared = Shared { name: self.name, clock: self.clock, keys: self.keys, tokens, close_within, detect_loops };
        Ok(Database { scope: Scope::root(layer::stack(backend, &layers)), shared: Arc::new(shared) })
    }

    pub(super) fn memory() -> Database {
        Self::over(Arc::new(Memory::default()))
    }

    pub(super) fn over(backend: Arc<dyn Backend>) -> Database {
        let shared = Shared {
            name: MAIN.to_owned(),
            clock: Arc::new(SystemClock),
            keys: Arc::new(UuidV7),
            tokens: Tokens::default(),
            close_within: CLOSE_WITHIN,
            detect_loops: false,
        };
        let stack = layer::stack(backend, &[&ErrorContextLayer, &GuardLayer::default()]);
        Database { scope: Scope::root(stack), shared: Arc::new(shared) }
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Config, Database, all,
        key::{Clock, KeyGenerator},
        repository::{KeysetRequest, PageToken},
    };
    use chrono::{DateTime, Utc};
    use sea_orm::Set;
    use std::sync::atomic::{AtomicU64, Ordering};
    use uuid::Uuid;

    mod note {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "note")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: Uuid,
            pub text: String,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    #[derive(Debug)]
    struct Stopped(DateTime<Utc>);

    impl Clock for Stopped {
        fn now(&self) -> DateTime<Utc> {
            self.0
        }
    }

    #[derive(Debug, Default)]
    struct Counted(AtomicU64);

    impl KeyGenerator for Counted {
        fn next(&self) -> Uuid {
            Uuid::from_u64_pair(7, self.0.fetch_add(1, Ordering::Relaxed))
        }
    }

    #[tokio::test]
    async fn time_and_keys_are_the_injected_ones() {
        let instant = DateTime::from_timestamp(1_700_000_000, 123_456_789).expect("an instant");
        let config = Config::from_url("memory:").expect("a URL");
        let builder = Database::builder(config).clock(Stopped(instant)).keys(Counted::default());
        let db = builder.connect().await.expect("memory");
        assert_eq!(db.now(), DateTime::from_timestamp(1_700_000_000, 123_000_000).expect("cut to milliseconds"));

        db.create_tables(&crate::entities![note]).await.expect("a table");
        let notes = db.repository::<note::Entity>();
        for text in ["a", "b"] {
            notes.insert(note::ActiveModel { text: Set(text.to_owned()), ..Default::default() }).await.expect("a row");
        }
        let keys: Vec<_> = notes.find(all().limit(9)).await.expect("rows").into_iter().map(|note| note.id).collect();
        assert_eq!(keys, [Uuid::from_u64_pair(7, 0), Uuid::from_u64_pair(7, 1)]);
    }

    #[tokio::test]
    async fn a_page_key_signs_the_tokens_of_every_repository() {
        let url = "memory:";
        let (key, old) = ("the-key-of-the-builder-is-long-enough", "the-key-of-the-file-is-long-enough-too");
        let connect = |keys: &[&str]| {
            let config = Config::builder().url(url).set("database.page_key", old).load().expect("a configuration");
            let builder = Database::builder(config);
            keys.iter().fold(builder, |builder, key| builder.page_key(*key)).connect()
        };
        let rows = async |keys: &[&str]| {
            let db = connect(keys).await.expect("memory");
            assert!(!format!("{db:?}").contains("long-enough"));
            db.create_tables(&crate::entities![note]).await.expect("a table");
            let notes = db.repository::<note::Entity>();
            for text in ["a", "b"] {
                let row = note::ActiveModel { text: Set(text.to_owned()), ..Default::default() };
                notes.insert(row).await.expect("a row");
            }
            notes
        };
        let by_file = rows(&[]).await;
        let token = by_file.keyset(all(), KeysetRequest::first(1)).await.expect("a page").next.expect("one follows");
        let after = |token: &PageToken| KeysetRequest::after(1, token.clone());
        by_file.keyset(all(), after(&token)).await.expect("the page after it");
        rows(&[key, old]).await.keyset(all(), after(&token)).await.expect("an old key is taken");
        let error = rows(&[key]).await.keyset(all(), after(&token)).await.expect_err("another key");
        assert!(error.is(crate::ErrorKind::InvalidToken), "{error}");
        let short = connect(&["hunter2"]).await.expect_err("too short");
        assert!(short.is(crate::ErrorKind::Config) && !short.to_string().contains("hunter2"), "{short}");
    }

    #[tokio::test]
    async fn a_database_that_is_not_configured_is_told_by_name() {
        let config = Config::from_url("memory:").expect("a URL");
        let error = Database::builder(config).name("audit").connect().await.expect_err("not configured");
        assert!(error.is(crate::ErrorKind::Config) && error.to_string().contains("main"), "{error}");
    }
}
