//! The macro that binds variables to holes.

/// A statement in the server's own words. Its holes are variables in scope: they are bound on every server, never written into the
/// text, and a name that is not in scope does not compile.
///
/// | hole | is |
/// |---|---|
/// | `{id}` | the value of `id` |
/// | `{row.id}`, `{pair.0}` | a field of it |
/// | `{..kinds}` | each value of the list, with commas between: for `in (…)`. An empty list is `InvalidQuery` |
/// | `{{`, `}}` | a brace; in quotes and comments braces mean nothing |
///
/// The text `mongodb: "…"` is a command as a JSON document, whose braces are said once; `.documents()` reads what it answers.
///
/// The text `mongodb: "…"` is a command as a JSON document, whose braces are said once; `.documents()` reads what it answers.
///
/// Values are what `SeaORM` takes for a value: numbers, text, bytes, UUIDs, times, JSON, and an `Option` of them. Where servers need
/// unlike words, each has its own text, or one text has exceptions; `Unsupported` where there is none for the connected server.
///
/// ```
/// # use seabed::prelude::*;
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let db = Database::connect(Config::from_url("sqlite::memory:")?).await?;
/// # db.raw_script("create table reading (id integer primary key, kind text not null, size integer not null)").await?;
/// #[derive(Debug, PartialEq, seabed::sea_orm::FromQueryResult)]
/// struct Size {
///     kind: String,
///     total: i64,
/// }
///
/// let (least, kinds) = (10, ["raw", "clean"]);
/// for (kind, size) in [("raw", 7), ("raw", 12), ("clean", 30), ("old", 99)] {
///     db.raw(seabed::raw!("insert into reading (kind, size) values ({kind}, {size})")).execute().await?;
/// }
/// let sizes: Vec<Size> = db
///     .raw(seabed::raw!(
///         "select kind, cast(sum(size) as signed) as total from reading
///          where size >= {least} and kind in ({..kinds}) group by kind order by kind",
///         sqlite: "select kind, sum(size) as total from reading
///          where size >= {least} and kind in ({..kinds}) group by kind order by kind",
///         postgres: "select kind, sum(size)::bigint as total from reading
///          where size >= {least} and kind in ({..kinds}) group by kind order by kind",
///     ))
///     .all()
///     .await?;
/// assert_eq!(sizes, [Size { kind: "clean".into(), total: 30 }, Size { kind: "raw".into(), total: 12 }]);
/// # Ok::<_, seabed::Error>(())
/// # }).unwrap();
/// ```
///
/// ```compile_fail
/// let query = seabed::raw!("select 1 where 1 = {nobody}");
/// ```
#[macro_export]
macro_rules! raw {
    ($($text:tt)+) => { $crate::__private::raw!($crate, $($text)+) };
}
