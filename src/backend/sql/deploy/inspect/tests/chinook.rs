//! A database of others: eleven tables in three dialects, which lie beside the checkout and are never copied into it. Where they
//! are not there a test says so.

use super::*;

/// Its tables, as its script makes them; the rows are left out.
async fn load(scratch: &Scratch, file: &str) -> Option<Picture> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/chinook").join(file);
    let Ok(script) = std::fs::read_to_string(&path) else {
        println!("SKIPPED: there is no {}", path.display());
        return None;
    };
    let from = script.find("CREATE TABLE").expect("tables");
    let to = script.find("INSERT INTO").expect("rows");
    scratch.run(&script[from..to]).await;
    Some(scratch.inspect(None).await)
}

/// What every dialect has; names are compared without case and without `_`.
fn whole(picture: &Picture) {
    let bare = |name: &str| name.replace('_', "").to_lowercase();
    let counts: Vec<_> = picture
        .tables
        .iter()
        .map(|(name, table)| {
            let key = table.key.as_ref().map_or(0, |key| key.columns.len());
            (bare(name), table.columns.len(), key, table.indexes.len(), table.foreign_keys.len(), table.checks.len())
        })
        .collect();
    let mut expected = [
        ("album", 3, 1, 1, 1, 0),
        ("artist", 2, 1, 0, 0, 0),
        ("customer", 13, 1, 1, 1, 0),
        ("employee", 15, 1, 1, 1, 0),
        ("genre", 2, 1, 0, 0, 0),
        ("invoice", 9, 1, 1, 1, 0),
        ("invoiceline", 5, 1, 2, 2, 0),
        ("mediatype", 2, 1, 0, 0, 0),
        ("playlist", 2, 1, 0, 0, 0),
        ("playlisttrack", 2, 2, 2, 2, 0),
        ("track", 9, 1, 3, 3, 0),
    ];
    expected.sort_unstable();
    assert_eq!(counts.iter().map(|it| (&*it.0, it.1, it.2, it.3, it.4, it.5)).collect::<Vec<_>>(), expected);
    let table = |name: &str| picture.tables.iter().find(|(other, _)| bare(other) == name).expect(name).1;
    let names = |names: &[String]| names.iter().map(|name| bare(name)).collect::<Vec<_>>();
    let link = table("playlisttrack");
    assert_eq!(names(&link.key.as_ref().expect("a key").columns), ["playlistid", "trackid"]);
    let mut parents: Vec<_> = table("track").foreign_keys.iter().map(|key| bare(&key.parent)).collect();
    parents.sort();
    assert_eq!(parents, ["album", "genre", "mediatype"]);
    let boss = &table("employee").foreign_keys[0];
    assert_eq!(
        (names(&boss.columns), names(&boss.parent_columns)),
        (vec!["reportsto".into()], vec!["employeeid".into()])
    );
    assert!(table("track").columns[0].auto == "yes" || table("track").columns[0].auto == "always");
    let all = picture.tables.values().flat_map(|table| &table.columns);
    assert_eq!(all.filter(|column| !column.nullable).count(), 30);
    for index in picture.tables.values().flat_map(|table| &table.indexes) {
        assert!(!index.unique && index.parts.len() == 1 && index.parts[0].column.is_some() && index.valid, "{index:?}");
    }
    assert!(picture.others.is_empty());
}

fn declared<'p>(picture: &'p Picture, table: &str, column: &str) -> &'p str {
    &picture.tables[table].column(column).expect(column).declared
}

#[tokio::test]
async fn sqlite_reads_chinook_whole() {
    let scratch = Scratch::sqlite().await;
    let Some(picture) = load(&scratch, "Chinook_Sqlite_AutoIncrementPKs.sql").await else { return };
    whole(&picture);
    assert_eq!(declared(&picture, "Customer", "Phone"), "NVARCHAR(24)");
    assert_eq!(picture.tables["Track"].foreign_keys[0].on_delete, "NO ACTION");
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn postgres_reads_chinook_whole() {
    let Some(scratch) = Scratch::postgres().await else { return };
    if let Some(picture) = load(&scratch, "Chinook_PostgreSql_AutoIncrementPKs.sql").await {
        whole(&picture);
        assert_eq!(declared(&picture, "customer", "phone"), "character varying(24)");
        assert_eq!(declared(&picture, "invoice", "invoice_date"), "timestamp(6) without time zone");
        assert_eq!(picture.tables["track"].index("track_album_id_idx").expect("it").method, "btree");
    }
    scratch.drop().await;
}

#[cfg(feature = "mysql")]
#[tokio::test]
async fn mysql_reads_chinook_whole() {
    let Some(scratch) = Scratch::mysql().await else { return };
    if let Some(picture) = load(&scratch, "Chinook_MySql_AutoIncrementPKs.sql").await {
        whole(&picture);
        assert_eq!(declared(&picture, "Customer", "Phone"), "varchar(24)");
        assert!(picture.tables["Track"].index("IFK_TrackAlbumId").is_some());
        assert!(picture.tables["Track"].options.contains_key("collation"), "the database's, which is not ours");
    }
    scratch.drop().await;
}
