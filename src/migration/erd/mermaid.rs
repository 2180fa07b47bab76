//! Entities in Mermaid's `erDiagram`.

use super::{is_foreign, is_unique, relations, words};
use crate::schema::{Kind, Table};
use std::sync::Arc;

/// Entities as a Mermaid `erDiagram`, which many pages draw where it stands in a block of code named `mermaid`.
///
/// ```
/// use seabed::{migration::erd, schema::build::table};
/// let note = table("note").uuid("id").text("title", 80).nullable().primary_key(&["id"]).build()?;
/// assert_eq!(
///     erd::mermaid(&[note.into()]),
///     "erDiagram\n  note {\n    uuid id PK\n    text title \"80, may be null\"\n  }\n"
/// );
/// # Ok::<_, seabed::Error>(())
/// ```
#[must_use]
pub fn mermaid(tables: &[Arc<Table>]) -> String {
    let mut text = "erDiagram\n".to_owned();
    for table in tables {
        text += &format!("  {} {{\n", named(&words::table(table)));
        for (place, column) in table.columns.iter().enumerate() {
            let keys =
                [("PK", table.key.contains(&place)), ("FK", is_foreign(table, place)), ("UK", is_unique(table, place))];
            let keys: Vec<_> = keys.into_iter().filter(|(_, is)| *is).map(|(key, _)| key).collect();
            let (kind, mut remarks) = typed(&column.kind);
            if column.nullable {
                remarks.push("may be null".to_owned());
            }
            text += &format!("    {kind} {}", attribute(&column.name));
            if !keys.is_empty() {
                text += &format!(" {}", keys.join(", "));
            }
            if !remarks.is_empty() {
                text += &format!(" \"{}\"", remarks.join(", ").replace('"', "'"));
            }
            text.push('\n');
        }
        text += "  }\n";
    }
    for relation in relations(tables) {
        let (parent, child) = (&tables[relation.parent], &tables[relation.child]);
        let one = if relation.optional { "|o" } else { "||" };
        let many = if relation.single { "o|" } else { "o{" };
        text += &format!(
            "  {} {one}--{many} {} : \"{}\"\n",
            named(&words::table(parent)),
            named(&words::table(child)),
            child.names(&relation.columns).join(", ").replace('"', "'")
        );
    }
    text
}

/// A type is one word in Mermaid; what does not fit into it becomes a remark.
fn typed(kind: &Kind) -> (String, Vec<String>) {
    match kind {
        Kind::Decimal { precision, scale } => {
            ("decimal".to_owned(), vec![format!("{precision} digits, {scale} after the point")])
        }
        Kind::Text { max: Some(max) } => ("text".to_owned(), vec![max.to_string()]),
        Kind::Enum { variants } => ("enum".to_owned(), vec![variants.join(" | ")]),
        other => (words::kind(other), Vec::new()),
    }
}

/// A name as it is where Mermaid takes it, else in quotes.
fn named(name: &str) -> String {
    if is_word(name) { name.to_owned() } else { format!("\"{}\"", name.replace('"', "'")) }
}

/// A column's name, which Mermaid takes in no quotes.
fn attribute(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_alphanumeric() || c == '_' || c == '-' { c } else { '_' }).collect();
    if plain.starts_with(|c: char| c.is_alphabetic() || c == '_') { plain } else { format!("_{plain}") }
}

fn is_word(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
