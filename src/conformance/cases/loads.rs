//! Law Q9 for loading: related rows come in batches, a group for each row that they were asked for.

use super::library::{library, shelves, tree};
use crate::{
    Database, ErrorKind, TransactionOptions, all, col,
    conformance::{
        check::{Proof, refused, table},
        entities::{author, book, book_tag, copy, cover, node, shelf, tag},
    },
    repository::Loaded,
};
use sea_orm::RelationTrait;

fn titles(loaded: &Loaded<book::Model>) -> Vec<Vec<&str>> {
    loaded.iter().map(|group| group.iter().map(|book| book.title.as_str()).collect()).collect()
}

fn names(loaded: &Loaded<tag::Model>) -> Vec<Vec<&str>> {
    loaded.iter().map(|group| group.iter().map(|tag| tag.name.as_str()).collect()).collect()
}

const NONE: [&str; 0] = [];

pub async fn q9_children_are_loaded_for_many_rows_at_once(db: Database) -> Proof {
    let (authors, _) = library(&db).await?;
    let rows = authors.find(all().order_by(col(author::COLUMN.id).desc())).await?;
    let books = authors.load_many::<book::Entity>(&rows).await?;
    let expected = [NONE.to_vec(), vec!["Gamma"], vec!["Alpha", "Beta"]];
    assert_eq!(titles(&books), expected, "Q9: a group per row, in their order, each by key");
    Ok(())
}

pub async fn q9_a_row_that_is_given_twice_has_its_group_twice(db: Database) -> Proof {
    let (authors, _) = library(&db).await?;
    let mut rows = authors.find(col(author::COLUMN.name).eq("Ann")).await?;
    rows.push(rows[0].clone());
    rows.push(author::Model { id: 4711, name: "nobody".into() });
    let books = authors.load_many::<book::Entity>(&rows).await?;
    assert_eq!(titles(&books), [vec!["Alpha", "Beta"], vec!["Alpha", "Beta"], vec![]], "Q9: by position");
    Ok(())
}

pub async fn q9_nothing_is_loaded_for_no_rows(db: Database) -> Proof {
    let (authors, books) = library(&db).await?;
    assert!(authors.load_many::<book::Entity>(&[]).await?.is_empty(), "Q9: no group");
    assert!(books.load_many::<tag::Entity>(&[]).await?.is_empty(), "Q9: through a junction neither");
    assert!(books.load_one::<author::Entity>(&[]).await?.is_empty(), "Q9: no parent");
    Ok(())
}

pub async fn q9_children_are_loaded_as_a_query_says(db: Database) -> Proof {
    let (authors, _) = library(&db).await?;
    let rows = authors.find(all().order_by(col(author::COLUMN.id).asc())).await?;
    let ordered = all().order_by(col(book::COLUMN.title).desc());
    let books = authors.load_many_with::<book::Entity, _>(&rows, ordered).await?;
    assert_eq!(titles(&books), [vec!["Beta", "Alpha"], vec!["Gamma"], vec![]], "Q9: in its order");
    let short = col(book::COLUMN.pages).lt(150);
    let books = authors.load_many_with::<book::Entity, _>(&rows, short).await?;
    assert_eq!(titles(&books), [vec!["Alpha"], vec![], vec![]], "Q9: those for which its condition is true");
    Ok(())
}

pub async fn q9_ties_among_children_are_broken_by_the_key(db: Database) -> Proof {
    let (authors, books) = library(&db).await?;
    books.insert_many((10..40).rev().map(|id| book::row(id, Some(3), "same", Some(1)))).await?;
    let rows = authors.find(col(author::COLUMN.id).eq(3)).await?;
    let query = || all().order_by(col(book::COLUMN.title).asc());
    let loaded = authors.load_many_with::<book::Entity, _>(&rows, query()).await?;
    let ids: Vec<i32> = loaded[0].iter().map(|book| book.id).collect();
    assert_eq!(ids, (10..40).collect::<Vec<_>>(), "Q4: the order is total");
    Ok(())
}

pub async fn q9_a_limit_over_all_groups_is_refused(db: Database) -> Proof {
    let (authors, _) = library(&db).await?;
    let rows = authors.find(all()).await?;
    for query in [all().limit(1), all().offset(1), all().for_update()] {
        let answer = authors.load_many_with::<book::Entity, _>(&rows, query).await;
        refused(answer, ErrorKind::InvalidQuery, "Q9: it would be about all groups together");
    }
    Ok(())
}

