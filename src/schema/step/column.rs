//! Columns by hand, in the words of [`build::table`](crate::schema::build::table).

use crate::{
    Error, Result,
    schema::{Column, ColumnExtra, Kind, Name, Words, build},
};
use sea_orm::Value;

/// A column in the making; the first fault is kept for the step that it is given to.
///
/// ```
/// use seabed::migration::prelude::*;
/// let step = add_column("item", text("sku", 64).nullable()).step()?;
/// assert_eq!(step.action.table(), Some("item"));
/// # Ok::<_, seabed::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ColumnBuilder {
    column: Column,
    fault: Option<Error>,
}

/// A column of any kind. It is not null unless [`nullable`](ColumnBuilder::nullable) follows.
pub fn column(name: impl Into<Name>, kind: Kind) -> ColumnBuilder {
    let (name, extra) = (name.into(), ColumnExtra::default());
    let fault = build::named(&name).err().or_else(|| build::bounds(&kind).err()).map(|error| error.field(&*name));
    let column = Column { name, kind, nullable: false, default: None, auto_increment: false, extra };
    ColumnBuilder { column, fault }
}

macro_rules! columns {
    ($($(#[$doc:meta])* $function:ident $kind:ident,)*) => {
        $($(#[$doc])* pub fn $function(name: impl Into<Name>) -> ColumnBuilder { column(name, Kind::$kind) })*
    };
}

build::plain_kinds!(columns);

/// A column of text, at most `max` characters.
pub fn text(name: impl Into<Name>, max: u32) -> ColumnBuilder {
    column(name, Kind::Text { max: Some(max) })
}

/// A column of text without a limit. It cannot be indexed on MySQL.
pub fn long_text(name: impl Into<Name>) -> ColumnBuilder {
    column(name, Kind::Text { max: None })
}

/// A column of exact decimals: `precision` digits in all (1 to 28, on SQLite to 18), `scale` of them after the point.
pub fn decimal(name: impl Into<Name>, precision: u32, scale: u32) -> ColumnBuilder {
    column(name, Kind::Decimal { precision, scale })
}

/// A column of one of these texts.
pub fn enumeration<V: Into<String>>(name: impl Into<Name>, variants: impl IntoIterator<Item = V>) -> ColumnBuilder {
    column(name, Kind::Enum { variants: variants.into_iter().map(Into::into).collect() })
}

impl ColumnBuilder {
    /// Lets it be null.
    pub fn nullable(mut self) -> Self {
        self.column.nullable = true;
        self
    }

    /// Lets the database make its values: a whole number that is the key.
    pub fn auto_increment(mut self) -> Self {
        self.column.auto_increment = true;
        self
    }

    /// What a row gets that does not set it; also the rows that are there when it is added.
    pub fn default_value(mut self, value: impl Into<Value>) -> Self {
        match build::constant(&self.column.kind, value.into()) {
            Ok(value) => self.column.default = Some(value),
            Err(error) => drop(self.fault.get_or_insert(error.field(&*self.column.name))),
        }
        self
    }

    /// A type of the server's own in place of ours, with its collation. Who says one answers for the laws that it may break.
    pub fn native(mut self, words: impl Into<Words>) -> Self {
        self.column.extra.native = Some(words.into());
        self
    }

    /// A remark that the server keeps; not on SQLite.
    pub fn comment(mut self, text: impl Into<String>) -> Self {
        self.column.extra.comment = Some(text.into());
        self
    }

    /// The column.
    ///
    /// # Errors
    /// The first fault, with the field: a name that not every server takes, a decimal without digits, a default of another type.
    pub fn build(self) -> Result<Column> {
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self.column),
        }
    }
}
