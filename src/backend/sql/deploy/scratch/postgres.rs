//! PostgreSQL: a schema in a transaction that is rolled back. A rehearsal's empty copy must be committed, for who made a table in a
//! transaction holds its strongest lock until the end and would hear of no other; the steps themselves are rolled back. A lock is told at the first
//! step that takes it, for it is held until the end.

use super::{Ear, PREFIX, Rehearsal, Wanted, inspect, lacking, name, play};
use crate::{
    Result,
    backend::sql::deploy::{SqlDeploy, session},
    schema::{Flavor, Picture, Risk, Statement, Step, Table, Warning, lint},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// The first half of the locks that say whose a place is.
const OWNED: i32 = 126_879;

fn quoted(name: &str) -> String {
    Flavor::Postgres.quoted(name)
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The schema that the session works in, and its search path as it is set.
async fn home(deploy: &SqlDeploy) -> Result<(String, String)> {
    let row = session::ask(deploy, "SELECT current_schema()::text, current_setting('search_path')").await?.pop();
    let mut row = row.unwrap_or_default().into_iter().map(Option::unwrap_or_default);
    let (home, path) = (row.next().unwrap_or_default(), row.next().unwrap_or_default());
    Ok((home, if path.trim().is_empty() { "pg_catalog".to_owned() } else { path }))
}

async fn make(deploy: &SqlDeploy, place: &str) -> Result<()> {
    let made = session::run(deploy, &format!("CREATE SCHEMA {}", quoted(place))).await;
    let Err(error) = made else { return Ok(()) };
    Err(lacking(error, "GRANT CREATE ON DATABASE … TO … (the database that is deployed to, this user)"))
}

pub(super) async fn want(deploy: &SqlDeploy, tables: &[Arc<Table>]) -> Result<Picture> {
    let (home, path) = home(deploy).await?;
    let place = name();
    let wanted = Wanted::new(tables, &home, &place);
    let statements = wanted.statements(Flavor::Postgres)?;
    session::run(deploy, "BEGIN").await?;
    let built = async {
        make(deploy, &place).await?;
        for twin in wanted.twins.values() {
            make(deploy, twin).await?;
        }
        session::run(deploy, &format!("SET LOCAL search_path = {}, {path}", quoted(&place))).await?;
        for statement in statements {
            session::run(deploy, &statement).await?;
        }
        let main = inspect::inspect(deploy, Some(&place)).await?;
        let mut twins = Vec::new();
        for (schema, twin) in &wanted.twins {
            twins.push((schema.clone(), inspect::inspect(deploy, Some(twin)).await?));
        }
        Ok(wanted.told(main, twins))
    };
    let built: Result<Picture> = built.await;
    let undone = session::run(deploy, "ROLLBACK").await;
    let built = built?;
    undone?;
    Ok(built)
}

pub(super) async fn rehearse(deploy: &SqlDeploy, have: &Picture, steps: &[Step]) -> Result<Rehearsal> {
    sweep(deploy).await?;
    let (home, path) = home(deploy).await?;
    let copy = copy(deploy, have, &home).await?;
    let place = name();
    let own = |call: &str| format!("SELECT {call}({OWNED}, hashtext({}))::text", literal(&place));
    session::ask(deploy, &own("pg_try_advisory_lock")).await?;
    let played = async {
        session::run(deploy, "BEGIN").await?;
        let built = build(deploy, &place, &path, &copy).await;
        session::run(deploy, if built.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
        built?;
        session::run(deploy, "BEGIN").await?;
        let played = async {
            session::run(deploy, &format!("SET LOCAL search_path = {}, {path}", quoted(&place))).await?;
            // Whatever it reaches that is not the copy, nobody waits for it.
            session::run(deploy, "SET LOCAL lock_timeout = '2s'").await?;
            let mut ear = Copy { deploy, place: &place };
            play(&mut ear, Flavor::Postgres, Some(&home), steps).await
        };
        let played = played.await;
        session::run(deploy, "ROLLBACK").await?;
        played
    };
    let played = played.await;
    let gone = session::run(deploy, &format!("DROP SCHEMA IF EXISTS {} CASCADE", quoted(&place))).await;
    let free = session::ask(deploy, &own("pg_advisory_unlock")).await;
    let played = played?;
    gone?;
    free?;
    Ok(played)
}

/// Drops what sessions that ended have left: nobody holds the locks of their places.
async fn sweep(deploy: &SqlDeploy) -> Result<()> {
    let left = format!(
        "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE '{}%' AND pg_has_role(nspowner, 'USAGE')",
        PREFIX.replace('_', "\\_")
    );
    for place in session::ask(deploy, &left).await?.into_iter().flatten().flatten() {
        let own = |call: &str| format!("SELECT {call}({OWNED}, hashtext({}))::text", literal(&place));
        if session::scalar(deploy, &own("pg_try_advisory_lock")).await?.as_deref() == Some("true") {
            let gone = session::run(deploy, &format!("DROP SCHEMA IF EXISTS {} CASCADE", quoted(&place))).await;
            session::ask(deploy, &own("pg_advisory_unlock")).await?;
            gone?;
        }
    }
    Ok(())
}

/// The statements of an empty copy; asked while the session still works at home, so that what they name has no schema. `{place}`
/// stands for the copy's.
async fn copy(deploy: &SqlDeploy, have: &Picture, home: &str) -> Result<Vec<String>> {
    let here = quoted(home);
    let mut statements: Vec<String> = have
        .tables
        .keys()
        .filter(|table| !table.contains('.'))
        .map(|table| {
            let table = quoted(table);
            format!("CREATE TABLE {{place}}.{table} (LIKE {here}.{table} INCLUDING ALL EXCLUDING INDEXES)")
        })
        .collect();
    let of = format!(
        "n.nspname = {} AND c.relkind IN ('r', 'p') AND c.relname = ANY ({})",
        literal(home),
        literal(&format!(
            "{{{}}}",
            have.tables
                .keys()
                .map(|it| format!("\"{}\"", it.replace('\\', "\\\\").replace('"', "\\\"")))
                .collect::<Vec<_>>()
                .join(",")
        ))
    );
    // An index that belongs to a constraint comes with it.
    let indexes = format!(
        "SELECT replace(pg_get_indexdef(x.indexrelid), ' ON ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname) || ' ', \
         ' ON {{place}}.' || quote_ident(c.relname) || ' ') \
         FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE {of} AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x')) \
         ORDER BY c.relname, x.indexrelid"
    );
    let constraints = format!(
        "SELECT 'ALTER TABLE {{place}}.' || quote_ident(c.relname) || ' ADD CONSTRAINT ' || quote_ident(k.conname) || ' ' \
         || pg_get_constraintdef(k.oid) \
         FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE {of} AND (k.contype IN ('p', 'u', 'x') OR k.contype = 'f' AND k.confrelid IN \
         (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {of})) \
         ORDER BY k.contype = 'f', c.relname, k.conname"
    );
    let views = format!(
        "SELECT 'CREATE VIEW {{place}}.' || quote_ident(c.relname) || ' AS ' || pg_get_viewdef(c.oid) \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = {} AND c.relkind = 'v' ORDER BY c.oid",
        literal(home)
    );
    for question in [constraints, indexes, views] {
        statements.extend(session::ask(deploy, &question).await?.into_iter().flatten().flatten());
    }
    Ok(statements)
}

async fn build(deploy: &SqlDeploy, place: &str, path: &str, copy: &[String]) -> Result<()> {
    make(deploy, place).await?;
    session::run(deploy, &format!("SET LOCAL search_path = {}, {path}", quoted(place))).await?;
    for statement in copy {
        let statement = statement.replacen("{place}", &quoted(place), 1);
        if statement.starts_with("CREATE VIEW") {
            // One that cannot be copied hides what depends on it, and nothing more.
            session::run(deploy, "SAVEPOINT view").await?;
            if session::run(deploy, &statement).await.is_err() {
                session::run(deploy, "ROLLBACK TO SAVEPOINT view").await?;
            }
        } else {
            session::run(deploy, &statement).await?;
        }
    }
    Ok(())
}

struct Copy<'a> {
    deploy: &'a SqlDeploy,
    place: &'a str,
}

/// What the server knows of a table of the copy.
#[derive(Default, PartialEq)]
struct Known {
    /// Its locks that this transaction has.
    locks: BTreeSet<String>,
    file: String,
    indexes: BTreeMap<String, String>,
}

impl Copy<'_> {
    /// By the oid, which a new name does not change; the name beside it.
    async fn known(&self) -> Result<BTreeMap<String, (String, Known)>> {
        let question = format!(
            "SELECT c.oid::text, c.relname::text, pg_relation_filenode(c.oid)::text, \
             (SELECT string_agg(DISTINCT l.mode, ',') FROM pg_locks l WHERE l.pid = pg_backend_pid() AND l.relation = c.oid), \
             (SELECT string_agg(i.relname::text || ':' || coalesce(pg_relation_filenode(x.indexrelid)::text, ''), ',') \
              FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE x.indrelid = c.oid) \
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = {} AND c.relkind IN ('r', 'p')",
            literal(self.place)
        );
        let mut known = BTreeMap::new();
        for row in session::ask(self.deploy, &question).await? {
            let mut row = row.into_iter().map(Option::unwrap_or_default);
            let mut next = || row.next().unwrap_or_default();
            let (oid, name, file, locks, indexes) = (next(), next(), next(), next(), next());
            let locks = locks.split(',').filter(|it| !it.is_empty()).map(str::to_owned).collect();
            let indexes = indexes.split(',').filter_map(|it| it.rsplit_once(':'));
            let indexes = indexes.map(|(index, file)| (index.to_owned(), file.to_owned())).collect();
            known.insert(oid, (name, Known { locks, file, indexes }));
        }
        Ok(known)
    }
}

impl Ear for Copy<'_> {
    async fn run(&mut self, statement: &Statement, watched: &BTreeSet<String>) -> Result<Vec<Warning>> {
        // What stands outside a transaction cannot be undone; an index that is built beside the writers is, in its other form.
        let beside = statement.sql.to_uppercase().contains(" CONCURRENTLY");
        if statement.alone && !beside {
            let why = "what must stand outside a transaction cannot be played in one";
            return Ok(vec![lint::NOT_REHEARSED.warn(why)]);
        }
        let before = self.known().await?;
        let sql = if beside { without(&statement.sql, " CONCURRENTLY") } else { statement.sql.clone() };
        session::run(self.deploy, &sql).await?;
        if beside {
            return Ok(Vec::new());
        }
        let after = self.known().await?;
        let mut warnings = Vec::new();
        for (oid, (name, now)) in &after {
            let Some((old, was)) = before.get(oid) else { continue };
            if watched.contains(old) || watched.contains(name) {
                also(&mut warnings, told(old, was, now));
            }
        }
        for (_, (name, _)) in
            before.iter().filter(|(oid, (name, _))| !after.contains_key(*oid) && watched.contains(name))
        {
            let why = format!("it takes ACCESS EXCLUSIVE on `{name}`, which goes");
            also(&mut warnings, vec![Warning { risk: Risk::Safe, ..lint::LOCKS_READS.warn(why) }]);
        }
        Ok(warnings)
    }

    async fn look(&mut self) -> Result<Picture> {
        inspect::inspect(self.deploy, Some(self.place)).await
    }
}

