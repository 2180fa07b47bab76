//! Law Q9 for conditions: a row is asked for by the rows that belong to it.

use super::library::{ids, library, tree};
use crate::{
    Database, ErrorKind, PageRequest, all, col,
    conformance::{
        check::{Proof, refused, table},
        entities::{author, book, copy, node, shelf, tag},
    },
    repository::{Filter, has, has_any, has_by},
};
use sea_orm::RelationTrait;

fn title(title: &str) -> Filter<book::Entity> {
    col(book::COLUMN.title).eq(title)
}

fn parent(filter: Filter<node::Entity>) -> Filter<node::Entity> {
    has_by(node::Relation::Parent.def(), filter)
}

fn child(filter: Filter<node::Entity>) -> Filter<node::Entity> {
    has_by(node::Relation::Parent.def().rev(), filter)
}

pub async fn q9_a_row_is_found_by_its_children(db: Database) -> Proof {
    let (authors, _) = library(&db).await?;
    assert_eq!(ids(&authors, has(title("Alpha"))).await?, [1], "Q9: who has such a book");
    assert_eq!(ids(&authors, has(col(book::COLUMN.pages).gte(100))).await?, [1], "Q9: each once, not once per book");
    assert_eq!(ids(&authors, has(title("alpha"))).await?, [0; 0], "V2: by code point there, too");
    Ok(())
}

pub async fn q9_related_rows_of_a_table_that_was_never_made_are_an_error(db: Database) -> Proof {
    let authors = table::<author::Entity>(&db).await?;
    authors.insert(author::row(1, "Ann")).await?;
    for filter in [has_any::<book::Entity, _>(), !has_any::<book::Entity, _>()] {
        let error = refused(authors.find(filter.clone()).await, ErrorKind::TableNotFound, "Q9: not no rows");
        assert!(error.entity_name().is_some(), "Q9: with a name: {error}");
        refused(authors.delete_many(filter).await, ErrorKind::TableNotFound, "Q9: not no rows");
    }
    assert_eq!(ids(&authors, all()).await?, [1], "Q9: nothing is written");
    Ok(())
}

pub async fn q9_a_row_is_found_by_its_parent(db: Database) -> Proof {
    let (_, books) = library(&db).await?;
    let of = |name: &str| has(col(author::COLUMN.name).eq(name));
    assert_eq!(ids(&books, of("Ann")).await?, [1, 2], "Q9: whose author has this name");
    assert_eq!(ids(&books, of("Cid")).await?, [0; 0], "Q9: nobody's");
    Ok(())
}

pub async fn q9_a_related_condition_is_never_unknown(db: Database) -> Proof {
    let (authors, books) = library(&db).await?;
    let ann = has(col(author::COLUMN.name).eq("Ann"));
    assert_eq!(ids(&books, !ann.clone()).await?, [3, 4], "Q9: without an author there is none of that name");
    assert_eq!(ids(&books, ann.clone() | !ann).await?, [1, 2, 3, 4], "Q9: every row is one or the other");
    // The book of 50 pages is nobody's; that of unknown pages is Bob's.
    let short = has(col(book::COLUMN.pages).lt(150));
    assert_eq!(ids(&authors, short.clone()).await?, [1], "Q1: unknown inside is no match");
    assert_eq!(ids(&authors, !short).await?, [2, 3], "Q9: and outside it is false");
    let not_short = has(!col(book::COLUMN.pages).lt(150));
    assert_eq!(ids(&authors, not_short).await?, [1], "Q1: not of unknown is unknown inside, too");
    Ok(())
}

pub async fn q9_any_related_row_will_do_where_none_is_described(db: Database) -> Proof {
    let (authors, books) = library(&db).await?;
    assert_eq!(ids(&authors, has_any::<book::Entity, _>()).await?, [1, 2], "Q9: who has a book");
    assert_eq!(ids(&authors, !has_any::<book::Entity, _>()).await?, [3], "Q9: who has none");
    assert_eq!(ids(&books, !has_any::<author::Entity, _>()).await?, [4], "Q9: which has no author");
    Ok(())
}

