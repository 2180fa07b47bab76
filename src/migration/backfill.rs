//! A change of all rows, some thousand at a time, along the primary key. The rows of a batch and the place where the next begins
//! are one transaction, so that a change that may not happen twice (`n = n + 1`) does not, wherever a run stops.
//!
//! The server itself writes the values of a key as literals, so that a place means the same when it comes back.

use super::{
    Progress, journal,
    run::{Run, in_the_way, lost, pauses},
};
use crate::{
    Error, ErrorKind, Result,
    backend::deploy::{Noted, State, Way},
    schema::{Action, Backfill, Flavor, picture::TablePicture},
};
use tokio::time::sleep;

/// Does a backfill, or what is left of it. Without a journal it is part of one transaction.
pub(super) async fn step(run: &mut Run<'_>, at: u32, action: &Action, journaled: bool) -> Result<()> {
    let Action::Backfill(backfill) = action else { return Ok(()) };
    let begun = journal::begun(run, at, action)?.pop();
    if begun.as_ref().is_some_and(|row| row.state == State::Done) {
        return Ok(());
    }
    let have = run.deploy.inspect().await?;
    let table = have.table(&backfill.table).ok_or_else(|| fault(backfill, "the database has no such table"))?;
    let way: Box<dyn Way> = match run.deploy.flavor() {
        Some(flavor) => Box::new(SqlWay::of(backfill, table, flavor)?),
        None => run.deploy.way(backfill, table)?,
    };
    let mut row = begun.unwrap_or(Noted {
        migration: run.name.to_owned(),
        step: at,
        statement: 0,
        hash: journal::digest(action)?,
        text: String::new(),
        state: State::Pending,
        cursor: String::new(),
        rows: 0,
        attempts: 0,
        error: String::new(),
    });
    row.state = State::Started;
    row.attempts += 1;
    row.error.clear();
    let mut after = place(&row.cursor)?;
    let left = run.deploy.ask(&way.count(after.as_deref())).await?;
    let left = left.into_iter().next().and_then(|row| row.into_iter().next()).flatten();
    let left: u64 = left.and_then(|count| count.parse().ok()).unwrap_or_default();
    let total = u64::try_from(row.rows).unwrap_or_default() + left;
    loop {
        let until = if journaled {
            kept(run, &*way, &mut row, after.as_deref()).await?
        } else {
            let (changed, until) = batch(run, &*way, after.as_deref()).await?;
            row.rows += i64::try_from(changed).unwrap_or(i64::MAX);
            until
        };
        let rows = u64::try_from(row.rows).unwrap_or_default();
        run.tell(&Progress::Batch { table: &backfill.table, rows, total });
        if until.is_none() {
            return Ok(());
        }
        after = until;
        if journaled {
            sleep(run.options.pause).await;
        }
    }
}

fn fault(backfill: &Backfill, why: &str) -> Error {
    Error::new(ErrorKind::SchemaMismatch, why.to_owned()).entity(&backfill.table)
}

fn place(cursor: &str) -> Result<Option<Vec<String>>> {
    if cursor.is_empty() {
        return Ok(None);
    }
    let why = "the books have a place of a backfill that is none";
    serde_json::from_str(cursor)
        .map(Some)
        .map_err(|error| Error::new(ErrorKind::Migration, why).with_detail(error.to_string()))
}

/// One batch with its place, in a transaction; the place where the next begins, none where it was the last.
async fn kept(
    run: &mut Run<'_>,
    way: &dyn Way,
    row: &mut Noted,
    after: Option<&[String]>,
) -> Result<Option<Vec<String>>> {
    let mut pauses = pauses();
    loop {
        match once(run, way, row, after).await {
            Err(error) if in_the_way(&error) => match pauses.next() {
                Some(pause) => sleep(pause).await,
                None => return Err(error),
            },
            outcome => return outcome,
        }
    }
}

async fn once(
    run: &mut Run<'_>,
    way: &dyn Way,
    row: &mut Noted,
    after: Option<&[String]>,
) -> Result<Option<Vec<String>>> {
    run.sure().await?;
    run.deploy.begin().await?;
    let done = async {
        let (changed, until) = batch(run, way, after).await?;
        let cursor = match &until {
            Some(until) => serde_json::to_string(until)
                .map_err(|error| Error::new(ErrorKind::Migration, "a place cannot be noted").with_source(error))?,
            None => String::new(),
        };
        let state = if until.is_some() { State::Started } else { State::Done };
        let rows = row.rows + i64::try_from(changed).unwrap_or(i64::MAX);
        let noted = Noted { state, cursor, rows, ..row.clone() };
        run.deploy.note_step(&noted).await?;
        Ok((noted, until))
    };
    match done.await {
        Ok((noted, until)) => {
            run.deploy.commit().await?;
            *row = noted;
            Ok(until)
        }
        Err(error) => {
            if !lost(&error) {
                let _ = run.deploy.rollback().await;
            }
            Err(error)
        }
    }
}

async fn batch(run: &mut Run<'_>, way: &dyn Way, after: Option<&[String]>) -> Result<(u64, Option<Vec<String>>)> {
    let until = run.deploy.ask(&way.end(after)).await?.into_iter().next();
    let until: Option<Vec<String>> = match until {
        Some(cells) => {
            let cells: Option<Vec<String>> = cells.into_iter().collect();
            Some(cells.ok_or_else(|| Error::new(ErrorKind::Migration, "a key has a null"))?)
        }
        None => None,
    };
    let update = way.update(after, until.as_deref());
    let changed = run.deploy.run(&update).await?;
    run.tell(&Progress::Ran { sql: &update });
    Ok((changed, until))
}

