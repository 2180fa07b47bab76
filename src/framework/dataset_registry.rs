//! What data there is, and what was said of it.

use crate::{Database, Repository, Result, all, col};
use entity::{annotation, dataset};
use rust_decimal::Decimal;
use sea_orm::{Set, prelude::Json};
use std::sync::Arc;
use uuid::Uuid;

/// Keeps datasets by name and version, and annotations of them.
///
/// ```
/// use seabed::{Database, framework::{DatasetRegistry, NewDataset}};
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let db = Database::memory();
/// db.create_tables(&seabed::framework::entities()).await?;
/// let registry = DatasetRegistry::new(&db);
/// let iris = NewDataset { name: "iris".into(), version: "1".into(), size: 4_551, ..NewDataset::default() };
/// registry.register(iris).await?;
/// assert_eq!(registry.largest(10).await?[0].name, "iris");
/// # Ok::<_, seabed::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct DatasetRegistry {
    datasets: Arc<dyn Repository<dataset::Entity>>,
    annotations: Arc<dyn Repository<annotation::Entity>>,
}

/// A dataset as it is found.
#[derive(Clone, Debug, Default)]
pub struct NewDataset {
    /// Its name, at most 255 characters; unique together with the version.
    pub name: String,
    /// Its version, at most 64 characters.
    pub version: String,
    /// Where it lies, at most 1,024 characters.
    pub location: String,
    /// Its media type, such as `text/csv`.
    pub media_type: String,
    /// Its size in bytes.
    pub size: i64,
    /// The SHA-256 of its bytes, as 64 hexadecimal digits.
    pub sha256: String,
    /// What else is known.
    pub metadata: Json,
}

/// What a registration did.
#[derive(Clone, Debug, PartialEq)]
pub enum Registered {
    /// It was not known.
    Created(dataset::Model),
    /// It was known, and differs now.
    Updated(dataset::Model),
    /// It was known as it is.
    Unchanged(dataset::Model),
}

impl Registered {
    /// The dataset as it is now.
    #[must_use]
    pub fn dataset(&self) -> &dataset::Model {
        match self {
            Self::Created(dataset) | Self::Updated(dataset) | Self::Unchanged(dataset) => dataset,
        }
    }
}

/// Something said of a dataset.
#[derive(Clone, Debug)]
pub struct NewAnnotation {
    /// What it is about, such as a column or a line.
    pub target: String,
    /// Which question it answers.
    pub label: String,
    /// The answer.
    pub value: Json,
    /// How sure the author is, 0 to 1, four digits.
    pub confidence: Option<Decimal>,
    /// Who says so.
    pub author: String,
}

impl DatasetRegistry {
    /// The status of a dataset whose bytes were read.
    pub const VERIFIED: &str = "verified";

    /// A registry in this database, or inside this transaction.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { datasets: db.repository(), annotations: db.repository() }
    }

    /// Registers a dataset, or brings the one of this name and version up to date.
    ///
    /// # Errors
    /// `InvalidValue` with entity and field for what does not fit; `UniqueViolation` where another registered it meanwhile.
    pub async fn register(&self, new: NewDataset) -> Result<Registered> {
        let known = col(dataset::COLUMN.name).eq(&*new.name) & col(dataset::COLUMN.version).eq(&*new.version);
        let known = self.datasets.one(known).await?;
        let mut row = dataset::ActiveModel {
            name: Set(new.name),
            version: Set(new.version),
            location: Set(new.location.clone()),
            media_type: Set(new.media_type.clone()),
            size: Set(new.size),
            sha256: Set(new.sha256.clone()),
            status: Set(Self::VERIFIED.to_owned()),
            metadata: Set(new.metadata),
            ..Default::default()
        };
        let Some(known) = known else {
            return Ok(Registered::Created(self.datasets.insert(row).await?));
        };
        let same = known.sha256 == new.sha256
            && known.size == new.size
            && known.location == new.location
            && known.media_type == new.media_type;
        if same {
            return Ok(Registered::Unchanged(known));
        }
        row.id = Set(known.id);
        Ok(Registered::Updated(self.datasets.update(row).await?))
    }

    /// Says something of a dataset; the same author's answer to the same question is replaced.
    ///
    /// # Errors
    /// `ForeignKeyViolation` where there is no such dataset; `InvalidValue` for what does not fit.
    pub async fn annotate(&self, dataset: Uuid, new: NewAnnotation) -> Result<annotation::Model> {
        let c = annotation::COLUMN;
        let same = col(c.dataset_id).eq(dataset)
            & col(c.target).eq(&*new.target)
            & col(c.label).eq(&*new.label)
            & col(c.author).eq(&*new.author);
        let known = self.annotations.one(same).await?;
        let mut row = annotation::ActiveModel {
            dataset_id: Set(dataset),
            target: Set(new.target),
            label: Set(new.label),
            value: Set(new.value),
            confidence: Set(new.confidence),
            author: Set(new.author),
            ..Default::default()
        };
        if let Some(known) = known {
            row.id = Set(known.id);
            return self.annotations.update(row).await;
        }
        self.annotations.insert(row).await
    }

    /// The largest datasets, by size and then by name.
    ///
    /// # Errors
    /// What the database says.
    pub async fn largest(&self, count: u64) -> Result<Vec<dataset::Model>> {
        let c = dataset::COLUMN;
        self.datasets.find(all().order_by(col(c.size).desc()).order_by(col(c.name).asc()).limit(count)).await
    }

    /// How many datasets there are of each media type, by media type. One step along the index per type, so that memory does
    /// not grow with the datasets.
    ///
    /// # Errors
    /// What the database says.
    pub async fn count_by_media_type(&self) -> Result<Vec<(String, u64)>> {
        let media_type = col(dataset::COLUMN.media_type);
        let mut counts: Vec<(String, u64)> = Vec::new();
        loop {
            let rest = match counts.last() {
                None => all(),
                Some((last, _)) => media_type.gt(last.as_str()).into_query(),
            };
            let Some(next) = self.datasets.one(rest.order_by(media_type.asc())).await? else { return Ok(counts) };
            let count = self.datasets.count(media_type.eq(&*next.media_type)).await?;
            counts.push((next.media_type, count));
        }
    }

    /// How many annotations there are with this label.
    ///
    /// # Errors
    /// What the database says.
    pub async fn count_annotations(&self, label: &str) -> Result<u64> {
        self.annotations.count(col(annotation::COLUMN.label).eq(label)).await
    }

    /// The repository of the datasets, for queries of your own.
    #[must_use]
    pub fn datasets(&self) -> &Arc<dyn Repository<dataset::Entity>> {
        &self.datasets
    }
}
