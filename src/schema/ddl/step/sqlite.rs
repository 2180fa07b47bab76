//! SQLite: what ALTER TABLE can, and else the table made anew from its own text, edited (see [`rebuild`](super::rebuild)).

use super::{
    Change, Dialect, Place,
    constant::constant,
    done, found, index, missing,
    rebuild::{self, Clause, Create, same},
    tokens,
};
use crate::{
    Error, Result,
    schema::{Check, Column, Done, Flavor, IndexDef, Kind, Reference, Statement, Words as Said, name::bounded},
};

const FLAVOR: Flavor = Flavor::Sqlite;

/// The words of SQLite.
pub(super) struct Words;

impl Dialect for Words {
    fn rename_table(&self, place: &Place<'_>, to: &str) -> Result<Vec<Statement>> {
        Ok(vec![place.alter(&[format!("RENAME TO {}", place.quoted(to))], Done::Table(to.to_owned()))])
    }

    fn add_column(&self, place: &Place<'_>, column: &Column, fill: Option<&Said>) -> Result<Vec<Statement>> {
        let name = place.quoted(&column.name);
        let fill = match fill.and_then(|fill| fill.on(FLAVOR)) {
            Some(fill) => Some(format!("({fill})")),
            None => constant(place.whole, column, FLAVOR)?,
        };
        let definition = definition(place, column)?;
        if column.nullable {
            let add = format!("ADD COLUMN {definition}");
            let there = Done::Column(place.whole.to_owned(), column.name.to_string());
            let mut statements = vec![place.alter(&[add], there)];
            if let Some(fill) = fill {
                statements.push(done(format!("UPDATE {} SET {name} = {fill}", place.table()), Done::Again));
            }
            return Ok(statements);
        }
        let mut create = Create::parse(place)?;
        create.add_column(&definition);
        let mut moved = kept(place)?;
        moved.extend(fill.map(|fill| (column.name.to_string(), fill)));
        rebuild::statements(place, &create, &moved, &[])
    }

    fn drop_column(&self, place: &Place<'_>, column: &Column) -> Result<Vec<Statement>> {
        let name = &*column.name;
        let mut create = Create::parse(place)?;
        if create.column(name).is_none() {
            return Err(missing("the table in the database has no such column", place.whole, name));
        }
        let of_table = |text: &str| tokens::says(text, place.whole, false) && tokens::names(text, name, false);
        let named = place.have.others.iter().find(|other| {
            (other.kind == "view" && of_table(&other.text))
                || (other.kind == "trigger"
                    && other.table.as_deref().is_some_and(|table| same(table, place.whole))
                    && tokens::names(&other.text, name, false))
        });
        if let Some(other) = named {
            let why = format!("the {} `{}` names the column: it goes first", other.kind, other.name);
            return Err(missing(&why, place.whole, name));
        }
        let gone = indexes_over(place, name);
        let elsewhere = create.items.iter().any(|item| {
            item.column.as_deref().is_none_or(|other| !same(other, name))
                && item.clauses.iter().any(|clause| !clause.word.is_empty() && own_names(place, clause, name))
        });
        let own = create.column(name).is_some_and(|item| item.has("UNIQUE") || item.has("REFERENCES"));
        if !elsewhere && !own && gone.is_empty() {
            let drop = format!("DROP COLUMN {}", place.quoted(name));
            return Ok(vec![place.alter(&[drop], Done::NoColumn(place.whole.to_owned(), name.to_owned()))]);
        }
        let others: Vec<String> = place.live()?.columns.iter().map(|column| column.name.clone()).collect();
        let mut among = None;
        create.drop_clauses(|of, clause| {
            if of.is_some_and(|of| same(of, name)) || !own_names(place, clause, name) {
                return false;
            }
            if others.iter().any(|other| !same(other, name) && own_names(place, clause, other)) || of.is_some() {
                among.get_or_insert_with(|| clause.name.clone().unwrap_or_default());
            }
            true
        });
        if let Some(constraint) = among {
            let why = "a constraint names the column with others: it goes first";
            return Err(missing(why, place.whole, name).constraint(constraint));
        }
        create.items.retain(|item| item.column.as_deref().is_none_or(|other| !same(other, name)));
        let mut moved = kept(place)?;
        moved.retain(|(column, _)| !same(column, name));
        let gone: Vec<&str> = gone.iter().map(String::as_str).collect();
        rebuild::statements(place, &create, &moved, &gone)
    }

    fn rename_column(&self, place: &Place<'_>, from: &str, to: &str) -> Result<Vec<Statement>> {
        let rename = format!("RENAME COLUMN {} TO {}", place.quoted(from), place.quoted(to));
        Ok(vec![place.alter(&[rename], Done::Column(place.whole.to_owned(), to.to_owned()))])
    }

