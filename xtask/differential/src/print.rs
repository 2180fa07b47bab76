//! A program as Rust that reproduces it on any backend.

use crate::program::{Call, Program, Step};
use seabed::{
    backend::{Change, ChangeTo, Filter, FoldedMatch, JsonTest, Must, OnConflict, Only, Operation, value},
    schema::{Kind, OnDelete, Table},
    sea_orm::Value,
};
use std::fmt::Write;

const HEAD: &str = r#"use seabed::{Config, Context, Database, backend::*, schema::{Kind, OnDelete, Table, build::table}, sea_orm::Value};
use std::sync::Arc;

// `cargo run --example <name> -- memory:` and the URL of another backend.
#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "memory:".to_owned());
    let db = Database::connect(Config::from_url(&url)?).await?;
    let (backend, context) = (db.backend(), Context::default());
"#;

const VALIDATE: &str = r#"
fn no_shout(proposal: &seabed::schema::Proposal<'_>) -> seabed::Result<()> {
    let shouts = seabed::schema::rules::Proposed::Value(&Value::from("SS"));
    match proposal.cells.iter().find(|(_, proposed)| *proposed == shouts) {
        Some((name, _)) => Err(seabed::Error::new(seabed::ErrorKind::InvalidValue, "it shouts").field(&**name)),
        None => Ok(()),
    }
}
"#;

/// The program's source.
pub fn rust(program: &Program) -> String {
    let mut out = HEAD.to_owned();
    for table in &program.tables {
        let _ = writeln!(out, "    let {} = Arc::new({});", local(table), build(table));
    }
    let tables: Vec<String> = program.tables.iter().map(|table| format!("Arc::clone(&{})", local(table))).collect();
    let _ = writeln!(out, "    backend.create_tables(&context, &[{}]).await?;", tables.join(", "));
    for step in &program.steps {
        match step {
            Step::Alone(call) => {
                let _ = writeln!(
                    out,
                    "    println!(\"{{:?}}\", backend.run({}, {}).await);",
                    context(call),
                    operation(call)
                );
            }
            Step::Together { options, calls, commit } => {
                let read_only = if options.read_only { ".read_only()" } else { "" };
                let _ =
                    writeln!(out, "    let mut session = backend.begin(&context, Begin::default(){read_only}).await?;");
                for call in calls {
                    let _ = writeln!(
                        out,
                        "    println!(\"{{:?}}\", session.run({}, {}).await);",
                        context(call),
                        operation(call)
                    );
                }
                let end = if *commit { "commit" } else { "rollback" };
                let _ = writeln!(out, "    println!(\"{{:?}}\", session.{end}(&context).await);");
            }
        }
    }
    out.push_str("    Ok(())\n}\n");
    if program.tables.iter().any(|table| table.rules.validate.is_some()) {
        out.push_str(VALIDATE);
    }
    out
}

fn local(table: &Table) -> &str {
    table.name.split_once('_').map_or(&table.name, |(stem, _)| stem)
}

fn build(table: &Table) -> String {
    let mut out = format!("table({:?})", table.name);
    for column in &table.columns {
        let _ = write!(out, ".column({:?}, {})", column.name, kind(&column.kind));
        if column.nullable {
            out.push_str(".nullable()");
        }
        if column.auto_increment {
            out.push_str(".auto_increment()");
        }
        if let Some(default) = &column.default {
            let _ = write!(out, ".default_value({})", literal(default));
        }
    }
    let _ = write!(out, ".primary_key(&{:?})", table.names(&table.key));
    for index in &table.indexes {
        let method = if index.unique { "unique" } else { "index" };
        let _ = write!(out, ".{method}(&{:?})", table.names(&index.columns));
    }
    for key in &table.foreign_keys {
        let columns = table.names(&key.columns);
        let on_delete = match key.on_delete {
            OnDelete::Restrict => "Restrict",
            OnDelete::Cascade => "Cascade",
            OnDelete::SetNull => "SetNull",
        };
        let _ = write!(
            out,
            ".references(&{columns:?}, {:?}, &{:?}, OnDelete::{on_delete})",
            key.parent, key.parent_columns
        );
    }
    out.push_str(".build()?");
    let rules = rules(table);
    if rules.is_empty() { out } else { format!("{{ let mut table = {out}; {rules}table }}") }
}

fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Enum { variants } => format!("Kind::Enum {{ variants: {variants:?}.map(String::from).to_vec() }}"),
        other => format!("Kind::{other:?}"),
    }
}

fn operation(call: &Call) -> String {
    match &call.operation {
        Operation::Select(o) => {
            let order: Vec<String> = o
                .order
                .iter()
                .map(|one| {
                    format!(
                        "Order {{ column: {:?}.into(), descending: {}, nulls: Nulls::{:?} }}",
                        one.column, one.descending, one.nulls
                    )
                })
                .collect();
            let columns = match &o.columns {
                Some(columns) => format!("Some(vec![{}])", names(columns)),
                None => "None".to_owned(),
            };
            format!(
                "Operation::Select(Select {{ columns: {columns}, distinct: {}, filter: {}, deleted: Deleted::{:?}, order: vec![{}], limit: {:?}, offset: {}, lock: {}, ..Select::all({}) }})",
                o.distinct,
                maybe(o.filter.as_ref()),
                o.deleted,
                order.join(", "),
                o.limit,
                o.offset,
                o.lock.map_or("None".to_owned(), |lock| format!("Some(Lock::{lock:?})")),
                clone(&o.table)
            )
        }
        Operation::Aggregate(o) => {
            let figures: Vec<String> = o
                .figures
                .iter()
                .map(|figure| match figure.column() {
                    None => format!("Figure::{figure:?}"),
                    Some(column) => {
                        let name = format!("{figure:?}");
                        format!("Figure::{}({column:?}.into())", name.split('(').next().unwrap_or_default())
                    }
                })
                .collect();
            let order: Vec<String> = o.order.iter().map(|one| format!("{one:?}")).collect();
            format!(
                "Operation::Aggregate(Aggregate {{ filter: {}, deleted: Deleted::{:?}, group: vec![{}], order: vec![{}], limit: {:?}, offset: {}, ..Aggregate::of({}, vec![{}]) }})",
                maybe(o.filter.as_ref()),
                o.deleted,
                names(&o.group),
                order.join(", "),
                o.limit,
                o.offset,
                clone(&o.table),
                figures.join(", ")
            )
        }
        Operation::Insert(o) => {
            let rows: Vec<String> = o
                .rows
                .iter()
                .map(|row| {
                    let cells: Vec<String> = row
                        .iter()
                        .map(|cell| {
                            cell.as_ref().map_or("None".to_owned(), |value| format!("Some({})", literal(value)))
                        })
                        .collect();
                    format!("vec![{}]", cells.join(", "))
                })
                .collect();
            let on_conflict = o.on_conflict.as_ref().map_or("None".to_owned(), upsert);
            format!(
                "Operation::Insert(Insert {{ on_conflict: {on_conflict}, ..Insert::of({}, vec![{}]) }})",
                clone(&o.table),
                rows.join(", ")
            )
        }
        Operation::Update(o) => {
            let expects = o.expects.as_ref().map_or("None".to_owned(), |value| format!("Some({})", literal(value)));
            format!(
                "Operation::Update(Update {{ filter: {}, returning: {}, expects: {expects}, deleted: Deleted::{:?}, ..Update::all({}, vec![{}]) }})",
                maybe(o.filter.as_ref()),
                o.returning,
                o.deleted,
                clone(&o.table),
                changes(&o.changes)
            )
        }
        Operation::Delete(o) => format!(
            "Operation::Delete(Delete {{ filter: {}, deleted: Deleted::{:?}, forever: {}, ..Delete::all({}) }})",
            maybe(o.filter.as_ref()),
            o.deleted,
            o.forever,
            clone(&o.table)
        ),
        other => format!("{other:?}"),
    }
}

