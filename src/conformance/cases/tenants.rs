//! R1: a call is about the rows of one tenant, on every path.

use super::Rows;
use crate::{
    Context, Database, ErrorKind, PageRequest, Result, all, col,
    conformance::{
        check::{Proof, refused, refused_at, there},
        entities::{badge, market, receipt, sale, shop, stall},
    },
    repository::Deletion,
    schema::name::bounded,
};
use sea_orm::{Set, prelude::Uuid};

/// The tables of the market, and a handle for each of two tenants.
async fn market(db: &Database) -> Result<[Database; 2]> {
    db.create_tables(&crate::entities![market::receipt, market::sale, market::shop]).await?;
    Ok([db.tenant("ann"), db.tenant("bob")])
}

fn shops(db: &Database) -> Rows<shop::Entity> {
    db.repository()
}

fn sales(db: &Database) -> Rows<sale::Entity> {
    db.repository()
}

/// A shop of each tenant, with sales 1 and 2 of the first, 3 and 4 of the second.
async fn busy(db: &Database) -> Result<([Database; 2], [shop::Model; 2])> {
    let [ann, bob] = market(db).await?;
    let of = [shops(&ann).insert(shop::row("a")).await?, shops(&bob).insert(shop::row("b")).await?];
    sales(&ann).insert_many([sale::row(1, of[0].id), sale::row(2, of[0].id)]).await?;
    sales(&bob).insert_many([sale::row(3, of[1].id), sale::row(4, of[1].id)]).await?;
    Ok(([ann, bob], of))
}

async fn ids(rows: &Rows<sale::Entity>) -> Result<Vec<i32>> {
    Ok(rows.find(all().with_deleted().order_by(col(sale::Column::Id).asc())).await?.iter().map(|row| row.id).collect())
}

/// The parent is of another tenant: told as the servers tell of one that is not there.
#[track_caller]
fn foreign<T: std::fmt::Debug>(answer: Result<T>, entity: &str, field: &str) {
    let error =
        refused_at(answer, ErrorKind::ForeignKeyViolation, entity, field, "R1: the parent is of another tenant");
    assert_eq!(error.constraint_name(), Some(&*bounded("fk", entity, &[field])), "W2: and the constraint: {error}");
}

pub async fn r1_a_call_without_a_tenant_is_refused(db: Database) -> Proof {
    market(&db).await?;
    let rows = shops(&db);
    let (law, kind) = ("R1: whose rows?", ErrorKind::TenantRequired);
    let area = col(shop::COLUMN.area);
    refused_at(rows.get(1).await, kind, "shop", "tenant", law);
    refused_at(rows.find(all()).await, kind, "shop", "tenant", law);
    refused_at(rows.count(all()).await, kind, "shop", "tenant", law);
    refused_at(rows.find(area.is_in([0_i32; 0])).await, kind, "shop", "tenant", "R1: also where nothing is asked");
    refused_at(rows.insert(shop::row("a")).await, kind, "shop", "tenant", law);
    let given = shop::ActiveModel { tenant: Set("ann".into()), ..shop::row("a") };
    refused_at(rows.insert(given).await, kind, "shop", "tenant", "R1: a row does not name the tenant of a call");
    let change = shop::ActiveModel { id: Set(1), area: Set(2), ..Default::default() };
    refused_at(rows.update(change).await, kind, "shop", "tenant", law);
    refused_at(rows.update_many(area.eq(1), [area.set(2)]).await, kind, "shop", "tenant", law);
    refused_at(rows.delete(1).await, kind, "shop", "tenant", law);
    refused_at(rows.purge_many(area.eq(1)).await, kind, "shop", "tenant", law);
    refused_at(sales(&db).restore(1).await, kind, "sale", "tenant", law);
    Ok(())
}

pub async fn r1_a_new_row_is_stamped(db: Database) -> Proof {
    let [ann, bob] = market(&db).await?;
    assert_eq!(shops(&ann).insert(shop::row("a")).await?.tenant, "ann", "R1: insert");
    let two = shops(&bob).insert_many([shop::row("a"), shop::row("b")]).await?;
    assert!(two.iter().all(|row| row.tenant == "bob"), "R1: insert_many: {two:?}");
    let said = shop::ActiveModel { tenant: Set("ann".into()), ..shop::row("c") };
    assert_eq!(shops(&ann).insert(said.clone()).await?.tenant, "ann", "R1: it may be said");
    let law = "R1: but not another one";
    refused_at(shops(&bob).insert(said.clone()).await, ErrorKind::InvalidValue, "shop", "tenant", law);
    let answer = shops(&bob).insert_many([shop::row("d"), said]).await;
    refused_at(answer, ErrorKind::InvalidValue, "shop", "tenant", law);
    assert_eq!((shops(&ann).count(all()).await?, shops(&bob).count(all()).await?), (2, 2), "T1: nothing was written");
    Ok(())
}

