//! The outbox, the inbox and the idempotency keys of transactions: see `seabed::outbox`. A lane is a topic and a key, and its row
//! counts positions; a claim is apart from it, because publishers hold the lane's row until they commit.

use seabed::migration::prelude::*;

seabed::migration!("m20260101_000006_outbox", steps);

pub fn seabed_lane() -> Result<Table> {
    table("seabed_lane")
        .uuid("id")
        .text("topic", 255)
        .text("key", 255)
        .int64("position")
        .boolean("waiting")
        .primary_key(&["id"])
        .unique(&["topic", "key"])
        .index(&["waiting"])
        .build()
}

pub fn seabed_claim() -> Result<Table> {
    table("seabed_claim")
        .uuid("lane_id")
        .uuid("holder")
        .nullable()
        .instant("until")
        .primary_key(&["lane_id"])
        .references(&["lane_id"], "seabed_lane", &["id"], OnDelete::Cascade)
        .build()
}

pub fn seabed_outbox() -> Result<Table> {
    table("seabed_outbox")
        .uuid("id")
        .uuid("lane_id")
        .int64("position")
        .json("payload")
        .instant("published_at")
        .int32("attempts")
        .text("last_error", 1_000)
        .nullable()
        .instant("dead_at")
        .nullable()
        .primary_key(&["id"])
        .unique(&["lane_id", "position"])
        .index(&["dead_at"])
        .references(&["lane_id"], "seabed_lane", &["id"], OnDelete::Restrict)
        .build()
}

pub fn seabed_inbox() -> Result<Table> {
    table("seabed_inbox")
        .text("consumer", 255)
        .uuid("message_id")
        .int64("times")
        .instant("received_at")
        .primary_key(&["consumer", "message_id"])
        .index(&["received_at"])
        .build()
}

pub fn seabed_transaction() -> Result<Table> {
    table("seabed_transaction").text("id", 255).instant("done_at").primary_key(&["id"]).index(&["done_at"]).build()
}

fn steps() -> Result<Vec<Step>> {
    steps![
        create_table(seabed_lane()),
        create_table(seabed_claim()),
        create_table(seabed_outbox()),
        create_table(seabed_inbox()),
        create_table(seabed_transaction()),
    ]
}
