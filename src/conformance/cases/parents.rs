//! Law W2: a child needs its parent, and a delete does what the relation says.

use crate::{
    Database, ErrorKind, all, col,
    conformance::{
        check::{Proof, refused, table, there},
        entities::{branch, node, note, person, pet, stamp, visit},
    },
    repository::Deletion,
    schema::name::bounded,
};
use sea_orm::Set;

/// The tables of the family, children first: the order of the list must not matter.
async fn family(db: &Database) -> crate::Result<()> {
    db.create_tables(&crate::entities![stamp, note, visit, pet, person]).await
}

/// A foreign key violation; what the server tells of the constraint is right.
#[track_caller]
fn foreign(error: &crate::Error, entity: &str, child: &str, field: &str) {
    assert_eq!(error.entity_name(), Some(entity), "W2: the error names the entity: {error}");
    if !error.fields().is_empty() {
        assert_eq!(error.fields(), [field], "W2: the field where the server tells: {error}");
    }
    if let Some(name) = error.constraint_name() {
        assert_eq!(name, bounded("fk", child, &[field]), "W2: the constraint by the name that the schema gave it");
    }
}

pub async fn w2_a_child_without_its_parent_is_refused(db: Database) -> Proof {
    family(&db).await?;
    let pets = db.repository::<pet::Entity>();
    let error = refused(pets.insert(pet::row(4711, "rex")).await, ErrorKind::ForeignKeyViolation, "W2: no such parent");
    foreign(&error, "pet", "pet", "owner_id");
    let owner = db.repository::<person::Entity>().insert(person::row("p")).await?;
    let rex = pets.insert(pet::row(owner.id, "rex")).await?;
    let change = pet::ActiveModel { id: Set(rex.id), owner_id: Set(owner.id + 1), ..Default::default() };
    let error = refused(pets.update(change).await, ErrorKind::ForeignKeyViolation, "W2: no such parent");
    foreign(&error, "pet", "pet", "owner_id");
    let moved = pets.update_many(col(pet::COLUMN.name).eq("rex"), [col(pet::COLUMN.owner_id).increment(1)]).await;
    refused(moved, ErrorKind::ForeignKeyViolation, "W2: no such parent");
    assert_eq!(pets.get(rex.id).await?, Some(rex), "W2: the child is as it was");
    Ok(())
}

pub async fn w2_children_without_a_parent_are_refused_in_bulk(db: Database) -> Proof {
    family(&db).await?;
    let owner = db.repository::<person::Entity>().insert(person::row("p")).await?;
    let pets = db.repository::<pet::Entity>();
    let answer = pets.insert_many([pet::row(owner.id, "a"), pet::row(owner.id + 1, "b")]).await;
    foreign(&refused(answer, ErrorKind::ForeignKeyViolation, "W2: no such parent"), "pet", "pet", "owner_id");
    assert_eq!(pets.count(all()).await?, 0, "W6: all or nothing");
    Ok(())
}

pub async fn w2_a_null_has_no_parent(db: Database) -> Proof {
    family(&db).await?;
    let notes = db.repository::<note::Entity>();
    let orphan = notes.insert(note::row(None)).await?;
    assert_eq!(orphan.author_id, None, "W2: null is not checked");
    let answer = notes.insert(note::row(Some(4711))).await;
    foreign(&refused(answer, ErrorKind::ForeignKeyViolation, "W2: a value is"), "note", "note", "author_id");
    Ok(())
}

pub async fn w2_a_delete_is_refused_while_children_restrict_it(db: Database) -> Proof {
    family(&db).await?;
    let people = db.repository::<person::Entity>();
    let owners = people.insert_many([person::row("p"), person::row("q")]).await?;
    let (owner, other) = (owners[0].id, owners[1].id);
    let rex = db.repository::<pet::Entity>().insert(pet::row(owner, "rex")).await?;
    let law = "W2: a child is there";
    let error = refused(people.delete(owner).await, ErrorKind::ForeignKeyViolation, law);
    foreign(&error, "person", "pet", "owner_id");
    refused(people.delete_many(col(person::COLUMN.id).gte(0)).await, ErrorKind::ForeignKeyViolation, law);
    assert_eq!(people.count(all()).await?, 2, "T1: nobody was deleted, not even who has no child");
    assert!(people.delete(other).await?, "W2: who has no child goes");
    db.repository::<pet::Entity>().delete(rex.id).await?;
    assert!(people.delete(owner).await?, "W2: and the parent after its child");
    Ok(())
}

pub async fn w2_a_delete_cascades_where_the_relation_says_so(db: Database) -> Proof {
    family(&db).await?;
    let people = db.repository::<person::Entity>();
    let (visits, stamps) = (db.repository::<visit::Entity>(), db.repository::<stamp::Entity>());
    let ids: Vec<i64> =
        people.insert_many([person::row("p"), person::row("q")]).await?.iter().map(|row| row.id).collect();
    let made = visits.insert_many([visit::row(ids[0]), visit::row(ids[0]), visit::row(ids[1])]).await?;
    stamps.insert_many([stamp::row(1, made[0].id), stamp::row(2, made[1].id), stamp::row(3, made[2].id)]).await?;
    let deleted = people.delete_many(col(person::COLUMN.name).eq("p")).await?;
    assert_eq!(deleted, 1, "W5: rows of the entity count, not those that go with them");
    assert_eq!(
        visits.find(all()).await?.iter().map(|row| row.person_id).collect::<Vec<_>>(),
        [ids[1]],
        "W2: children go"
    );
    assert_eq!(stamps.find(all()).await?.iter().map(|row| row.id).collect::<Vec<_>>(), [3], "W2: and theirs");
    Ok(())
}