pub async fn r1_reads_see_the_rows_of_the_tenant(db: Database) -> Proof {
    let ([ann, bob], [a, b]) = busy(&db).await?;
    let (rows, id) = (sales(&ann), col(sale::Column::Id));
    assert_eq!(rows.get(1).await?.map(|row| row.id), Some(1), "R1: get");
    assert_eq!(rows.get(3).await?, None, "R1: get of another's row");
    assert_eq!((ids(&rows).await?, ids(&sales(&bob)).await?), (vec![1, 2], vec![3, 4]), "R1: find");
    assert_eq!(rows.one(all().order_by(id.desc())).await?.map(|row| row.id), Some(2), "R1: one");
    assert_eq!((rows.count(all()).await?, rows.count(id.gte(2)).await?), (2, 1), "R1: count");
    assert!(!rows.exists(id.eq(3)).await? && rows.exists(id.eq(2)).await?, "R1: exists");
    let page = rows.page(all().order_by(id.desc()), PageRequest::new(1, 1)).await?;
    assert_eq!((page.total, page.items[0].id), (2, 2), "R1: a page");
    let either = id.eq(1) | id.eq(3);
    assert_eq!(rows.count(either.clone()).await?, 1, "R1: an `or` does not let it in");
    assert_eq!(rows.count(!either).await?, 1, "R1: nor does a `not`");
    let asked = rows.count(col(sale::Column::Tenant).eq("bob")).await?;
    assert_eq!(asked, 0, "R1: to ask for another tenant gives nothing");
    assert_eq!(shops(&ann).get(a.id).await?.map(|row| row.id), Some(a.id), "R1: a key that the database made");
    assert_eq!(shops(&ann).get(b.id).await?, None, "R1: and another's");
    Ok(())
}

pub async fn r1_changes_reach_the_rows_of_the_tenant(db: Database) -> Proof {
    let ([ann, bob], [a, b]) = busy(&db).await?;
    let (rows, amount) = (sales(&ann), col(sale::Column::Amount));
    let of = |id, amount: i64| sale::ActiveModel { id: Set(id), amount: Set(amount), ..Default::default() };
    assert_eq!(rows.update(of(1, 10)).await?.amount, 10, "R1: update");
    refused(rows.update(of(3, 10)).await, ErrorKind::NotFound, "R1: another's row is none");
    refused(rows.update_rows(vec![of(2, 20), of(3, 30)]).await, ErrorKind::NotFound, "R1: another's row is none");
    let theirs = there(sales(&bob).get(3).await?, "R1");
    refused(
        rows.replace(sale::Model { tenant: "ann".into(), ..theirs.clone() }).await,
        ErrorKind::NotFound,
        "R1: replace",
    );
    assert_eq!(rows.update_many(amount.gte(0), [amount.increment(1)]).await?, 2, "R1: update_many");
    assert_eq!(rows.update_where(all(), vec![amount.increment(1)]).await?, 2, "R1: the whole table is the tenant's");
    assert_eq!((there(rows.get(1).await?, "R1").amount, there(rows.get(2).await?, "R1").amount), (12, 4), "R1: these");
    assert_eq!(sales(&bob).get(3).await?, Some(theirs), "R1: not those");
    let change = shop::ActiveModel { id: Set(b.id), area: Set(9), ..Default::default() };
    refused(shops(&ann).update(change).await, ErrorKind::NotFound, "R1: another's row is none");
    assert_eq!(shops(&ann).replace(shop::Model { area: 7, ..a }).await?.area, 7, "R1: replace says the same tenant");
    Ok(())
}

