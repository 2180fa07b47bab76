//! A column of another type, other values of an enum, another nullability.

use super::{
    super::{
        convert::{Change as Values, change, is_alike, of_another_type},
        said, text,
        validator::types,
    },
    Place, index, reference,
};
use crate::{
    Error, Result,
    schema::{Column, Statement, Words},
};
use mongodb::bson::{Bson, Document, bson, doc};

/// Where a new value stands until it takes the old one's place, so that none is made of one that was made.
const NEW: &str = "_seabed_new";

/// How a column changes.
pub(super) struct Change<'a> {
    pub from: Option<&'a Column>,
    pub to: &'a Column,
    pub using: Option<&'a Words>,
    pub fill: Option<&'a Words>,
}

/// The validator lets any value through while they are made anew; then they are looked at, and it asks for the new type.
pub(super) fn alter(place: &Place<'_>, how: &Change<'_>) -> Result<Vec<Statement>> {
    let (to, name) = (how.to, &*how.to.name);
    place.has(name)?;
    let at = |error: Error| error.entity(place.name).field(name);
    let mut validator = place.validator.clone();
    validator.set(to);
    let mut looser = place.validator.clone();
    looser.loosen(name);
    let mut statements = vec![place.validated(&looser)];
    // The old index would refuse new values, or take those that the new one refuses.
    let indexes = index::left_out_otherwise(place, name, &validator);
    statements.extend(indexes.iter().map(|index| index::dropped(place, index.get_str("name").unwrap_or_default())));
    let using = how.using.map(said).transpose().map_err(at)?.flatten();
    match using {
        Some(json) => {
            let expression = text::read(json).map_err(at)?;
            // An expression of what is missing makes nothing, and the old value would stay.
            let made = bson!([{ "$set": { NEW: { "$ifNull": [expression, null] } } }]);
            statements.push(place.updated(doc! { NEW: { "$exists": false } }, made));
            let moved = bson!([{ "$set": { name: format!("${NEW}") } }, { "$unset": NEW }]);
            statements.push(place.updated(doc! { NEW: { "$exists": true } }, moved));
        }
        None => statements.extend(converted(place, how)?),
    }
    if !to.nullable {
        let fill = how.fill.map(said).transpose().map_err(at)?.flatten();
        if let Some(json) = fill {
            let value = text::read(json).map_err(at)?;
            statements.push(place.updated(doc! { name: Bson::Null }, bson!([{ "$set": { name: value } }])));
        }
        statements.push(place.none(doc! { name: Bson::Null }, "NotNullViolation", name));
    }
    if let Some(wrong) = of_another_type(name, &to.kind) {
        statements.push(place.none(wrong, "InvalidValue", name));
    }
    if let Ok(values) = validator.property(name).cloned().unwrap_or_default().get_array("enum") {
        statements.push(place.none(doc! { name: { "$nin": values.clone() } }, "InvalidValue", name));
    }
    let serving = if indexes.is_empty() { Vec::new() } else { index::serving_after(place, &indexes, &validator) };
    statements.extend(indexes.into_iter().map(|index| index::created(place, index)));
    statements.extend(serving);
    for key in place.live.foreign_keys.iter().filter(|key| key.columns.iter().any(|column| column == name)) {
        statements.push(reference::put(reference::document(place.name, key, &validator)));
    }
    statements.push(place.validated(&validator));
    Ok(statements)
}

/// What makes the values anew where nothing is said, and what looks at those that stay.
fn converted(place: &Place<'_>, how: &Change<'_>) -> Result<Vec<Statement>> {
    let (to, name) = (how.to, &*how.to.name);
    let there: Option<Vec<String>> = place.validator.property(name).and_then(types);
    let wanted = super::super::super::schema::bson_type(&to.kind);
    let alike = match how.from {
        Some(from) => is_alike(&from.kind, &to.kind),
        None => wanted.is_none() || there.is_some_and(|there| wanted.is_some_and(|wanted| there == wanted)),
    };
    let values =
        how.from.map_or(if alike { Values::Fits } else { Values::Unknown }, |from| change(name, &from.kind, &to.kind));
    Ok(match values {
        Values::Fits => Vec::new(),
        Values::Narrows(cannot) | Values::Removes(_, cannot) => vec![place.none(cannot, "InvalidValue", name)],
        Values::Converts(expression, cannot) => {
            let mut statements: Vec<Statement> =
                cannot.into_iter().map(|cannot| place.none(cannot, "InvalidValue", name)).collect();
            // A day is an instant with no time of day: its type does not tell whether it was made.
            let filter = if alike { Document::new() } else { of_another_type(name, &to.kind).unwrap_or_default() };
            statements.push(place.updated(filter, bson!([{ "$set": { name: expression } }])));
            statements
        }
        Values::Unknown => {
            let why = "MongoDB makes no value of the new type of the old ones by itself: say the expression (`using`, `.mongodb(…)`)";
            return Err(Error::unsupported(why).entity(place.name).field(name));
        }
    })
}
