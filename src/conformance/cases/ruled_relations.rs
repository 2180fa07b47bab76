//! R1, W9: rules hold for rows that are only reached through others, in conditions and in loads.

use super::Rows;
use crate::{
    Database, ErrorKind, Result, all, col,
    conformance::{
        check::{Proof, refused_at},
        entities::{market, receipt, sale, shop},
    },
    repository::{has, has_any, has_by},
};
use sea_orm::RelationTrait;

/// A shop and a receipt of each of two tenants; the handles of the tenants, and the receipts of both.
async fn receipts(db: &Database) -> Result<([Database; 2], Vec<receipt::Model>)> {
    db.create_tables(&crate::entities![market::receipt, market::sale, market::shop]).await?;
    let mut written = Vec::new();
    for (id, name) in [(1, "ann"), (2, "bob")] {
        let db = db.tenant(name);
        let shop = db.repository::<shop::Entity>().insert(shop::row(name)).await?;
        written.push(db.repository::<receipt::Entity>().insert(receipt::row(id, Some(shop.id))).await?);
    }
    Ok(([db.tenant("ann"), db.tenant("bob")], written))
}

async fn ids(rows: &Rows<receipt::Entity>, filter: crate::repository::Filter<receipt::Entity>) -> Result<Vec<i32>> {
    let order = col(receipt::COLUMN.id).asc();
    Ok(rows.find(filter.order_by(order)).await?.iter().map(|row| row.id).collect())
}

pub async fn r1_a_related_row_of_another_tenant_is_none(db: Database) -> Proof {
    let ([ann, bob], written) = receipts(&db).await?;
    let (of_ann, of_bob) = (ann.repository::<receipt::Entity>(), bob.repository::<receipt::Entity>());
    let of_name = |name: &str| has(col(shop::COLUMN.name).eq(name));
    assert_eq!(ids(&of_ann, of_name("ann")).await?, [1], "R1: one's own");
    assert_eq!(ids(&of_bob, of_name("ann")).await?, [0; 0], "R1: not another's");
    assert_eq!(ids(&of_bob, has_any::<shop::Entity, _>()).await?, [2], "R1: whichever of one's own");
    assert_eq!(ids(&of_bob, !has_any::<shop::Entity, _>()).await?, [1], "R1: another's is as none");
    assert_eq!(of_bob.count(of_name("ann") | of_name("bob")).await?, 1, "R1: in figures, too");
    assert_eq!(of_bob.delete_many(of_name("ann")).await?, 0, "R1: and in what a write looks at");
    refused_at(
        db.repository::<receipt::Entity>().find(of_name("ann")).await,
        ErrorKind::TenantRequired,
        "shop",
        "tenant",
        "R1: whose rows, also where they are only looked at",
    );
    let loaded = of_bob.load_one::<shop::Entity>(&written).await?;
    let seen: Vec<_> = loaded.iter().map(|shop| shop.as_ref().map(|shop| &*shop.name)).collect();
    assert_eq!(seen, [None, Some("bob")], "R1: another's is not loaded");
    Ok(())
}

pub async fn w9_a_related_row_that_is_deleted_is_out_of_sight(db: Database) -> Proof {
    db.create_tables(&crate::entities![market::sale, market::shop]).await?;
    let db = db.tenant("ann");
    let (shops, sales) = (db.repository::<shop::Entity>(), db.repository::<sale::Entity>());
    let shop = shops.insert(shop::row("a")).await?;
    sales.insert_many([sale::row(1, shop.id), sale::row(2, shop.id)]).await?;
    let sold =
        |amount: i64| has_by::<shop::Entity, _>(sale::Relation::Shop.def().rev(), col(sale::Column::Amount).eq(amount));
    assert_eq!(shops.count(sold(1)).await?, 1);
    assert!(sales.delete(1).await?);
    assert_eq!(shops.count(sold(1)).await?, 0, "W9: a deleted row relates to nothing");
    assert_eq!(shops.count(!sold(1)).await?, 1, "W9: and nothing to it");
    assert_eq!(shops.count(sold(2)).await?, 1);
    let way = || sale::Relation::Shop.def().rev();
    let of = std::slice::from_ref(&shop);
    let amounts = |rows: &[sale::Model]| rows.iter().map(|row| row.amount).collect::<Vec<_>>();
    let loaded = shops.load_by::<sale::Entity, _>(way(), of, all()).await?.into_groups();
    assert_eq!(amounts(&loaded[0]), [2], "W9: it is not loaded");
    let loaded = shops.load_by::<sale::Entity, _>(way(), of, all().with_deleted()).await?.into_groups();
    assert_eq!(amounts(&loaded[0]), [1, 2], "W9: unless it is asked for");
    Ok(())
}
