//! Whose rows an operation is about.

use super::{at, name, refused};
use crate::{
    Context, Error, ErrorKind, Result,
    backend::{Comparison, Filter, value},
    schema::{Name, Table},
};
use sea_orm::Value;

/// The tenant of a call, as the table's tenant column holds it.
#[derive(Debug)]
pub(super) struct Owner {
    pub position: usize,
    pub column: Name,
    pub value: Value,
}

/// The tenant that calls on a table are about; none where it has no such rule.
///
/// # Errors
/// `TenantRequired` where the context names none; what the column says of a tenant that it cannot hold.
pub(super) fn of(table: &Table, context: &Context) -> Result<Option<Owner>> {
    let Some(position) = table.rules.tenant else { return Ok(None) };
    let column = name(table, position)?.clone();
    let Some(tenant) = context.tenant() else { return Err(required(table, &column)) };
    let value = value::stored(&table.columns[position].kind, tenant.value().clone());
    Ok(Some(Owner { position, value: value.map_err(|error| at(error, table, &column))?, column }))
}

/// Refused because no tenant is named.
pub(super) fn required(table: &Table, column: &str) -> Error {
    let why = "its rows belong to tenants: say whose, by `tenant` on the database or `for_tenant` on the context";
    at(Error::new(ErrorKind::TenantRequired, why), table, column)
}

impl Owner {
    /// The row is theirs.
    pub fn condition(&self) -> Filter {
        Filter::Compare(self.column.clone(), Comparison::Eq, self.value.clone())
    }

    /// Stamps a new row.
    pub fn stamp(&self, table: &Table, cell: &mut Option<Value>) -> Result<()> {
        match cell.take() {
            Some(given) if !value::is_null(&given) && !self.is(table, &given)? => {
                let why = "the row is of another tenant than the call";
                Err(at(Error::new(ErrorKind::InvalidValue, why), table, &self.column))
            }
            _ => {
                *cell = Some(self.value.clone());
                Ok(())
            }
        }
    }

    /// Refuses a change to another tenant.
    pub fn keep(&self, table: &Table, to: &Value) -> Result<()> {
        if self.is(table, to)? { Ok(()) } else { Err(refused("a row does not change its tenant", table, &self.column)) }
    }

    fn is(&self, table: &Table, given: &Value) -> Result<bool> {
        let kind = &table.columns[self.position].kind;
        let given = value::stored(kind, given.clone()).map_err(|error| at(error, table, &self.column))?;
        Ok(given == self.value)
    }
}
