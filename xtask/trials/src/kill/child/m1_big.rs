//! A table with rows.

use super::rows;
use seabed::migration::prelude::*;

seabed::migration!("m1_big", big);

fn big() -> Result<Vec<Step>> {
    let rows = rows();
    let digits = "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 \
                  UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)";
    let number = "1 + a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d";
    let fill = format!(
        "INSERT INTO big (id, v, m) SELECT {number}, 'a text of some length', 7 FROM {digits} a, {digits} b, {digits} c, {digits} e, \
         {digits} f WHERE {number} <= {rows}"
    );
    steps![
        create_table(table("big").int64("id").text("v", 60).int32("m").primary_key(&["id"])),
        sql("rows")
            .up(Words::from(&*fill).mongodb(documents(rows)))
            .probe(
                Words::from("SELECT CASE WHEN EXISTS (SELECT 1 FROM big) THEN '1' ELSE '0' END")
                    .mongodb(all_are_there(rows))
            )
            .down(Words::from("DELETE FROM big").mongodb(r#"{"delete": "big", "deletes": [{"q": {}, "limit": 0}]}"#)),
    ]
}

/// MongoDB keeps each row at once: so those that are there are left as they are.
fn documents(rows: u32) -> String {
    let one = |id| {
        let row = r#"{"v": "a text of some length", "m": {"$numberLong": "7"}}"#;
        format!(r#"{{"q": {{"id": {{"$numberLong": "{id}"}}}}, "u": {{"$setOnInsert": {row}}}, "upsert": true}}"#)
    };
    let all: Vec<String> = (1..=rows).map(one).collect();
    format!(r#"{{"update": "big", "updates": [{}]}}"#, all.join(", "))
}

fn all_are_there(rows: u32) -> String {
    let one = format!(r#"{{"$cond": [{{"$eq": ["$n", {rows}]}}, 1, 0]}}"#);
    format!(
        r#"{{"aggregate": "big", "pipeline": [{{"$count": "n"}}, {{"$project": {{"n": {one}}}}}], "cursor": {{}}}}"#
    )
}
