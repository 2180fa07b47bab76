//! MySQL and MariaDB: a database of its own with the live one's charset and collation, dropped at the end. Its owner holds a lock of
//! its name; a place whose lock nobody holds was left by a session that ended, and is dropped by who comes next.

use super::{Ear, PREFIX, Rehearsal, Wanted, inspect, lacking, name, play};
use crate::{
    Error, ErrorKind, Result,
    backend::sql::deploy::{SqlDeploy, session},
    schema::{Flavor, Picture, Statement, Step, Table, Warning, lint},
};
use std::{collections::BTreeSet, sync::Arc};

fn quoted(name: &str) -> String {
    Flavor::MariaDb.quoted(name)
}

/// The live database, and what is said of text in it.
struct Home {
    name: String,
    charset: String,
    collation: String,
}

async fn home(deploy: &SqlDeploy) -> Result<Home> {
    let question =
        "SELECT CAST(DATABASE() AS CHAR), CAST(@@character_set_database AS CHAR), CAST(@@collation_database AS CHAR)";
    let row = session::ask(deploy, question).await?.pop().unwrap_or_default();
    let mut row = row.into_iter().map(Option::unwrap_or_default);
    let mut next = || row.next().unwrap_or_default();
    let (name, charset, collation) = (next(), next(), next());
    if name.is_empty() {
        return Err(Error::new(ErrorKind::Migration, "the connection names no database"));
    }
    Ok(Home { name, charset, collation })
}

async fn make(deploy: &SqlDeploy, home: &Home, place: &str) -> Result<()> {
    let create = format!("CREATE DATABASE {} CHARACTER SET {} COLLATE {}", quoted(place), home.charset, home.collation);
    let made = session::run(deploy, &create).await;
    let Err(error) = made else { return Ok(()) };
    Err(lacking(error, "GRANT ALL ON `seabed\\_scratch\\_%`.* TO … (this user)"))
}

/// Works in the live database again. MariaDB runs a prepared statement in the database that it was prepared in: a question that was first
/// asked in a scratch place would know no database when it is asked again, so none is asked there.
async fn at_home(deploy: &SqlDeploy, home: &Home) -> Result<()> {
    session::run(deploy, &format!("USE {}", quoted(&home.name))).await.map(drop)
}

/// Makes places, works there, and takes them away whatever comes of it.
async fn within<T>(
    deploy: &SqlDeploy,
    home: &Home,
    places: &[String],
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    sweep(deploy).await?;
    for place in places {
        session::ask(deploy, &format!("SELECT GET_LOCK('{place}', 0)")).await?;
    }
    let worked = async {
        for place in places {
            make(deploy, home, place).await?;
        }
        if let Some(place) = places.first() {
            session::run(deploy, &format!("USE {}", quoted(place))).await?;
        }
        work.await
    };
    let worked = worked.await;
    let mut back = session::run(deploy, "SET SESSION foreign_key_checks = 1").await.map(drop);
    back = back.and(at_home(deploy, home).await);
    for place in places {
        back = back.and(session::run(deploy, &format!("DROP DATABASE IF EXISTS {}", quoted(place))).await.map(drop));
        session::ask(deploy, &format!("SELECT RELEASE_LOCK('{place}')")).await?;
    }
    let worked = worked?;
    back?;
    Ok(worked)
}

async fn sweep(deploy: &SqlDeploy) -> Result<()> {
    let left = format!("SHOW DATABASES LIKE '{}%'", PREFIX.replace('_', "\\_"));
    for place in session::ask(deploy, &left).await?.into_iter().flatten().flatten() {
        if !place.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            continue;
        }
        if session::scalar(deploy, &format!("SELECT GET_LOCK('{place}', 0)")).await?.as_deref() == Some("1") {
            let gone = session::run(deploy, &format!("DROP DATABASE IF EXISTS {}", quoted(&place))).await;
            session::ask(deploy, &format!("SELECT RELEASE_LOCK('{place}')")).await?;
            gone?;
        }
    }
    Ok(())
}

pub(super) async fn want(deploy: &SqlDeploy, tables: &[Arc<Table>]) -> Result<Picture> {
    let home = home(deploy).await?;
    let place = name();
    let wanted = Wanted::new(tables, &home.name, &place);
    let statements = wanted.statements(deploy.flavor)?;
    let places: Vec<String> = std::iter::once(place.clone()).chain(wanted.twins.values().cloned()).collect();
    within(deploy, &home, &places, async {
        // References may lead in circles.
        session::run(deploy, "SET SESSION foreign_key_checks = 0").await?;
        for statement in statements {
            session::run(deploy, &statement).await?;
        }
        at_home(deploy, &home).await?;
        let main = inspect::inspect(deploy, Some(&place)).await?;
        let mut twins = Vec::new();
        for (schema, twin) in &wanted.twins {
            twins.push((schema.clone(), inspect::inspect(deploy, Some(twin)).await?));
        }
        Ok(wanted.told(main, twins))
    })
    .await
}

