//! A backfill along the key: places are documents of its values, as JSON.

use super::{said, text};
use crate::{
    Error, ErrorKind, Result,
    backend::deploy::Way,
    schema::{Backfill, picture::TablePicture},
};
use mongodb::bson::{Bson, Document, doc};

/// The way along a collection.
#[derive(Debug)]
pub(super) struct Along {
    collection: String,
    key: Vec<String>,
    set: Document,
    only: Option<Document>,
    batch: u32,
}

impl Along {
    pub fn of(backfill: &Backfill, table: &TablePicture) -> Result<Self> {
        let fault = |why: &str| Error::new(ErrorKind::SchemaMismatch, why.to_owned()).entity(&backfill.table);
        let key = table.key.as_ref().map(|key| key.columns.clone()).unwrap_or_default();
        if key.is_empty() {
            return Err(fault("without a primary key there is no order to go along"));
        }
        let mut set = Document::new();
        for (column, words) in &backfill.set {
            let at = |error: Error| error.entity(&backfill.table).field(column.clone());
            if key.contains(column) {
                return Err(at(fault("it goes along this column, which so cannot be changed")));
            }
            let json = said(words).map_err(at)?.ok_or_else(|| at(fault("it says nothing for MongoDB")))?;
            set.insert(column, text::read(json).map_err(at)?);
        }
        let only = match &backfill.only {
            Some(words) => {
                let at = |error: Error| error.entity(&backfill.table);
                let json = said(words).map_err(at)?.ok_or_else(|| fault("its condition says nothing for MongoDB"))?;
                Some(text::document(json).map_err(at)?)
            }
            None => None,
        };
        if set.is_empty() || backfill.batch == 0 {
            return Err(fault("it sets a column, in batches of at least one row"));
        }
        Ok(Self { collection: backfill.table.clone(), key, set, only, batch: backfill.batch })
    }

    fn between(&self, after: Option<&[String]>, until: Option<&[String]>, only: bool) -> Document {
        let after = after.map(|place| beyond(&self.key, &values(&self.key, place), "$gt", "$gt"));
        let until = until.map(|place| beyond(&self.key, &values(&self.key, place), "$lt", "$lte"));
        let only = self.only.clone().filter(|_| only);
        let all: Vec<Document> = [after, until, only].into_iter().flatten().collect();
        match all.as_slice() {
            [] => Document::new(),
            [one] => one.clone(),
            _ => doc! { "$and": all },
        }
    }
}

impl Way for Along {
    fn end(&self, after: Option<&[String]>) -> String {
        let sort: Document = self.key.iter().map(|name| (name.clone(), Bson::Int32(1))).collect();
        let place: Document = self.key.iter().map(|name| (name.clone(), Bson::from(format!("${name}")))).collect();
        text::written(&doc! { "aggregate": &self.collection, "pipeline": [
            { "$match": self.between(after, None, false) },
            { "$sort": sort },
            { "$skip": i64::from(self.batch) - 1 },
            { "$limit": 1 },
            { "$project": { "_id": 0, "place": place } },
        ], "cursor": {} })
    }

    fn update(&self, after: Option<&[String]>, until: Option<&[String]>) -> String {
        let one = doc! { "q": self.between(after, until, true), "u": [{ "$set": self.set.clone() }], "multi": true };
        text::written(&doc! { "update": &self.collection, "updates": [one] })
    }

    fn count(&self, after: Option<&[String]>) -> String {
        let left = self.between(after, None, true);
        text::written(
            &doc! { "aggregate": &self.collection, "pipeline": [{ "$match": left }, { "$count": "n" }], "cursor": {} },
        )
    }
}

/// The values of a place, in the key's order.
fn values(key: &[String], place: &[String]) -> Vec<Bson> {
    let place = place.first().and_then(|json| text::document(json).ok()).unwrap_or_default();
    key.iter().map(|name| place.get(name).cloned().unwrap_or(Bson::Null)).collect()
}

/// The keys beyond a place, the last column compared by `last`.
fn beyond(key: &[String], place: &[Bson], strict: &str, last: &str) -> Document {
    match (key, place) {
        ([column], [value, ..]) => doc! { column: { last: value } },
        ([column, key @ ..], [value, place @ ..]) => {
            let mut same = doc! { column: value };
            same.extend(beyond(key, place, strict, last));
            doc! { "$or": [{ column: { strict: value } }, same] }
        }
        _ => Document::new(),
    }
}
