//! The one bridge between the planes: a typed call becomes an operation, rows become models.

use super::{
    Change, Deletion, Entity, Grouping, InsertOptions, Query, Read, Repository, Tokens, codec, describe, stream, upsert,
};
use crate::{
    Context, Error, ErrorKind, Result,
    backend::{
        Aggregate, Change as ErasedChange, ChangeTo, Comparison, Delete, Filter as Erased, Insert, Operation, Outcome,
        Progress, Row, Rows, Select, Update, value,
    },
    key::KeyGenerator,
    schema::{Kind, Table},
    transaction::Scope,
};
use async_trait::async_trait;
use futures::{StreamExt, stream::BoxStream};
use sea_orm::{
    ActiveModelTrait, ActiveValue, IdenStatic, Iterable, ModelTrait, TryIntoModel, Value, sea_query::ArrayType,
};
use std::sync::Arc;

/// A repository over the erased plane.
pub struct Bridge<E: Entity> {
    scope: Scope,
    keys: Arc<dyn KeyGenerator>,
    tokens: Tokens,
    description: Result<Arc<Description<E>>>,
    detect_loops: bool,
}

/// What the bridge knows of its entity; made once per repository.
pub(super) struct Description<E: Entity> {
    table: Arc<Table>,
    /// One per column of the table, in its order; with the model's type where it is not the one that rows carry.
    fields: Vec<(E::Column, Option<ArrayType>)>,
}

impl<E: Entity> Bridge<E> {
    /// A repository whose calls go to `scope`. An entity outside the portable types is told by every call.
    pub fn new(scope: Scope, keys: Arc<dyn KeyGenerator>, tokens: &Tokens) -> Self {
        let tokens = tokens.for_tenant(scope.tenant());
        Self { scope, keys, tokens, description: Description::new().map(Arc::new), detect_loops: false }
    }

    /// Whether rows that are loaded one at a time, in a loop, are told to the log.
    #[must_use]
    pub fn detect_loops(mut self, on: bool) -> Self {
        self.detect_loops = on;
        self
    }

    fn description(&self) -> Result<&Arc<Description<E>>> {
        self.description.as_ref().map_err(Clone::clone)
    }

    async fn run(&self, operation: Operation) -> Result<Outcome> {
        let context = Context::current();
        if self.detect_loops {
            super::loops::warn(&context);
        }
        self.scope.run(&context, operation).await
    }

    async fn rows(&self, operation: Operation) -> Result<Rows> {
        rows_of(self.run(operation).await?)
    }

    /// Rows that set the same columns are one operation; all operations are one transaction.
    async fn upsert_rows(
        &self,
        description: &Description<E>,
        rows: Vec<E::ActiveModel>,
        key: &[&'static str],
        progress: Option<Progress>,
    ) -> Result<Vec<E::Model>> {
        let rows: Vec<_> =
            rows.iter().map(|row| (description.sets(row), description.new_row(row, &*self.keys))).collect();
        let mut operations = upsert::operations(&description.table, key, rows, progress)?;
        if operations.len() <= 1 {
            let Some((_, insert)) = operations.pop() else { return Ok(Vec::new()) };
            return description.models(self.rows(Operation::Insert(insert)).await?);
        }
        let (places, inserts): (Vec<_>, Vec<_>) = operations.into_iter().unzip();
        let inserts = inserts.into_iter().map(Operation::Insert).collect();
        let models = |outcome| description.models(rows_of(outcome)?);
        let answers = self.scope.run_all(&Context::current(), inserts, models).await?;
        let mut models: Vec<_> = places.into_iter().flatten().zip(answers.into_iter().flatten()).collect();
        models.sort_by_key(|(place, _)| *place);
        Ok(models.into_iter().map(|(_, model)| model).collect())
    }

    async fn affected(&self, operation: Operation) -> Result<u64> {
        match self.run(operation).await? {
            Outcome::Affected(rows) => Ok(rows),
            Outcome::Rows(_) => Err(Error::new(ErrorKind::Other, "a number was asked for, rows came back")),
        }
    }
}

/// The rows of an operation that answers rows.
pub(super) fn rows_of(outcome: Outcome) -> Result<Rows> {
    match outcome {
        Outcome::Rows(rows) => Ok(rows),
        Outcome::Affected(_) => Err(Error::new(ErrorKind::Other, "rows were asked for, a number came back")),
    }
}

impl<E: Entity> std::fmt::Debug for Bridge<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Repository<{}>", sea_orm::EntityName::table_name(&E::default()))
    }
}

