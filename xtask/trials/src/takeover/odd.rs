//! Tables that nobody would make, and somebody has.

use anyhow::Result;
use seabed::schema::{Flavor, OnDelete, build::table, ddl, step::index};

/// What makes them, parents first.
pub fn statements(flavor: Flavor) -> Result<Vec<String>> {
    let tables = [
        // Keywords, and what SeaORM makes of a field: `self` would be `Self`, and `line_2` and `line-2` are both `Line2`.
        table("type")
            .int32("type")
            .auto_increment()
            .text("self", 80)
            .text("2nd try", 20)
            .int64("line_2")
            .int64("line-2")
            .boolean("_id")
            .nullable()
            .date("id_")
            .text("größe", 10)
            .text("名前", 10)
            .decimal("²", 9, 2)
            .enumeration("match", ["new", "2nd", "a b", "a-b", "self", "größe", "it's"])
            .primary_key(&["type"])
            .unique(&["self"])
            .unique(&["größe"])
            .index(&["2nd try"])
            .build()?,
        // Modules: two that become one, a keyword, a crate's name, none in ASCII.
        table("self").uuid("id").json("place").primary_key(&["id"]).build()?,
        table("seabed").uuid("id").double("double").time("time").nullable().primary_key(&["id"]).build()?,
        table("serde").uuid("id").bytes("bytes").primary_key(&["id"]).build()?,
        table("2nd").uint32("id").instant("at").primary_key(&["id"]).build()?,
        table("Straße 7").int64("id").uint64("u").primary_key(&["id"]).build()?,
        // Two that lead to one, one to itself twice, a key of two columns.
        table("line 2")
            .int32("a")
            .int32("b")
            .int32("type_id")
            .int32("type")
            .int32("up_a")
            .nullable()
            .int32("up_b")
            .nullable()
            .int32("next_a")
            .nullable()
            .int32("next_b")
            .nullable()
            .primary_key(&["a", "b"])
            .unique(&["b"])
            .index(&["b"])
            .unique(&["type", "type_id"])
            .unique(&["a", "type"])
            .unique(&["a", "up_a"])
            .unique(&["next_b", "next_a"])
            .indexed(index(&["type_id"]).descending("type"))
            .references(&["type_id"], "type", &["type"], OnDelete::Cascade)
            .references(&["type"], "type", &["type"], OnDelete::Restrict)
            .references(&["up_a", "up_b"], "line 2", &["a", "b"], OnDelete::Restrict)
            .references(&["next_a", "next_b"], "line 2", &["a", "b"], OnDelete::Restrict)
            .build()?,
        // One that leads to a table of the name that a column has, and whose relation would have another's name.
        table("line_2")
            .int32("id")
            .uuid("itself")
            .int32("a")
            .int32("b")
            .primary_key(&["id"])
            .references(&["itself"], "self", &["id"], OnDelete::Cascade)
            .references(&["a", "b"], "line 2", &["a", "b"], OnDelete::Cascade)
            .build()?,
    ];
    let mut statements = Vec::new();
    for table in &tables {
        statements.extend(ddl::create_table(table, flavor, false)?);
    }
    Ok(statements)
}
