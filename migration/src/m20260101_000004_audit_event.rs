//! Who did what, with what outcome. An audit outlives what it tells of: a run with events cannot be deleted.

use seabed::migration::prelude::*;

seabed::migration!("m20260101_000004_audit_event", steps);

pub fn audit_event() -> Result<Table> {
    table("audit_event")
        .uuid("id")
        .uuid("run_id")
        .nullable()
        .text("stage", 255)
        .text("actor", 255)
        .text("action", 255)
        .text("outcome", 32)
        .json("inputs")
        .json("outputs")
        .instant("occurred_at")
        .int64("duration_ms")
        .primary_key(&["id"])
        .index(&["run_id"])
        .index(&["occurred_at"])
        .references(&["run_id"], "pipeline_run", &["id"], OnDelete::Restrict)
        .build()
}

fn steps() -> Result<Vec<Step>> {
    steps![create_table(audit_event())]
}
