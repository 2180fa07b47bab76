use super::*;
use crate::{
    migration::show::tests::golden,
    schema::{OnDelete, build::table},
};

/// Eleven tables of a music shop: a chain, a junction, a table that refers to itself, two that refer to each other, one alone.
fn shop() -> Vec<Arc<Table>> {
    let tables = [
        table("artist").int64("id").auto_increment().text("name", 120).primary_key(&["id"]).unique(&["name"]),
        table("album")
            .int64("id")
            .auto_increment()
            .text("title", 160)
            .int64("artist_id")
            .instant("released_at")
            .nullable()
            .primary_key(&["id"])
            .references(&["artist_id"], "artist", &["id"], OnDelete::Restrict),
        table("genre").int32("id").text("name", 120).primary_key(&["id"]),
        table("track")
            .int64("id")
            .auto_increment()
            .text("name", 200)
            .int64("album_id")
            .nullable()
            .int32("genre_id")
            .nullable()
            .int32("milliseconds")
            .decimal("unit_price", 10, 2)
            .enumeration("media", ["mpeg", "aac"])
            .json("tags")
            .primary_key(&["id"])
            .references(&["album_id"], "album", &["id"], OnDelete::SetNull)
            .references(&["genre_id"], "genre", &["id"], OnDelete::SetNull),
        table("playlist").int64("id").text("name", 120).primary_key(&["id"]),
        table("playlist_track")
            .int64("playlist_id")
            .int64("track_id")
            .primary_key(&["playlist_id", "track_id"])
            .references(&["playlist_id"], "playlist", &["id"], OnDelete::Cascade)
            .references(&["track_id"], "track", &["id"], OnDelete::Cascade),
        table("employee")
            .int64("id")
            .text("name", 80)
            .int64("reports_to")
            .nullable()
            .int64("shop_id")
            .nullable()
            .primary_key(&["id"])
            .references(&["reports_to"], "employee", &["id"], OnDelete::SetNull)
            .references(&["shop_id"], "shop", &["id"], OnDelete::SetNull),
        table("shop").int64("id").int64("head_id").primary_key(&["id"]).unique(&["head_id"]).references(
            &["head_id"],
            "employee",
            &["id"],
            OnDelete::Restrict,
        ),
        table("customer")
            .uuid("id")
            .text("email", 255)
            .int64("support_id")
            .nullable()
            .primary_key(&["id"])
            .unique(&["email"])
            .references(&["support_id"], "employee", &["id"], OnDelete::SetNull),
        table("invoice")
            .uuid("id")
            .uuid("customer_id")
            .instant("at")
            .decimal("total", 10, 2)
            .primary_key(&["id"])
            .references(&["customer_id"], "customer", &["id"], OnDelete::Restrict),
        table("invoice_line")
            .uuid("id")
            .uuid("invoice_id")
            .int64("track_id")
            .int32("quantity")
            .primary_key(&["id"])
            .references(&["invoice_id"], "invoice", &["id"], OnDelete::Cascade)
            .references(&["track_id"], "track", &["id"], OnDelete::Restrict),
        table("settings").schema("ops").text("key", 80).json("value").primary_key(&["key"]),
    ];
    tables.into_iter().map(|table| Arc::new(table.build().expect("a table"))).collect()
}

#[test]
fn mermaid_is_as_before() {
    golden("erd/golden/shop.mmd", &mermaid(&shop()));
}

#[test]
fn the_drawing_is_as_before() {
    golden("erd/golden/shop.svg", &svg(&shop()));
}

#[test]
fn names_are_escaped() {
    let odd = Arc::new(table("a<b>\"&").int64("id").primary_key(&["id"]).build().expect("a table"));
    let drawn = svg(&[Arc::clone(&odd)]);
    assert!(drawn.contains("a&lt;b&gt;&quot;&amp;") && !drawn.contains("a<b>"), "{drawn}");
    assert!(mermaid(&[odd]).contains("\"a<b>'&\" {"));
}

/// Random tables: no box lies on another, parents stand left of their children where there is no circle, no lane runs through a box.
#[test]
fn nothing_lies_on_anything() {
    let mut seed = 7_u64;
    // Numerical Recipes' generator: what is random need not be good.
    let mut below = move |low: i32, high: i32| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        low + i32::try_from((seed >> 33) % u64::try_from(high - low).expect("a range")).expect("small")
    };
    for _ in 0..200 {
        let count = below(1, 14);
        let sizes: Vec<_> =
            (0..count).map(|_| layout::Size { width: below(150, 400), height: below(60, 400) }).collect();
        let relations: Vec<_> = (0..below(0, count * 2))
            .map(|_| Relation {
                child: usize::try_from(below(0, count)).expect("a place"),
                columns: vec![0],
                parent: usize::try_from(below(0, count)).expect("a place"),
                key: 0,
                optional: false,
                single: false,
            })
            .collect();
        let ends = vec![(50, 50); relations.len()];
        let made = layout::layout(&sizes, &relations, &ends);
        let count = sizes.len();
        let area = |place: usize| {
            let (x, y) = made.boxes[place];
            (x, y, x + sizes[place].width, y + sizes[place].height)
        };
        for one in 0..count {
            let (left, top, right, bottom) = area(one);
            assert!(left > 0 && top > 0 && right < made.width && bottom < made.height);
            for other in one + 1..count {
                let (l, t, r, b) = area(other);
                assert!(right < l || r < left || bottom < t || b < top, "{one} lies on {other}");
            }
            for (from, to, y) in made.lanes.iter().flatten() {
                assert!(*y < top || *y > bottom || *to < left || *from > right, "a lane runs through {one}");
            }
        }
        for (relation, turned) in relations.iter().zip(&made.turned).filter(|(it, _)| it.child != it.parent) {
            let (parent, child) = (made.boxes[relation.parent].0, made.boxes[relation.child].0);
            assert!(if *turned { child < parent } else { parent < child });
        }
    }
}
