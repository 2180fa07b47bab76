//! A table as it is, of the picture that inspection gives: what the laws ask of it, and nothing else.

use super::{
    Auto, Live, LiveCheck, LiveColumn, LiveForeignKey, LiveIndex, Odd, ask, cell, mysql, postgres, tokens::tokens,
};
use crate::{
    Result,
    backend::sql::{checkout::Checkout, deploy::inspect, statement::Statement},
    schema::{
        Flavor, Picture, Table,
        ddl::mend,
        picture::{ColumnPicture, ForeignKeyPicture, IndexPicture, TablePicture},
    },
};
use sea_orm::Value;
use std::{collections::BTreeMap, sync::Arc};

/// The tables as they are, in their order; none for one that is not there.
pub(super) async fn read(checkout: &mut Checkout, tables: &[Arc<Table>]) -> Result<Vec<Option<Live>>> {
    let flavor = checkout.flavor();
    let places = places(checkout, tables).await?;
    let ways = match flavor {
        Flavor::Sqlite => Ways { folds: true, ..Ways::default() },
        Flavor::Postgres => Ways { collations: postgres::collations(checkout).await?, ..Ways::default() },
        Flavor::MySql | Flavor::MariaDb => Ways { folds: mysql::folds(checkout).await?, ..Ways::default() },
    };
    let mut pictures: BTreeMap<Option<String>, Picture> = BTreeMap::new();
    for place in &places {
        if !pictures.contains_key(place) {
            pictures.insert(place.clone(), inspect::read(checkout, place.as_deref()).await?);
        }
    }
    let live = tables.iter().zip(&places).map(|(table, place)| {
        let picture = pictures.get(place)?;
        ways.live(picture, table, flavor)
    });
    Ok(live.collect())
}

/// The schema that each table is in; none for the one that the session works in.
async fn places(checkout: &mut Checkout, tables: &[Arc<Table>]) -> Result<Vec<Option<String>>> {
    if checkout.flavor() != Flavor::Postgres {
        let said = |table: &Arc<Table>| table.schema.clone().filter(|_| checkout.flavor() != Flavor::Sqlite);
        return Ok(tables.iter().map(said).collect());
    }
    // A table without a schema is the first on the search path, which need not be in the path's first schema.
    let mut places: Vec<Option<String>> = tables.iter().map(|table| table.schema.clone()).collect();
    if tables.is_empty() {
        return Ok(places);
    }
    let mut s = Statement::new(Flavor::Postgres, "SELECT v.at::text, n.nspname::text FROM (VALUES ");
    s.list(", ", tables.iter().enumerate(), |s, (at, table)| {
        let mut name = String::new();
        Flavor::Postgres.table(&mut name, table);
        s.push(&format!("({at}, ")).bind(Value::from(name)).push("::text)");
    });
    s.push(
        ") AS v(at, name) JOIN pg_class c ON c.oid = to_regclass(v.name)::oid JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname <> current_schema()",
    );
    for row in ask::<2>(checkout, s).await? {
        if let Some(place) = cell(&row, 0).parse::<usize>().ok().and_then(|at| places.get_mut(at)) {
            *place = Some(cell(&row, 1).to_owned());
        }
    }
    Ok(places)
}

/// What of a server is no table's.
#[derive(Default)]
struct Ways {
    /// Whether names of another case are the same table.
    folds: bool,
    collations: postgres::Collations,
}

impl Ways {
    fn live(&self, picture: &Picture, table: &Table, flavor: Flavor) -> Option<Live> {
        let name = match &table.schema {
            // A file has no schemas: `sales.thing` is one name.
            Some(schema) if flavor == Flavor::Sqlite => format!("{schema}.{}", table.name),
            _ => table.name.clone(),
        };
        let same = |other: &str| other == name || self.folds && other.to_lowercase() == name.to_lowercase();
        if let Some((name, there)) = picture.tables.iter().find(|(other, _)| same(other)) {
            let mut live = self.table(there, table, flavor);
            live.objects = objects(picture, name, there, flavor);
            return Some(live);
        }
        let other = picture.others.iter().find(|other| other.table.is_none() && same(&other.name))?;
        let known = ["view", "materialized view", "foreign table", "virtual table", "sequence"];
        known.contains(&&*other.kind).then(|| Live {
            odd: Some(Odd { law: "W1", why: format!("it is a {} and not a table", other.kind), mend: None }),
            ..Live::default()
        })
    }

    fn table(&self, there: &TablePicture, table: &Table, flavor: Flavor) -> Live {
        let key = there.key.clone().unwrap_or_default();
        let mut checks: Vec<LiveCheck> = there
            .checks
            .iter()
            .map(|check| LiveCheck {
                name: check.name.clone(),
                condition: tokens(&check.condition, flavor),
                enforced: check.enforced,
            })
            .collect();
        let mut columns: Vec<_> = there.columns.iter().map(|column| self.column(column, flavor)).collect();
        for column in &mut columns {
            // The key of a row is never null.
            column.nullable &= !key.columns.contains(&column.name);
            if flavor == Flavor::MariaDb && column.declared == "json" {
                // A name for a text with a check.
                "longtext".clone_into(&mut column.declared);
                let condition = format!("json_valid({})", flavor.quoted(&column.name));
                let condition = tokens(&condition, flavor);
                checks.push(LiveCheck { name: String::new(), condition, enforced: true });
            }
        }
        let foreign_keys = there.foreign_keys.iter().enumerate();
        Live {
            odd: odd(there, table, flavor),
            columns,
            key_name: there.key.is_some().then_some(key.name),
            key: key.columns,
            indexes: there.indexes.iter().map(|index| one_index(index, there)).collect(),
            foreign_keys: foreign_keys.map(|(at, key)| foreign_key(at, key, flavor)).collect(),
            checks,
            objects: Vec::new(),
        }
    }

