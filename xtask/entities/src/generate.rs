//! `cargo xtask entities`: the framework's entities, generated from what the migrations make.
//!
//! The migrations run on an empty SQLite database in memory, sea-schema reads it back, and sea-orm-codegen writes one file a
//! table in the dense format. So the code cannot say what the migrations do not. What codegen loses on the way is put back
//! here, from the same database: the length of a text and the index on a single column.

use anyhow::{Context, Result, bail, ensure};
use migration::Migrator;
use sea_orm::{
    ConnectOptions, Database,
    sea_query::{ColumnType, StringLen, TableCreateStatement},
};
use sea_orm_codegen::{
    BannerVersion, BigIntegerType, DateTimeCrate, EntityFormat, EntityTransformer, EntityWriterContext, WithPrelude,
    WithSerde,
};
use sea_schema::sqlite::{
    def::{Schema, TableDef},
    discovery::SchemaDiscovery,
};
use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The first lines of the crate, in place of codegen's own.
const DOC: &str = "//! The framework's own entities, generated from the migrated schema by `cargo xtask entities`: never edit them.\n";
/// The length that SeaORM gives a text which does not say its own.
const DEFAULT_LENGTH: u32 = 255;

/// Writes `entity/src`, or with `check` says where the committed code differs from it.
///
/// # Errors
/// Where a migration fails, where the schema has what an entity cannot say, and with `check` where a file differs.
pub fn run(check: bool) -> Result<()> {
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).context("the generator lies two folders deep")?;
    let folder = root.join("entity/src");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let files = generate(&runtime.block_on(migrated())?, root)?;
    let mut differences = String::new();
    for stray in committed(&folder)?.into_iter().filter(|name| !files.contains_key(name)) {
        if check {
            differences += &["entity/src/", &stray, ": no table is behind it\n"].concat();
        } else {
            fs::remove_file(folder.join(stray))?;
        }
    }
    for (name, wanted) in &files {
        let path = folder.join(name);
        let found = fs::read_to_string(&path).unwrap_or_default();
        if found == *wanted {
            continue;
        }
        if check {
            differences.push_str(&difference(&format!("entity/src/{name}"), &found, wanted));
        } else {
            fs::write(&path, wanted).with_context(|| path.display().to_string())?;
        }
    }
    ensure!(
        differences.is_empty(),
        "the entities differ from the migrations: run `cargo xtask entities`\n{differences}"
    );
    Ok(())
}

/// What the migrations make of an empty database.
async fn migrated() -> Result<Schema> {
    // A deploy has a session of its own, and in memory that would be a database of its own.
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite:{}", folder.path().join("framework.db").display());
    let own = seabed::Database::connect(seabed::Config::from_url(&url)?).await?;
    seabed::migration::up::<Migrator>(&own).await?;
    own.close().await?;
    let mut options = ConnectOptions::new(url);
    options.max_connections(1);
    let db = Database::connect(options).await?;
    let pool = db.get_sqlite_connection_pool().clone();
    let mut schema = SchemaDiscovery::new(pool).discover().await?.merge_indexes_into_table();
    schema.tables.retain(|table| is_generated(&table.name));
    db.close().await?;
    Ok(schema)
}

/// Whether a table's entity is in the crate. Those of the library's own tables stand in the library (`src/outbox/entity`), which must
/// build without this crate; `tests/schema.rs` holds them against the same migrations.
fn is_generated(table: &str) -> bool {
    table != "seaql_migrations" && table != "sqlite_sequence" && !table.starts_with("seabed_")
}

/// Every file of the crate by its name.
fn generate(schema: &Schema, root: &Path) -> Result<BTreeMap<String, String>> {
    let context = EntityWriterContext::new(
        EntityFormat::Dense,
        WithPrelude::All,
        WithSerde::Both,
        false,
        DateTimeCrate::Chrono,
        BigIntegerType::I64,
        None,
        true,
        false,
        false,
        Vec::new(),
        Vec::new(),
        Vec::new(),
        Vec::new(),
        Vec::new(),
        false,
        true,
        BannerVersion::Off,
    );
    let statements = schema.tables.iter().map(instants_in_utc).collect();
    let written = EntityTransformer::transform(statements).context("codegen")?.generate(&context);
    let mut files = BTreeMap::new();
    for file in written.files {
        let mut text = rustfmt(&file.content, root)?;
        let table = schema.tables.iter().find(|table| format!("{}.rs", table.name) == file.name);
        if let Some(table) = table {
            text = rustfmt(&complete(&text, table)?, root)?;
        }
        if file.name == "lib.rs" {
            let body = text.lines().skip_while(|line| line.starts_with("//!"));
            text = body.fold(DOC.to_owned(), |text, line| text + line + "\n");
        }
        files.insert(file.name, text);
    }
    Ok(files)
}

/// The table as codegen takes it, its instants as `DateTimeUtc`: codegen would give them an offset, and what is stored has none.
fn instants_in_utc(table: &TableDef) -> TableCreateStatement {
    let mut table = table.clone();
    for column in &mut table.columns {
        if column.r#type == ColumnType::TimestampWithTimeZone {
            column.r#type = ColumnType::Timestamp;
        }
    }
    table.write()
}

/// Puts back what codegen loses.
fn complete(text: &str, table: &TableDef) -> Result<String> {
    let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
    for column in &table.columns {
        let mut attributes = Vec::new();
        if let ColumnType::String(StringLen::N(length)) = column.r#type
            && length != DEFAULT_LENGTH
        {
            attributes.push(format!("column_type = \"String(StringLen::N({length}))\""));
            if !column.not_null {
                attributes.push("nullable".to_owned());
            }
        }
        let indexes = table.constraints.iter().filter(|index| !index.unique);
        if indexes.clone().any(|index| index.columns.len() > 1) {
            bail!("{}: an entity cannot say an index on several columns that is not unique", table.name);
        }
        if indexes.clone().any(|index| index.columns == [column.name.as_str()]) {
            attributes.push("indexed".to_owned());
        }
        if !attributes.is_empty() {
            attribute(&mut lines, &column.name, &attributes.join(", "))
                .with_context(|| format!("{}.{}: no such field was generated", table.name, column.name))?;
        }
    }
    Ok(lines.join("\n"))
}

