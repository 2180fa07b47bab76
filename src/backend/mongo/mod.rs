//! MongoDB: a collection for each table, a document for each row. So far the half that needs no server: values, filters and
//! pipelines.
#![allow(dead_code, reason = "the connection that runs the pipelines is yet to come")]

mod aggregate;
mod condition;
mod json;
mod query;
mod related;
mod schema;
mod text;
mod value;
