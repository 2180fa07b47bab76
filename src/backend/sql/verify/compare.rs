//! What a table is, against what our DDL would declare.

use super::{Auto, Live, LiveColumn, mysql, postgres, sqlite, tokens};
use crate::{
    Result,
    backend::Finding,
    schema::{Column, Flavor, Kind, Table, ddl, ddl::mend},
};

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
        kind if kind.is_whole() => "V7",
        Kind::Double => "V8",
        _ => "V9",
    }
}

/// One table under the glass.
pub(super) struct Look<'t> {
    pub table: &'t Table,
    pub live: &'t Live,
    pub flavor: Flavor,
    pub findings: Vec<Finding>,
}

impl<'t> Look<'t> {
    pub fn tell(&mut self, law: &'static str, field: Option<&str>, why: &str, mend: Option<String>) {
        let mut finding = Finding::new(law, why).entity(&self.table.name);
        finding.field = field.map(str::to_owned);
        finding.mend = mend;
        self.findings.push(finding);
    }

    /// PostgreSQL tells names of another case apart.
    pub fn same(&self, one: &str, other: &str) -> bool {
        if self.flavor == Flavor::Postgres { one == other } else { one.eq_ignore_ascii_case(other) }
    }

    fn live_column(&self, name: &str) -> Option<&'t LiveColumn> {
        self.live.columns.iter().find(|column| self.same(&column.name, name))
    }

    /// SQLite's one way; none where the table has columns that the entity does not name, for they would be lost, or lacks one.
    pub fn rebuilt(&self) -> Option<String> {
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
        // Else the numbers of keys that were given would be forgotten.
        let counts = self.live.columns.iter().any(|column| column.auto == Auto::Yes);
        if known && whole { mend::rebuild(self.table, counts, &kept, &objects).ok() } else { None }
    }

    pub fn alter(&self, what: &str) -> String {
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
                    let collation = live.collation.as_deref().map_or_else(String::new, |it| format!(" COLLATE {it}"));
                    Some(self.alter(&format!("MODIFY COLUMN {name} {}{collation} NULL", live.declared)))
                }
            };
            let why = "the entity does not name it, and it takes neither null nor a default: no row can be inserted";
            self.tell("W6", Some(&live.name), why, mend);
        }
    }
}

fn shown(declared: &str) -> &str {
    if declared.is_empty() { "of no type" } else { declared }
}

/// A text inside apostrophes.
fn text(text: &str) -> String {
    text.replace('\'', "''")
}
