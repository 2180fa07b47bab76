//! What the attributes of an entity cannot say of its table: the `schema` rule of [`rules!`](crate::rules).

use super::{Column, ColumnExtra, IndexDef, Part, TableExtra, Words, step::IndexBuilder};
use crate::{Error, ErrorKind, Result};
use sea_orm::IdenStatic;

/// A table's shape, to be said further: a `schema` rule takes it and gives it back.
///
/// The server keeps all of it, and only the server: the memory backend looks neither at a unique index said here nor at a check.
/// SQLite keeps no remarks. What a server is not told (see [`Words`]) it does not have.
///
/// ```
/// mod item {
///     use sea_orm::entity::prelude::*;
///     use seabed::schema::{Shape, Words, step::index};
///     #[sea_orm::model]
///     #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
///     #[sea_orm(table_name = "item")]
///     pub struct Model {
///         #[sea_orm(primary_key)]
///         pub id: i64,
///         pub state: String,
///         pub price: i64,
///         pub place: Json,
///     }
///     impl ActiveModelBehavior for ActiveModel {}
///     seabed::rules!(Entity { schema: shape });
///
///     fn shape(it: Shape) -> Shape {
///         it.indexed(index(&["state"]).descending("price"))
///             .indexed(index(&["price"]).only(Words::default().sqlite("state = 'new'").postgres("state = 'new'")))
///             .check("price", "price >= 0")
///             .native(Column::Place, Words::default().postgres("json"))
///     }
/// }
/// use seabed::repository::EntityInfo;
/// let table = EntityInfo::of::<item::Entity>().table()?;
/// assert_eq!(table.extra.indexes[0].name, "ix_item_state_price");
/// # Ok::<_, seabed::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Shape {
    table: String,
    extra: TableExtra,
    columns: Vec<(&'static str, ColumnExtra)>,
    fault: Option<Error>,
}

impl Shape {
    /// Of this table, of which nothing else is said.
    pub(crate) fn of(table: &str) -> Self {
        Self { table: table.to_owned(), extra: TableExtra::default(), columns: Vec::new(), fault: None }
    }

    /// An index with more than an attribute says: of several columns, descending, over an expression, of some rows only. A column that the
    /// entity does not have is told when the entity is first described; with `index(&[Column::State.as_str()])` (`sea_orm::IdenStatic`)
    /// it does not compile.
    pub fn indexed(mut self, index: IndexBuilder) -> Self {
        match index.build(&self.table) {
            Ok(index) => self.extra.indexes.push(index),
            Err(error) => drop(self.fault.get_or_insert(error)),
        }
        self
    }

    /// A condition in SQL that every row keeps, called `ck_<table>_<name>`.
    pub fn check(mut self, name: &str, condition: impl Into<Words>) -> Self {
        match super::step::check(&self.table, name, condition.into()) {
            Ok(check) => self.extra.checks.push(check),
            Err(error) => drop(self.fault.get_or_insert(error)),
        }
        self
    }

    /// A remark on the table.
    pub fn comment_table(mut self, text: impl Into<String>) -> Self {
        self.extra.comment = Some(text.into());
        self
    }

    /// The name that the table had before.
    pub fn renamed_table(mut self, from: impl Into<String>) -> Self {
        self.extra.renamed_from = Some(from.into());
        self
    }

    /// A type of the server's own for a column in place of ours, with its collation. Who says one answers for the laws that it may
    /// break.
    pub fn native(self, column: impl IdenStatic, words: impl Into<Words>) -> Self {
        self.with(column, |extra| extra.native = Some(words.into()))
    }

    /// A remark on a column; the attribute `comment` says the same.
    pub fn comment(self, column: impl IdenStatic, text: impl Into<String>) -> Self {
        self.with(column, |extra| extra.comment = Some(text.into()))
    }

    /// The name that a column had before; the attribute `renamed_from` says the same.
    pub fn renamed_from(self, column: impl IdenStatic, from: impl Into<String>) -> Self {
        self.with(column, |extra| extra.renamed_from = Some(from.into()))
    }

    fn with(mut self, column: impl IdenStatic, change: impl FnOnce(&mut ColumnExtra)) -> Self {
        let name = column.as_str();
        let at = self.columns.iter().position(|(other, _)| *other == name).unwrap_or_else(|| {
            self.columns.push((name, ColumnExtra::default()));
            self.columns.len() - 1
        });
        change(&mut self.columns[at].1);
        self
    }

    /// Puts what was said on the columns, and gives what was said of the table.
    ///
    /// # Errors
    /// The first fault, with entity and field: `InvalidQuery` for a column that the table does not have.
    pub(crate) fn on(self, columns: &mut [Column]) -> Result<TableExtra> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let unknown = |name: &str| {
            let why = "the entity has no such column";
            Error::new(ErrorKind::InvalidQuery, why).entity(&self.table).field(name)
        };
        for (name, said) in self.columns {
            let column = columns.iter_mut().find(|column| column.name == name).ok_or_else(|| unknown(name))?;
            let ColumnExtra { native, renamed_from, comment } = said;
            let extra = &mut column.extra;
            extra.native = native.or(extra.native.take());
            extra.renamed_from = renamed_from.or(extra.renamed_from.take());
            extra.comment = comment.or(extra.comment.take());
        }
        let named = |index: &IndexDef| index.parts.iter().filter_map(Part::column).map(ToOwned::to_owned).collect();
        for name in self.extra.indexes.iter().flat_map(|index| -> Vec<String> { named(index) }) {
            if !columns.iter().any(|column| column.name == name) {
                return Err(unknown(&name));
            }
        }
        Ok(self.extra)
    }
}