    fn alter_column(&self, place: &Place<'_>, change: &Change<'_>) -> Result<Vec<Statement>> {
        let to = change.to;
        let (name, quoted) = (&*to.name, place.quoted(&to.name));
        let mut create = Create::parse(place)?;
        let made = to.auto_increment && place.is_key(name);
        if change.retypes() || change.using.is_some() || change.from.is_none() {
            let ours = own_checks(place, &create, name, change.from);
            create.drop_clauses(|_, clause| clause.word == "CHECK" && ours.contains(&clause.text));
            let table = place.with(to);
            let declared =
                if made { "integer".to_owned() } else { super::super::storage(&table, to, FLAVOR)?.declared };
            if made {
                create.drop_clauses(|of, clause| {
                    clause.word == "PRIMARY"
                        && (of.is_some() || clause.columns().iter().all(|column| same(column, name)))
                });
            }
            let Some(item) = create.column(name) else {
                return Err(missing("the table in the database has no such column", place.whole, name));
            };
            item.retype(&quoted, &declared);
            let counted = item.clauses.iter().any(|clause| clause.word == "PRIMARY");
            if made {
                item.add("PRIMARY", "PRIMARY KEY AUTOINCREMENT");
            } else if counted {
                // A key that is made no more is a plain one.
                item.clauses.retain(|clause| clause.word != "PRIMARY");
                let key = bounded("pk", place.name, &[]);
                create.add_constraint(&format!("CONSTRAINT {} PRIMARY KEY ({quoted})", place.quoted(&key)));
            }
            for (check, condition) in super::super::checks_of(&table, to, FLAVOR)? {
                create.add_constraint(&format!("CONSTRAINT {} CHECK ({condition})", place.quoted(&check)));
            }
        } else if change.from.is_some_and(|from| from.nullable != to.nullable) {
            // The check of the type says null of its own.
            let ours = own_checks(place, &create, name, change.from);
            create.drop_clauses(|_, clause| clause.word == "CHECK" && ours.contains(&clause.text));
            for (check, condition) in super::super::checks_of(&place.with(to), to, FLAVOR)? {
                create.add_constraint(&format!("CONSTRAINT {} CHECK ({condition})", place.quoted(&check)));
            }
        }
        let Some(item) = create.column(name) else {
            return Err(missing("the table in the database has no such column", place.whole, name));
        };
        item.clauses.retain(|clause| clause.word != "NOT" && clause.word != "NULL");
        if !to.nullable {
            item.add("NOT", "NOT NULL");
        }
        let mut value = match change.using.and_then(|using| using.on(FLAVOR)) {
            Some(using) => format!("({using})"),
            None => cast(place, change, &quoted)?,
        };
        if let Some(fill) = change.fill.and_then(|fill| fill.on(FLAVOR)).filter(|_| !to.nullable) {
            value = format!("coalesce({value}, ({fill}))");
        }
        let mut moved = kept(place)?;
        for (column, old) in &mut moved {
            if same(column, name) {
                old.clone_from(&value);
            }
        }
        rebuild::statements(place, &create, &moved, &[])
    }

    fn add_index(&self, place: &Place<'_>, index: &IndexDef) -> Result<Vec<Statement>> {
        let Some(written) = index::written(place.whole, index, |_| Ok(false), FLAVOR)? else { return Ok(Vec::new()) };
        let sql = index::create(&index.name, index.unique, &place.table(), &written, FLAVOR);
        Ok(vec![done(sql, Done::Index(place.whole.to_owned(), index.name.clone()))])
    }

    fn drop_index(&self, place: &Place<'_>, index: &IndexDef) -> Result<Vec<Statement>> {
        let there = found::index(place, index);
        let name = there.map_or(index.name.as_str(), |there| &there.name);
        if !name.starts_with("sqlite_autoindex_") {
            let gone = Done::NoIndex(place.whole.to_owned(), name.to_owned());
            return Ok(vec![done(format!("DROP INDEX {}", place.quoted(name)), gone)]);
        }
        // The index of a UNIQUE in the table's own text.
        let columns: Vec<&str> = index.parts.iter().filter_map(crate::schema::Part::column).collect();
        let mut create = Create::parse(place)?;
        let dropped = create.drop_clauses(|of, clause| {
            clause.word == "UNIQUE"
                && match of {
                    Some(of) => columns.len() == 1 && same(of, columns[0]),
                    None => equal(&clause.columns(), &columns),
                }
        });
        if dropped == 0 {
            return Err(missing("the table in the database has no such index", place.whole, name));
        }
        rebuild::statements(place, &create, &kept(place)?, &[])
    }