pub async fn q9_conditions_of_one_has_are_about_one_row(db: Database) -> Proof {
    let (authors, _) = library(&db).await?;
    let long = || col(book::COLUMN.pages).eq(200);
    assert_eq!(ids(&authors, has(title("Alpha") & long())).await?, [0; 0], "Q9: no book is both");
    assert_eq!(ids(&authors, has(title("Alpha")) & has(long())).await?, [1], "Q9: one is this, another that");
    Ok(())
}

pub async fn q9_has_goes_through_a_junction(db: Database) -> Proof {
    let (_, books) = library(&db).await?;
    let tags = db.repository::<tag::Entity>();
    let tagged = |name: &str| has(col(tag::COLUMN.name).eq(name));
    assert_eq!(ids(&books, tagged("red")).await?, [1, 2], "Q9: books with the tag");
    assert_eq!(ids(&books, tagged("red") & tagged("blue")).await?, [1], "Q9: with both");
    assert_eq!(ids(&books, !has_any::<tag::Entity, _>()).await?, [3], "Q9: with none");
    assert_eq!(ids(&tags, has(title("Orphan"))).await?, [2], "Q9: the other way");
    assert_eq!(ids(&tags, !has_any::<book::Entity, _>()).await?, [3], "Q9: on no book");
    Ok(())
}

pub async fn q9_has_stands_in_has(db: Database) -> Proof {
    let (authors, books) = library(&db).await?;
    let blue = || has::<book::Entity, _>(col(tag::COLUMN.name).eq("blue"));
    assert_eq!(ids(&authors, has(blue())).await?, [1], "Q9: who has a book with the tag");
    assert_eq!(ids(&authors, has(!blue())).await?, [1, 2], "Q9: who has one without");
    assert_eq!(ids(&authors, has(!blue() & col(book::COLUMN.id).gt(0))).await?, [1, 2], "Q9: of its own columns");
    let colleague = has::<book::Entity, _>(has::<author::Entity, _>(title("Alpha")));
    assert_eq!(ids(&books, colleague).await?, [1, 2], "Q9: there and back: books of who wrote Alpha");
    Ok(())
}

pub async fn q9_a_tree_is_asked_about_itself(db: Database) -> Proof {
    let nodes = tree(&db).await?;
    let id = |id: i32| col(node::Column::Id).eq(id);
    assert_eq!(ids(&nodes, parent(id(1))).await?, [2, 3], "Q9: whose parent it is");
    assert_eq!(ids(&nodes, child(id(4))).await?, [2], "Q9: whose child it is");
    assert_eq!(ids(&nodes, parent(parent(id(1)))).await?, [4, 5], "Q9: whose parent's parent it is");
    assert_eq!(ids(&nodes, child(child(id(4)))).await?, [1], "Q9: and the other way");
    assert_eq!(ids(&nodes, !child(id(1).clone() | !id(1))).await?, [3, 4, 5], "Q9: the leaves");
    Ok(())
}

pub async fn q9_has_follows_keys_of_several_columns(db: Database) -> Proof {
    let (shelves, copies) = super::library::shelves(&db).await?;
    let found =
        shelves.find(has(col(copy::Column::Id).is_in([1, 2, 3, 4])).order_by(col(shelf::Column::Code).asc())).await?;
    let found: Vec<_> = found.into_iter().map(|shelf| (shelf.hall, shelf.code)).collect();
    assert_eq!(found, [(1, "A".to_owned()), (1, "a".to_owned())], "Q9, V2: both columns, by code point");
    assert_eq!(ids(&copies, has(col(shelf::Column::Hall).eq(2))).await?, [5], "Q9: the other way");
    assert_eq!(ids(&copies, !has_any::<shelf::Entity, _>()).await?, [3, 4], "Q9: a null belongs to nothing");
    Ok(())
}