pub async fn w2_a_delete_sets_null_where_the_relation_says_so(db: Database) -> Proof {
    family(&db).await?;
    let people = db.repository::<person::Entity>();
    let notes = db.repository::<note::Entity>();
    let ids: Vec<i64> =
        people.insert_many([person::row("p"), person::row("q")]).await?.iter().map(|row| row.id).collect();
    let made = notes.insert_many([note::row(Some(ids[0])), note::row(Some(ids[1]))]).await?;
    assert!(people.delete(ids[0]).await?, "W2: the children do not hold it");
    assert_eq!(there(notes.get(made[0].id).await?, "W2").author_id, None, "W2: the child forgets its parent");
    assert_eq!(there(notes.get(made[1].id).await?, "W2").author_id, Some(ids[1]), "W2: the other child does not");
    Ok(())
}

pub async fn w2_a_refused_delete_undoes_its_cascades(db: Database) -> Proof {
    family(&db).await?;
    let people = db.repository::<person::Entity>();
    let owner = people.insert(person::row("p")).await?.id;
    db.repository::<visit::Entity>().insert(visit::row(owner)).await?;
    let kept = db.repository::<note::Entity>().insert(note::row(Some(owner))).await?;
    db.repository::<pet::Entity>().insert(pet::row(owner, "rex")).await?;
    refused(people.delete(owner).await, ErrorKind::ForeignKeyViolation, "W2: the pet holds it");
    assert_eq!(db.repository::<visit::Entity>().count(all()).await?, 1, "T1: the visit is still there");
    let note = there(db.repository::<note::Entity>().get(kept.id).await?, "T1");
    assert_eq!(note.author_id, Some(owner), "T1: the note still knows its author");
    Ok(())
}

pub async fn w2_a_tree_is_deleted_from_its_root(db: Database) -> Proof {
    let nodes = table::<node::Entity>(&db).await?;
    nodes.insert(node::row(1, None)).await?;
    nodes
        .insert_many([node::row(2, Some(1)), node::row(3, Some(2)), node::row(4, Some(3)), node::row(5, None)])
        .await?;
    let answer = nodes.insert(node::row(6, Some(99))).await;
    foreign(&refused(answer, ErrorKind::ForeignKeyViolation, "W2: no such parent"), "node", "node", "parent_id");
    assert_eq!(nodes.delete_many(col(node::Column::Id).eq(1)).await?, 1, "W5: one row was asked for");
    assert_eq!(nodes.find(all()).await?.iter().map(|row| row.id).collect::<Vec<_>>(), [5], "W2: the tree is gone");
    Ok(())
}

pub async fn w2_a_row_may_be_its_own_parent(db: Database) -> Proof {
    let nodes = table::<node::Entity>(&db).await?;
    nodes.insert(node::row(1, Some(1))).await?;
    assert_eq!(there(nodes.get(1).await?, "W2").parent_id, Some(1), "W2: the row is there when it is checked");
    assert!(nodes.delete(1).await?, "W2: and goes with itself");
    assert_eq!(nodes.count(all()).await?, 0, "W2: gone");
    Ok(())
}

pub async fn w2_a_parent_in_the_same_insert_is_found(db: Database) -> Proof {
    let nodes = table::<node::Entity>(&db).await?;
    // Longer than one statement holds on any server, each row the child of the one before.
    let chain = (0..12_000).map(|id| node::row(id, (id > 0).then(|| id - 1))).collect::<Vec<_>>();
    let inserted = nodes.insert_many(chain).await?;
    assert_eq!(inserted.len(), 12_000, "W2, W6: a parent may stand earlier in the same insert");
    Ok(())
}

pub async fn w2_a_tree_that_restricts_itself_goes_leaf_by_leaf(db: Database) -> Proof {
    let rows = table::<branch::Entity>(&db).await?;
    let tree = [branch::row(1, None), branch::row(2, Some(1)), branch::row(3, Some(2)), branch::row(9, Some(9))];
    rows.insert_many(tree).await?;
    rows.insert_many([branch::row(12, None), branch::row(11, Some(12)), branch::row(10, Some(11))]).await?;
    // Some servers delete a parent and its child in one statement, or do where the child comes first: none may here.
    for filter in [
        col(branch::Column::Id).lte(3),
        col(branch::Column::Id).gte(10),
        col(branch::Column::Id).eq(9),
        col(branch::Column::Id).eq(1),
    ] {
        let error = refused(rows.delete_many(filter).await, ErrorKind::ForeignKeyViolation, "W2: a row refers to it");
        foreign(&error, "branch", "branch", "parent_id");
    }
    refused(rows.delete_where(all(), Deletion::ByRule).await, ErrorKind::ForeignKeyViolation, "W2: all the less");
    assert_eq!(rows.count(all()).await?, 7, "T1: nothing went");
    for id in [3, 2, 1] {
        assert!(rows.delete(id).await?, "W2: leaf by leaf it goes");
    }
    rows.update(branch::ActiveModel { id: Set(9), parent_id: Set(None), ..Default::default() }).await?;
    assert_eq!(rows.delete_many(col(branch::Column::Id).is_in([9, 10])).await?, 2, "W2: who has no child");
    Ok(())
}
