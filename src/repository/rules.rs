//! `rules!`: what an entity asks of every path, said once, beside the entity, and found by its type.

use super::Entity;
use crate::{
    Error, ErrorKind, Result,
    schema::{Column, Folded, Kind, Rules, Shape, Table, rules::Validate},
};
use sea_orm::{IdenStatic, Iterable};
use std::{any::TypeId, sync::Arc};

/// The rules of one entity as `rules!` says them: columns by name.
#[derive(Clone, Debug, Default)]
#[doc(hidden)]
pub struct Said {
    pub created_at: Option<&'static str>,
    pub updated_at: Option<&'static str>,
    pub version: Option<&'static str>,
    pub soft_delete: Option<&'static str>,
    pub tenant: Option<&'static str>,
    pub folded: Vec<(&'static str, &'static str)>,
    pub validate: Option<Validate>,
    pub schema: Option<fn(Shape) -> Shape>,
}

/// One `rules!`, collected at link time.
#[doc(hidden)]
#[derive(Debug)]
pub struct Declared {
    pub entity: fn() -> TypeId,
    pub table: fn() -> String,
    pub said: fn() -> Said,
    pub describe: fn() -> Result<Arc<Table>>,
}

inventory::collect!(Declared);

/// What an entity asks of every read and write path: stands once, beside the entity. A wrong column does not compile.
///
/// | rule | column | what happens |
/// |---|---|---|
/// | `created_at: CreatedAt` | instant | set where an inserted row does not set it; never changed |
/// | `updated_at: UpdatedAt` | instant | the same, and set anew by every change |
/// | `version: Version` | whole number | 1 at first, one more by every change; an update must name the version that was read, else `VersionConflict` |
/// | `soft_delete: DeletedAt` | nullable instant | a delete sets it; rows that have it are out of sight |
/// | `tenant: TenantId` | text, UUID or whole number | every call is about the rows of one tenant |
/// | `folded: [Name => NameFolded]` | two texts | the second keeps the first without regard to case, for `eq_folded` and its kin |
/// | `validate: function` | | `fn(&Proposal<'_>) -> Result<()>` sees every write and may refuse it |
/// | `schema: function` | | `fn(Shape) -> Shape` says of the table what attributes cannot, see [`Shape`](crate::schema::Shape) |
///
/// They hold on every path, bulk writes, upserts and filters on related rows included, and are the same on every backend.
/// A column that a rule writes is not written by hand: `InvalidQuery` with the field (a new row may bring its times and its
/// version along). `replace` leaves out what rules write.
///
/// - **Times** are the injected clock's, cut to milliseconds; one call has one time.
/// - **Versions**: `update`, `update_rows` and `replace` take the version from the row that they are given and answer
///   `VersionConflict` where it is another by now, which dooms a transaction; `update_many` counts and does not look. An upsert
///   of a row that is there gives the version that was read; without one the row must be new.
/// - **Soft delete**: queries say `with_deleted` or `only_deleted`; `restore` brings a row back, `purge` takes it away for good.
///   A unique key stays taken, and no cascade runs. An upsert brings a deleted row back.
/// - **Tenants**: said by [`Database::tenant`](crate::Database::tenant) or around a call by
///   [`Context::for_tenant`](crate::Context::for_tenant); the handle goes first. `TenantRequired` without one. New rows are
///   stamped; another's row is none; a parent of another tenant is a `ForeignKeyViolation`.
/// - **Folded**: Unicode's full case folding ([`fold`](crate::backend::rules::fold)); it may be longer than its text, so give
///   the folded column room.
/// - **Validate** comes last, when values are normalised: once per row of an insert, once per call of an update or a delete.
///   See [`Proposal`](crate::schema::rules::Proposal).
///
/// ```
/// mod account {
///     use sea_orm::entity::prelude::*;
///     #[sea_orm::model]
///     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
///     #[sea_orm(table_name = "account")]
///     pub struct Model {
///         #[sea_orm(primary_key, auto_increment = false)]
///         pub id: Uuid,
///         pub owner: String,
///         pub created_at: DateTimeUtc,
///         pub version: i64,
///     }
///     impl ActiveModelBehavior for ActiveModel {}
///     seabed::rules!(Entity { created_at: CreatedAt, version: Version });
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! rules {
    ($entity:path { $($rules:tt)* }) => {
        $crate::__private::inventory::submit! {
            $crate::repository::rules::Declared {
                entity: || ::std::any::TypeId::of::<$entity>(),
                table: || $crate::__private::sea_orm::EntityName::table_name(
                    &<$entity as ::std::default::Default>::default(),
                ).to_owned(),
                said: || {
                    #[allow(dead_code, reason = "a list of no rules, or of functions alone, names no column")]
                    type C = <$entity as $crate::__private::sea_orm::EntityTrait>::Column;
                    #[allow(unused_mut, reason = "a list of no rules sets none")]
                    let mut said = $crate::repository::rules::Said::default();
                    $crate::__rules!(said C $($rules)*);
                    said
                },
                describe: $crate::repository::describe::describe::<$entity>,
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __rules {
    ($said:ident $c:ident) => {};
    ($said:ident $c:ident folded: [$($source:ident => $folded:ident),* $(,)?] $(, $($rest:tt)*)?) => {
        $( $said.folded.push((
            $crate::__private::sea_orm::IdenStatic::as_str(&$c::$source),
            $crate::__private::sea_orm::IdenStatic::as_str(&$c::$folded),
        )); )*
        $crate::__rules!($said $c $($($rest)*)?);
    };
    ($said:ident $c:ident validate: $function:path $(, $($rest:tt)*)?) => {
        $said.validate = Some($crate::schema::rules::Validate($function));
        $crate::__rules!($said $c $($($rest)*)?);
    };
    ($said:ident $c:ident schema: $function:path $(, $($rest:tt)*)?) => {
        $said.schema = Some($function);
        $crate::__rules!($said $c $($($rest)*)?);
    };
    ($said:ident $c:ident $rule:ident: $column:ident $(, $($rest:tt)*)?) => {
        $said.$rule = Some($crate::__private::sea_orm::IdenStatic::as_str(&$c::$column));
        $crate::__rules!($said $c $($($rest)*)?);
    };
}

fn declared<E: Entity>() -> Option<Said> {
    let entity = TypeId::of::<E>();
    inventory::iter::<Declared>().find(|declared| (declared.entity)() == entity).map(|declared| (declared.said)())
}

/// What the `schema` rule says of this table.
pub(super) fn shape<E: Entity>(table: &str) -> Shape {
    let shape = Shape::of(table);
    match declared::<E>().and_then(|said| said.schema) {
        Some(schema) => schema(shape),
        None => shape,
    }
}

/// The columns that a whole model has and does not write, because a rule does.
pub(super) fn unwritten<E: Entity>() -> Vec<E::Column> {
    let Some(said) = declared::<E>() else { return Vec::new() };
    let by_rule = |column: &E::Column| {
        let name = Some(column.as_str());
        [said.created_at, said.updated_at, said.soft_delete].contains(&name)
            || said.folded.iter().any(|(_, folded)| name == Some(folded))
    };
    E::Column::iter().filter(by_rule).collect()
}

/// The column that says when a row was deleted.
///
/// # Errors
/// `InvalidQuery` for an entity without a soft-delete rule.
pub(super) fn soft_delete<E: Entity>() -> Result<&'static str> {
    declared::<E>().and_then(|said| said.soft_delete).ok_or_else(|| {
        let why = "the entity has no soft-delete rule: what is deleted is gone";
        Error::new(ErrorKind::InvalidQuery, why).entity(E::default().table_name())
    })
}

/// The rules of an entity on its table's columns; none where nothing is declared.
///
/// # Errors
/// `Unsupported` with the field for a rule on a column of another type; the caller names the entity.
pub(super) fn of<E: Entity>(columns: &[Column]) -> Result<Rules> {
    let Some(said) = declared::<E>() else { return Ok(Rules::default()) };
    let on = |name: Option<&'static str>, fits: fn(&Column) -> bool, wants: &str| {
        name.map(|name| position(columns, name, fits, wants)).transpose()
    };
    let instant = |column: &Column| column.kind == Kind::Instant;
    let whole = |column: &Column| matches!(column.kind, Kind::Int16 | Kind::Int32 | Kind::Int64) && !column.nullable;
    let text = |column: &Column| matches!(column.kind, Kind::Text { .. });
    let folded = |&(source, folded): &(&'static str, &'static str)| {
        let rule = Folded {
            source: position(columns, source, text, "a folded rule is on two texts")?,
            folded: position(columns, folded, text, "a folded rule is on two texts")?,
        };
        if columns[rule.source].nullable && !columns[rule.folded].nullable {
            let why = "the folded form of a field that may be null may be null too";
            return Err(Error::unsupported(why).field(folded));
        }
        Ok(rule)
    };
    apart(&said)?;
    Ok(Rules {
        created_at: on(said.created_at, instant, "created_at is an instant")?,
        updated_at: on(said.updated_at, instant, "updated_at is an instant")?,
        version: on(said.version, whole, "a version is a whole number that is not null")?,
        soft_delete: on(
            said.soft_delete,
            |c| c.kind == Kind::Instant && c.nullable,
            "soft_delete is a nullable instant",
        )?,
        tenant: on(
            said.tenant,
            |c| matches!(c.kind, Kind::Text { .. } | Kind::Uuid | Kind::Int32 | Kind::Int64) && !c.nullable,
            "a tenant is a text, a UUID or a whole number that is not null",
        )?,
        folded: said.folded.iter().map(folded).collect::<Result<_>>()?,
        validate: said.validate,
    })
}

/// Refuses two rules on one column: which of them would write it?
fn apart(said: &Said) -> Result<()> {
    let mut ruled: Vec<&'static str> = said.folded.iter().map(|(_, folded)| *folded).collect();
    ruled.extend([said.created_at, said.updated_at, said.version, said.soft_delete, said.tenant].into_iter().flatten());
    ruled.sort_unstable();
    match ruled.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Error::unsupported("two rules write the field").field(pair[0])),
        None => Ok(()),
    }
}

