//! Tables in the making: what can be changed by name, and what is given to Seabed of it.

use seabed::{
    Result,
    schema::{Flavor, Kind, OnDelete, Table, Words, build::table, step::index},
    sea_orm::Value,
};

#[derive(Clone, Debug)]
pub struct Spec {
    pub name: String,
    pub before: Option<String>,
    pub columns: Vec<Col>,
    pub key: Vec<String>,
    pub indexes: Vec<Ix>,
    pub references: Vec<Ref>,
    /// The columns that are never below this.
    pub checks: Vec<(String, i64)>,
    pub comment: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Col {
    pub name: String,
    pub before: Option<String>,
    pub kind: Kind,
    pub nullable: bool,
    pub default: Option<Value>,
    pub made: bool,
    pub comment: Option<String>,
    /// What tells it apart whatever it is called.
    pub id: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Ix {
    pub columns: Vec<String>,
    pub unique: bool,
    pub what: What,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum What {
    Plain,
    Descending,
    /// Of the rows only that have its first column.
    Some,
    /// Over an expression, too.
    Expression,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Ref {
    pub column: String,
    pub parent: String,
    pub on_delete: OnDelete,
}

fn names(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

/// The same text with a name quoted for each server.
fn words(name: &str, text: impl Fn(String) -> String) -> Words {
    let on = |flavor: Flavor| text(flavor.quoted(name));
    Words::default().sqlite(on(Flavor::Sqlite)).postgres(on(Flavor::Postgres)).mysql(on(Flavor::MariaDb))
}

impl Spec {
    pub fn col(&self, name: &str) -> &Col {
        self.columns.iter().find(|col| col.name == name).expect("a column")
    }

    pub fn table(&self) -> Result<Table> {
        let mut made = table(self.name.clone());
        for col in &self.columns {
            made = made.column(col.name.clone(), col.kind.clone());
            if col.nullable {
                made = made.nullable();
            }
            if col.made {
                made = made.auto_increment();
            }
            if let Some(default) = &col.default {
                made = made.default_value(default.clone());
            }
            if let Some(before) = &col.before {
                made = made.renamed_from(before.clone());
            }
            if let Some(comment) = &col.comment {
                made = made.comment(comment.clone());
            }
        }
        if let Some(before) = &self.before {
            made = made.renamed_table(before.clone());
        }
        if let Some(comment) = &self.comment {
            made = made.comment_table(comment.clone());
        }
        made = made.primary_key(&names(&self.key));
        for ix in &self.indexes {
            let columns = names(&ix.columns);
            let unique = |it: seabed::schema::step::IndexBuilder| if ix.unique { it.unique() } else { it };
            made = match ix.what {
                What::Plain if ix.unique => made.unique(&columns),
                What::Plain => made.index(&columns),
                What::Descending => {
                    let (last, first) = columns.split_last().expect("a column");
                    made.indexed(unique(index(first).descending(*last)))
                }
                What::Some => {
                    let only = words(columns[0], |name| format!("{name} IS NOT NULL"));
                    let only = Words { mysql: None, ..only };
                    made.indexed(unique(index(&columns).only(only)))
                }
                What::Expression => {
                    let text = words(columns[0], |name| format!("coalesce({name}, {name})"));
                    let text = Words { mysql: None, ..text };
                    made.indexed(unique(index(&columns[1..]).expression(text).named(format!("ix_{}_e", self.name))))
                }
            };
        }
        for (column, least) in &self.checks {
            let id = self.col(column).id;
            made = made
                .check(&format!("least_{id}"), words(column, |name| format!("{name} IS NULL OR {name} >= {least}")));
        }
        for reference in &self.references {
            made = made.references(&[&reference.column], &reference.parent, &["id"], reference.on_delete);
        }
        made.build()
    }
}