fn changes(changes: &[Change]) -> String {
    let change = |change: &Change| {
        let to = match &change.to {
            ChangeTo::Increment(by) => format!("ChangeTo::Increment({})", literal(by)),
            ChangeTo::Value(value) => format!("ChangeTo::Value({})", literal(value)),
            other => format!("{other:?}"),
        };
        format!("Change {{ column: {:?}.into(), to: {to} }}", change.column)
    };
    changes.iter().map(change).collect::<Vec<_>>().join(", ")
}

fn upsert(on: &OnConflict) -> String {
    let only = |only: &Only| {
        let must = match &only.must {
            Must::Equal(value) => format!("Must::Equal({})", literal(value)),
            other => format!("Must::{other:?}"),
        };
        format!(
            "Only {{ column: {:?}.into(), must: {must}, otherwise: seabed::ErrorKind::{:?} }}",
            only.column, only.otherwise
        )
    };
    format!(
        "Some(OnConflict {{ key: vec![{}], take: vec![{}], changes: vec![{}], only: vec![{}] }})",
        names(&on.key),
        names(&on.take),
        changes(&on.changes),
        on.only.iter().map(only).collect::<Vec<_>>().join(", ")
    )
}

fn rules(table: &Table) -> String {
    let rules = &table.rules;
    let mut out = String::new();
    for (name, position) in [
        ("created_at", rules.created_at),
        ("updated_at", rules.updated_at),
        ("version", rules.version),
        ("soft_delete", rules.soft_delete),
        ("tenant", rules.tenant),
    ] {
        if let Some(position) = position {
            let _ = write!(out, "table.rules.{name} = Some({position}); ");
        }
    }
    for folded in &rules.folded {
        let _ = write!(out, "table.rules.folded.push(seabed::schema::{folded:?}); ");
    }
    if rules.validate.is_some() {
        out.push_str("table.rules.validate = Some(seabed::schema::rules::Validate(no_shout)); ");
    }
    for (at, key) in table.foreign_keys.iter().enumerate() {
        if let Some(tenant) = &key.parent_tenant {
            let _ = write!(out, "table.foreign_keys[{at}].parent_tenant = Some({tenant:?}.into()); ");
        }
    }
    out
}

fn context(call: &Call) -> String {
    match &call.tenant {
        None => "&context".to_owned(),
        Some(Value::BigInt(Some(id))) => format!("&Context::default().for_tenant({id}_i64)"),
        Some(Value::String(Some(id))) => format!("&Context::default().for_tenant({id:?})"),
        Some(other) => match other {
            Value::Uuid(Some(id)) => {
                format!("&Context::default().for_tenant({:?}.parse::<uuid::Uuid>()?)", id.to_string())
            }
            other => format!("{other:?}"),
        },
    }
}

/// A table is read as it is where it is asked for without its rules.
fn clone(table: &Table) -> String {
    format!("Arc::clone(&{})", local(table))
}

fn names(columns: &[seabed::schema::Name]) -> String {
    columns.iter().map(|column| format!("{column:?}.into()")).collect::<Vec<_>>().join(", ")
}

fn maybe(filter: Option<&Filter>) -> String {
    filter.map_or("None".to_owned(), |filter| format!("Some({})", condition(filter)))
}

