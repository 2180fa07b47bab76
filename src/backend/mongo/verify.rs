//! A look at a live database: which collections, validators, indexes and references are not as the entities want them. Nothing is
//! changed.

use super::{
    checkout::Checkout,
    references::{REFERENCES, declared},
    schema::{collection, indexes, validator},
};
use crate::{
    Result,
    backend::Finding,
    schema::{Kind, Table},
};
use mongodb::bson::{Bson, Document, doc};
use std::sync::Arc;

/// What is broken; empty where all is well.
pub(super) async fn verify(checkout: &mut Checkout, tables: &[Arc<Table>]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for table in tables {
        let name = collection(table);
        let list = doc! { "listCollections": 1, "filter": { "name": &name } };
        let Some(found) = checkout.documents(list, table).await?.pop() else {
            findings.push(Finding::new("W1", "the collection is not there: was it created?").entity(&table.name));
            continue;
        };
        findings.extend(columns(table, &found));
        findings.extend(options(table, &found));
        let there = checkout.documents(doc! { "listIndexes": &name }, table).await?;
        findings.extend(unindexed(table, &there));
        let references = checkout.documents(doc! { "find": REFERENCES, "filter": { "child": &name } }, table).await?;
        for wanted in declared(table).iter().filter(|wanted| !references.contains(wanted)) {
            let mend = doc! { "update": REFERENCES, "updates": [
                { "q": { "_id": wanted.get("_id").cloned() }, "u": wanted.clone(), "upsert": true },
            ] };
            let why = format!(
                "the reference `{}` is not declared: its parent's deletes do not see these rows",
                wanted.get_str("name").unwrap_or_default()
            );
            findings.push(Finding::new("W2", why).entity(&table.name).mend(mend.to_string()));
        }
    }
    Ok(findings)
}

/// What a collection was made with that changes what the laws say of every row.
fn options(table: &Table, found: &Document) -> Vec<Finding> {
    let Ok(options) = found.get_document("options") else { return Vec::new() };
    let mut findings = Vec::new();
    if options.contains_key("collation") {
        let why = "the collection has a collation: texts are compared and are unique by its rules. It is made anew to be without";
        findings.push(Finding::new("V2", why).entity(&table.name));
    }
    for (name, usual, why) in [
        ("validationLevel", "strict", "the validator does not look at every write"),
        ("validationAction", "error", "the validator refuses nothing"),
    ] {
        if options.get_str(name).is_ok_and(|there| there != usual) {
            let mend = doc! { "collMod": collection(table), name: usual }.to_string();
            findings.push(Finding::new("V10", format!("{why} (`{name}`)")).entity(&table.name).mend(mend));
        }
    }
    findings
}

/// What the validator lets through that a column does not hold.
fn columns(table: &Table, found: &Document) -> Vec<Finding> {
    let properties = |whole: &Document| {
        let schema = whole.get_document("$jsonSchema").ok()?;
        schema.get_document("properties").ok().cloned()
    };
    let wanted = validator(table);
    let mend = doc! { "collMod": collection(table), "validator": wanted.clone() }.to_string();
    let there = found.get_document("options").and_then(|options| options.get_document("validator"));
    let Some(there) = there.ok().and_then(properties) else {
        let why = "the collection has no validator: it takes values of any type";
        return vec![Finding::new("V10", why).entity(&table.name).mend(mend)];
    };
    let wanted = properties(&wanted).unwrap_or_default();
    let mut findings = Vec::new();
    for column in &table.columns {
        let (law, why) = match (there.get(&*column.name), wanted.get(&*column.name)) {
            (None, _) => ("W1", "the collection was made without this column"),
            (Some(there), Some(wanted)) if same(there, wanted) => continue,
            _ if matches!(column.kind, Kind::Enum { .. }) => ("V9", "the validator takes other variants"),
            _ => ("V10", "the validator takes values of another type"),
        };
        findings.push(Finding::new(law, why).entity(&table.name).field(&*column.name).mend(mend.clone()));
    }
    for name in there.keys().filter(|name| table.position(name).is_err()) {
        let required = found.get_document("options").and_then(|options| options.get_document("validator"));
        let required = required.and_then(|it| it.get_document("$jsonSchema")).and_then(|it| it.get_array("required"));
        if required.is_ok_and(|list| list.iter().any(|one| one.as_str() == Some(name))) {
            let why = "the collection requires a field that the entity does not know: nothing can be inserted";
            findings.push(Finding::new("W1", why).entity(&table.name).field(name));
        }
    }
    findings
}

/// Servers tell numbers back in a type of their own.
fn same(a: &Bson, b: &Bson) -> bool {
    match (a, b) {
        (Bson::Document(a), Bson::Document(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same(a, b)))
        }
        (Bson::Array(a), Bson::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        _ => match (number(a), number(b)) {
            (Some(a), Some(b)) => a == b,
            _ => a == b,
        },
    }
}