pub async fn q9_has_serves_orders_windows_and_counts(db: Database) -> Proof {
    let (authors, books) = library(&db).await?;
    let of = || has::<book::Entity, _>(col(author::COLUMN.id).lte(2));
    let query = of().order_by(col(book::COLUMN.title).desc()).limit(2);
    let titles: Vec<_> = books.find(query).await?.into_iter().map(|book| book.title).collect();
    assert_eq!(titles, ["Gamma", "Beta"], "Q9: ordered and cut");
    assert_eq!(books.count(of()).await?, 3, "Q9: counted");
    assert!(!authors.exists(has(title("Delta"))).await?, "Q9: asked for");
    let page = books.page(of(), PageRequest::new(2, 2)).await?;
    assert_eq!((page.total, page.items[0].id), (3, 3), "Q9: in pages");
    let either = has(title("Gamma")) | col(author::COLUMN.name).eq("Cid");
    assert_eq!(ids(&authors, either).await?, [2, 3], "Q9: beside conditions of the row itself");
    Ok(())
}

pub async fn q9_a_row_with_several_children_is_passed_over_once(db: Database) -> Proof {
    let (authors, _) = library(&db).await?;
    let with_books = || has_any::<book::Entity, _>();
    let after = |rows| with_books().order_by(col(author::COLUMN.id).asc()).offset(rows);
    let found = authors.find(after(1)).await?;
    assert_eq!(
        found.iter().map(|author| author.id).collect::<Vec<_>>(),
        [2],
        "Q9: the first has two books, and is one row"
    );
    assert!(authors.find(after(2)).await?.is_empty(), "Q9: no child brings its parent back");
    Ok(())
}

pub async fn q9_an_update_looks_at_related_rows(db: Database) -> Proof {
    let (_, books) = library(&db).await?;
    let pages = col(book::COLUMN.pages);
    assert_eq!(books.update_many(has(col(author::COLUMN.name).eq("Ann")), [pages.set(7)]).await?, 2, "W5: matched");
    assert_eq!(ids(&books, pages.eq(7)).await?, [1, 2], "Q9: those alone were changed");
    let tagged = has::<book::Entity, _>(col(tag::COLUMN.name).eq("blue"));
    assert_eq!(books.update_many(tagged, [pages.set(8)]).await?, 2, "Q9: through a junction");
    assert_eq!(ids(&books, pages.eq(8)).await?, [1, 4], "Q9: those alone were changed");
    Ok(())
}

pub async fn q9_an_update_looks_at_its_own_table(db: Database) -> Proof {
    let (authors, _) = library(&db).await?;
    let wrote = has::<author::Entity, _>(title("Alpha") & has::<book::Entity, _>(col(author::COLUMN.name).eq("Ann")));
    assert_eq!(authors.update_many(wrote, [col(author::COLUMN.name).set("Anna")]).await?, 1, "Q9: by way of another");
    assert_eq!(ids(&authors, col(author::COLUMN.name).eq("Anna")).await?, [1], "Q9: this one was changed");
    let nodes = tree(&db).await?;
    let under = parent(col(node::Column::Id).eq(2));
    assert_eq!(nodes.update_many(under, [col(node::Column::ParentId).set(3)]).await?, 2, "Q9: a tree");
    assert_eq!(ids(&nodes, parent(col(node::Column::Id).eq(3))).await?, [4, 5], "Q9: these were moved");
    Ok(())
}

pub async fn q9_an_update_does_not_see_itself(db: Database) -> Proof {
    let nodes = table::<node::Entity>(&db).await?;
    nodes.insert_many([node::row(1, None), node::row(2, Some(1)), node::row(3, Some(2))]).await?;
    let (id, up) = (col(node::Column::Id), col(node::Column::ParentId));
    let two = id.eq(2) | parent(up.eq(1));
    assert_eq!(nodes.update_many(two, [up.set_null()]).await?, 2, "Q9: 3 matches by what 2 was before");
    assert_eq!(ids(&nodes, up.is_null()).await?, [1, 2, 3]);
    Ok(())
}