fn position(columns: &[Column], name: &'static str, fits: fn(&Column) -> bool, wants: &str) -> Result<usize> {
    match columns.iter().position(|column| column.name == name) {
        Some(position) if fits(&columns[position]) => Ok(position),
        _ => Err(Error::new(ErrorKind::Unsupported, wants.to_owned()).field(name)),
    }
}

/// The tenant column of the entity that has this table, where it has a tenant rule.
pub(super) fn tenant_of(table: &str) -> Option<&'static str> {
    // Of several entities over one table not all need have the rule; the rows are the tenant's for all of them.
    inventory::iter::<Declared>()
        .filter(|declared| (declared.table)() == table)
        .find_map(|declared| (declared.said)().tenant)
}

/// The table of the entity that has this table's name, where it declares rules: a junction is reached by name alone, and keeps
/// them.
pub(super) fn described(schema: Option<&str>, table: &str) -> Option<Result<Arc<Table>>> {
    let same = |described: &Result<Arc<Table>>| match described {
        Ok(table) => table.schema.as_deref() == schema,
        Err(_) => true,
    };
    inventory::iter::<Declared>()
        .filter(|declared| (declared.table)() == table)
        .map(|declared| (declared.describe)())
        .find(same)
}

#[cfg(test)]
mod tests;