impl<E: Entity> Description<E> {
    /// # Errors
    /// `Unsupported` with entity and field for what is outside the portable types.
    pub(super) fn new() -> Result<Self> {
        let table = describe::described::<E>()?;
        let carried = table.columns.iter().map(|column| column.kind.null().array_type());
        let field = |(column, carried): (E::Column, ArrayType)| {
            (column, Some(E::Model::get_value_type(column)).filter(|field| *field != carried))
        };
        Ok(Self { fields: E::Column::iter().zip(carried).map(field).collect(), table })
    }

    fn at(&self, error: Error, field: usize) -> Error {
        error.entity(&self.table.name).field(&*self.table.columns[field].name)
    }

    fn model(&self, row: impl IntoIterator<Item = Value>) -> Result<E::Model> {
        let mut active = <E::ActiveModel as ActiveModelTrait>::default();
        for (position, ((column, field), value)) in self.fields.iter().zip(row).enumerate() {
            let value = match field {
                None => value,
                Some(field) => codec::loaded(field, value).map_err(|error| self.at(error, position))?,
            };
            active.try_set(*column, value).map_err(|_| {
                self.at(Error::new(ErrorKind::CorruptData, "the stored value is none of the field's type"), position)
            })?;
        }
        active
            .try_into_model()
            .map_err(|_| Error::new(ErrorKind::CorruptData, "the row does not make a model").entity(&self.table.name))
    }

    pub(super) fn models(&self, rows: Rows) -> Result<Vec<E::Model>> {
        rows.each(|row| self.model(row))
    }

    /// What is set or known of a new row; a single UUID key is made where it is not.
    fn new_row(&self, active: &E::ActiveModel, keys: &dyn KeyGenerator) -> Vec<Option<Value>> {
        let mut row: Vec<Option<Value>> =
            self.fields.iter().map(|(column, _)| active.get(*column).into_value()).collect();
        if let [key] = self.table.key.as_slice()
            && row[*key].is_none()
            && self.table.columns[*key].kind == Kind::Uuid
        {
            row[*key] = Some(Value::Uuid(Some(keys.next())));
        }
        row
    }

    /// The columns that a row gives a value for.
    fn sets(&self, active: &E::ActiveModel) -> Vec<bool> {
        self.fields.iter().map(|(column, _)| !matches!(active.get(*column), ActiveValue::NotSet)).collect()
    }

    /// The update that writes what is set in a row, from the version that the row has where the table counts versions; a select
    /// where nothing is set.
    fn update(&self, active: &E::ActiveModel) -> Result<Operation> {
        let mut parts = Vec::with_capacity(self.table.key.len());
        let mut changes = Vec::new();
        let mut expects = None;
        for (position, (column, _)) in self.fields.iter().enumerate() {
            let name = column.as_str();
            match active.get(*column) {
                ActiveValue::Set(value) | ActiveValue::Unchanged(value) if self.table.key.contains(&position) => {
                    if value::is_null(&value) {
                        return Err(self.at(Error::new(ErrorKind::InvalidQuery, "the key is null"), position));
                    }
                    parts.push(Erased::Compare(name.into(), Comparison::Eq, value));
                }
                ActiveValue::NotSet if self.table.key.contains(&position) => {
                    let why = "the key is not set: which row is to be updated?";
                    return Err(self.at(Error::new(ErrorKind::InvalidQuery, why), position));
                }
                ActiveValue::Set(value) | ActiveValue::Unchanged(value)
                    if self.table.rules.version == Some(position) =>
                {
                    expects = Some(value);
                }
                ActiveValue::Set(value) => {
                    changes.push(ErasedChange { column: name.into(), to: ChangeTo::Value(value) });
                }
                ActiveValue::Unchanged(_) | ActiveValue::NotSet => {}
            }
        }
        let (table, filter) = (Arc::clone(&self.table), Some(Erased::And(parts)));
        Ok(if changes.is_empty() && table.rules.version.is_none() {
            Operation::Select(Select { filter, ..Select::all(table) })
        } else {
            Operation::Update(Update { filter, returning: true, expects, ..Update::all(table, changes) })
        })
    }

    fn updated(&self, outcome: Outcome) -> Result<E::Model> {
        let row = match outcome {
            Outcome::Rows(rows) => rows.into_vec().pop(),
            Outcome::Affected(_) => None,
        };
        let missing = || Error::new(ErrorKind::NotFound, "no row has this key").entity(&self.table.name);
        self.model(row.ok_or_else(missing)?)
    }
}