pub async fn q9_a_delete_looks_at_related_rows_and_its_own_table(db: Database) -> Proof {
    let (_, books) = library(&db).await?;
    assert_eq!(books.delete_many(!has_any::<author::Entity, _>()).await?, 1, "Q9: without an author");
    assert_eq!(ids(&books, all()).await?, [1, 2, 3], "Q9: the others stay");
    let nodes = tree(&db).await?;
    let leaf = !child(col(node::Column::Id).gt(0));
    assert_eq!(nodes.delete_many(leaf.clone()).await?, 3, "Q9: the leaves of a tree");
    assert_eq!(nodes.delete_many(leaf & !parent(col(node::Column::Id).eq(7))).await?, 1, "Q9: and what is one then");
    assert_eq!(ids(&nodes, all()).await?, [1], "Q9: the root stays");
    Ok(())
}

pub async fn q9_a_related_list_that_is_empty_matches_nothing(db: Database) -> Proof {
    let (authors, _) = library(&db).await?;
    let none = || has(col(book::COLUMN.id).is_in(Vec::<i32>::new()));
    assert_eq!(ids(&authors, none()).await?, [0; 0], "Q6: nobody");
    assert_eq!(ids(&authors, !none()).await?, [1, 2, 3], "Q9: never unknown: everybody else");
    assert_eq!(authors.update_many(none(), [col(author::COLUMN.name).set("x")]).await?, 0, "Q6: nothing is written");
    let long = has(col(book::COLUMN.id).is_in(2..2_000));
    assert_eq!(ids(&authors, long).await?, [1, 2], "Q10: a long list inside");
    Ok(())
}

pub async fn q9_relations_stand_in_each_other_up_to_a_bound(db: Database) -> Proof {
    let nodes = table::<node::Entity>(&db).await?;
    nodes.insert_many((1..=18).map(|id| node::row(id, Some(id - 1).filter(|id| *id > 0)))).await?;
    let up = |hops: usize| (0..hops).fold(col(node::Column::Id).eq(1), |filter, _| parent(filter));
    assert_eq!(ids(&nodes, up(16)).await?, [17], "Q9: sixteen relations");
    refused(nodes.find(up(17)).await, ErrorKind::InvalidQuery, "Q9: one more");
    assert_eq!(nodes.update_many(up(16), [col(node::Column::ParentId).set_null()]).await?, 1, "Q9: in a write");
    assert_eq!(ids(&nodes, col(node::Column::ParentId).is_null()).await?, [1, 17], "Q9: that one was changed");
    Ok(())
}

pub async fn q9_a_relation_that_leads_elsewhere_is_refused(db: Database) -> Proof {
    let (authors, books) = library(&db).await?;
    let wrong = has_by::<author::Entity, _>(node::Relation::Parent.def(), title("Alpha"));
    let error = refused(authors.find(wrong).await, ErrorKind::InvalidQuery, "Q9: from a node to a node");
    assert_eq!(error.entity_name(), Some("author"), "Q9: the error names the entity: {error}");
    let nodes = authors.load_by::<book::Entity, _>(node::Relation::Parent.def(), &[], all()).await;
    refused(nodes, ErrorKind::Unsupported, "Q9: nor is it loaded by");
    let unknown = has::<author::Entity, _>(col(book::COLUMN.pages).eq(i64::MAX));
    assert_eq!(ids(&authors, unknown).await?, [0; 0], "V7: values inside are of their own column's type");
    let error = refused(authors.count(has(title("\0"))).await, ErrorKind::InvalidValue, "V4: and checked");
    assert_eq!(error.entity_name(), Some("book"), "V4: against the related entity: {error}");
    assert_eq!(books.count(all()).await?, 4, "Q9: nothing was touched");
    Ok(())
}
