//! Property: what our DDL does not make is read too: odd indexes, odd references, options of a table, what is no table. And what
//! is the books' own, or an extension's, is not.

use super::*;
use crate::schema::picture::IndexPicture;

fn index<'p>(picture: &'p Picture, table: &str, name: &str) -> &'p IndexPicture {
    picture.tables[table].index(name).unwrap_or_else(|| panic!("{name}: {:?}", picture.tables[table].indexes))
}

/// Kind, name, table and text of what is no table.
fn others(picture: &Picture) -> Vec<String> {
    let said = |other: &OtherPicture| {
        let of = other.table.as_deref().map(|of| format!(" of {of}")).unwrap_or_default();
        format!("{} {}{of}: {}", other.kind, other.name, other.text.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    picture.others.iter().map(said).collect()
}

const BOOKS: &str = "CREATE TABLE seabed_migration (id integer); CREATE TABLE seabed_step (id integer); \
                     CREATE TABLE seaql_migrations (version varchar(9))";

#[cfg(feature = "postgres")]
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a list of kinds is long")]
async fn postgres_reads_every_kind_of_thing() {
    let Some(scratch) = Scratch::postgres().await else { return };
    scratch.run(BOOKS).await;
    scratch
        .run(
            r#"CREATE EXTENSION citext;
            CREATE TYPE mood AS ENUM ('calm', 'it''s'); CREATE TYPE pair AS (a integer, "B" text);
            CREATE DOMAIN positive AS integer DEFAULT 1 NOT NULL CONSTRAINT above CHECK (VALUE > 0);
            CREATE SEQUENCE lone INCREMENT BY 5; CREATE SEQUENCE "Own";
            CREATE FUNCTION low(x text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT lower($1)';
            CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
            CREATE PROCEDURE "Do it"() LANGUAGE sql AS 'SELECT 1';
            CREATE AGGREGATE joined(text) (SFUNC = textcat, STYPE = text);
            CREATE TABLE parent (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a integer, b integer,
                code citext UNIQUE DEFERRABLE INITIALLY DEFERRED, UNIQUE (b, a), during int4range, EXCLUDE USING gist (during WITH &&));
            CREATE UNLOGGED TABLE thing (id serial, name varchar(20) COLLATE "C" DEFAULT 'it''s', n integer DEFAULT nextval('lone'),
                total integer GENERATED ALWAYS AS (n * 2) STORED, feels mood DEFAULT 'calm', at timestamptz(3), plain timestamptz, a integer, b integer,
                parent_id bigint, CONSTRAINT main PRIMARY KEY (id) INCLUDE (n),
                CONSTRAINT fk FOREIGN KEY (parent_id) REFERENCES parent ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE,
                CONSTRAINT duo FOREIGN KEY (a, b) REFERENCES parent (a, b) MATCH FULL ON DELETE SET NULL (b)) WITH (fillfactor = 70);
            ALTER SEQUENCE "Own" OWNED BY thing.a;
            ALTER TABLE thing ADD CONSTRAINT late CHECK (n > 0) NOT VALID, ADD CONSTRAINT early CHECK (n < 9) NO INHERIT,
                ADD CONSTRAINT late_fk FOREIGN KEY (b) REFERENCES thing (id) NOT VALID, ENABLE ROW LEVEL SECURITY;
            COMMENT ON TABLE thing IS 'it''s a thing'; COMMENT ON COLUMN thing.name IS 'a "name"';
            CREATE INDEX odd ON thing (low(name), n DESC NULLS LAST, name COLLATE "POSIX", a NULLS FIRST, name text_pattern_ops) INCLUDE (b) WHERE n > 0;
            CREATE UNIQUE INDEX nulls ON parent (a) NULLS NOT DISTINCT; CREATE INDEX words ON thing USING gin (to_tsvector('simple', name));
            INSERT INTO thing (n) VALUES (7), (7);
            CREATE TABLE days (day date NOT NULL, PRIMARY KEY (day)) PARTITION BY RANGE (day);
            CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2027-01-01'); CREATE TABLE heir (extra text) INHERITS (thing);
            CREATE TABLE ticks (day date REFERENCES days);
            CREATE VIEW seen WITH (security_barrier) AS SELECT id, 'public.x' AS t FROM thing; CREATE MATERIALIZED VIEW kept AS SELECT id FROM thing;
            CREATE INDEX of_kept ON kept (id); CREATE TRIGGER watch BEFORE UPDATE ON thing FOR EACH ROW EXECUTE FUNCTION touch();
            CREATE RULE calm AS ON DELETE TO parent DO INSTEAD NOTHING; CREATE POLICY own ON thing FOR SELECT USING (n > 0);
            CREATE STATISTICS tied ON a, b FROM thing"#,
        )
        .await;
    let failed = session::run(&scratch.deploy, "CREATE UNIQUE INDEX CONCURRENTLY broken ON thing (n)").await;
    failed.expect_err("two rows have the same");
    let picture = scratch.inspect(None).await;
    assert_eq!(
        picture.tables.keys().collect::<Vec<_>>(),
        ["days", "days_1", "heir", "parent", "thing", "ticks"],
        "no book"
    );
    let thing = &picture.tables["thing"];
    let column = |name: &str| thing.column(name).expect(name);
    assert_eq!((&*column("id").auto, column("id").default.as_deref()), ("yes", None), "serial");
    assert_eq!((&*column("n").auto, column("n").default.as_deref()), ("", Some("nextval('lone'::regclass)")));
    assert_eq!(column("name").default.as_deref(), Some("'it''s'::character varying"));
    assert_eq!(
        (column("name").collation.as_deref(), column("name").comment.as_deref()),
        (Some("C"), Some("a \"name\""))
    );
    assert_eq!(
        (column("total").generated.as_deref(), column("total").default.as_deref()),
        (Some("(n * 2) stored"), None)
    );
    assert_eq!(column("feels").default.as_deref(), Some("'calm'::mood"));
    assert_eq!(&*column("at").declared, "timestamp(3) with time zone");
    assert_eq!(&*column("plain").declared, "timestamp(6) with time zone");
    assert_eq!(thing.comment.as_deref(), Some("it's a thing"));
    let options: Vec<_> = thing.options.iter().map(|(name, text)| format!("{name} {text}")).collect();
    assert_eq!(options, ["persistence unlogged", "row security on", "with fillfactor=70"]);
    assert_eq!(thing.key.as_ref().expect("a key").columns, ["id"], "what is included is no key");
    assert_eq!(picture.tables["parent"].column("id").map(|id| &*id.auto), Some("always"));
    assert_eq!(picture.tables["days"].options["partitioned"], "RANGE (day)");
    assert!(picture.tables["days_1"].options["partition"].starts_with("of days FOR VALUES FROM ('2026-01-01')"));
    assert_eq!(picture.tables["heir"].options["inherits"], "thing");
    assert_eq!(
        picture.tables["ticks"].foreign_keys.len(),
        1,
        "one, however many partitions: {:?}",
        picture.tables["ticks"]
    );

    let odd = index(&picture, "thing", "odd");
    let parts: Vec<_> =
        odd.parts.iter().map(|part| part.column.as_deref().or(part.expression.as_deref()).expect("one")).collect();
    assert_eq!(parts, ["low((name)::text)", "n", "name", "a", "name"]);
    assert_eq!(
        odd.parts.iter().map(|part| (part.descending, part.nulls_first)).collect::<Vec<_>>()[1..4],
        [(true, false), (false, false), (false, true)]
    );
    assert_eq!((odd.parts[2].collation.as_deref(), odd.parts[0].collation.as_deref()), (Some("POSIX"), Some("C")));
    assert_eq!(
        (odd.predicate.as_deref(), &*odd.included, odd.odd.as_deref()),
        (Some("(n > 0)"), &["b".to_owned()][..], Some("part 5: text_pattern_ops"))
    );
    assert_eq!(index(&picture, "parent", "nulls").odd.as_deref(), Some("nulls not distinct"));
    assert_eq!(index(&picture, "thing", "words").method, "gin");
    assert!(!index(&picture, "thing", "broken").valid && odd.valid);
    let code = index(&picture, "parent", "parent_code_key");
    assert!(code.constraint && code.unique && code.odd.as_deref() == Some("deferrable initially deferred"), "{code:?}");
    let apart = index(&picture, "parent", "parent_during_excl");
    assert_eq!((&*apart.method, apart.odd.as_deref()), ("gist", Some("EXCLUDE USING gist (during WITH &&)")));

    let keys: Vec<_> = thing
        .foreign_keys
        .iter()
        .map(|key| {
            format!(
                "{} ({}) {} ({}) {} {} {}",
                key.name,
                key.columns.join(" "),
                key.parent,
                key.parent_columns.join(" "),
                key.on_delete,
                key.on_update,
                key.odd.as_deref().unwrap_or("-")
            )
        })
        .collect();
    assert_eq!(
        keys,
        [
            "duo (a b) parent (a b) SET NULL NO ACTION match full, on delete sets b",
            "fk (parent_id) parent (id) SET NULL CASCADE deferrable",
            "late_fk (b) thing (id) NO ACTION NO ACTION not valid"
        ]
    );
    let checks: Vec<_> = thing.checks.iter().map(|check| format!("{} {}", check.name, check.condition)).collect();
    assert_eq!(checks, ["early (n < 9) NO INHERIT", "late (n > 0) NOT VALID"]);
    let others = others(&picture);
    let expected = [
        "domain positive: CREATE DOMAIN positive AS integer DEFAULT 1 NOT NULL CONSTRAINT above CHECK ((VALUE > 0))",
        "index of_kept of kept: CREATE INDEX of_kept ON kept USING btree (id)",
        "materialized view kept: CREATE MATERIALIZED VIEW kept AS SELECT thing.id FROM thing",
        "policy own of thing: CREATE POLICY own ON thing AS PERMISSIVE FOR SELECT TO PUBLIC USING ((n > 0))",
        "routine \"Do it\"(): CREATE OR REPLACE PROCEDURE \"Do it\"() LANGUAGE sql AS $procedure$SELECT 1$procedure$",
        "routine joined(text): CREATE AGGREGATE joined(text)",
        "routine low(x text): CREATE OR REPLACE FUNCTION low(x text) RETURNS text LANGUAGE sql IMMUTABLE AS $function$SELECT lower($1)$function$",
        "routine touch(): CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $function$BEGIN RETURN NEW; END$function$",
        "rule calm of parent: CREATE RULE calm AS ON DELETE TO parent DO INSTEAD NOTHING;",
        "sequence lone: CREATE SEQUENCE lone AS bigint INCREMENT BY 5 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1",
        "statistics tied of thing: CREATE STATISTICS tied ON a, b FROM thing",
        "trigger watch of thing: CREATE TRIGGER watch BEFORE UPDATE ON thing FOR EACH ROW EXECUTE FUNCTION touch()",
        "type mood: CREATE TYPE mood AS ENUM ('calm', 'it''s')",
        "type pair: CREATE TYPE pair AS (a integer, \"B\" text)",
        "view seen: CREATE VIEW seen WITH (security_barrier=true) AS SELECT thing.id, 'public.x'::text AS t FROM thing",
    ];
    for (one, other) in others.iter().zip(expected) {
        assert_eq!(one, other);
    }
    assert_eq!(others.len(), expected.len(), "{others:?}");
    scratch.drop().await;
}

#[cfg(feature = "mysql")]
#[tokio::test]
async fn mysql_reads_every_kind_of_thing() {
    let Some(scratch) = Scratch::mysql().await else { return };
    let maria = scratch.deploy.flavor == Flavor::MariaDb;
    for statement in BOOKS.split(';') {
        scratch.run(statement).await;
    }
    for statement in [
        "CREATE TABLE parent (a int NOT NULL, b int NOT NULL, PRIMARY KEY (b, a)) ENGINE=InnoDB DEFAULT CHARSET=latin1",
        "CREATE TABLE thing (id bigint unsigned NOT NULL AUTO_INCREMENT, name varchar(20) DEFAULT 'it''s `b`' COMMENT 'a \"name\"', \
         body longtext, mood enum('calm','it''s') NOT NULL DEFAULT 'calm', n int DEFAULT (1 + 1), \
         at datetime(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6), a int, b int, c int, double_c int AS (c * 2) STORED, \
         next_c int GENERATED ALWAYS AS (c + 1) VIRTUAL, secret int DEFAULT 1 INVISIBLE, extra json, own int CHECK (own > 0), \
         PRIMARY KEY (id), KEY start (name(5), a DESC), FULLTEXT KEY words (body), \
         CONSTRAINT fk FOREIGN KEY (b, a) REFERENCES parent (b, a) ON UPDATE CASCADE ON DELETE SET NULL, \
         CONSTRAINT `low it's` CHECK (n > 0 OR name = 'it''s')) \
         ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci COMMENT='it''s a thing' ROW_FORMAT=COMPRESSED",
        "CREATE TABLE plain (id int, text longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, UNIQUE KEY u (id)) ENGINE=MyISAM",
        "CREATE VIEW seen AS SELECT id, 'here' AS t FROM thing WHERE n > 0 WITH CHECK OPTION",
        "CREATE TRIGGER watch BEFORE INSERT ON thing FOR EACH ROW SET NEW.n = 1",
        "CREATE FUNCTION low(x varchar(9), `y y` int) RETURNS int DETERMINISTIC RETURN 1",
        "CREATE PROCEDURE `do it`(IN x int, OUT y int) SET y = x",
        "CREATE EVENT often ON SCHEDULE EVERY 5 MINUTE DISABLE DO SET @a = 1",
    ] {
        scratch.run(statement).await;
    }
    if maria {
        scratch.run("CREATE SEQUENCE `lone 's` INCREMENT BY 5").await;
        scratch.run("ALTER TABLE thing ALTER INDEX start IGNORED").await;
        scratch.run("ALTER TABLE thing ALTER n SET DEFAULT nextval(`lone 's`)").await;
        scratch.run("CREATE TABLE history (id int) WITH SYSTEM VERSIONING").await;
        scratch.run("CREATE TABLE parted (id int) PARTITION BY HASH (id) PARTITIONS 2").await;
    }
    let picture = scratch.inspect(None).await;
    assert!(picture.tables.keys().all(|name| !super::super::BOOKS.contains(&&**name)), "no book");
    let thing = &picture.tables["thing"];
    let column = |name: &str| thing.column(name).expect(name);
    assert_eq!((&*column("id").auto, column("id").nullable), ("yes", false));
    assert_eq!(column("name").default.as_deref().map(|it| it.replace("\\'", "''")).as_deref(), Some("'it''s `b`'"));
    assert_eq!(
        (column("name").collation.as_deref(), column("name").comment.as_deref()),
        (Some("utf8mb4_general_ci"), Some("a \"name\""))
    );
    assert!(column("mood").declared.starts_with("enum('calm',"), "{:?}", column("mood"));
    assert_eq!(column("a").default, None);
    assert_eq!(column("double_c").generated.as_deref(), Some("`c` * 2 stored"));
    assert_eq!(column("next_c").generated.as_deref(), Some("`c` + 1 virtual"));
    assert!(
        column("at").touched.as_deref().is_some_and(|it| it.starts_with("current_timestamp(6)")),
        "{:?}",
        column("at")
    );
    assert!(column("secret").declared.ends_with(" invisible"));
    assert_eq!(&*column("extra").declared, "json");
    assert_eq!(thing.comment.as_deref(), Some("it's a thing"));
    assert_eq!(thing.options["collation"], "utf8mb4_general_ci");
    assert!(thing.options["with"].to_lowercase().contains("compressed") && !thing.options.contains_key("engine"));
    let plain = &picture.tables["plain"];
    assert_eq!((&*plain.options["engine"], &*plain.column("text").expect("text").declared), ("MyISAM", "longtext"));
    assert!(plain.key.is_none() && plain.indexes[0].unique);
    assert!(picture.tables["parent"].options["collation"].starts_with("latin1"));

    let start = index(&picture, "thing", "start");
    let parts: Vec<_> = start.parts.iter().map(|part| (part.column.as_deref(), part.prefix, part.descending)).collect();
    assert_eq!(parts, [(Some("name"), Some(5), false), (Some("a"), None, true)]);
    assert_eq!(index(&picture, "thing", "words").method, "fulltext");
    let fk = &thing.foreign_keys[0];
    assert_eq!((&*fk.parent, &*fk.on_delete, &*fk.on_update), ("parent", "SET NULL", "CASCADE"));
    assert_eq!((fk.columns.join(" "), fk.parent_columns.join(" ")), ("b a".to_owned(), "b a".to_owned()));
    assert_eq!(picture.tables["parent"].key.as_ref().expect("a key").columns, ["b", "a"]);
    let others = others(&picture);
    let has = |start: &str| assert!(others.iter().any(|other| other.starts_with(start)), "{start}: {others:#?}");
    has(
        "view seen: CREATE VIEW `seen` AS select `thing`.`id` AS `id`,'here' AS `t` from `thing` where `thing`.`n` > 0 WITH CASCADED CHECK OPTION",
    );
    has("trigger watch of thing: CREATE TRIGGER `watch` BEFORE INSERT ON `thing` FOR EACH ROW SET NEW.n = 1");
    has("routine low: CREATE FUNCTION `low`(`x` varchar(9), `y y` int");
    has("routine do it: CREATE PROCEDURE `do it`(IN `x` int");
    has("event often: CREATE EVENT `often` ON SCHEDULE EVERY '5' MINUTE DISABLE DO SET @a = 1");
    if maria {
        has(
            "sequence lone 's: CREATE SEQUENCE `lone 's` START WITH 1 MINVALUE 1 MAXVALUE 9223372036854775806 INCREMENT BY 5 CACHE 1000",
        );
        assert_eq!(others.len(), 6, "{others:#?}");
        assert_eq!(start.odd.as_deref(), Some("ignored"));
        assert_eq!(column("n").default.as_deref(), Some("nextval(`lone 's`)"), "without its database");
        let checks: Vec<_> = thing.checks.iter().map(|check| (&*check.name, &*check.condition)).collect();
        assert_eq!(checks, [("", "`own` > 0"), ("low it's", "`n` > 0 or `name` = 'it\\'s'")]);
        assert_eq!(picture.tables["history"].options["system versioned"], "yes");
        assert!(picture.tables["parted"].options["with"].contains("partitioned"));
    }
    scratch.drop().await;
}

#[tokio::test]
async fn sqlite_reads_every_kind_of_thing() {
    let scratch = Scratch::sqlite().await;
    scratch.run(BOOKS).await;
    scratch
        .run(
            "CREATE TABLE Parent (a integer NOT NULL, b integer NOT NULL, PRIMARY KEY (b, a)) WITHOUT ROWID; \
             CREATE TABLE thing (id integer PRIMARY KEY, name varchar(20) COLLATE NOCASE DEFAULT 'it''s' UNIQUE, n int NOT NULL DEFAULT (1 + 1), \
             total int GENERATED ALWAYS AS (n * 2) STORED, next_n AS (n + 1), a int, b int, c int REFERENCES thing DEFERRABLE INITIALLY DEFERRED, \
             CONSTRAINT fk FOREIGN KEY (b, a) REFERENCES PARENT ON DELETE CASCADE ON UPDATE SET NULL, CHECK (n > 0)); \
             CREATE TABLE counted (id integer PRIMARY KEY AUTOINCREMENT) STRICT; \
             CREATE UNIQUE INDEX odd ON thing (lower(name), n DESC, name COLLATE BINARY) WHERE n > 0; \
             CREATE VIEW seen AS SELECT id FROM thing; \
             CREATE TRIGGER watch AFTER INSERT ON thing BEGIN DELETE FROM counted; END; \
             CREATE VIRTUAL TABLE words USING fts5(body); ALTER TABLE thing RENAME COLUMN n TO \"the n\"; \
             CREATE VIEW broken AS SELECT lost FROM nowhere; ANALYZE",
        )
        .await;
    let picture = scratch.inspect(None).await;
    assert_eq!(picture.tables.keys().collect::<Vec<_>>(), ["Parent", "counted", "thing"], "no book, no shadow");
    let thing = &picture.tables["thing"];
    let columns: Vec<_> =
        thing.columns.iter().map(|column| (&*column.name, &*column.declared, column.nullable)).collect();
    assert_eq!(
        columns[..5],
        [
            ("id", "INTEGER", true),
            ("name", "varchar(20)", true),
            ("the n", "INT", false),
            ("total", "INT", true),
            ("next_n", "", true)
        ]
    );
    let column = |name: &str| thing.column(name).expect(name);
    assert_eq!(
        (column("name").collation.as_deref(), column("name").default.as_deref()),
        (Some("NOCASE"), Some("'it''s'"))
    );
    assert_eq!((&*column("id").auto, column("the n").default.as_deref()), ("", Some("1 + 1")));
    assert_eq!(column("total").generated.as_deref(), Some("`the n` * 2 stored"), "in the quotes that we write");
    assert_eq!(column("next_n").generated.as_deref(), Some("`the n` + 1 virtual"));
    assert_eq!(picture.tables["counted"].column("id").map(|id| &*id.auto), Some("yes"));
    assert_eq!(picture.tables["counted"].options["strict"], "yes");
    assert_eq!(picture.tables["Parent"].options["without rowid"], "yes");
    assert_eq!(picture.tables["Parent"].key.as_ref().expect("a key").columns, ["b", "a"]);
    assert_eq!(thing.checks[0].condition, "`the n` > 0");
    assert!(thing.create.as_deref().is_some_and(|create| create.starts_with("CREATE TABLE thing")));
    let keys: Vec<_> = thing
        .foreign_keys
        .iter()
        .map(|key| {
            format!(
                "{}: {} {} {} {} {} {:?}",
                key.name,
                key.columns.join(" "),
                key.parent,
                key.parent_columns.join(" "),
                key.on_delete,
                key.on_update,
                key.odd
            )
        })
        .collect();
    assert_eq!(
        keys,
        [
            "fk: b a Parent b a CASCADE SET NULL None",
            ": c thing id NO ACTION NO ACTION Some(\"deferrable initially deferred\")"
        ]
    );
    let odd = index(&picture, "thing", "odd");
    let parts: Vec<_> = odd
        .parts
        .iter()
        .map(|part| (part.column.as_deref(), part.expression.as_deref(), part.descending, part.collation.as_deref()))
        .collect();
    assert_eq!(
        parts,
        [
            (None, Some("lower(name)"), false, None),
            (Some("the n"), None, true, None),
            (Some("name"), None, false, Some("BINARY"))
        ]
    );
    assert_eq!(odd.predicate.as_deref(), Some("`the n` > 0"));
    assert!(
        thing
            .indexes
            .iter()
            .any(|index| index.constraint && index.unique && index.parts[0].column.as_deref() == Some("name"))
    );
    let others = others(&picture);
    let kinds: Vec<_> = others.iter().filter_map(|other| other.split(':').next()).collect();
    assert_eq!(kinds, ["trigger watch of thing", "view broken", "view seen", "virtual table words"]);
    assert!(others[2].ends_with("CREATE VIEW seen AS SELECT id FROM thing"));
}
