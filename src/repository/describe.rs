//! From a SeaORM entity to the table that it wants.

use super::{Entity, rules};
use crate::{
    Error, ErrorKind, Result,
    schema::{Column, ColumnExtra, ForeignKey, Index, Kind, OnDelete, Table, build::apart, name::bounded},
};
use sea_orm::{
    ColumnTrait, ColumnType, DbBackend, IdenStatic, Iterable, ModelTrait, PrimaryKeyToColumn, PrimaryKeyTrait, Schema,
    sea_query::{ArrayType, Expr, ForeignKeyAction, ForeignKeyCreateStatement, StringLen, TableName, TableRef},
};
use std::{
    any::TypeId,
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

/// What is known of one entity without its type; made by [`entities!`](crate::entities).
#[derive(Clone, Copy, Debug)]
pub struct EntityInfo {
    describe: fn() -> Result<Arc<Table>>,
    faults: fn() -> Vec<Error>,
}

impl EntityInfo {
    /// Of this entity.
    #[must_use]
    pub fn of<E: Entity>() -> Self {
        Self { describe: describe::<E>, faults: faults::<E> }
    }

    /// Of a table without an entity, such as [`transaction::key::table`](crate::transaction::key::table).
    #[must_use]
    pub fn of_table(describe: fn() -> Result<Arc<Table>>) -> Self {
        Self { describe, faults: Vec::new }
    }

    /// The table that it wants.
    ///
    /// # Errors
    /// `Unsupported` with entity and field for what is outside the portable types.
    pub fn table(&self) -> Result<Arc<Table>> {
        (self.describe)()
    }

    /// Everything that is outside the portable types, where [`table`](Self::table) tells the first; empty where it is a table.
    #[must_use]
    pub fn faults(&self) -> Vec<Error> {
        (self.faults)()
    }
}

/// The entities of these modules, as one list for creating tables and for checks: `seabed::entities![dataset, annotation]`.
#[macro_export]
macro_rules! entities {
    // No path and no `use`: of a module that is called as some crate is, that would be ambiguous.
    ($($($module:ident)::+),* $(,)?) => {
        ::std::vec![$($crate::repository::EntityInfo::of::<$($module)::+::Entity>()),*]
    };
}

/// The table that an entity wants, described once in a process.
pub(crate) fn described<E: Entity>() -> Result<Arc<Table>> {
    static DESCRIBED: RwLock<BTreeMap<TypeId, Arc<Table>>> = RwLock::new(BTreeMap::new());
    let entity = TypeId::of::<E>();
    // What is in there is whole, whoever panicked beside it.
    if let Some(table) = DESCRIBED.read().unwrap_or_else(PoisonError::into_inner).get(&entity) {
        return Ok(Arc::clone(table));
    }
    let table = describe::<E>()?;
    DESCRIBED.write().unwrap_or_else(PoisonError::into_inner).insert(entity, Arc::clone(&table));
    Ok(table)
}

/// The table that an entity wants.
///
/// Text without a declared length is 255 characters long, as SeaORM's `varchar(255)` says: a length is needed wherever text
/// is indexed. Long text is `column_type = "Text"`.
///
/// # Errors
/// `Unsupported` with entity and field for what is outside the portable types.
pub fn describe<E: Entity>() -> Result<Arc<Table>> {
    let entity = E::default();
    let create = Schema::new(DbBackend::Sqlite).create_table_from_entity(entity);
    let table = entity.table_name().to_owned();
    let at = |error: Error, field: &str| error.entity(&table).field(field);

    let key: Vec<&str> = E::PrimaryKey::iter().map(|key| key.into_column().as_str()).collect();
    let mut columns = Vec::new();
    let mut indexes = Vec::new();
    for (position, column) in E::Column::iter().enumerate() {
        let name = column.as_str();
        let def = column.def();
        let rust = E::Model::get_value_type(column);
        let kind = kind(&rust, def.get_column_type()).map_err(|error| at(error, name))?;
        let default = constant(def.get_column_default()).map_err(|error| at(error, name))?;
        let is_key = key.contains(&name);
        let integer = kind.is_whole() && !matches!(kind, Kind::Int8 | Kind::UInt8 | Kind::Int16);
        if def.is_unique() && !is_key {
            indexes.push(Index { name: bounded("ux", &table, &[name]), columns: vec![position], unique: true });
        }
        columns.push(Column {
            name: name.into(),
            nullable: def.is_null() && !is_key,
            auto_increment: is_key && key.len() == 1 && integer && E::PrimaryKey::auto_increment(),
            default: default
                .map(|value| crate::backend::value::stored(&kind, value))
                .transpose()
                .map_err(|e| at(e, name))?,
            kind,
            extra: create
                .get_columns()
                .iter()
                .find(|said| said.get_column_name() == name)
                .map(|said| remark(said.get_column_spec().comment.as_deref().unwrap_or_default()))
                .unwrap_or_default(),
        });
    }
    let mut extra = rules::shape::<E>(&table).on(&mut columns)?;
    extra.comment = extra.comment.or_else(|| entity.comment().map(ToOwned::to_owned));
    let position = |name: &str| columns.iter().position(|c: &Column| c.name == name);
    for index in Schema::new(DbBackend::Sqlite).create_index_from_entity(entity) {
        let names = index.get_index_spec().get_column_names();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let unique = index.is_unique_key();
        let prefix = if unique { "ux" } else { "ix" };
        indexes.push(Index {
            name: bounded(prefix, &table, &names),
            columns: names.iter().filter_map(|name| position(name)).collect(),
            unique,
        });
    }
    let foreign_keys = create
        .get_foreign_key_create_stmts()
        .iter()
        .map(|statement| foreign_key(&table, statement, position))
        .collect::<Result<_>>()?;
    let rules = rules::of::<E>(&columns).map_err(|error| error.entity(&table))?;
    let described = Table {
        schema: entity.schema_name().map(ToOwned::to_owned),
        key: key.iter().filter_map(|name| position(name)).collect(),
        name: table.clone(),
        columns,
        indexes,
        foreign_keys,
        rules,
        extra,
    };
    apart(&described).map_err(|error| error.entity(table))?;
    Ok(Arc::new(described))
}

/// SeaORM carries the attribute `renamed_from` in the column's comment, behind the comment itself.
fn remark(comment: &str) -> ColumnExtra {
    let renamed = comment.rsplit_once("renamed_from \"");
    let renamed = renamed.and_then(|(before, name)| Some((before.trim_end_matches("; "), name.strip_suffix('"')?)));
    let (comment, renamed_from) = renamed.map_or((comment, None), |(before, name)| (before, Some(name.to_owned())));
    let comment = (!comment.is_empty()).then(|| comment.to_owned());
    ColumnExtra { native: None, renamed_from, comment }
}

/// What is wrong with an entity, column by column; what is wrong with the whole where every column is right.
fn faults<E: Entity>() -> Vec<Error> {
    let Err(first) = describe::<E>() else { return Vec::new() };
    let table = E::default().table_name().to_owned();
    let mut faults = Vec::new();
    for column in E::Column::iter() {
        let def = column.def();
        let kind = kind(&E::Model::get_value_type(column), def.get_column_type());
        let default = constant(def.get_column_default());
        let stored = match (&kind, &default) {
            (Ok(kind), Ok(Some(value))) => crate::backend::value::stored(kind, value.clone()).err(),
            _ => None,
        };
        let of_column = [kind.err(), default.err(), stored].into_iter().flatten();
        faults.extend(of_column.map(|fault| fault.entity(&table).field(column.as_str())));
    }
    if faults.is_empty() {
        faults.push(first);
    }
    faults
}

fn kind(rust: &ArrayType, column: &ColumnType) -> Result<Kind> {
    if let ColumnType::Enum { variants, .. } = column {
        return Ok(Kind::Enum { variants: variants.iter().map(ToString::to_string).collect() });
    }
    Ok(match rust {
        ArrayType::Bool => Kind::Bool,
        ArrayType::TinyInt => Kind::Int8,
        ArrayType::SmallInt => Kind::Int16,
        ArrayType::Int => Kind::Int32,
        ArrayType::BigInt => Kind::Int64,
        ArrayType::TinyUnsigned => Kind::UInt8,
        ArrayType::SmallUnsigned => Kind::UInt16,
        ArrayType::Unsigned => Kind::UInt32,
        ArrayType::BigUnsigned => Kind::UInt64,
        ArrayType::Float | ArrayType::Double => Kind::Double,
        ArrayType::String => Kind::Text { max: length(column) },
        ArrayType::Char => Kind::Text { max: Some(1) },
        ArrayType::Bytes => Kind::Bytes,
        ArrayType::Json => Kind::Json,
        ArrayType::ChronoDate => Kind::Date,
        ArrayType::ChronoTime => Kind::Time,
        ArrayType::ChronoDateTime => Kind::DateTime,
        ArrayType::ChronoDateTimeUtc | ArrayType::ChronoDateTimeLocal | ArrayType::ChronoDateTimeWithTimeZone => {
            Kind::Instant
        }
        ArrayType::Uuid => Kind::Uuid,
        ArrayType::Decimal => match column {
            ColumnType::Decimal(Some((precision, scale))) if scale <= precision && (1..=28).contains(precision) => {
                Kind::Decimal { precision: *precision, scale: *scale }
            }
            _ => {
                return Err(Error::unsupported(
                    "a decimal declares its precision (1 to 28) and scale: column_type = \"Decimal(Some((20, 4)))\"",
                ));
            }
        },
        other => return Err(Error::unsupported(format!("{other:?} is not one of the portable types"))),
    })
}

fn length(column: &ColumnType) -> Option<u32> {
    match column {
        ColumnType::String(StringLen::N(max)) | ColumnType::Char(Some(max)) => Some(*max),
        ColumnType::String(StringLen::None) => Some(255),
        ColumnType::Char(None) => Some(1),
        _ => None,
    }
}

fn constant(default: Option<&Expr>) -> Result<Option<sea_orm::Value>> {
    match default {
        None => Ok(None),
        Some(Expr::Value(value) | Expr::Constant(value)) => Ok(Some(value.clone())),
        Some(_) => Err(Error::unsupported("a default is a constant: it is made in Rust, the same on every backend")),
    }
}

fn foreign_key(
    table: &str,
    statement: &ForeignKeyCreateStatement,
    position: impl Fn(&str) -> Option<usize>,
) -> Result<ForeignKey> {
    let key = statement.get_foreign_key();
    let names = key.get_columns();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let broken = || Error::new(ErrorKind::SchemaMismatch, "a relation names no column").entity(table);
    let Some(TableRef::Table(TableName(_, parent), _)) = key.get_ref_table() else { return Err(broken()) };
    let on_delete = match key.get_on_delete() {
        Some(ForeignKeyAction::Cascade) => OnDelete::Cascade,
        Some(ForeignKeyAction::SetNull) => OnDelete::SetNull,
        Some(ForeignKeyAction::SetDefault) => {
            return Err(Error::unsupported("ON DELETE SET DEFAULT is not portable").entity(table));
        }
        _ => OnDelete::Restrict,
    };
    Ok(ForeignKey {
        name: bounded("fk", table, &names),
        columns: names.iter().map(|name| position(name).ok_or_else(broken)).collect::<Result<_>>()?,
        parent_tenant: rules::tenant_of(&parent.to_string()).map(Into::into),
        parent: parent.to_string(),
        parent_columns: key.get_ref_columns(),
        on_delete,
    })
}