#[async_trait]
impl<E: Entity> Repository<E> for Bridge<E> {
    async fn select(&self, query: Query<E>) -> Result<Vec<E::Model>> {
        let description = self.description()?;
        let select = query.select(Arc::clone(&description.table));
        description.models(self.rows(Operation::Select(select)).await?)
    }

    fn select_stream(&self, query: Query<E>) -> BoxStream<'static, Result<E::Model>> {
        let description = match self.description() {
            Ok(description) => Arc::clone(description),
            Err(error) => return futures::stream::once(async { Err(error) }).boxed(),
        };
        let select = query.select(Arc::clone(&description.table));
        let rows = stream::rows(self.scope.clone(), Context::current(), select);
        rows.map(move |row| description.model(row?)).boxed()
    }

    async fn read(&self, read: Read<E>) -> Result<Vec<Row>> {
        let operation = match read {
            Read::Figures(Query { lock: Some(_), .. }, _) | Read::Groups(Query { lock: Some(_), .. }, _) => {
                let why = "a figure locks no row: ask for the rows";
                return Err(Error::new(ErrorKind::InvalidQuery, why).entity(&self.description()?.table.name));
            }
            Read::Figures(Query { filter, deleted, .. }, figures) => {
                let table = Arc::clone(&self.description()?.table);
                Operation::Aggregate(Aggregate { filter, deleted, ..Aggregate::of(table, figures) })
            }
            Read::Groups(Query { filter, deleted, .. }, Grouping { group, figures, order, limit, offset }) => {
                let table = Arc::clone(&self.description()?.table);
                let all = Aggregate::of(table, figures);
                Operation::Aggregate(Aggregate { filter, deleted, group, order, limit, offset, ..all })
            }
            Read::Columns { query, columns, distinct } => {
                let select = query.select(Arc::clone(&self.description()?.table));
                Operation::Select(Select { columns: Some(columns), distinct, ..select })
            }
            Read::Erased(operation) if operation.is_write() => {
                return Err(Error::unsupported("a write through the door for reads"));
            }
            Read::Erased(operation) => operation,
        };
        self.rows(operation).await.map(Rows::into_vec)
    }

    async fn insert_rows(&self, rows: Vec<E::ActiveModel>, options: InsertOptions) -> Result<Vec<E::Model>> {
        let description = self.description()?;
        if let Some(key) = &options.upsert {
            return self.upsert_rows(description, rows, key, options.progress).await;
        }
        let rows = rows.iter().map(|row| description.new_row(row, &*self.keys)).collect();
        let insert = Insert { progress: options.progress, ..Insert::of(Arc::clone(&description.table), rows) };
        description.models(self.rows(Operation::Insert(insert)).await?)
    }

    async fn update_rows(&self, rows: Vec<E::ActiveModel>) -> Result<Vec<E::Model>> {
        let description = self.description()?;
        let mut updates = rows.iter().map(|row| description.update(row)).collect::<Result<Vec<_>>>()?;
        if updates.len() <= 1 {
            let Some(update) = updates.pop() else { return Ok(Vec::new()) };
            return Ok(vec![description.updated(self.run(update).await?)?]);
        }
        let check = |outcome| description.updated(outcome);
        self.scope.run_all(&Context::current(), updates, check).await
    }

    async fn update_where(&self, query: Query<E>, changes: Vec<Change<E>>) -> Result<u64> {
        let table = Arc::clone(&self.description()?.table);
        query.without_window("an update of many rows").map_err(|error| error.entity(&table.name))?;
        let changes = changes.into_iter().map(|change| change.erased).collect();
        let Query { filter, deleted, .. } = query;
        self.affected(Operation::Update(Update { filter, deleted, ..Update::all(table, changes) })).await
    }

    async fn delete_where(&self, query: Query<E>, deletion: Deletion) -> Result<u64> {
        let table = Arc::clone(&self.description()?.table);
        query.without_window("a delete of many rows").map_err(|error| error.entity(&table.name))?;
        let Query { filter, deleted, .. } = query;
        let forever = deletion == Deletion::Forever;
        self.affected(Operation::Delete(Delete { filter, deleted, forever, ..Delete::all(table) })).await
    }

    fn tokens(&self) -> Tokens {
        self.tokens.clone()
    }
}
