//! One error that a service met. The same fault has the same fingerprint, so that its events can be counted; while nobody has
//! dealt with it, `unresolved` holds the fingerprint too, so that two services that meet it at once keep one event.

use seabed::migration::prelude::*;

seabed::migration!("m20260101_000005_error_event", steps);

pub fn error_event() -> Result<Table> {
    table("error_event")
        .uuid("id")
        .text("component", 255)
        .text("kind", 64)
        .text("severity", 32)
        .long_text("message")
        .json("context")
        .text("fingerprint", 64)
        .text("unresolved", 64)
        .nullable()
        .instant("occurred_at")
        .instant("resolved_at")
        .nullable()
        .primary_key(&["id"])
        .index(&["fingerprint"])
        .unique(&["unresolved"])
        .index(&["occurred_at"])
        .build()
}

fn steps() -> Result<Vec<Step>> {
    steps![create_table(error_event())]
}