pub async fn q9_a_parent_is_loaded_for_each_row_or_none(db: Database) -> Proof {
    let (_, books) = library(&db).await?;
    let rows = books.find(all().order_by(col(book::COLUMN.id).asc())).await?;
    let authors = books.load_one::<author::Entity>(&rows).await?;
    let names: Vec<_> = authors.iter().map(|author| author.as_ref().map(|author| author.name.as_str())).collect();
    assert_eq!(names, [Some("Ann"), Some("Ann"), Some("Bob"), None], "Q9: null belongs to nobody");
    Ok(())
}

pub async fn q9_the_one_child_of_each_row_is_loaded(db: Database) -> Proof {
    let (_, books) = library(&db).await?;
    let rows = books.find(all().order_by(col(book::COLUMN.id).asc())).await?;
    let covers = books.load_one::<cover::Entity>(&rows).await?;
    let colours: Vec<_> = covers.iter().map(|cover| cover.as_ref().map(|cover| cover.colour.as_str())).collect();
    assert_eq!(colours, [Some("leather"), None, Some("paper"), None], "Q9: has one, or none");
    Ok(())
}

pub async fn q9_rows_are_loaded_through_a_junction(db: Database) -> Proof {
    let (_, books) = library(&db).await?;
    let rows = books.find(all().order_by(col(book::COLUMN.id).asc())).await?;
    let tags = books.load_many::<tag::Entity>(&rows).await?;
    assert_eq!(names(&tags), [vec!["red", "blue"], vec!["red"], vec![], vec!["blue"]], "Q9: each by key");
    let by_name = all().order_by(col(tag::COLUMN.name).asc());
    let tags = books.load_many_with::<tag::Entity, _>(&rows, by_name).await?;
    assert_eq!(names(&tags), [vec!["blue", "red"], vec!["red"], vec![], vec!["blue"]], "Q9: in the query's order");
    let red = col(tag::COLUMN.name).eq("red");
    let tags = books.load_many_with::<tag::Entity, _>(&rows, red).await?;
    assert_eq!(names(&tags), [vec!["red"], vec!["red"], vec![], vec![]], "Q9: where its condition is true");

    let tags = db.repository::<tag::Entity>();
    let rows = tags.find(all().order_by(col(tag::COLUMN.id).asc())).await?;
    let loaded = tags.load_many::<book::Entity>(&rows).await?;
    assert_eq!(titles(&loaded), [vec!["Alpha", "Beta"], vec!["Alpha", "Orphan"], vec![]], "Q9: the other way");
    Ok(())
}

pub async fn q9_rows_are_loaded_by_keys_of_several_columns(db: Database) -> Proof {
    let (shelves, copies) = shelves(&db).await?;
    let hall = col(shelf::Column::Hall);
    let rows = shelves.find(all().order_by(hall.asc()).order_by(col(shelf::Column::Code).asc())).await?;
    let loaded = shelves.load_many::<copy::Entity>(&rows).await?;
    let ids: Vec<Vec<i32>> = loaded.iter().map(|group| group.iter().map(|copy| copy.id).collect()).collect();
    assert_eq!(ids, [vec![2], vec![1], vec![], vec![5]], "Q9, V2: both columns, by code point");
    let rows = copies.find(all().order_by(col(copy::Column::Id).asc())).await?;
    let found = copies.load_one::<shelf::Entity>(&rows).await?;
    let found: Vec<_> = found.into_iter().map(|shelf| shelf.map(|shelf| (shelf.hall, shelf.code))).collect();
    let on = |hall: i32, code: &str| Some((hall, code.to_owned()));
    assert_eq!(found, [on(1, "a"), on(1, "A"), None, None, on(2, "b")], "Q9: a null in the key belongs to nothing");
    Ok(())
}

