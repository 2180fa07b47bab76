//! What a table is, against what our DDL would declare.

use super::{Auto, Live, LiveColumn, LiveForeignKey, LiveIndex, mysql, postgres, sqlite, tokens};
use crate::{
    Result,
    backend::Finding,
    schema::{Column, Flavor, ForeignKey, Kind, OnDelete, Table, ddl, ddl::mend},
};
use std::collections::BTreeSet;

/// What is broken of one table.
pub(super) fn table(table: &Table, live: Option<&Live>, flavor: Flavor) -> Result<Vec<Finding>> {
    let Some(live) = live else {
        let create = ddl::create_table(table, flavor, false)?.join("; ");
        let why = "the table is not there: was the database migrated?";
        return Ok(vec![Finding::new("W1", why).entity(&table.name).mend(create)]);
    };
    let mut look = Look { table, live, flavor, findings: Vec::new() };
    if let Some(odd) = &live.odd {
        look.tell(odd.law, None, &odd.why, odd.mend.clone());
        if odd.law == "W1" {
            return Ok(look.findings);
        }
    }
    for position in 0..table.columns.len() {
        look.column(position)?;
    }
    look.extra_columns();
    look.key();
    look.unique()?;
    look.foreign_keys();
    Ok(look.findings)
}

/// The law of a column's type.
fn law(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text { .. } => "V4",
        Kind::Instant | Kind::DateTime | Kind::Date | Kind::Time => "V5",
        Kind::Decimal { .. } => "V6",
        Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::UInt32 | Kind::UInt64 => "V7",
        Kind::Double => "V8",
        _ => "V9",
    }
}

struct Look<'t> {
    table: &'t Table,
    live: &'t Live,
    flavor: Flavor,
    findings: Vec<Finding>,
}

impl<'t> Look<'t> {
    fn tell(&mut self, law: &'static str, field: Option<&str>, why: &str, mend: Option<String>) {
        let mut finding = Finding::new(law, why).entity(&self.table.name);
        finding.field = field.map(str::to_owned);
        finding.mend = mend;
        self.findings.push(finding);
    }

    /// PostgreSQL tells names of another case apart.
    fn same(&self, one: &str, other: &str) -> bool {
        if self.flavor == Flavor::Postgres { one == other } else { one.eq_ignore_ascii_case(other) }
    }