pub async fn r1_a_row_does_not_change_its_tenant(db: Database) -> Proof {
    let ([ann, _], [a, _]) = busy(&db).await?;
    let (rows, law) = (shops(&ann), "R1: it stays whose it is");
    let to = |tenant: &str| shop::ActiveModel { id: Set(a.id), tenant: Set(tenant.into()), ..Default::default() };
    refused_at(rows.update(to("bob")).await, ErrorKind::InvalidQuery, "shop", "tenant", law);
    assert_eq!(rows.update(to("ann")).await?, a, "R1: the same may be said");
    let answer = rows.replace(shop::Model { tenant: "bob".into(), ..a.clone() }).await;
    refused_at(answer, ErrorKind::InvalidQuery, "shop", "tenant", law);
    let answer = rows.update_many(col(shop::COLUMN.area).gte(0), [col(shop::COLUMN.tenant).set("bob")]).await;
    refused_at(answer, ErrorKind::InvalidQuery, "shop", "tenant", law);
    assert_eq!(rows.get(a.id).await?, Some(a), "R1: nothing was written");
    Ok(())
}

pub async fn r1_deletes_reach_the_rows_of_the_tenant(db: Database) -> Proof {
    let ([ann, bob], [_, b]) = busy(&db).await?;
    let rows = sales(&ann);
    let every = || col(sale::Column::Id).gte(0);
    assert!(!rows.delete(3).await? && !rows.purge(3).await?, "R1: another's row is none");
    assert!(rows.delete(1).await?, "R1: delete");
    assert!(!sales(&bob).restore(1).await?, "R1: another's row is none");
    assert_eq!(rows.delete_many(every()).await?, 1, "R1: delete_many");
    assert_eq!(rows.restore_many(every()).await?, 2, "R1: restore_many");
    assert_eq!(rows.purge_many(every()).await?, 2, "R1: purge_many");
    assert_eq!(rows.delete_where(all(), Deletion::Forever).await?, 0, "R1: none is left");
    assert_eq!(ids(&sales(&bob)).await?, [3, 4], "R1: the others are there");
    assert!(!shops(&ann).delete(b.id).await?, "R1: another's row is none");
    Ok(())
}

pub async fn r1_a_unique_key_is_taken_within_the_tenant(db: Database) -> Proof {
    let [ann, bob] = market(&db).await?;
    shops(&ann).insert(shop::row("same")).await?;
    shops(&bob).insert(shop::row("same")).await?;
    refused(
        shops(&ann).insert(shop::row("same")).await,
        ErrorKind::UniqueViolation,
        "W3, R1: taken by the same tenant",
    );
    sales(&ann).insert(sale::row(1, there(shops(&ann).one(all()).await?, "R1").id)).await?;
    let theirs = there(shops(&bob).one(all()).await?, "R1").id;
    let answer = sales(&bob).insert(sale::row(1, theirs)).await;
    refused(answer, ErrorKind::UniqueViolation, "W3, R1: a key without the tenant in it is one for all");
    Ok(())
}

pub async fn r1_a_parent_of_another_tenant_is_none(db: Database) -> Proof {
    let ([ann, _], [a, b]) = busy(&db).await?;
    let rows = sales(&ann);
    foreign(rows.insert(sale::row(5, b.id)).await, "sale", "shop_id");
    foreign(rows.insert(sale::row(5, 4_711)).await, "sale", "shop_id");
    foreign(rows.insert_many([sale::row(5, a.id), sale::row(6, b.id)]).await, "sale", "shop_id");
    let moved = sale::ActiveModel { id: Set(1), shop_id: Set(b.id), ..Default::default() };
    foreign(rows.update(moved.clone()).await, "sale", "shop_id");
    foreign(
        rows.update_rows(vec![sale::ActiveModel { shop_id: Set(a.id), ..moved.clone() }, moved]).await,
        "sale",
        "shop_id",
    );
    let shop_id = col(sale::Column::ShopId);
    foreign(rows.update_many(col(sale::Column::Id).gte(0), [shop_id.set(b.id)]).await, "sale", "shop_id");
    assert_eq!(rows.update_many(col(sale::Column::Id).gte(0), [shop_id.set(a.id)]).await?, 2, "R1: its own is there");
    let answer = rows.update_many(col(sale::Column::Id).gte(0), [shop_id.increment(0)]).await;
    refused_at(answer, ErrorKind::InvalidQuery, "sale", "shop_id", "R1: which parent would it be?");
    assert_eq!((ids(&rows).await?, rows.count(shop_id.eq(a.id)).await?), (vec![1, 2], 2), "T1: nothing was written");
    Ok(())
}

