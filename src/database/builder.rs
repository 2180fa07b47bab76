//! How a database is put together: backend, layers, clock, keys.

use super::{Database, Shared, registry};
use crate::{
    Config, Context, Result,
    backend::{Backend, memory::Memory},
    key::{Clock, KeyGenerator, SystemClock, UuidV7},
    layer::{self, DeadlineLayer, ErrorContextLayer, GuardLayer, Layer, TelemetryLayer},
    transaction::Scope,
};
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
    plain: bool,
    extra: Vec<Box<dyn Layer>>,
    detect_loops: bool,
}

impl Builder {
    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            name: MAIN.to_owned(),
            clock: Arc::new(SystemClock),
            keys: Arc::new(UuidV7),
            plain: false,
            extra: Vec::new(),
            detect_loops: cfg!(debug_assertions),
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

    /// One more layer, outside the standard ones; the first one given is outermost.
    #[must_use]
    pub fn layer(mut self, layer: impl Layer + 'static) -> Self {
        self.extra.push(Box::new(layer));
        self
    }

    /// Without telemetry, error context and deadlines. The guard stays: the contract's checks live there.
    #[must_use]
    pub fn plain(mut self) -> Self {
        self.plain = true;
        self
    }

    /// Whether rows that are loaded one at a time, in a loop, are told to the log: one warning per place and entity where it comes
    /// to ten in one [`Context::scope`](crate::Context::scope). On in builds with debug assertions, off in others, where it costs
    /// nothing.
    #[must_use]
    pub fn detect_loops(mut self, on: bool) -> Self {
        self.detect_loops = on;
        self
    }

    /// Connects.
    ///
    /// # Errors
    /// As [`Database::connect`]; `Config` where the database is not configured.
    pub async fn connect(self) -> Result<Database> {
        let config = self.config.database(&self.name)?;
        let backend = registry::connect(config).await?;
        let telemetry = TelemetryLayer { slow: config.slow, values: config.log_values };
        let deadline = DeadlineLayer { limit: config.timeout };
        let mut layers: Vec<&dyn Layer> = self.extra.iter().map(|layer| &**layer).collect();
        if self.plain {
            layers.push(&GuardLayer);
        } else {
            layers.extend([&telemetry as &dyn Layer, &ErrorContextLayer, &GuardLayer, &deadline]);
        }
        let close_within = config.close_timeout;
        if self.detect_loops {
            Context::detect_loops();
        }
        let detect_loops = self.detect_loops;
        let shared = Shared { name: self.name, clock: self.clock, keys: self.keys, close_within, detect_loops };
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
            close_within: CLOSE_WITHIN,
            detect_loops: false,
        };
        let stack = layer::stack(backend, &[&ErrorContextLayer, &GuardLayer]);
        Database { scope: Scope::root(stack), shared: Arc::new(shared) }
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Config, Database, all,
        key::{Clock, KeyGenerator},
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
    async fn a_database_that_is_not_configured_is_told_by_name() {
        let config = Config::from_url("memory:").expect("a URL");
        let error = Database::builder(config).name("audit").connect().await.expect_err("not configured");
        assert!(error.is(crate::ErrorKind::Config) && error.to_string().contains("main"), "{error}");
    }
}