fn without(sql: &str, word: &str) -> String {
    match sql.to_uppercase().find(word) {
        Some(at) if sql.is_char_boundary(at) && sql.is_char_boundary(at + word.len()) => {
            format!("{}{}", &sql[..at], &sql[at + word.len()..])
        }
        _ => sql.to_owned(),
    }
}

/// One statement may lock several tables.
fn also(warnings: &mut Vec<Warning>, more: Vec<Warning>) {
    for warning in more {
        match warnings.iter_mut().find(|other| other.code == warning.code) {
            Some(other) => {
                other.why = format!("{}; {}", other.why, warning.why);
                other.risk = other.risk.max(warning.risk);
            }
            None => warnings.push(warning),
        }
    }
}

fn told(table: &str, was: &Known, now: &Known) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let rewritten = was.file != now.file;
    if rewritten {
        warnings.push(lint::REWRITES_TABLE.warn(format!("PostgreSQL writes `{table}` anew, with its indexes")));
    } else if was.indexes.iter().any(|(index, file)| now.indexes.get(index).is_some_and(|it| it != file)) {
        warnings.push(lint::REBUILDS_INDEXES.warn(format!("PostgreSQL builds indexes of `{table}` anew")));
    }
    // 13.3.1: reads conflict with ACCESS EXCLUSIVE alone, writes with SHARE and what is stronger.
    let new = |mode: &str| now.locks.contains(mode) && !was.locks.contains(mode);
    let works = !warnings.is_empty();
    if new("AccessExclusiveLock") || works {
        let why = format!("it takes ACCESS EXCLUSIVE on `{table}`: reads and writes wait until its transaction ends");
        let risk = if works { Risk::Locks } else { Risk::Safe };
        warnings.push(Warning { risk, ..lint::LOCKS_READS.warn(why) });
        return warnings;
    }
    let strong =
        [("ExclusiveLock", "EXCLUSIVE"), ("ShareRowExclusiveLock", "SHARE ROW EXCLUSIVE"), ("ShareLock", "SHARE")];
    if let Some((_, words)) = strong.into_iter().find(|(mode, _)| new(mode)) {
        let why = format!("it takes {words} on `{table}`: writes wait until its transaction ends");
        warnings.push(Warning { risk: Risk::Safe, ..lint::LOCKS_WRITES.warn(why) });
    }
    warnings
}