    fn rename_index(&self, place: &Place<'_>, from: &str, to: &str) -> Result<Vec<Statement>> {
        let Some(there) = place.live()?.indexes.iter().find(|index| same(&index.name, from)) else {
            return Err(missing("the table in the database has no such index", place.whole, from));
        };
        let create = rebuild::pictured(place, there, to);
        Ok(vec![
            done(format!("DROP INDEX {}", place.quoted(from)), Done::NoIndex(place.whole.to_owned(), from.to_owned())),
            done(create, Done::Index(place.whole.to_owned(), to.to_owned())),
        ])
    }

    fn add_foreign_key(&self, place: &Place<'_>, key: &Reference) -> Result<Vec<Statement>> {
        let mut create = Create::parse(place)?;
        create.add_constraint(&place.foreign_key(key));
        rebuild::statements(place, &create, &kept(place)?, &[])
    }

    fn drop_foreign_key(&self, place: &Place<'_>, key: &Reference) -> Result<Vec<Statement>> {
        let mut create = Create::parse(place)?;
        let parent = place.with_schema(&key.parent);
        let meant = |of: Option<&str>, clause: &Clause| {
            let here = of.map_or_else(|| clause.columns(), |of| vec![of.to_owned()]);
            let there = clause.parent();
            equal(&here, &key.columns)
                && there.is_some_and(|(table, columns)| {
                    same(&table, &parent) && (columns.is_empty() || equal(&columns, &key.parent_columns))
                })
        };
        let keys = ["FOREIGN", "REFERENCES"];
        let mut named = create.clone();
        let by_name = |clause: &Clause| clause.name.as_deref().is_some_and(|name| same(name, &key.name));
        if named.drop_clauses(|_, clause| keys.contains(&clause.word) && by_name(clause)) > 0 {
            create = named;
        } else if create.drop_clauses(|of, clause| keys.contains(&clause.word) && meant(of, clause)) == 0 {
            let why = "the table in the database has no such foreign key";
            return Err(Error::new(crate::ErrorKind::SchemaMismatch, why).entity(place.whole).constraint(&key.name));
        }
        rebuild::statements(place, &create, &kept(place)?, &[])
    }

    fn add_check(&self, place: &Place<'_>, name: &str, condition: &str) -> Result<Vec<Statement>> {
        let mut create = Create::parse(place)?;
        create.add_constraint(&format!("CONSTRAINT {} CHECK ({condition})", place.quoted(name)));
        rebuild::statements(place, &create, &kept(place)?, &[])
    }

    fn drop_check(&self, place: &Place<'_>, check: &Check) -> Result<Vec<Statement>> {
        let mut create = Create::parse(place)?;
        let named = |clause: &Clause| clause.name.as_deref().is_some_and(|name| same(name, &check.name));
        if create.drop_clauses(|_, clause| clause.word == "CHECK" && named(clause)) == 0 {
            let why = "the table in the database has no such check";
            return Err(Error::new(crate::ErrorKind::SchemaMismatch, why).entity(place.whole).constraint(&check.name));
        }
        rebuild::statements(place, &create, &kept(place)?, &[])
    }

    fn set_key(&self, place: &Place<'_>, _: &[String], to: &[String]) -> Result<Vec<Statement>> {
        let mut create = Create::parse(place)?;
        create.drop_clauses(|_, clause| clause.word == "PRIMARY");
        let name = place.quoted(&bounded("pk", place.name, &[]));
        create.add_constraint(&format!("CONSTRAINT {name} PRIMARY KEY ({})", place.list(to)));
        rebuild::statements(place, &create, &kept(place)?, &[])
    }

    /// SQLite keeps no remarks.
    fn set_comment(&self, _: &Place<'_>, _: Option<&Column>, _: Option<&str>) -> Result<Vec<Statement>> {
        Ok(Vec::new())
    }
}

/// A column with its checks, as one item of a table.
fn definition(place: &Place<'_>, column: &Column) -> Result<String> {
    let table = place.with(column);
    let mut sql = super::super::column_line(&table, 0, FLAVOR)?;
    for (name, check) in super::super::checks_of(&table, column, FLAVOR)? {
        sql.push_str(&format!(" CONSTRAINT {} CHECK ({check})", place.quoted(&name)));
    }
    Ok(sql)
}

/// Every column that is not computed, and what fills it: itself.
fn kept(place: &Place<'_>) -> Result<Vec<(String, String)>> {
    let columns = place.live()?.columns.iter().filter(|column| column.generated.is_none());
    Ok(columns.map(|column| (column.name.clone(), place.quoted(&column.name))).collect())
}

/// The indexes over this column, which go with it.
fn indexes_over(place: &Place<'_>, column: &str) -> Vec<String> {
    let live = place.seen().map(|live| &*live.indexes).unwrap_or_default();
    let over = live.iter().filter(|index| {
        index.parts.iter().any(|part| {
            part.column.as_deref().is_some_and(|name| same(name, column))
                || part.expression.as_deref().is_some_and(|text| tokens::names(text, column, false))
        }) || index.predicate.as_deref().is_some_and(|text| tokens::names(text, column, false))
    });
    over.map(|index| index.name.clone()).collect()
}

