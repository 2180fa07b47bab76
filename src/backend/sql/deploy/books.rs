//! What is noted in the database of its migrations: `seabed_migration`, `seabed_step`, and the names that sea-orm-migration's own
//! book has.

use super::{
    SqlDeploy,
    session::{ask, literal, run, run_with},
};
use crate::{
    Error, ErrorKind, Result,
    backend::deploy::{Booked, Books, DeployBooks, Noted, State},
    schema::{Flavor, Table, build::table, ddl},
};
use async_trait::async_trait;
use sea_orm::Value;
use std::str::FromStr;

const MIGRATION: &str = "seabed_migration";
const STEP: &str = "seabed_step";
const SEAQL: &str = "seaql_migrations";

/// Instants are text here: they are told and never reckoned with.
fn tables() -> Result<[Table; 2]> {
    let migration = table(MIGRATION)
        .text("name", 255)
        .text("checksum", 64)
        .text("state", 16)
        .long_text("tables")
        .text("started_at", 40)
        .text("finished_at", 40)
        .text("by", 255)
        .primary_key(&["name"])
        .build()?;
    let step = table(STEP)
        .text("migration", 255)
        .int64("step")
        .int64("statement")
        .text("hash", 64)
        .long_text("text")
        .text("state", 16)
        .long_text("cursor")
        .int64("rows")
        .int32("attempts")
        .long_text("error")
        .primary_key(&["migration", "step", "statement"])
        .build()?;
    Ok([migration, step])
}

/// Which of the books are there, in the place where a table without a schema is made.
async fn there(deploy: &SqlDeploy) -> Result<Vec<String>> {
    let names = format!("('{MIGRATION}', '{STEP}', '{SEAQL}')");
    let question = match deploy.flavor {
        Flavor::Sqlite => format!("SELECT name FROM sqlite_master WHERE type = 'table' AND name IN {names}"),
        Flavor::Postgres => format!(
            "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND c.relname IN {names}"
        ),
        Flavor::MySql | Flavor::MariaDb => format!(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name IN {names}"
        ),
    };
    Ok(ask(deploy, &question).await?.into_iter().flatten().flatten().collect())
}

#[async_trait]
impl DeployBooks for SqlDeploy {
    async fn books(&mut self) -> Result<Books> {
        let there = there(self).await?;
        let has = |name: &str| there.iter().any(|one| one == name);
        let [migration, step] = tables()?;
        let mut books = Books::default();
        if has(MIGRATION) {
            for row in ask(self, &everything(&migration, self.flavor)).await? {
                let mut cells = Cells(row.into_iter());
                books.migrations.push(Booked {
                    name: cells.text(),
                    checksum: cells.text(),
                    state: cells.state()?,
                    tables: cells.text(),
                    started_at: cells.text(),
                    finished_at: cells.text(),
                    by: cells.text(),
                });
            }
        }
        if has(STEP) {
            for row in ask(self, &everything(&step, self.flavor)).await? {
                let mut cells = Cells(row.into_iter());
                books.steps.push(Noted {
                    migration: cells.text(),
                    step: cells.number()?,
                    statement: cells.number()?,
                    hash: cells.text(),
                    text: cells.text(),
                    state: cells.state()?,
                    cursor: cells.text(),
                    rows: cells.number()?,
                    attempts: cells.number()?,
                    error: cells.text(),
                });
            }
        }
        if has(SEAQL) {
            let question = format!("SELECT version FROM {SEAQL} ORDER BY version");
            books.seaql = ask(self, &question).await?.into_iter().flatten().flatten().collect();
        }
        Ok(books)
    }

    async fn open_books(&mut self) -> Result<()> {
        let there = there(self).await?;
        for table in tables()? {
            if there.contains(&table.name) {
                continue;
            }
            for statement in ddl::create_table(&table, self.flavor, true)? {
                run(self, &statement).await?;
            }
        }
        Ok(())
    }