pub async fn r1_a_row_of_its_own_table_may_be_the_parent(db: Database) -> Proof {
    let ([ann, _], [a, _]) = busy(&db).await?;
    let rows = sales(&ann);
    let refund = |id, of| sale::ActiveModel { refunds: Set(Some(of)), ..sale::row(id, a.id) };
    foreign(rows.insert(refund(5, 3)).await, "sale", "refunds");
    rows.insert(refund(5, 1)).await?;
    rows.insert_many([sale::row(6, a.id), refund(7, 6), refund(8, 2)]).await?;
    foreign(rows.insert_many([sale::row(9, a.id), refund(10, 9), refund(11, 4)]).await, "sale", "refunds");
    assert_eq!(ids(&rows).await?, [1, 2, 5, 6, 7, 8], "R1: parents inside the same insert count as there");
    let none = sale::ActiveModel { id: Set(7), refunds: Set(None), ..Default::default() };
    assert_eq!(rows.update(none).await?.refunds, None, "R1: null has no parent");
    Ok(())
}

pub async fn r1_many_parents_are_asked_for_at_once(db: Database) -> Proof {
    let [ann, bob] = market(&db).await?;
    let theirs = shops(&bob).insert(shop::row("b")).await?.id;
    let many = (0..6_000).map(|n| shop::row(&format!("shop {n}"))).collect::<Vec<_>>();
    let parents: Vec<i64> = shops(&ann).insert_many(many).await?.iter().map(|row| row.id).collect();
    let children = || (1..).zip(&parents).map(|(id, &shop)| sale::row(id, shop)).collect::<Vec<_>>();
    let mut one_wrong = children();
    one_wrong[5_500].shop_id = Set(theirs);
    foreign(sales(&ann).insert_many(one_wrong).await, "sale", "shop_id");
    assert_eq!(sales(&ann).insert_many(children()).await?.len(), 6_000, "Q10, R1: more parents than one question asks");
    Ok(())
}

pub async fn r1_a_table_of_no_tenant_refers_to_the_tenants_rows(db: Database) -> Proof {
    let ([ann, _], [a, b]) = busy(&db).await?;
    let rows = ann.repository::<receipt::Entity>();
    rows.insert(receipt::row(1, Some(a.id))).await?;
    foreign(rows.insert(receipt::row(2, Some(b.id))).await, "receipt", "shop_id");
    let nobody = db.repository::<receipt::Entity>();
    nobody.insert(receipt::row(2, None)).await?;
    let answer = nobody.insert(receipt::row(3, Some(a.id))).await;
    refused_at(answer, ErrorKind::TenantRequired, "receipt", "shop_id", "R1: whose shop?");
    assert_eq!(nobody.count(all()).await?, 2, "R1: the table itself is everybody's");
    Ok(())
}

pub async fn r1_a_parent_that_is_missing_dooms_as_a_server_would(db: Database) -> Proof {
    let ([ann, _], [_, b]) = busy(&db).await?;
    let swallowed: Result<()> = ann
        .transact(|tx| async move {
            foreign(sales(&tx).insert(sale::row(5, b.id)).await, "sale", "shop_id");
            refused(sales(&tx).count(all()).await, ErrorKind::TransactionFailed, "T2: the transaction is over");
            Ok(())
        })
        .await;
    refused(swallowed, ErrorKind::TransactionFailed, "T2: who swallows it does not commit");
    Ok(())
}

pub async fn r1_a_parent_may_be_written_in_the_same_transaction(db: Database) -> Proof {
    let [ann, _] = market(&db).await?;
    ann.transact(|tx| async move {
        let parent = shops(&tx).insert(shop::row("a")).await?;
        sales(&tx).insert(sale::row(1, parent.id)).await.map(drop)
    })
    .await?;
    assert_eq!(ids(&sales(&ann)).await?, [1], "R1: what the transaction wrote is there");
    Ok(())
}

pub async fn r1_the_tenant_of_the_context_is_the_call_s(db: Database) -> Proof {
    busy(&db).await?;
    let rows = sales(&db);
    let theirs = Context::current().for_tenant("bob").scope(async { ids(&rows).await }).await?;
    assert_eq!(theirs, [3, 4], "R1: said around the call");
    let nested = Context::current().for_tenant("bob").scope(async {
        let inner = Context::current().for_tenant("ann").scope(async { ids(&rows).await }).await?;
        Ok::<_, crate::Error>((inner, ids(&rows).await?))
    });
    assert_eq!(nested.await?, (vec![1, 2], vec![3, 4]), "R1: the inner one goes first, and ends");
    refused(rows.count(all()).await, ErrorKind::TenantRequired, "R1: outside there is none");
    Ok(())
}