/// The texts of the checks that we made for a column. What is written of them in the table is what is asked here, for it has
/// their names also where a picture lacks them.
fn own_checks(place: &Place<'_>, create: &Create, column: &str, from: Option<&Column>) -> Vec<String> {
    let (ty, ck) = (bounded("ty", place.name, &[column]), bounded("ck", place.name, &[column]));
    let listed = from.is_none_or(|from| matches!(from.kind, Kind::Enum { .. }));
    let others: Vec<&str> = create.items.iter().filter_map(|item| item.column.as_deref()).collect();
    let alone = |clause: &Clause| {
        clause.names(column) && !others.iter().any(|other| !same(other, column) && clause.names(other))
    };
    let ours = |clause: &&Clause| {
        let name = clause.name.as_deref().unwrap_or_default();
        let list = || listed && tokens::says(&clause.text, "IN", false);
        clause.word == "CHECK"
            && (same(name, &ty)
                || (name.starts_with("ty_") && alone(clause))
                || (list() && (same(name, &ck) || (from.is_some() && name.starts_with("ck_") && alone(clause)))))
    };
    create.items.iter().flat_map(|item| &item.clauses).filter(ours).map(|clause| clause.text.clone()).collect()
}

/// Whether the clause names this column of its own table: what stands behind REFERENCES is the parent's.
fn own_names(place: &Place<'_>, clause: &Clause, column: &str) -> bool {
    let among = |columns: &[String]| columns.iter().any(|name| same(name, column));
    let own = match clause.word {
        "FOREIGN" | "UNIQUE" | "PRIMARY" => among(&clause.columns()),
        "REFERENCES" => false,
        _ => clause.names(column),
    };
    own || clause.parent().is_some_and(|(parent, columns)| same(&parent, place.whole) && among(&columns))
}

fn equal<A: AsRef<str>, B: AsRef<str>>(a: &[A], b: &[B]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a.as_ref(), b.as_ref()))
}

/// What makes a value of the new type where a plain copy does not. A copy into a column of another affinity converts what can be
/// converted without loss, and the check of the type refuses the rest.
fn cast(place: &Place<'_>, change: &Change<'_>, column: &str) -> Result<String> {
    let Some(from) = change.from else { return Ok(column.to_owned()) };
    let unit = |scale: u32| 10_i64.checked_pow(scale).unwrap_or(1);
    // A number that does not come out even stays a float, which the check refuses.
    let divided =
        |by: i64| format!("CASE WHEN {column} % {by} = 0 THEN {column} / {by} ELSE {column} * 1.0 / {by} END");
    Ok(match (&from.kind, &change.to.kind) {
        (Kind::Decimal { scale: old, .. }, Kind::Decimal { scale: new, .. }) if old < new => {
            format!("{column} * {}", unit(new - old))
        }
        (Kind::Decimal { scale: old, .. }, Kind::Decimal { scale: new, .. }) if old > new => divided(unit(old - new)),
        (Kind::Decimal { .. }, Kind::Decimal { .. }) => column.to_owned(),
        (kind, Kind::Decimal { scale, .. }) if kind.is_whole() => format!("{column} * {}", unit(*scale)),
        (Kind::Decimal { scale, .. }, kind) if kind.is_whole() => divided(unit(*scale)),
        (Kind::Decimal { scale, .. }, Kind::Double) => format!("{column} * 1.0 / {}", unit(*scale)),
        (Kind::Double, Kind::Decimal { scale, .. }) => format!("CAST(round({column} * {}) AS integer)", unit(*scale)),
        // An instant is cut to milliseconds (law V5), whatever it is made of.
        (Kind::DateTime, Kind::Instant) => format!("substr({column}, 1, 23) || '000Z'"),
        (Kind::Instant, Kind::DateTime) => format!("substr({column}, 1, 26)"),
        (Kind::Text { .. }, Kind::Uuid) => format!("coalesce(unhex({column}, '-'), {column})"),
        (Kind::Uuid, Kind::Text { .. }) => {
            let hex = format!("lower(hex({column}))");
            let part = |from: u32, length: u32| format!("substr({hex}, {from}, {length})");
            let parts = [part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)].join(" || '-' || ");
            // The digits of a null are an empty text.
            format!("CASE WHEN {column} IS NOT NULL THEN {parts} END")
        }
        (Kind::Decimal { .. } | Kind::Uuid, _) | (_, Kind::Decimal { .. } | Kind::Uuid) => {
            let why = "SQLite knows no way from the one type to the other: say it with `using`";
            return Err(Error::unsupported(why).entity(place.whole).field(&*change.to.name));
        }
        _ => column.to_owned(),
    })
}