/// Adds attributes to a field: to those it has, or on a line of their own.
fn attribute(lines: &mut Vec<String>, field: &str, attributes: &str) -> Option<()> {
    let begin = format!("pub {field}:");
    let at = lines.iter().position(|line| line.trim_start().starts_with(&begin))?;
    match at.checked_sub(1).and_then(|above| lines[above].trim().strip_prefix("#[sea_orm(")?.strip_suffix(")]")) {
        Some(own) => lines[at - 1] = format!("#[sea_orm({own}, {attributes})]"),
        None => lines.insert(at, format!("#[sea_orm({attributes})]")),
    }
    Some(())
}

/// In the project's own format, whatever version of codegen wrote it.
fn rustfmt(text: &str, root: &Path) -> Result<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("rustfmt")?;
    child.stdin.take().context("rustfmt takes the text on its standard input")?.write_all(text.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "rustfmt refused what was generated");
    Ok(String::from_utf8(output.stdout)?)
}

/// The names of the committed files.
fn committed(folder: &PathBuf) -> Result<Vec<String>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    names.collect::<std::io::Result<Vec<_>>>().map_err(Into::into)
}

/// The lines in which two texts differ, without those that they begin and end with in common.
fn difference(name: &str, found: &str, wanted: &str) -> String {
    let (found, wanted): (Vec<&str>, Vec<&str>) = (found.lines().collect(), wanted.lines().collect());
    let shortest = found.len().min(wanted.len());
    let begin = found.iter().zip(&wanted).take_while(|(a, b)| a == b).count();
    let end = found.iter().rev().zip(wanted.iter().rev()).take(shortest - begin).take_while(|(a, b)| a == b).count();
    let mut text = format!("{name}:{}\n", begin + 1);
    for (sign, lines) in [("- ", &found[begin..found.len() - end]), ("+ ", &wanted[begin..wanted.len() - end])] {
        for line in lines {
            text += &[sign, line, "\n"].concat();
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_join_those_that_are_there() {
        let mut lines = ["#[sea_orm(unique)]", "pub a: String,", "pub b: String,"].map(ToOwned::to_owned).to_vec();
        attribute(&mut lines, "a", "indexed").expect("a field");
        attribute(&mut lines, "b", "indexed").expect("a field");
        let expected = ["#[sea_orm(unique, indexed)]", "pub a: String,", "#[sea_orm(indexed)]", "pub b: String,"];
        assert_eq!(lines, expected);
        assert!(attribute(&mut lines, "c", "indexed").is_none());
    }

    #[test]
    fn sqlite_names_of_types_are_read_back_as_they_are_meant() {
        use seabed::schema::{Flavor, build::table, ddl};
        let every = table("every")
            .uuid("id")
            .boolean("flag")
            .int16("small")
            .int64("large")
            .double("ratio")
            .decimal("amount", 18, 4)
            .text("title", 80)
            .long_text("body")
            .enumeration("state", ["new", "old"])
            .bytes("raw")
            .json("extra")
            .instant("at")
            .datetime("local")
            .date("day")
            .time("clock")
            .primary_key(&["id"])
            .build()
            .expect("a table");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let schema = runtime.block_on(async {
            let mut options = ConnectOptions::new("sqlite::memory:");
            options.max_connections(1);
            let db = Database::connect(options).await.expect("a database");
            for statement in ddl::create_table(&every, Flavor::Sqlite, false).expect("emitted") {
                sea_orm::ConnectionTrait::execute_unprepared(&db, &statement).await.expect("SQLite takes it");
            }
            SchemaDiscovery::new(db.get_sqlite_connection_pool().clone()).discover().await.expect("read back")
        });
        let types: Vec<ColumnType> = schema.tables[0].columns.iter().map(|column| column.r#type.clone()).collect();
        assert_eq!(
            types,
            [
                ColumnType::Uuid,
                ColumnType::Boolean,
                ColumnType::SmallInteger,
                ColumnType::BigInteger,
                ColumnType::Double,
                ColumnType::Decimal(Some((18, 4))),
                ColumnType::String(StringLen::N(80)),
                ColumnType::Text,
                ColumnType::String(StringLen::N(3)),
                ColumnType::Blob,
                ColumnType::Json,
                ColumnType::TimestampWithTimeZone,
                ColumnType::DateTime,
                ColumnType::Date,
                ColumnType::Time,
            ]
        );
    }

    #[test]
    fn the_librarys_own_tables_are_left_to_the_library() {
        let tables = migration::tables().expect("tables");
        let (generated, own): (Vec<_>, Vec<_>) = tables.iter().partition(|table| is_generated(&table.name));
        let of_the_library = seabed::outbox::entities();
        let of_the_library: Vec<_> =
            of_the_library.iter().map(|entity| entity.table().expect("a table").name.clone()).collect();
        assert_eq!(own.iter().map(|table| table.name.clone()).collect::<Vec<_>>(), of_the_library);
        assert_eq!(generated.len(), 5, "and no other is left out");
    }

    #[test]
    fn a_difference_shows_the_lines_that_differ() {
        assert_eq!(difference("f", "a\nb\nc", "a\nx\ny\nc"), "f:2\n- b\n+ x\n+ y\n");
    }
}
