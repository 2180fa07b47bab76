//! Related rows for many rows at once: one query a hop, whatever their number.

use super::{
    Entity, IntoQuery, Loaded, Query, Read, Repository, all,
    bridge::Description,
    describe::described,
    loops,
    relation::{Hop, hop, way},
};
use crate::{
    Error, ErrorKind, Result,
    backend::{Comparison, Filter, Nulls, Operation, Order, Related as Belongs, Row, Select, value},
    schema::{Name, Table},
};
use rust_decimal::Decimal;
use sea_orm::{IdenStatic, Iterable, ModelTrait, Related, RelationDef, Value};
use std::{
    collections::{HashMap, HashSet},
    panic::Location,
    sync::Arc,
};

/// Keys that one query asks for: far below every server's limit on the size of a statement.
const KEYS: usize = 10_000;
/// The same for keys of several columns, which are written out.
const COMPOSITE: usize = 500;

impl<E: Entity> dyn Repository<E> {
    /// The rows of `R` that belong to each of these rows: a group per row, in their order, each by `R`'s primary key. One query
    /// for up to 10,000 different keys (a second one through a junction), so a page of parents never asks once per parent.
    ///
    /// Seen as `R`'s own repository sees them: softly deleted rows and those of other tenants are not there. A null belongs to
    /// nothing. All of them are in memory at once, a row that belongs to several once for each.
    ///
    /// ```
    /// # mod person {
    /// #     use sea_orm::entity::prelude::*;
    /// #     #[sea_orm::model]
    /// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    /// #     #[sea_orm(table_name = "person")]
    /// #     pub struct Model {
    /// #         #[sea_orm(primary_key)] pub id: i64,
    /// #         pub name: String,
    /// #         #[sea_orm(has_many)] pub pets: HasMany<super::pet::Entity>,
    /// #     }
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// # mod pet {
    /// #     use sea_orm::entity::prelude::*;
    /// #     #[sea_orm::model]
    /// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    /// #     #[sea_orm(table_name = "pet")]
    /// #     pub struct Model {
    /// #         #[sea_orm(primary_key)] pub id: i64,
    /// #         pub owner_id: i64,
    /// #         pub name: String,
    /// #         #[sea_orm(belongs_to, from = "owner_id", to = "id")] pub owner: BelongsTo<super::person::Entity>,
    /// #     }
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// use seabed::prelude::*;
    /// # fn main() {
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let db = Database::memory();
    /// # db.create_tables(&seabed::entities![person, pet]).await?;
    /// # let (people, pets) = (db.repository::<person::Entity>(), db.repository::<pet::Entity>());
    /// # let ann = people.insert(person::ActiveModel { name: Set("Ann".into()), ..Default::default() }).await?;
    /// # pets.insert(pet::ActiveModel { owner_id: Set(ann.id), name: Set("Rex".into()), ..Default::default() }).await?;
    /// let owners = people.find(all().limit(50)).await?;
    /// let loaded = people.load_many::<pet::Entity>(&owners).await?;
    /// for (owner, pets) in owners.iter().zip(loaded.iter()) {
    ///     println!("{} has {} pets", owner.name, pets.len());
    /// }
    /// # assert_eq!(loaded[0].len(), 1);
    /// # Ok::<_, seabed::Error>(())
    /// # }).unwrap();
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Unsupported` for a relation with a condition of its own; as [`find`](#method.find) otherwise.
    #[track_caller]
    pub fn load_many<R: Entity>(&self, rows: &[E::Model]) -> impl Future<Output = Result<Loaded<R::Model>>> + Send
    where
        E: Related<R>,
    {
        self.load_many_with::<R, _>(rows, all())
    }

    /// As [`load_many`](#method.load_many), only the rows that match, in the query's order: `load_many_with(&rows, filter)`.
    ///
    /// # Errors
    /// `InvalidQuery` for a query with a limit, an offset or a lock: they would be about all groups together.
    #[track_caller]
    pub fn load_many_with<R: Entity, Q: IntoQuery<R>>(
        &self,
        rows: &[E::Model],
        query: Q,
    ) -> impl Future<Output = Result<Loaded<R::Model>>> + Send
    where
        E: Related<R>,
    {
        loops::note_parents::<R>(rows.len(), Location::caller());
        let (way, query) = (way::<E, R>(), query.into_query());
        async move { load(self, way?, rows, query).await }
    }

    /// As [`load_many_with`](#method.load_many_with), by a relation that is named: where two entities are related in two ways, or
    /// an entity to itself. `load_by::<node::Entity, _>(node::Relation::Parent.def().rev(), &nodes, all())` gives the children.
    ///
    /// # Errors
    /// `Unsupported` for a relation that does not lead from `E` to `R`.
    #[track_caller]
    pub fn load_by<R: Entity, Q: IntoQuery<R>>(
        &self,
        relation: RelationDef,
        rows: &[E::Model],
        query: Q,
    ) -> impl Future<Output = Result<Loaded<R::Model>>> + Send {
        loops::note_parents::<R>(rows.len(), Location::caller());
        let (hop, query) = (hop::<E, R>(&relation), query.into_query());
        async move { load(self, vec![hop?], rows, query).await }
    }

    /// The row of `R` that each of these rows belongs to, or has one of; `None` where there is none. Of several the first by
    /// `R`'s primary key. As [`load_many`](#method.load_many) otherwise.
    ///
    /// # Errors
    /// As [`load_many`](#method.load_many).
    #[track_caller]
    pub fn load_one<R: Entity>(&self, rows: &[E::Model]) -> impl Future<Output = Result<Vec<Option<R::Model>>>> + Send
    where
        E: Related<R>,
    {
        loops::note_parents::<R>(rows.len(), Location::caller());
        let way = way::<E, R>();
        async move {
            let loaded = load::<E, R>(self, way?, rows, all()).await?;
            Ok(loaded.into_iter().map(|group: Vec<R::Model>| group.into_iter().next()).collect())
        }
    }
}

async fn load<E: Entity, R: Entity>(
    repository: &dyn Repository<E>,
    way: Vec<Hop>,
    rows: &[E::Model],
    query: Query<R>,
) -> Result<Loaded<R::Model>> {
    let description = Description::<R>::new()?;
    if query.limit.is_some() || query.offset > 0 || query.lock.is_some() {
        let why = "related rows are loaded for many rows at once: no limit, offset or lock";
        return Err(Error::new(ErrorKind::InvalidQuery, why).entity(E::default().table_name()));
    }
    let Some((first, rest)) = way.split_first() else { return Ok(Loaded::collect(std::iter::empty())) };
    let parents = keys::<E>(rows, &first.columns)?;
    let mut seen = HashSet::new();
    let wanted: Vec<&Key> = parents.iter().flatten().filter(|key| seen.insert(key.parts.as_slice())).collect();
    let mut found = Found { rows: Vec::new(), of: HashMap::new() };
    for chunk in wanted.chunks(if first.columns.len() == 1 { KEYS } else { COMPOSITE }) {
        let chunk = among(&first.their_columns, chunk);
        match rest.first() {
            None => found.children(repository, first, chunk, &query).await?,
            Some(second) => found.through(repository, first, second, chunk, &query).await?,
        }
    }
    let groups = parents.iter().map(|key| key.as_ref().and_then(|key| found.of.get(&key.parts)));
    let groups: Vec<&[usize]> = groups.map(|group| group.map_or(&[][..], Vec::as_slice)).collect();
    // A row that belongs to several is copied for all but the last.
    let mut uses = vec![0_usize; found.rows.len()];
    groups.iter().copied().flatten().for_each(|&row| uses[row] += 1);
    let mut models: Vec<Option<R::Model>> = description.models(found.rows.into())?.into_iter().map(Some).collect();
    Ok(Loaded::collect(groups.into_iter().map(|group| {
        let take = |&row: &usize| {
            uses[row] -= 1;
            if uses[row] == 0 { models[row].take() } else { models[row].clone() }
        };
        group.iter().filter_map(take).collect()
    })))
}

/// What was found so far.
struct Found {
    rows: Vec<Row>,
    /// The positions of the rows that belong to a key, in their order.
    of: HashMap<Vec<Part>, Vec<usize>>,
}

impl Found {
    /// The rows that have these keys themselves.
    async fn children<E: Entity, R: Entity>(
        &mut self,
        repository: &dyn Repository<E>,
        hop: &Hop,
        chunk: Filter,
        query: &Query<R>,
    ) -> Result<()> {
        let columns = positions(&hop.table, &hop.their_columns)?;
        for row in read(repository, &hop.table, chunk, query.clone()).await? {
            if let Some(key) = parts(&row, &columns) {
                self.of.entry(key).or_default().push(self.rows.len());
                self.rows.push(row);
            }
        }
        Ok(())
    }

    /// The rows that a junction links to these keys: the links, and then the rows that are linked, in their own order.
    async fn through<E: Entity, R: Entity>(
        &mut self,
        repository: &dyn Repository<E>,
        first: &Hop,
        second: &Hop,
        chunk: Filter,
        query: &Query<R>,
    ) -> Result<()> {
        let junction = &first.table;
        let (from, to) = (positions(junction, &first.their_columns)?, positions(junction, &second.columns)?);
        let links = Select { filter: Some(chunk.clone()), ..Select::all(Arc::clone(junction)) };
        let links = repository.read(Read::Erased(Operation::Select(links))).await?;
        let linked = Filter::Related(Box::new(Belongs {
            columns: second.their_columns.clone(),
            table: Arc::clone(junction),
            their_columns: second.columns.clone(),
            filter: Some(chunk),
        }));
        let columns = positions(&second.table, &second.their_columns)?;
        let mut by_key: HashMap<Vec<Part>, Vec<usize>> = HashMap::new();
        for row in read(repository, &second.table, linked, query.clone()).await? {
            if let Some(key) = parts(&row, &columns) {
                by_key.entry(key).or_default().push(self.rows.len());
                self.rows.push(row);
            }
        }
        for link in links {
            let ends = parts(&link, &from).zip(parts(&link, &to));
            if let Some((parent, rows)) = ends.and_then(|(parent, child)| Some((parent, by_key.get(&child)?))) {
                self.of.entry(parent).or_default().extend(rows);
            }
        }
        for rows in self.of.values_mut() {
            rows.sort_unstable();
            // Linked twice it still is one row.
            rows.dedup();
        }
        Ok(())
    }
}

/// The rows of a table for which both are true, in the query's order and then by primary key.
async fn read<E: Entity, R: Entity>(
    repository: &dyn Repository<E>,
    table: &Arc<Table>,
    filter: Filter,
    query: Query<R>,
) -> Result<Vec<Row>> {
    let mut select = query.select(Arc::clone(table));
    select.filter = Some(match select.filter {
        Some(more) => filter.and(more),
        None => filter,
    });
    for &position in &table.key {
        let column = &table.columns[position].name;
        if select.order.iter().all(|order| order.column != *column) {
            select.order.push(Order { column: column.clone(), descending: false, nulls: Nulls::Lowest });
        }
    }
    repository.read(Read::Erased(Operation::Select(select))).await
}

/// The values by which a row is related.
struct Key {
    values: Vec<Value>,
    parts: Vec<Part>,
}

/// A value that can be looked up, whichever variant carries it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Part {
    Whole(i128),
    Text(String),
    Decimal(Decimal),
    /// Whatever else is exact as it is printed.
    Other(String),
}

/// The key of each row; `None` where a part of it is null.
fn keys<E: Entity>(rows: &[E::Model], columns: &[Name]) -> Result<Vec<Option<Key>>> {
    let table = described::<E>()?;
    let named = |name: &Name| {
        let column = E::Column::iter().find(|column| column.as_str() == name);
        let missing = || {
            Error::new(ErrorKind::InvalidQuery, "the entity has no such column").entity(&table.name).field(name.clone())
        };
        Ok((column.ok_or_else(missing)?, table.column(name)?))
    };
    let columns: Vec<_> = columns.iter().map(named).collect::<Result<_>>()?;
    let key = |row: &E::Model| {
        let mut key = Key { values: Vec::with_capacity(columns.len()), parts: Vec::with_capacity(columns.len()) };
        for (field, column) in &columns {
            let at = |error: Error| error.entity(&table.name).field(column.name.clone());
            let (value, _) = value::compared(&column.kind, row.get(*field)).map_err(at)?;
            let Some(part) = part(&value) else { return Ok(None) };
            key.parts.push(part);
            key.values.push(value);
        }
        Ok(Some(key))
    };
    rows.iter().map(key).collect()
}

fn positions(table: &Table, columns: &[Name]) -> Result<Vec<usize>> {
    columns.iter().map(|column| table.position(column)).collect()
}

fn parts(row: &Row, columns: &[usize]) -> Option<Vec<Part>> {
    columns.iter().map(|&column| part(&row[column])).collect()
}

fn part(value: &Value) -> Option<Part> {
    if value::is_null(value) {
        return None;
    }
    Some(match value {
        Value::SmallInt(Some(v)) => Part::Whole((*v).into()),
        Value::Int(Some(v)) => Part::Whole((*v).into()),
        Value::BigInt(Some(v)) => Part::Whole((*v).into()),
        Value::String(Some(v)) => Part::Text(v.clone()),
        Value::Decimal(Some(v)) => Part::Decimal(v.normalize()),
        other => Part::Other(format!("{other:?}")),
    })
}

/// The condition that a row has one of these keys.
fn among(columns: &[Name], keys: &[&Key]) -> Filter {
    if let [column] = columns {
        return Filter::In(column.clone(), keys.iter().flat_map(|key| key.values.iter().cloned()).collect());
    }
    let equal = |(column, value): (&Name, &Value)| Filter::Compare(column.clone(), Comparison::Eq, value.clone());
    Filter::Or(keys.iter().map(|key| Filter::And(columns.iter().zip(&key.values).map(equal).collect())).collect())
}
