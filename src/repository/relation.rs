//! How rows of two entities belong together, and conditions on related rows.

use super::{Entity, Filter, describe::described, rules};
use crate::{
    Error, Result,
    backend::{self, Related as Belongs},
    schema::{Column, Name, Table},
};
use sea_orm::{
    Identity, Related, RelationDef,
    sea_query::{SchemaName, TableName, TableRef},
};
use std::sync::Arc;

/// One step from a table to another: these columns have the values of those.
#[derive(Clone, Debug)]
pub(super) struct Hop {
    pub columns: Vec<Name>,
    pub table: Arc<Table>,
    pub their_columns: Vec<Name>,
}

/// The way from `E` to `R`: one hop, or two through a junction.
///
/// # Errors
/// `Unsupported` for a relation with a condition of its own, and for an entity outside the portable types.
pub(super) fn way<E: Entity + Related<R>, R: Entity>() -> Result<Vec<Hop>> {
    match E::via() {
        None => Ok(vec![hop::<E, R>(&E::to())?]),
        Some(via) => {
            let (ours, there, to) = (described::<E>()?, described::<R>()?, E::to());
            plain(&via, &ours)?;
            plain(&to, &ours)?;
            let junction = junction(&ours, &via, &to, &there)?;
            Ok(vec![
                Hop { columns: names(&via.from_col), table: junction, their_columns: names(&via.to_col) },
                Hop { columns: names(&to.from_col), table: there, their_columns: names(&to.to_col) },
            ])
        }
    }
}

/// The hop that a relation of `E` says.
///
/// # Errors
/// As [`way`]; `Unsupported` for a relation between other tables.
pub(super) fn hop<E: Entity, R: Entity>(relation: &RelationDef) -> Result<Hop> {
    let (ours, table) = (described::<E>()?, described::<R>()?);
    plain(relation, &ours)?;
    let of = |end: &TableRef, table: &Table| named(end).is_some_and(|(_, name)| name == table.name);
    if !of(&relation.from_tbl, &ours) || !of(&relation.to_tbl, &table) {
        let why = format!("the relation does not lead from `{}` to `{}`", ours.name, table.name);
        return Err(Error::unsupported(why).entity(&ours.name));
    }
    Ok(Hop { columns: names(&relation.from_col), table, their_columns: names(&relation.to_col) })
}

fn plain(relation: &RelationDef, table: &Table) -> Result<()> {
    if relation.on_condition.is_none() {
        return Ok(());
    }
    Err(Error::unsupported("a relation with a condition of its own: it is SQL; say it as a filter").entity(&table.name))
}

fn names(columns: &Identity) -> Vec<Name> {
    columns.iter().map(|column| column.to_string().into()).collect()
}

/// A table's name, and its schema's.
fn named(table: &TableRef) -> Option<(Option<String>, String)> {
    let TableRef::Table(TableName(schema, name), _) = table else { return None };
    Some((schema.as_ref().map(|SchemaName(_, schema)| schema.to_string()), name.to_string()))
}

/// The junction's table: as its entity describes it where that declares rules, else what the two relations say of it.
fn junction(ours: &Table, via: &RelationDef, to: &RelationDef, there: &Table) -> Result<Arc<Table>> {
    let unnamed = || Error::unsupported("a relation through something that is no table").entity(&ours.name);
    let (schema, name) = named(&via.to_tbl).ok_or_else(unnamed)?;
    if let Some(described) = rules::described(schema.as_deref(), &name) {
        return described;
    }
    let mut columns: Vec<Column> = Vec::new();
    let linked = names(&via.to_col).into_iter().zip(names(&via.from_col)).map(|(name, like)| (name, ours, like));
    let linking = names(&to.from_col).into_iter().zip(names(&to.to_col)).map(|(name, like)| (name, there, like));
    for (name, table, like) in linked.chain(linking) {
        if columns.iter().all(|column| column.name != name) {
            let like = table.column(&like)?;
            columns.push(Column { name, auto_increment: false, default: None, nullable: true, ..like.clone() });
        }
    }
    Ok(Arc::new(Table {
        schema,
        name,
        key: (0..columns.len()).collect(),
        columns,
        indexes: Vec::new(),
        foreign_keys: Vec::new(),
        rules: crate::schema::Rules::default(),
        extra: crate::schema::TableExtra::default(),
    }))
}