/// The way along a table of SQL.
#[derive(Debug)]
struct SqlWay {
    table: String,
    /// The columns of the key, quoted.
    key: Vec<String>,
    /// What makes a literal of each.
    literals: Vec<String>,
    set: String,
    only: Option<String>,
    batch: u32,
}

impl SqlWay {
    fn of(backfill: &Backfill, table: &TablePicture, flavor: Flavor) -> Result<Self> {
        let key = table.key.as_ref().map(|key| key.columns.as_slice()).unwrap_or_default();
        if key.is_empty() {
            let why = "without a primary key there is no order to go along: write the change as `sql`";
            return Err(fault(backfill, why));
        }
        let mut set = Vec::new();
        for (column, words) in &backfill.set {
            let at = |error: Error| error.field(column.clone());
            if key.contains(column) {
                return Err(at(fault(backfill, "it goes along this column, which so cannot be changed")));
            }
            let why = format!("it says nothing for {flavor}");
            let words = words.on(flavor).ok_or_else(|| at(fault(backfill, &why)))?;
            set.push(format!("{} = {words}", flavor.quoted(column)));
        }
        let only = match &backfill.only {
            Some(words) => {
                let why = format!("its condition says nothing for {flavor}");
                Some(words.on(flavor).ok_or_else(|| fault(backfill, &why))?.to_owned())
            }
            None => None,
        };
        if set.is_empty() || backfill.batch == 0 {
            return Err(fault(backfill, "it sets a column, in batches of at least one row"));
        }
        let mut name = String::new();
        match backfill.table.split_once('.') {
            Some((schema, table)) if flavor != Flavor::Sqlite => flavor.qualified(&mut name, Some(schema), table),
            _ => flavor.quote(&mut name, &backfill.table),
        }
        let literals = key.iter().map(|column| {
            let declared = table.column(column).map(|column| column.declared.to_ascii_lowercase());
            literal(&flavor.quoted(column), &declared.unwrap_or_default(), flavor)
                .ok_or_else(|| fault(backfill, "it cannot go along a key of this type").field(column.clone()))
        });
        Ok(Self {
            literals: literals.collect::<Result<_>>()?,
            table: name,
            key: key.iter().map(|column| flavor.quoted(column)).collect(),
            set: set.join(", "),
            only,
            batch: backfill.batch,
        })
    }

    fn conditions(&self, after: Option<&[String]>, until: Option<&[String]>) -> String {
        let after = after.map(|after| beyond(&self.key, after, ">", ">"));
        let until = until.map(|until| beyond(&self.key, until, "<", "<="));
        let only = self.only.as_ref().map(|only| format!("({only})"));
        let all: Vec<String> = [after, until, only].into_iter().flatten().collect();
        if all.is_empty() { String::new() } else { format!(" WHERE {}", all.join(" AND ")) }
    }
}

impl Way for SqlWay {
    fn end(&self, after: Option<&[String]>) -> String {
        let beyond = after.map(|after| format!(" WHERE {}", beyond(&self.key, after, ">", ">"))).unwrap_or_default();
        let (literals, key) = (self.literals.join(", "), self.key.join(", "));
        format!("SELECT {literals} FROM {}{beyond} ORDER BY {key} LIMIT 1 OFFSET {}", self.table, self.batch - 1)
    }

    fn update(&self, after: Option<&[String]>, until: Option<&[String]>) -> String {
        let conditions = self.conditions(after, until);
        format!("UPDATE {} SET {}{conditions}", self.table, self.set)
    }

    fn count(&self, after: Option<&[String]>) -> String {
        format!("SELECT count(*) FROM {}{}", self.table, self.conditions(after, None))
    }
}

/// The keys beyond a place, the last column compared by `last`. The first comparison is redundant, and where an index begins: MySQL
/// does not begin one at a comparison of rows.
fn beyond(key: &[String], place: &[String], strict: &str, last: &str) -> String {
    match (key, place) {
        ([column], [value, ..]) => format!("{column} {last} {value}"),
        ([column, key @ ..], [value, place @ ..]) => {
            let rest = beyond(key, place, strict, last);
            format!("{column} {strict}= {value} AND ({column} {strict} {value} OR ({column} = {value} AND {rest}))")
        }
        _ => String::new(),
    }
}

/// What makes a literal of a column's value; none for a type whose literals are not exact, or have another order.
fn literal(column: &str, declared: &str, flavor: Flavor) -> Option<String> {
    let is = |types: &[&str]| types.iter().any(|one| declared.starts_with(one));
    match flavor {
        Flavor::Sqlite => Some(format!("quote({column})")),
        Flavor::Postgres => Some(format!("quote_literal({column}::text)")),
        Flavor::MySql | Flavor::MariaDb => {
            if is(&["enum", "set", "float", "double", "bit"]) {
                None
            } else if is(&["tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "year"]) {
                Some(format!("CAST({column} AS CHAR)"))
            } else if is(&["binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"]) {
                Some(format!("CONCAT('x''', HEX({column}), '''')"))
            } else {
                Some(format!("QUOTE({column})"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::beyond;

    #[test]
    fn a_place_in_a_composite_key_is_compared_from_the_left() {
        let (key, place) = (["a".to_owned(), "b".to_owned()], ["1".to_owned(), "'x'".to_owned()]);
        assert_eq!(beyond(&key, &place, ">", ">"), "a >= 1 AND (a > 1 OR (a = 1 AND b > 'x'))");
        assert_eq!(beyond(&key, &place, "<", "<="), "a <= 1 AND (a < 1 OR (a = 1 AND b <= 'x'))");
        assert_eq!(beyond(&key[..1], &place, "<", "<="), "a <= 1");
    }
}
