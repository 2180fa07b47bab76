//! One run of a pipeline, from its start to its end.

use seabed::migration::prelude::*;

seabed::migration!("m20260101_000003_pipeline_run", steps);

pub fn pipeline_run() -> Result<Table> {
    table("pipeline_run")
        .uuid("id")
        .text("pipeline", 255)
        .text("status", 32)
        .instant("started_at")
        .instant("finished_at")
        .nullable()
        .primary_key(&["id"])
        .index(&["pipeline"])
        .index(&["started_at"])
        .build()
}

fn steps() -> Result<Vec<Step>> {
    steps![create_table(pipeline_run())]
}