pub async fn q9_a_tree_is_loaded_hop_by_hop(db: Database) -> Proof {
    let nodes = tree(&db).await?;
    let down = || node::Relation::Parent.def().rev();
    let roots = nodes.find(col(node::Column::ParentId).is_null()).await?;
    let children = nodes.load_by::<node::Entity, _>(down(), &roots, all()).await?;
    let grandchildren = nodes.load_by::<node::Entity, _>(down(), children.rows(), all()).await?;
    let tree: Vec<Vec<(i32, Vec<i32>)>> = children
        .join(grandchildren)
        .into_iter()
        .map(|group| group.into_iter().map(|(node, under)| (node.id, under.iter().map(|n| n.id).collect())).collect())
        .collect();
    assert_eq!(tree, [vec![(2, vec![4, 5]), (3, vec![])]], "Q9: two calls, whatever there is");
    let leaves = nodes.find(col(node::Column::Id).gte(3).order_by(col(node::Column::Id).asc())).await?;
    let parents = nodes.load_by::<node::Entity, _>(node::Relation::Parent.def(), &leaves, all()).await?;
    let parents: Vec<Vec<i32>> = parents.iter().map(|group| group.iter().map(|node| node.id).collect()).collect();
    assert_eq!(parents, [vec![1], vec![2], vec![2]], "Q9: a parent that several have is there for each");
    Ok(())
}

pub async fn q9_loads_have_no_limit(db: Database) -> Proof {
    const ROOTS: i32 = 10_500;
    let nodes = table::<node::Entity>(&db).await?;
    nodes.insert_many((1..=ROOTS).map(|id| node::row(id, None))).await?;
    nodes.insert_many((1..=ROOTS).map(|id| node::row(ROOTS + id, Some(id)))).await?;
    let roots = nodes.find(col(node::Column::ParentId).is_null().order_by(col(node::Column::Id).desc())).await?;
    let loaded = nodes.load_by::<node::Entity, _>(node::Relation::Parent.def().rev(), &roots, all()).await?;
    assert_eq!(loaded.len(), roots.len(), "Q10: a group per row");
    let right = roots.iter().zip(loaded.iter()).all(
        |(root, group)| matches!(group, [child] if child.id == root.id + ROOTS && child.parent_id == Some(root.id)),
    );
    assert!(right, "Q10: each has its own child");
    Ok(())
}

pub async fn q9_loads_of_composite_keys_have_no_limit(db: Database) -> Proof {
    let (shelves, _) = shelves(&db).await?;
    shelves.insert_many((0..1_200).map(|code| shelf::row(9, &format!("s{code}")))).await?;
    let copies = db.repository::<copy::Entity>();
    copies.insert_many((0..1_200).map(|code| copy::row(100 + code, 9, Some(&format!("s{code}"))))).await?;
    let rows = copies.find(col(copy::Column::Hall).eq(9)).await?;
    let found = copies.load_one::<shelf::Entity>(&rows).await?;
    let right =
        rows.iter().zip(&found).all(|(copy, shelf)| copy.code == shelf.as_ref().map(|shelf| shelf.code.clone()));
    assert!(right && found.len() == 1_200, "Q10: each found its own");
    Ok(())
}

pub async fn q9_loads_in_a_transaction_see_its_writes(db: Database) -> Proof {
    let (authors, _) = library(&db).await?;
    let rows = authors.find(col(author::COLUMN.name).eq("Cid")).await?;
    let tx = db.begin(TransactionOptions::default()).await?;
    tx.repository::<book::Entity>().insert(book::row(9, Some(3), "New", None)).await?;
    let inside = tx.repository::<author::Entity>().load_many::<book::Entity>(&rows).await?;
    assert_eq!(titles(&inside), [vec!["New"]], "T1: its own writes");
    tx.rollback().await?;
    let outside = authors.load_many::<book::Entity>(&rows).await?;
    assert_eq!(titles(&outside), [NONE.to_vec()], "T1: and nobody else's");
    Ok(())
}

pub async fn q9_a_link_to_a_row_that_is_out_of_sight_is_none(db: Database) -> Proof {
    let (_, books) = library(&db).await?;
    let rows = books.find(col(book::COLUMN.id).eq(1)).await?;
    let linked = db.repository::<book_tag::Entity>();
    assert!(linked.delete((1, 1)).await?, "W1: the link was there");
    assert_eq!(names(&books.load_many::<tag::Entity>(&rows).await?), [vec!["blue"]], "Q9: the link decides");
    db.repository::<tag::Entity>().delete(2).await?;
    assert_eq!(names(&books.load_many::<tag::Entity>(&rows).await?), [NONE.to_vec()], "Q9: and the row");
    Ok(())
}