pub(super) async fn rehearse(deploy: &SqlDeploy, have: &Picture, steps: &[Step]) -> Result<Rehearsal> {
    let home = home(deploy).await?;
    let place = name();
    let mut texts = Vec::new();
    for table in have.tables.keys().filter(|table| !table.contains('.')) {
        let shown = format!("SHOW CREATE TABLE {}.{}", quoted(&home.name), quoted(table));
        let row = session::ask(deploy, &shown).await?.pop().unwrap_or_default();
        texts.extend(row.into_iter().nth(1).flatten());
    }
    within(deploy, &home, std::slice::from_ref(&place), async {
        session::run(deploy, "SET SESSION foreign_key_checks = 0").await?;
        for text in texts {
            session::run(deploy, &text).await?;
        }
        // What the server offers for a reference depends on it.
        session::run(deploy, "SET SESSION foreign_key_checks = 1").await?;
        let mut ear = Copy { deploy, home: &home, place: &place };
        play(&mut ear, deploy.flavor, Some(&home.name), steps).await
    })
    .await
}

struct Copy<'a> {
    deploy: &'a SqlDeploy,
    home: &'a Home,
    place: &'a str,
}

/// The ways to change a table, the cheapest first.
const WAYS: [(&str, &str); 5] =
    [("INSTANT", ""), ("NOCOPY", "NONE"), ("INPLACE", "NONE"), ("INPLACE", "SHARED"), ("COPY", "")];

impl Ear for Copy<'_> {
    async fn run(&mut self, statement: &Statement, watched: &BTreeSet<String>) -> Result<Vec<Warning>> {
        let sql = statement.sql.trim().trim_end_matches(';');
        let Some((table, comma)) = changed(sql, watched) else {
            session::run(self.deploy, sql).await?;
            return Ok(Vec::new());
        };
        for (algorithm, lock) in WAYS {
            // MySQL has no NOCOPY, and an index is built INPLACE there without a copy.
            let lock = if lock.is_empty() { String::new() } else { format!("{comma} LOCK={lock}") };
            let asked = format!("{sql}{comma} ALGORITHM={algorithm}{lock}");
            if session::run(self.deploy, &asked).await.is_ok() {
                return Ok(told(self.deploy.flavor, &table, algorithm, lock.contains("SHARED"), comma.is_empty()));
            }
        }
        // It may be nothing that has a way, such as a new name; or it is refused, and the server says why.
        session::run(self.deploy, sql).await.map(|_| Vec::new())
    }

    async fn look(&mut self) -> Result<Picture> {
        at_home(self.deploy, self.home).await?;
        let picture = inspect::inspect(self.deploy, Some(self.place)).await;
        session::run(self.deploy, &format!("USE {}", quoted(self.place))).await?;
        picture
    }
}

/// The table that a statement changes, where it is watched, and what stands before a way to do it.
fn changed(sql: &str, watched: &BTreeSet<String>) -> Option<(String, &'static str)> {
    let named = |rest: &str| {
        let rest = rest.trim_start();
        let name = match rest.strip_prefix('`') {
            Some(quoted) => quoted.split('`').next(),
            None => rest.split(|c: char| c.is_whitespace() || c == '(').next(),
        };
        name.filter(|name| watched.contains(*name)).map(str::to_owned)
    };
    let upper = sql.to_uppercase();
    if upper.starts_with("ALTER TABLE ") {
        return named(&sql["ALTER TABLE ".len()..]).map(|table| (table, ","));
    }
    let index = ["CREATE INDEX ", "CREATE UNIQUE INDEX ", "DROP INDEX "].iter().any(|start| upper.starts_with(start));
    let at = upper.find(" ON ").filter(|at| index && sql.is_char_boundary(*at + 4))?;
    named(&sql[at + 4..]).map(|table| (table, ""))
}

fn told(flavor: Flavor, table: &str, algorithm: &str, shared: bool, index: bool) -> Vec<Warning> {
    match algorithm {
        "COPY" => vec![
            lint::REWRITES_TABLE.warn(format!("{flavor} copies `{table}` (ALGORITHM=COPY), and writes wait meanwhile")),
            lint::LOCKS_WRITES.warn(format!("it holds LOCK=SHARED on `{table}` while it copies")),
        ],
        "INPLACE" if index && !shared => Vec::new(),
        "INPLACE" => {
            let mut warnings = Vec::new();
            if !index {
                let meanwhile = if shared { "writes wait" } else { "others work" };
                let why = format!("{flavor} writes `{table}` anew (ALGORITHM=INPLACE), and {meanwhile} meanwhile");
                warnings.push(lint::REWRITES_TABLE.warn(why));
            }
            if shared {
                warnings.push(lint::LOCKS_WRITES.warn(format!("it holds LOCK=SHARED on `{table}` until it is done")));
            }
            warnings
        }
        _ => Vec::new(),
    }
}