fn number(value: &Bson) -> Option<i64> {
    match value {
        Bson::Int32(v) => Some((*v).into()),
        Bson::Int64(v) => Some(*v),
        #[expect(clippy::cast_possible_truncation, reason = "a direction or a version is a small whole number")]
        Bson::Double(v) => Some(*v as i64),
        _ => None,
    }
}

/// Options by which an index holds other rows than ours, compares them otherwise, or takes them away.
const STRANGE: [(&str, &str, &str); 3] = [
    ("collation", "V2", "compares texts by a collation"),
    ("sparse", "Q10", "leaves out rows without a value"),
    ("expireAfterSeconds", "W1", "has the server delete rows that are old"),
];

/// What is strange of an index. The collection's own has a collation where the collection has one, which was told already.
fn strange(index: &Document) -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
    let own = index.get_str("name").is_ok_and(|name| name == "_id_");
    let set = move |option: &str| !own && index.get(option).is_some_and(|value| value != &Bson::Boolean(false));
    STRANGE.iter().filter(move |(option, ..)| set(option))
}

/// The indexes that are not there as they are to be, and those that do what no index of ours does.
fn unindexed(table: &Table, there: &[Document]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for index in there {
        let name = index.get_str("name").unwrap_or_default();
        for (option, law, why) in strange(index) {
            let mend = doc! { "dropIndexes": collection(table), "index": name }.to_string();
            let why = format!("the index `{name}` {why} (`{option}`)");
            findings.push(Finding::new(law, why).entity(&table.name).mend(mend));
        }
    }
    for wanted in indexes(table) {
        let part = |index: &Document, name: &str| index.get(name).cloned().unwrap_or(Bson::Null);
        let unique = |index: &Document| index.get_bool("unique").unwrap_or(false);
        let fits = |index: &&Document| {
            let keys = match (index.get_document("key"), wanted.get_document("key")) {
                (Ok(a), Ok(b)) => a.keys().eq(b.keys()),
                _ => false,
            };
            let partial = "partialFilterExpression";
            strange(index).next().is_none()
                && keys
                && (!unique(&wanted) || (unique(index) && same(&part(index, partial), &part(&wanted, partial))))
        };
        if there.iter().any(|index| fits(&index)) {
            continue;
        }
        let name = wanted.get_str("name").unwrap_or_default();
        let (law, why) = if unique(&wanted) {
            ("W3", format!("there is no unique index `{name}`: two rows may have the same values"))
        } else {
            ("Q10", format!("there is no index `{name}`: every document is looked at"))
        };
        let mend = doc! { "createIndexes": collection(table), "indexes": [wanted] }.to_string();
        findings.push(Finding::new(law, why).entity(&table.name).mend(mend));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::build::table;

    fn item() -> Table {
        table("item").int64("id").text("name", 9).primary_key(&["id"]).index(&["name"]).build().expect("a table")
    }

    fn laws(findings: &[Finding]) -> Vec<&str> {
        findings.iter().map(|finding| finding.law).collect()
    }

    #[test]
    fn v10_a_validator_that_refuses_nothing_is_told_and_mended() {
        let told = |found: Document| options(&item(), &doc! { "options": found });
        assert_eq!(told(doc! { "validationLevel": "strict", "validationAction": "error" }), []);
        let weak = told(doc! { "validationLevel": "moderate", "validationAction": "warn" });
        assert_eq!(laws(&weak), ["V10", "V10"]);
        let mend = weak[1].mend.as_deref().expect("a command");
        assert!(mend.contains("collMod") && mend.contains("validationAction") && mend.contains("error"), "{mend}");
        let collated = told(doc! { "collation": { "locale": "de" } });
        assert_eq!(laws(&collated), ["V2"]);
        assert_eq!(collated[0].mend, None, "no command takes it away");
    }

    #[test]
    fn v2_an_index_with_an_option_of_others_is_told_and_serves_nobody() {
        let wanted = indexes(&item());
        assert_eq!(unindexed(&item(), &wanted), []);
        let options = [("collation", Bson::from(doc! { "locale": "de" }), "V2"), ("sparse", true.into(), "Q10")];
        for (option, value, law) in options.into_iter().chain([("expireAfterSeconds", 60.into(), "W1")]) {
            let mut there = wanted.clone();
            there[1].insert(option, value);
            assert_eq!(laws(&unindexed(&item(), &there)), [law, "Q10"], "{option}: it is none of ours");
            let mut own = wanted.clone();
            own.push(doc! { "key": { "_id": 1 }, "name": "_id_", "collation": { "locale": "de" }, "sparse": false });
            assert_eq!(unindexed(&item(), &own), []);
        }
    }
}