    async fn put_migration(&mut self, booked: &Booked) -> Result<()> {
        let Booked { name, checksum, state, tables: after, started_at, finished_at, by } = booked;
        let values = [name, checksum, state.word(), after, started_at, finished_at, by];
        let [migration, _] = tables()?;
        put(self, &migration, values.into_iter().map(Value::from).collect()).await
    }

    async fn note_step(&mut self, noted: &Noted) -> Result<()> {
        let [_, step] = tables()?;
        let values = vec![
            noted.migration.as_str().into(),
            i64::from(noted.step).into(),
            i64::from(noted.statement).into(),
            noted.hash.as_str().into(),
            noted.text.as_str().into(),
            noted.state.word().into(),
            noted.cursor.as_str().into(),
            noted.rows.into(),
            noted.attempts.into(),
            noted.error.as_str().into(),
        ];
        put(self, &step, values).await
    }

    async fn forget_migration(&mut self, migration: &str) -> Result<()> {
        let name = literal(migration, self.flavor)?;
        run(self, &format!("DELETE FROM {MIGRATION} WHERE name = {name}")).await.map(drop)
    }

    async fn forget_steps(&mut self, migration: &str) -> Result<()> {
        let name = literal(migration, self.flavor)?;
        run(self, &format!("DELETE FROM {STEP} WHERE migration = {name}")).await.map(drop)
    }
}

fn everything(table: &Table, flavor: Flavor) -> String {
    let columns: Vec<String> = table.columns.iter().map(|column| flavor.quoted(&column.name)).collect();
    let key: Vec<String> = table.names(&table.key).into_iter().map(|name| flavor.quoted(name)).collect();
    format!("SELECT {} FROM {} ORDER BY {}", columns.join(", "), flavor.quoted(&table.name), key.join(", "))
}

/// The cells of a row, one after the other.
struct Cells(std::vec::IntoIter<Option<String>>);

impl Cells {
    fn text(&mut self) -> String {
        self.0.next().flatten().unwrap_or_default()
    }

    fn number<N: FromStr>(&mut self) -> Result<N> {
        self.text().parse().map_err(|_| strange("a number"))
    }

    fn state(&mut self) -> Result<State> {
        State::of(&self.text()).ok_or_else(|| strange("a state"))
    }
}

fn strange(what: &str) -> Error {
    let why = format!("the books have {what} that this program does not know: a newer one may have written it");
    Error::new(ErrorKind::Migration, why)
}

/// Writes a row in place of the one that has its key: one statement, for outside a transaction there is nothing between two.
async fn put(deploy: &SqlDeploy, table: &Table, values: Vec<Value>) -> Result<()> {
    let flavor = deploy.flavor;
    let columns: Vec<String> = table.columns.iter().map(|column| flavor.quoted(&column.name)).collect();
    let key: Vec<String> = table.names(&table.key).into_iter().map(|name| flavor.quoted(name)).collect();
    let hole = |at: usize| if flavor == Flavor::Postgres { format!("${}", at + 1) } else { "?".to_owned() };
    let holes: Vec<String> = (0..values.len()).map(hole).collect();
    let sets = columns.iter().filter(|column| !key.contains(column));
    let sets: Vec<String> = sets
        .map(|column| match flavor {
            Flavor::Sqlite | Flavor::Postgres => format!("{column} = excluded.{column}"),
            Flavor::MySql | Flavor::MariaDb => format!("{column} = VALUES({column})"),
        })
        .collect();
    let or = match flavor {
        Flavor::Sqlite | Flavor::Postgres => format!("ON CONFLICT ({}) DO UPDATE SET", key.join(", ")),
        Flavor::MySql | Flavor::MariaDb => "ON DUPLICATE KEY UPDATE".to_owned(),
    };
    let sql = format!(
        "INSERT INTO {} ({}) VALUES ({}) {or} {}",
        flavor.quoted(&table.name),
        columns.join(", "),
        holes.join(", "),
        sets.join(", ")
    );
    run_with(deploy, &sql, values).await.map(drop)
}