/// Rows that have a related row for which this is true: `people.find(has(col(pet::COLUMN.name).eq("Rex")))`. Which entities are
/// meant is plain from the filter and from the repository that is asked; that they are related is checked at compile time, by
/// SeaORM's `Related`. Through a junction where the relation is many-to-many. Never unknown: `!has(…)` is every other row.
///
/// Conditions may stand in each other, 16 relations deep. A relation with a condition of its own (`on_condition`) is refused with
/// `InvalidQuery` when the call is made.
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
/// use seabed::{has_any, prelude::*};
/// # fn main() {
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let db = Database::memory();
/// # db.create_tables(&seabed::entities![person, pet]).await?;
/// let (people, pets) = (db.repository::<person::Entity>(), db.repository::<pet::Entity>());
/// let ann = people.insert(person::ActiveModel { name: Set("Ann".into()), ..Default::default() }).await?;
/// people.insert(person::ActiveModel { name: Set("Bob".into()), ..Default::default() }).await?;
/// pets.insert(pet::ActiveModel { owner_id: Set(ann.id), name: Set("Rex".into()), ..Default::default() }).await?;
///
/// assert_eq!(people.find(has(col(pet::COLUMN.name).eq("Rex"))).await?, [ann.clone()]);
/// assert_eq!(people.count(!has_any::<pet::Entity, _>()).await?, 1);
/// assert_eq!(pets.count(has(col(person::COLUMN.name).starts_with("A"))).await?, 1);
/// # Ok::<_, seabed::Error>(())
/// # }).unwrap();
/// # }
/// ```
#[must_use]
pub fn has<E: Entity + Related<R>, R: Entity>(filter: Filter<R>) -> Filter<E> {
    related::<E, R>(way::<E, R>(), Some(filter))
}

/// Rows that have a related row, whichever: `people.find(!has_any::<pet::Entity, _>())`. As [`has`] otherwise.
#[must_use]
pub fn has_any<R: Entity, E: Entity + Related<R>>() -> Filter<E> {
    related::<E, R>(way::<E, R>(), None)
}

/// As [`has`], by a relation that is named: where two entities are related in two ways, or an entity to itself.
/// `has_by(node::Relation::Parent.def(), …)` is about the parent, `….def().rev()` about the children. A relation that does not lead
/// from `E` to `R` is refused with `InvalidQuery` when the call is made.
#[must_use]
pub fn has_by<E: Entity, R: Entity>(relation: RelationDef, filter: Filter<R>) -> Filter<E> {
    related::<E, R>(hop::<E, R>(&relation).map(|hop| vec![hop]), Some(filter))
}

fn related<E: Entity, R: Entity>(way: Result<Vec<Hop>>, filter: Option<Filter<R>>) -> Filter<E> {
    let filter = filter.map(|filter| filter.erased);
    let way = way.unwrap_or_else(|_| vec![nowhere::<R>()]);
    let erased = way.into_iter().rfold(filter, |filter, hop| {
        let Hop { columns, table, their_columns } = hop;
        Some(backend::Filter::Related(Box::new(Belongs { columns, table, their_columns, filter })))
    });
    Filter::new(erased.unwrap_or(backend::Filter::Or(Vec::new())))
}

/// A hop that the guard refuses: a condition is a plain value, and says what is wrong with it when it is asked.
fn nowhere<R: Entity>() -> Hop {
    let table = Table {
        schema: None,
        name: R::default().table_name().to_owned(),
        columns: Vec::new(),
        key: Vec::new(),
        indexes: Vec::new(),
        foreign_keys: Vec::new(),
        rules: crate::schema::Rules::default(),
        extra: crate::schema::TableExtra::default(),
    };
    Hop { columns: Vec::new(), table: Arc::new(table), their_columns: Vec::new() }
}