fn condition(filter: &Filter) -> String {
    let list = |values: &[Value]| values.iter().map(literal).collect::<Vec<_>>().join(", ");
    let parts = |parts: &[Filter]| parts.iter().map(condition).collect::<Vec<_>>().join(", ");
    match filter {
        Filter::Compare(name, how, value) => {
            format!("Filter::Compare({name:?}.into(), Comparison::{how:?}, {})", literal(value))
        }
        Filter::DistinctFrom(name, value) => format!("Filter::DistinctFrom({name:?}.into(), {})", literal(value)),
        Filter::In(name, values) => format!("Filter::In({name:?}.into(), vec![{}])", list(values)),
        Filter::NotIn(name, values) => format!("Filter::NotIn({name:?}.into(), vec![{}])", list(values)),
        Filter::Between(name, low, high) => {
            format!("Filter::Between({name:?}.into(), {}, {})", literal(low), literal(high))
        }
        Filter::IsNull(name) => format!("Filter::IsNull({name:?}.into())"),
        Filter::IsNotNull(name) => format!("Filter::IsNotNull({name:?}.into())"),
        Filter::Text(name, how, needle) => format!("Filter::Text({name:?}.into(), Match::{how:?}, {needle:?}.into())"),
        Filter::Folded(name, how, needle) => {
            let how = match how {
                FoldedMatch::Eq => "FoldedMatch::Eq".to_owned(),
                FoldedMatch::Part(part) => format!("FoldedMatch::Part(Match::{part:?})"),
            };
            format!("Filter::Folded({name:?}.into(), {how}, {needle:?}.into())")
        }
        Filter::Json(name, path, test) => {
            let test = match test {
                JsonTest::Compare(how, value) => {
                    format!("JsonTest::Compare(Comparison::{how:?}, {})", literal(value))
                }
                JsonTest::In(values) => format!("JsonTest::In(vec![{}])", list(values)),
                JsonTest::Text(how, needle) => format!("JsonTest::Text(Match::{how:?}, {needle:?}.into())"),
                other => format!("JsonTest::{other:?}"),
            };
            format!("Filter::Json({name:?}.into(), vec!{path:?}.into_iter().map(String::from).collect(), {test})")
        }
        Filter::Related(related) => format!(
            "Filter::Related(Box::new(Related {{ columns: vec![{}], table: {}, their_columns: vec![{}], filter: {} }}))",
            names(&related.columns),
            clone(&related.table),
            names(&related.their_columns),
            maybe(related.filter.as_ref())
        ),
        Filter::And(all) => format!("Filter::And(vec![{}])", parts(all)),
        Filter::Or(any) => format!("Filter::Or(vec![{}])", parts(any)),
        Filter::Not(inner) => format!("Filter::Not(Box::new({}))", condition(inner)),
        other => format!("{other:?}"),
    }
}

fn literal(of: &Value) -> String {
    let parsed = |kind: &str, text: String| format!("Value::from({text:?}.parse::<{kind}>()?)");
    match of {
        null if value::is_null(null) => format!("Value::{null:?}"),
        Value::Double(Some(float)) if float.is_nan() => "Value::from(f64::NAN)".to_owned(),
        Value::Double(Some(float)) if float.is_infinite() && *float > 0.0 => "Value::from(f64::INFINITY)".to_owned(),
        Value::Double(Some(float)) if float.is_infinite() => "Value::from(f64::NEG_INFINITY)".to_owned(),
        Value::String(Some(text)) => {
            // A long text of one part is written as such.
            let first = text.chars().next().unwrap_or_default();
            let count = text.chars().count();
            if count > 20 && text.chars().all(|letter| letter == first) {
                format!("Value::from({:?}.repeat({count}))", first.to_string())
            } else {
                format!("Value::from({text:?})")
            }
        }
        Value::Bytes(Some(bytes)) => format!("Value::from(vec!{bytes:?} as Vec<u8>)"),
        Value::Json(Some(json)) => parsed("serde_json::Value", json.to_string()),
        Value::Uuid(Some(uuid)) => parsed("uuid::Uuid", uuid.to_string()),
        Value::Decimal(Some(decimal)) => parsed("rust_decimal::Decimal", decimal.to_string()),
        Value::ChronoDate(Some(date)) => parsed("chrono::NaiveDate", format!("{date:?}")),
        Value::ChronoTime(Some(time)) => parsed("chrono::NaiveTime", format!("{time:?}")),
        Value::ChronoDateTime(Some(time)) => parsed("chrono::NaiveDateTime", format!("{time:?}")),
        Value::ChronoDateTimeUtc(Some(time)) => parsed("chrono::DateTime<chrono::Utc>", format!("{time:?}")),
        other => format!("Value::{other:?}"),
    }
}