    fn live_column(&self, name: &str) -> Option<&'t LiveColumn> {
        self.live.columns.iter().find(|column| self.same(&column.name, name))
    }

    /// SQLite's one way; none where the table has columns that the entity does not name, for they would be lost, or lacks one.
    fn rebuilt(&self) -> Option<String> {
        let known = self.live.columns.iter().all(|it| self.table.columns.iter().any(|c| self.same(&c.name, &it.name)));
        let kept: Vec<&str> = self.table.columns.iter().map(|column| &*column.name).collect();
        let whole = kept.iter().all(|name| self.live_column(name).is_some_and(|column| !column.generated));
        let named = |sql: &&String| {
            let words = tokens::tokens(sql, Flavor::Sqlite);
            let index = words.iter().position(|word| word.is("index"));
            let name = index.and_then(|at| words.get(at + 1)).and_then(tokens::Token::name);
            // Those of the entity are made by the DDL, and one that should not be there stays away.
            let wanted = self.table.indexes.iter().any(|index| name == Some(&index.name));
            let extra = self.live.indexes.iter().any(|it| name == Some(&it.name) && self.is_extra(it));
            !wanted && !extra
        };
        let objects: Vec<String> = self.live.objects.iter().filter(named).cloned().collect();
        if known && whole { mend::rebuild(self.table, &kept, &objects).ok() } else { None }
    }

    fn alter(&self, what: &str) -> String {
        mend::alter(self.table, self.flavor) + what
    }

    fn column(&mut self, position: usize) -> Result<()> {
        let column = &self.table.columns[position];
        let Some(live) = self.live_column(&column.name) else {
            let mend = ddl::add_column(self.table, &column.name, self.flavor).ok();
            let why = if mend.is_some() {
                "the column is not there: was the database migrated?"
            } else {
                "the column is not there: was the database migrated? Rows that are there need a value"
            };
            self.tell("W1", Some(&column.name), why, mend);
            return Ok(());
        };
        let declared = mend::declared(self.table, position, self.flavor)?;
        self.declared(position, column, live, &declared)?;
        self.nullable(position, column, live)?;
        if live.generated {
            self.tell("V1", Some(&column.name), "its values are computed by the server and cannot be written", None);
        }
        if live.touched {
            let why = "the server sets it by itself whenever the row changes";
            self.tell("V1", Some(&column.name), why, Some(self.modified(position)?));
        }
        self.made(position, column, live)?;
        self.checks(position, column)
    }

    /// The column as it should be, on MySQL.
    fn modified(&self, position: usize) -> Result<String> {
        Ok(self.alter("MODIFY COLUMN ") + &mend::column(self.table, position, self.flavor)?)
    }

    fn declared(&mut self, position: usize, column: &Column, live: &LiveColumn, declared: &str) -> Result<()> {
        let wanted = match self.flavor {
            Flavor::Sqlite => sqlite::reported(declared),
            Flavor::Postgres => postgres::reported(declared),
            Flavor::MySql | Flavor::MariaDb => mysql::reported(declared, self.flavor),
        };
        let name = self.flavor.quoted(&column.name);
        let mend = match self.flavor {
            Flavor::Sqlite => self.rebuilt(),
            Flavor::Postgres => {
                let plain = declared.split(" COLLATE ").next().unwrap_or(declared);
                Some(self.alter(&format!("ALTER COLUMN {name} TYPE {declared} USING {name}::{plain}")))
            }
            Flavor::MySql | Flavor::MariaDb => Some(self.modified(position)?),
        };
        if live.declared.eq_ignore_ascii_case(&wanted) {
            let collation = live.collation.as_deref().filter(|_| column.kind.is_text());
            let wrong = collation.and_then(|collation| match self.flavor {
                Flavor::Sqlite => sqlite::wrong_collation(collation),
                Flavor::Postgres => postgres::wrong_collation(collation),
                Flavor::MySql | Flavor::MariaDb => mysql::wrong_collation(collation),
            });
            if let (Some((law, what)), Some(collation)) = (wrong, collation) {
                self.tell(law, Some(&column.name), &format!("its collation is {collation}: {what}"), mend);
            }
        } else {
            let why = format!("it is {} and has to be {wanted}", shown(&live.declared));
            self.tell(law(&column.kind), Some(&column.name), &why, mend);
        }
        Ok(())
    }

    fn nullable(&mut self, position: usize, column: &Column, live: &LiveColumn) -> Result<()> {
        if live.nullable == column.nullable {
            return Ok(());
        }
        let (law, why, postgres) = if column.nullable {
            ("V1", "it takes no null, and the entity has one", "DROP NOT NULL")
        } else {
            ("W2", "it takes null, which the entity cannot hold", "SET NOT NULL")
        };
        let mend = match self.flavor {
            Flavor::Sqlite => self.rebuilt(),
            Flavor::Postgres => {
                Some(self.alter(&format!("ALTER COLUMN {} {postgres}", self.flavor.quoted(&column.name))))
            }
            Flavor::MySql | Flavor::MariaDb => Some(self.modified(position)?),
        };
        self.tell(law, Some(&column.name), why, mend);
        Ok(())
    }

    /// A key that the database is to make.
    fn made(&mut self, position: usize, column: &Column, live: &LiveColumn) -> Result<()> {
        if self.table.auto_key() != Some(position) || live.auto == Auto::Yes {
            return Ok(());
        }
        let always = live.auto == Auto::Always;
        let why = match (always, self.flavor) {
            (true, _) => "the database makes its values and refuses those that it is given",
            (false, Flavor::Sqlite) => "without AUTOINCREMENT the keys of deleted rows come again",
            (false, _) => "the database does not make its values",
        };
        let name = self.flavor.quoted(&column.name);
        let mend = match self.flavor {
            Flavor::Sqlite => self.rebuilt(),
            Flavor::Postgres if always => Some(self.alter(&format!("ALTER COLUMN {name} SET GENERATED BY DEFAULT"))),
            Flavor::Postgres => {
                let mut table = String::new();
                self.flavor.table(&mut table, self.table);
                let add = format!(
                    "ALTER COLUMN {name} DROP DEFAULT, ALTER COLUMN {name} ADD GENERATED BY DEFAULT AS IDENTITY"
                );
                let of = format!("pg_get_serial_sequence('{}', '{}')", text(&table), text(&column.name));
                Some(format!(
                    "{}; SELECT setval({of}, (SELECT coalesce(max({name}), 0) + 1 FROM {table}), false)",
                    self.alter(&add)
                ))
            }
            Flavor::MySql | Flavor::MariaDb => Some(self.modified(position)?),
        };
        self.tell("W7", Some(&column.name), why, mend);
        Ok(())
    }

    fn checks(&mut self, position: usize, column: &Column) -> Result<()> {
        for (name, condition) in mend::checks(self.table, position, self.flavor)? {
            let wanted = tokens::tokens(&condition, self.flavor);
            let said = tokens::said(&wanted, &column.name);
            let there = self.live.checks.iter().any(|check| {
                check.enforced
                    && if self.flavor == Flavor::Sqlite {
                        tokens::words(&check.condition) == tokens::words(&wanted)
                    } else {
                        tokens::said(&check.condition, &column.name) == said
                    }
            });
            if there {
                continue;
            }
            let old = self.live.checks.iter().find(|check| check.name == name);
            let law = if name.starts_with("ck") { "V9" } else { "V10" };
            let why = match old {
                Some(old) if !old.enforced => format!("the check {name} is not enforced"),
                Some(_) => format!("the check {name} says something else than `{condition}`"),
                None => format!("the check {name} is not there: the column takes what is not `{condition}`"),
            };
            let mend = if self.flavor == Flavor::Sqlite {
                self.rebuilt()
            } else {
                let add = mend::add_check(self.table, &name, &condition, self.flavor);
                let drop = old.map(|_| mend::drop_named(self.table, "CONSTRAINT", &name, self.flavor) + "; ");
                Some(drop.unwrap_or_default() + &add)
            };
            self.tell(law, Some(&column.name), &why, mend);
        }
        // A name for a text with a check, which may have been left out.
        if self.flavor == Flavor::MariaDb && column.kind == Kind::Json {
            let valid =
                tokens::said(&tokens::tokens(&format!("json_valid(`{}`)", column.name), self.flavor), &column.name);
            if !self.live.checks.iter().any(|check| tokens::said(&check.condition, &column.name) == valid) {
                let why = "it takes what is not JSON: the check `json_valid` is not there";
                self.tell("V9", Some(&column.name), why, Some(self.modified(position)?));
            }
        }
        Ok(())
    }

    /// Columns of which the entity knows nothing are left alone, unless they stop every insert.
    fn extra_columns(&mut self) {
        let wanted = |live: &&LiveColumn| self.table.columns.iter().any(|column| self.same(&column.name, &live.name));
        let extra: Vec<_> = self.live.columns.iter().filter(|live| !wanted(live)).collect();
        for live in extra {
            if live.nullable || live.filled || live.generated {
                continue;
            }
            let name = self.flavor.quoted(&live.name);
            let mend = match self.flavor {
                Flavor::Sqlite => None,
                Flavor::Postgres => Some(self.alter(&format!("ALTER COLUMN {name} DROP NOT NULL"))),
                Flavor::MySql | Flavor::MariaDb => {
                    let collation = live.collation.iter().map(|it| format!(" COLLATE {it}")).collect::<String>();
                    Some(self.alter(&format!("MODIFY COLUMN {name} {}{collation} NULL", live.declared)))
                }
            };
            let why = "the entity does not name it, and it takes neither null nor a default: no row can be inserted";
            self.tell("W6", Some(&live.name), why, mend);
        }
    }

    fn same_columns(&self, wanted: &[&str], live: &[String]) -> bool {
        wanted.len() == live.len() && wanted.iter().all(|name| live.iter().any(|other| self.same(name, other)))
    }

    fn key(&mut self) {
        let wanted = self.table.names(&self.table.key);
        if self.same_columns(&wanted, &self.live.key) {
            return;
        }
        let why = if self.live.key.is_empty() {
            "the table has no primary key".to_owned()
        } else {
            format!("the primary key is of {}", self.live.key.join(", "))
        };
        let mend = if self.flavor == Flavor::Sqlite {
            self.rebuilt()
        } else {
            Some(mend::set_primary_key(self.table, self.live.key_name.as_deref(), self.flavor))
        };
        self.tell("W2", Some(&wanted.join(", ")), &why, mend);
    }

    /// Whether this index does what a unique index of these columns is to do.
    fn serves(&self, index: &LiveIndex, wanted: &[&str]) -> bool {
        let columns: Option<Vec<String>> = index.columns.iter().cloned().collect();
        index.unique && index.flaw.is_none() && columns.is_some_and(|columns| self.same_columns(wanted, &columns))
    }

    /// Whether a unique index refuses what the contract takes: its columns hold no unique key of the entity.
    fn is_extra(&self, index: &LiveIndex) -> bool {
        let unique = self.table.indexes.iter().filter(|index| index.unique).map(|index| &index.columns);
        let harmless = std::iter::once(&self.table.key).chain(unique).any(|columns| {
            let has = |name: &&str| index.columns.iter().flatten().any(|column| self.same(column, name));
            self.table.names(columns).iter().all(has)
        });
        index.unique && (index.flaw.is_some() || index.columns.contains(&None) || !harmless)
    }

    fn unique(&mut self) -> Result<()> {
        let table = self.table;
        for index in table.indexes.iter().filter(|index| index.unique) {
            let wanted = table.names(&index.columns);
            if self.live.indexes.iter().any(|live| self.serves(live, &wanted)) {
                continue;
            }
            let named = self.live.indexes.iter().find(|live| self.same(&live.name, &index.name));
            let why = match named.map(|live| live.flaw) {
                Some(Some(flaw)) => format!("the unique index {} does not do its work: {flaw}", index.name),
                Some(None) => format!("the index {} is not unique, or of other columns", index.name),
                None => format!("the unique index {} is not there", index.name),
            };
            let by_constraint = named.filter(|live| live.constraint);
            let mend = match by_constraint {
                Some(_) if self.flavor == Flavor::Sqlite => self.rebuilt(),
                Some(live) => {
                    let drop = mend::drop_named(table, "CONSTRAINT", &live.name, self.flavor);
                    Some(drop + "; " + &mend::set_index(table, index, false, self.flavor)?)
                }
                None => Some(mend::set_index(table, index, named.is_some(), self.flavor)?),
            };
            self.tell("W3", Some(&wanted.join(", ")), &why, mend);
        }
        for live in &self.live.indexes {
            // One that bears the name of a wanted one was told above.
            let named = table.indexes.iter().any(|index| index.unique && self.same(&index.name, &live.name));
            if named || !self.is_extra(live) {
                continue;
            }
            let columns: Vec<&str> = live.columns.iter().map(|it| it.as_deref().unwrap_or("an expression")).collect();
            let why = format!("the unique index {} refuses rows that the entity allows", live.name);
            let name = self.flavor.quoted(&live.name);
            let mend = match self.flavor {
                Flavor::Sqlite if live.constraint => self.rebuilt(),
                Flavor::Postgres if live.constraint => {
                    Some(mend::drop_named(table, "CONSTRAINT", &live.name, self.flavor))
                }
                Flavor::MySql | Flavor::MariaDb => Some(self.alter(&format!("DROP INDEX {name}"))),
                _ => {
                    let index = crate::schema::Index { name: live.name.clone(), columns: Vec::new(), unique: true };
                    Some(ddl::drop_index(table, &index, self.flavor))
                }
            };
            self.tell("W3", Some(&columns.join(", ")), &why, mend);
        }
        Ok(())
    }

    fn foreign_keys(&mut self) {
        let table = self.table;
        let mut known = BTreeSet::new();
        for key in &table.foreign_keys {
            let wanted = table.names(&key.columns);
            let found = self.live.foreign_keys.iter().find(|live| self.refers(live, key, &wanted));
            let on_delete = match key.on_delete {
                OnDelete::Restrict => "RESTRICT",
                OnDelete::Cascade => "CASCADE",
                OnDelete::SetNull => "SET NULL",
            };
            let why = match found {
                None => format!("the foreign key to {} is not there", key.parent),
                Some(live) => {
                    known.insert(live.name.clone());
                    if live.on_delete != on_delete {
                        format!("ON DELETE is {} and has to be {on_delete}", live.on_delete)
                    } else if let Some(flaw) = live.flaw {
                        format!("the foreign key {} does not do its work: {flaw}", live.name)
                    } else {
                        continue;
                    }
                }
            };
            let add = mend::add_foreign_key(table, key, self.flavor);
            let mend = match (self.flavor, found) {
                (Flavor::Sqlite, _) => self.rebuilt(),
                (_, Some(live)) => Some(self.without(live) + "; " + &add),
                (_, None) => Some(add),
            };
            self.tell("W2", Some(&wanted.join(", ")), &why, mend);
        }
        for live in self.live.foreign_keys.iter().filter(|live| !known.contains(&live.name)) {
            let why = format!(
                "a foreign key to {} of which the entity says nothing: it refuses what is allowed",
                live.parent
            );
            let mend = if self.flavor == Flavor::Sqlite { self.rebuilt() } else { Some(self.without(live)) };
            self.tell("W2", Some(&live.columns.join(", ")), &why, mend);
        }
    }

    fn without(&self, live: &LiveForeignKey) -> String {
        let what = if self.flavor.is_mysql() { "FOREIGN KEY" } else { "CONSTRAINT" };
        mend::drop_named(self.table, what, &live.name, self.flavor)
    }

    /// Whether it goes from these columns to the same parent.
    fn refers(&self, live: &LiveForeignKey, key: &ForeignKey, columns: &[&str]) -> bool {
        let parent = match (&self.table.schema, self.flavor) {
            (Some(schema), Flavor::Sqlite) => format!("{schema}.{}", key.parent),
            _ => key.parent.clone(),
        };
        // SQLite names no columns where they are the parent's key.
        let to = live.parent_columns.is_empty()
            || (live.parent_columns.len() == key.parent_columns.len()
                && live.parent_columns.iter().zip(&key.parent_columns).all(|(one, other)| self.same(one, other)));
        self.same(&live.parent, &parent) && self.same_columns(columns, &live.columns) && to
    }
}

fn shown(declared: &str) -> &str {
    if declared.is_empty() { "of no type" } else { declared }
}

/// A text inside apostrophes.
fn text(text: &str) -> String {
    text.replace('\'', "''")
}
