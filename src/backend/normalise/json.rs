//! Conditions on what stands at a path in JSON.

use super::at;
use crate::{
    Error, ErrorKind, Result,
    backend::{JsonTest, scalar::scalar, value::no_nul},
    schema::{Kind, Table},
};

/// The longest path: JSON is at most 30 levels deep.
const KEYS: usize = 30;

pub(super) fn json(table: &Table, name: &str, path: &[String], test: &mut JsonTest) -> Result<()> {
    let refuse = |why: &str| Err(at(Error::new(ErrorKind::InvalidQuery, why.to_owned()), table, name));
    if table.column(name)?.kind != Kind::Json {
        return refuse("a path is in a column of JSON");
    }
    if path.len() > KEYS {
        return refuse("JSON is at most 30 levels deep, and so is a path");
    }
    if path.iter().any(|key| key.starts_with('-')) {
        return refuse("MariaDB does not find a key that begins with `-`, so no path has one");
    }
    let named = |error: Error| at(error, table, name);
    path.iter().try_for_each(|key| no_nul(key)).map_err(named)?;
    match test {
        JsonTest::Compare(_, value) => *value = scalar(super::filter::take(value)).map_err(named)?,
        JsonTest::In(values) => {
            for value in values {
                *value = scalar(super::filter::take(value)).map_err(named)?;
            }
        }
        JsonTest::Text(_, needle) => no_nul(needle).map_err(named)?,
        JsonTest::IsNull | JsonTest::IsNotNull => {}
    }
    Ok(())
}