    fn column(&self, column: &ColumnPicture, flavor: Flavor) -> LiveColumn {
        let auto = match &*column.auto {
            "yes" => Auto::Yes,
            "always" => Auto::Always,
            _ => Auto::No,
        };
        let generated = column.generated.is_some();
        let declared = match flavor {
            Flavor::MySql | Flavor::MariaDb => mysql::plain(column.declared.trim_end_matches(" invisible")),
            Flavor::Sqlite | Flavor::Postgres => column.declared.clone(),
        };
        let collation = match flavor {
            Flavor::Postgres => Some(self.collations.of(column.collation.as_deref())),
            _ => column.collation.clone(),
        };
        LiveColumn {
            name: column.name.clone(),
            declared,
            nullable: column.nullable,
            filled: column.default.is_some() || auto != Auto::No || generated,
            generated,
            touched: column.touched.is_some(),
            auto,
            collation,
        }
    }
}

fn odd(there: &TablePicture, table: &Table, flavor: Flavor) -> Option<Odd> {
    if there.options.get("persistence").is_some_and(|it| it == "unlogged") {
        return Some(Odd {
            law: "T1",
            why: "the table is unlogged: a crash of the server empties it".to_owned(),
            mend: Some(mend::alter(table, flavor) + "SET LOGGED"),
        });
    }
    let engine = there.options.get("engine")?;
    Some(Odd {
        law: "T1",
        why: format!("the table is kept by {engine}, which knows no transactions as InnoDB does"),
        mend: Some(mend::alter(table, flavor) + "ENGINE = InnoDB"),
    })
}

fn one_index(index: &IndexPicture, there: &TablePicture) -> LiveIndex {
    let said = |word: &str| index.odd.as_deref().is_some_and(|odd| odd.contains(word));
    let folds = index.parts.iter().any(|part| {
        let column = part.column.as_deref().and_then(|name| there.column(name));
        // Only SQLite's index may compare in a way of its own and be unique by it.
        let own = part.collation.as_deref().or(column.and_then(|column| column.collation.as_deref()));
        there.create.is_some() && own.is_some_and(|own| !own.eq_ignore_ascii_case("binary"))
    });
    let flaw = match () {
        () if !index.valid => Some("it was never finished"),
        () if said("deferrable") => Some("it is looked at when the transaction ends"),
        () if index.predicate.is_some() => Some("it covers some rows only"),
        () if said("nulls not distinct") => Some("it takes two nulls for equal"),
        () if folds => Some("it does not compare by code point"),
        () if index.parts.iter().any(|part| part.prefix.is_some()) => Some("it covers the beginning of a text only"),
        () => None,
    };
    LiveIndex {
        name: index.name.clone(),
        columns: index.parts.iter().map(|part| part.column.clone()).collect(),
        unique: index.unique,
        flaw,
        constraint: index.constraint,
    }
}

fn foreign_key(at: usize, key: &ForeignKeyPicture, flavor: Flavor) -> LiveForeignKey {
    let said = |word: &str| key.odd.as_deref().is_some_and(|odd| odd.contains(word));
    let flaw = match () {
        () if said("initially deferred") => Some("it is looked at when the transaction ends"),
        () if said("not valid") => Some("older rows were never looked at"),
        () if said("not enforced") => Some("the server does not look at it"),
        () => None,
    };
    LiveForeignKey {
        // On SQLite it may have no name, or one that another has too.
        name: if flavor == Flavor::Sqlite { at.to_string() } else { key.name.clone() },
        columns: key.columns.clone(),
        parent: key.parent.clone(),
        parent_columns: key.parent_columns.clone(),
        // On MySQL both are looked at at once.
        on_delete: if flavor.is_mysql() {
            key.on_delete.replace("NO ACTION", "RESTRICT")
        } else {
            key.on_delete.clone()
        },
        flaw,
    }
}

/// The statements of what a rebuild must make again on SQLite: indexes that are no constraints, and triggers.
fn objects(picture: &Picture, name: &str, there: &TablePicture, flavor: Flavor) -> Vec<String> {
    if flavor != Flavor::Sqlite {
        return Vec::new();
    }
    let indexes = there.indexes.iter().filter(|index| !index.constraint).map(|index| create(index, name, flavor));
    let triggers =
        picture.others.iter().filter(|other| other.kind == "trigger" && other.table.as_deref() == Some(name));
    indexes.chain(triggers.map(|trigger| trigger.text.clone())).collect()
}

fn create(index: &IndexPicture, table: &str, flavor: Flavor) -> String {
    let parts = index.parts.iter().map(|part| {
        let what = part.column.as_deref().map(|column| flavor.quoted(column));
        let what = what.or(part.expression.clone()).unwrap_or_default();
        let collation = part.collation.as_deref().map(|it| format!(" COLLATE {}", flavor.quoted(it)));
        [&*what, collation.as_deref().unwrap_or_default(), if part.descending { " DESC" } else { "" }].concat()
    });
    let parts: Vec<String> = parts.collect();
    let only = index.predicate.as_deref().map(|only| format!(" WHERE {only}")).unwrap_or_default();
    format!(
        "CREATE {}INDEX {} ON {} ({}){only}",
        if index.unique { "UNIQUE " } else { "" },
        flavor.quoted(&index.name),
        flavor.quoted(table),
        parts.join(", ")
    )
}