pub async fn r1_the_handle_s_tenant_goes_before_the_context_s(db: Database) -> Proof {
    let ([ann, _], _) = busy(&db).await?;
    let seen = Context::current().for_tenant("bob").scope(async {
        let by_handle = ids(&sales(&ann)).await?;
        let last = ids(&sales(&ann.tenant("bob"))).await?;
        Ok::<_, crate::Error>((by_handle, last))
    });
    assert_eq!(seen.await?, (vec![1, 2], vec![3, 4]), "R1: the handle, and of handles the last");
    Ok(())
}

pub async fn r1_a_tenant_holds_inside_a_transaction(db: Database) -> Proof {
    let ([ann, bob], [a, _]) = busy(&db).await?;
    let shop = a.id;
    ann.transact(|tx| async move {
        assert_eq!(ids(&sales(&tx)).await?, [1, 2], "R1: the handle's");
        sales(&tx).insert(sale::row(5, shop)).await?;
        assert_eq!(ids(&sales(&tx.tenant("bob"))).await?, [3, 4], "R1: another in the same transaction");
        tx.transact(|inner| async move { sales(&inner).delete(2).await.map(drop) }).await
    })
    .await?;
    assert_eq!(ids(&sales(&ann)).await?, [1, 2, 5], "T1: committed");
    assert_eq!(sales(&ann).count(all()).await?, 2, "W9: one of them deleted");
    let begun = Context::current().for_tenant("bob").scope(async {
        let tx = db.begin(crate::TransactionOptions::default()).await?;
        let seen = ids(&sales(&tx)).await?;
        tx.rollback().await?;
        Ok::<_, crate::Error>(seen)
    });
    assert_eq!(begun.await?, [3, 4], "R1: the context's");
    assert_eq!(ids(&sales(&bob)).await?, [3, 4], "R1: the others are there");
    Ok(())
}

pub async fn r1_a_task_has_the_tenant_that_it_is_given(db: Database) -> Proof {
    let ([ann, _], _) = busy(&db).await?;
    let spawned = |rows: Rows<sale::Entity>, context: Context| {
        let task = tokio::spawn(context.scope(async move { rows.count(all()).await }));
        async { task.await.unwrap_or_else(|error| panic!("R1: a task of the case ended with {error}")) }
    };
    assert_eq!(spawned(sales(&ann), Context::default()).await?, 2, "R1: a handle moves into a task");
    let bobs = Context::current().for_tenant("bob");
    let (plain, carried) = bobs
        .scope(async {
            let plain = tokio::spawn({
                let rows = sales(&db);
                async move { rows.count(all()).await }
            });
            (plain.await, spawned(sales(&db), Context::current()).await)
        })
        .await;
    match plain {
        Ok(answer) => refused(answer, ErrorKind::TenantRequired, "R1: a task does not inherit the context"),
        Err(error) => panic!("R1: a task of the case ended with {error}"),
    };
    assert_eq!(carried?, 2, "R1: it is carried into it");
    Ok(())
}

pub async fn r1_a_tenant_may_be_a_uuid_or_a_number(db: Database) -> Proof {
    db.create_tables(&crate::entities![market::badge, market::stall]).await?;
    let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let badges = |tenant: Uuid| db.tenant(tenant).repository::<badge::Entity>();
    assert_eq!(badges(one).insert(badge::row(1)).await?.tenant, one, "R1: a UUID");
    badges(other).insert(badge::row(2)).await?;
    assert_eq!(badges(one).find(all()).await?.iter().map(|row| row.id).collect::<Vec<_>>(), [1], "R1: a UUID");
    let stalls = |tenant: i64| db.tenant(tenant).repository::<stall::Entity>();
    assert_eq!(stalls(-7).insert(stall::row(1)).await?.tenant, -7, "R1: a number");
    stalls(8).insert(stall::row(2)).await?;
    assert_eq!(stalls(8).delete_many(col(stall::COLUMN.id).gte(0)).await?, 1, "R1: a number");
    assert_eq!(db.tenant(-7_i32).repository::<stall::Entity>().count(all()).await?, 1, "R1: of any width");
    let law = "R1: the column holds no such tenant";
    refused_at(
        badges(one).insert(badge::ActiveModel { tenant: Set(other), ..badge::row(3) }).await,
        ErrorKind::InvalidValue,
        "badge",
        "tenant",
        law,
    );
    refused_at(
        db.tenant("x").repository::<badge::Entity>().find(all()).await,
        ErrorKind::InvalidQuery,
        "badge",
        "tenant",
        law,
    );
    refused_at(stalls(i64::MAX).find(all()).await, ErrorKind::InvalidValue, "stall", "tenant", law);
    Ok(())
}
