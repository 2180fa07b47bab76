//! The memory backend has no server, and still a schema.

use seabed::{
    Database,
    conformance::entities::{word, word_with_state},
};

#[tokio::test]
async fn a_table_that_was_never_made_and_one_of_another_definition_are_told() {
    let db = Database::memory();
    let entities = seabed::entities![word];
    let missing = db.verify(&entities).await.expect("a look");
    assert_eq!((missing[0].law, missing[0].entity.as_deref()), ("W1", Some("word")));
    db.create_tables(&entities).await.expect("a table");
    assert_eq!(db.verify(&entities).await.expect("a look"), []);
    let other = db.verify(&seabed::entities![word_with_state]).await.expect("a look");
    let at: Vec<_> = other.iter().map(|it| (it.law, it.entity.as_deref(), it.field.as_deref())).collect();
    assert_eq!(at, [("W1", Some("word"), Some("state"))]);
}
