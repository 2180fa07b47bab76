use super::*;
use std::{collections::BTreeSet, fs, time::Duration};

const DOCS: &str = include_str!("../../docs/configuration.md");

fn main_of(builder: ConfigBuilder) -> DatabaseConfig {
    builder.load().unwrap().database("main").unwrap().clone()
}

/// The lines of the error, without the first.
fn faults(builder: ConfigBuilder) -> Vec<String> {
    let error = builder.load().unwrap_err();
    assert!(!format!("{error} {error:?} {error:#?}").contains("hunter2"), "{error}");
    match error.message().split_once('\n') {
        Some((_, lines)) => lines.lines().map(|line| line.trim_start_matches("- ").to_owned()).collect(),
        None => vec![error.message().to_owned()],
    }
}

fn toml(text: &str) -> ConfigBuilder {
    Config::builder().toml(text)
}

#[test]
fn a_url_alone_has_every_default() {
    let config = Config::from_url("postgres://app@localhost/shop").unwrap();
    assert_eq!(config.names().collect::<Vec<_>>(), ["main"]);
    let main = config.database("main").unwrap();
    assert_eq!(main.max_connections, 10);
    assert_eq!((main.connect_timeout, main.acquire_timeout), (Duration::from_secs(5), Duration::from_secs(5)));
    assert_eq!((main.idle_check, main.idle_check_timeout), (Duration::from_secs(5), Duration::from_secs(1)));
    assert_eq!((main.timeout, main.lock_timeout), (Duration::from_secs(30), Duration::from_secs(5)));
    assert_eq!((main.max_lifetime, main.close_timeout), (Duration::from_mins(30), Duration::from_secs(5)));
    assert_eq!((main.slow, main.log_values), (Duration::from_millis(500), false));
    assert!(main.password.is_none() && main.schema.is_none());
}

#[test]
fn a_database_that_is_not_configured_lists_those_that_are() {
    let config = toml("[databases]\na.url = 'memory:'\nb.url = 'memory:'").load().unwrap();
    let error = config.database("main").unwrap_err();
    assert!(error.is(ErrorKind::Config));
    assert_eq!(error.message(), "no database `main` is configured: known are `a`, `b`");
    let none = Config::builder().load().unwrap();
    assert!(none.database("main").unwrap_err().message().contains("set `DATABASE_URL`"));
}

#[test]
fn each_source_beats_the_one_before() {
    let file = "[database]\nurl = 'memory:'\nmax_connections = 1\ntimeout = '1m'\nlock_timeout = '1s'\nslow = 1";
    let variables =
        [("DATABASE_URL", "sqlite:env.db"), ("SEABED_DATABASE__TIMEOUT", "2m"), ("SEABED_DATABASE__SLOW", "2")];
    let main = main_of(toml(file).toml("database.max_connections = 2").variables(variables).set("database.slow", "3s"));
    assert_eq!(main.lock_timeout, Duration::from_secs(1), "of the file");
    assert_eq!(main.max_connections, 2, "of the later file");
    assert_eq!(main.url.to_string(), "sqlite:env.db", "of DATABASE_URL");
    assert_eq!(main.timeout, Duration::from_mins(2), "of SEABED_");
    assert_eq!(main.slow, Duration::from_secs(3), "of code");
    let stronger = [("DATABASE_URL", "sqlite:a.db"), ("SEABED_DATABASE__URL", "sqlite:b.db")];
    assert_eq!(main_of(Config::builder().variables(stronger)).url.to_string(), "sqlite:b.db");
    assert_eq!(main_of(Config::builder().variables(stronger).url("memory:")).url.to_string(), "memory:");
}

#[test]
fn a_file_is_read_and_named_in_its_faults() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("seabed.toml");
    fs::write(&path, "# shop\n[database]\nurl = 'sqlite:shop.db'\n").unwrap();
    let main = main_of(Config::builder().file(&path));
    assert_eq!(main.url.path(), SqlitePath::File("shop.db".into()));
    fs::write(&path, "[database]\nurl = 'memory:'\nslow = 'hunter2'\n").unwrap();
    assert!(faults(Config::builder().file(&path))[0].ends_with(&format!("({}:3)", path.display())));
    fs::write(&path, b"url = '\xff'").unwrap();
    assert!(faults(Config::builder().file(&path))[0].contains("is not UTF-8"));
}

#[test]
fn the_file_that_the_environment_names_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.toml");
    let builder = || Config::builder().default_file().variables([("SEABED_CONFIG", path.as_os_str())]);
    let missing = faults(builder());
    assert!(missing[0].contains("is not there (SEABED_CONFIG)"), "{missing:?}");
    fs::write(&path, "database.url = 'memory:'").unwrap();
    assert_eq!(main_of(builder()).url.scheme(), Scheme::Memory);
    assert!(faults(Config::builder().file("no/such.toml"))[0].contains("`no/such.toml` is not there"));
}

#[test]
fn a_missing_default_file_is_no_fault() {
    let builder = Config::builder().default_file().variables([("SEABED_CONFIG", "")]).url("memory:");
    assert_eq!(main_of(builder).url.scheme(), Scheme::Memory);
}

#[test]
fn variables_reach_every_level() {
    let config = Config::builder()
        .variables([
            ("SEABED_DATABASES__AUDIT__URL", "postgres://h/audit"),
            ("SEABED_DATABASES__AUDIT__TLS__MODE", "verify-full"),
            ("SEABED_DATABASES__AUDIT__LOG_VALUES", "true"),
            ("SEABED_DATABASES__AUDIT__PASSWORD_COMMAND", "pass show audit"),
            ("SEABED_TEST_POSTGRES_URL", "not a setting"),
            ("SEABED_DATABASES__AUDIT__SCHEMA", ""),
            ("PATH", "/bin"),
        ])
        .load()
        .unwrap();
    let audit = config.database("audit").unwrap();
    assert_eq!((audit.tls.mode, audit.log_values, &audit.schema), (TlsMode::VerifyFull, true, &None));
    let words = ["pass", "show", "audit"].map(str::to_owned).to_vec();
    assert_eq!(audit.password, Some(PasswordSource::Command(words)));
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_text_is_a_fault() {
    use std::{ffi::OsString, os::unix::ffi::OsStringExt};
    let value = OsString::from_vec(b"sqlite:\xff".to_vec());
    assert_eq!(faults(Config::builder().variables([("DATABASE_URL", value)])), ["is not UTF-8 (DATABASE_URL)"]);
}

#[test]
fn every_fault_is_listed_at_once() {
    let found = faults(
        toml(
            "colour = 'red'
            [database]
            url = 'postgres://u:hunter2@h/db'
            max_conections = 5
            max_connections = 0
            timeout = 'hunter2'
            schema = 5
            [databases.audit]
            slow = 1
            [databases.Audit]
            url = 'memory:'",
        )
        .variables([("SEABED_DATABASE__LOG_VALUES", "hunter2"), ("SEABED_DATABSE__URL", "hunter2")])
        .set("databases.main.idle_check", "soon"),
    );
    let expected = [
        "unknown key `colour`: known are `database`, `databases` (text:1)",
        "unknown key `databases.main.max_conections`: did you mean `max_connections`? (text:4)",
        "`Audit` cannot name a database: use lower-case letters, digits, `-` and single `_` (text:11)",
        "unknown key `databse.url`: did you mean `database`? (SEABED_DATABSE__URL)",
        "`databases.audit.url` is missing (text:9)",
        "`databases.main.schema` must be text (text:7)",
        "`databases.main.max_connections` must be a whole number from 1 to 10000 (text:5)",
        "`databases.main.idle_check` must be a time such as `500ms`, `5s` or `2m`, or a whole number of seconds (set in code)",
        "`databases.main.timeout` must be a time such as `500ms`, `5s` or `2m`, or a whole number of seconds (text:6)",
        "`databases.main.log_values` must be `true` or `false` (SEABED_DATABASE__LOG_VALUES)",
    ];
    assert_eq!(found.iter().collect::<BTreeSet<_>>(), expected.map(str::to_owned).iter().collect());
}

#[test]
fn text_that_is_not_toml_is_refused_with_its_line_and_no_quote() {
    for text in [
        "[database]\nurl = 'postgres://u:hunter2@h/db",
        "[database]\nurl = postgres://u:hunter2@h/db",
        "[database]\nurl = \"postgres://u:\\hunter2@h/db\"",
        "[database]\npostgres://u:hunter2@h/db",
    ] {
        let found = faults(toml(text));
        assert!(found.iter().all(|fault| fault.starts_with("is not TOML") && fault.ends_with("(text:2)")), "{found:?}");
    }
}

#[test]
fn one_key_under_both_names_is_a_fault() {
    let twice = "[database]\nurl = 'memory:'\n[databases.main]\nurl = 'memory:'\nslow = 1";
    let found = faults(toml(twice));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("`databases.main.url` is set twice"), "{found:?}");
    let apart = toml("[database]\nurl = 'memory:'\n[databases.main]\nslow = 1");
    assert_eq!(main_of(apart).slow, Duration::from_secs(1));
    let sources = toml("[database]\nurl = 'memory:'").variables([("SEABED_DATABASES__MAIN__URL", "sqlite:a.db")]);
    assert_eq!(main_of(sources).url.scheme(), Scheme::Sqlite);
}

#[test]
fn a_value_where_a_table_stands_and_a_table_where_a_value_stands_are_faults() {
    for (text, says) in [
        ("database = 'memory:'", "`databases.main` is a table of keys"),
        ("databases = 'memory:'", "`databases` is a table of databases"),
        ("databases.audit = 'memory:'", "`databases.audit` is a table of keys"),
        ("database.url.a = 1", "`databases.main.url` is a value"),
        ("database.tls = 'require'", "did you mean `tls.mode`?"),
        ("database.url = {}", "must be text"),
        ("database.url = 5", "must be text"),
        ("database.url = ''", "is empty"),
        ("database.tls.mod = 'require'", "did you mean `tls.mode`?"),
        ("[databases.audit]", "`databases.audit.url` is missing"),
    ] {
        let found = faults(toml(text));
        assert!(found[0].contains(says), "{text}: {found:?}");
    }
    assert_eq!(toml("[databases]").load().unwrap().names().count(), 0);
}

#[test]
fn a_fault_of_the_url_names_its_source_and_keeps_the_password() {
    let found = faults(Config::builder().variables([("DATABASE_URL", "postgres://u:hunter2@h:x/db")]));
    assert!(found[0].starts_with("`databases.main.url`: the port is not a number"), "{found:?}");
    assert!(found[0].ends_with("(DATABASE_URL)"), "{found:?}");
}

#[test]
fn an_unknown_scheme_keeps_its_kind_where_it_is_all_that_is_wrong() {
    let alone = Config::builder().url("mongodb+srv://u:hunter2@h/db").load().unwrap_err();
    assert!(alone.is(ErrorKind::UnknownScheme), "{alone}");
    let among = Config::builder().url("mongodb+srv://u:hunter2@h/db").set("database.slow", "x").load().unwrap_err();
    assert!(among.is(ErrorKind::Config), "{among}");
    assert!(Config::from_url("postgre://h/db").unwrap_err().is(ErrorKind::UnknownScheme));
}

#[test]
fn a_time_that_contradicts_its_limit_is_a_fault() {
    let base = || Config::builder().url("memory:");
    let found = faults(base().set("database.timeout", "2s").set("database.lock_timeout", "3s"));
    assert_eq!(found, ["`databases.main.lock_timeout` must not be longer than `timeout`, which is 2s (set in code)"]);
    assert!(faults(base().set("database.lock_timeout", "31s"))[0].contains("which is 30s"));
    assert!(faults(base().set("database.idle_check_timeout", "6s"))[0].contains("`acquire_timeout`"));
    assert!(faults(base().set("database.idle_check", "1h"))[0].contains("`max_lifetime`"));
}

#[test]
fn a_default_follows_its_limit_down() {
    let main = main_of(
        Config::builder().url("memory:").set("database.timeout", "2s").set("database.acquire_timeout", "300ms"),
    );
    assert_eq!(main.lock_timeout, Duration::from_secs(2));
    assert_eq!(main.idle_check_timeout, Duration::from_millis(300));
    assert_eq!(main_of(Config::builder().url("memory:").set("database.max_lifetime", "1s")).idle_check.as_secs(), 1);
}

#[test]
fn a_value_that_cannot_be_read_is_compared_with_nothing() {
    let found =
        faults(Config::builder().url("memory:").set("database.timeout", "x").set("database.lock_timeout", "1m"));
    assert!(found[0].contains("`databases.main.timeout` must be a time"), "{found:?}");
    assert_eq!(found.len(), 1, "{found:?}");
    let tls = Config::builder().url("postgres://h/db").set("database.tls.mode", "x").set("database.tls.ca", "/no/file");
    assert_eq!(faults(tls).len(), 2);
}

#[test]
fn a_bound_is_from_a_millisecond_to_a_day_and_two_may_be_zero() {
    let base = || Config::builder().url("memory:");
    for key in [
        "connect_timeout",
        "acquire_timeout",
        "idle_check_timeout",
        "max_lifetime",
        "timeout",
        "lock_timeout",
        "close_timeout",
    ] {
        assert!(faults(base().set(&format!("database.{key}"), 0))[0].contains("must be from 1ms to one day"), "{key}");
        assert!(
            faults(base().set(&format!("database.{key}"), 86_401))[0].contains("must be from 1ms to one day"),
            "{key}"
        );
    }
    let main = main_of(base().set("database.idle_check", 0).set("database.slow", 0));
    assert_eq!((main.idle_check, main.slow), (Duration::ZERO, Duration::ZERO));
}

#[test]
fn schema_is_for_postgres_alone() {
    let of = |url: &str| Config::builder().url(url).set("database.schema", "till");
    assert_eq!(main_of(of("postgres://h/db")).schema.as_deref(), Some("till"));
    for url in ["mysql://h/db", "sqlite:a.db", "memory:"] {
        assert!(faults(of(url))[0].contains("`databases.main.schema` is for `postgres:`"));
    }
    assert!(
        faults(Config::builder().url("postgres://h/db").set("database.schema", "x".repeat(64)))[0].contains("63 bytes")
    );
}

#[test]
fn files_that_are_not_there_are_faults() {
    for key in ["password_file", "tls.ca", "tls.certificate", "tls.key"] {
        let found = faults(Config::builder().url("postgres://h/db").set(&format!("database.{key}"), "/no/hunter2"));
        assert_eq!(found[0], format!("`databases.main.{key}` names a file that is not there (set in code)"));
    }
}

#[test]
fn tls_settings_fit_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file.pem");
    fs::write(&file, "").unwrap();
    let file = file.display();
    let base = |url: &str, mode: &str| Config::builder().url(url).set("database.tls.mode", mode);
    let far = "postgres://h/db";
    assert!(faults(base(far, "require").set("database.tls.certificate", &file))[0].contains("needs `tls.key`"));
    assert!(faults(base(far, "require").set("database.tls.key", &file))[0].contains("needs `tls.certificate`"));
    assert!(
        faults(base(far, "require").set("database.tls.ca", &file))[0].contains("has no effect in the mode `require`")
    );
    assert_eq!(main_of(base(far, "verify-ca").set("database.tls.ca", &file)).tls.mode, TlsMode::VerifyCa);
    let both = |mode| base(far, mode).set("database.tls.certificate", &file).set("database.tls.key", &file);
    assert!(main_of(both("require")).tls.key.is_some());
    assert!(faults(both("disable"))[0].contains("has no effect in the mode `disable`"));
    for mode in ["require", "verify-ca", "verify-full"] {
        assert!(faults(base("sqlite:a.db", mode))[0].contains("`sqlite:` has no TLS"));
        assert!(faults(base("postgres:///db?host=/run", mode))[0].contains("a Unix socket carries no TLS"));
    }
    assert!(faults(Config::builder().url("postgres:///db?host=/run&sslmode=require"))[0].contains("Unix socket"));
    assert_eq!(main_of(base("memory:", "prefer")).tls.mode, TlsMode::Prefer);
}

#[test]
fn the_mode_of_the_configuration_beats_that_of_the_url() {
    let builder = Config::builder().url("postgres://h/db?sslmode=disable").set("database.tls.mode", "verify_full");
    assert_eq!(main_of(builder).tls.mode, TlsMode::VerifyFull);
}

#[test]
fn of_two_passwords_the_stronger_source_wins_and_one_source_has_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("password");
    fs::write(&path, "pw").unwrap();
    let file = format!("[database]\nurl = 'postgres://h/db'\npassword_file = '{}'", path.display());
    let stronger = main_of(toml(&file).set("database.password_command", "pass"));
    assert_eq!(stronger.password, Some(PasswordSource::Command(vec!["pass".to_owned()])));
    let weaker = main_of(toml("database.password_command = ['pass']").toml(&file));
    assert_eq!(weaker.password, Some(PasswordSource::File(path)));
    let found = faults(toml(&format!("{file}\npassword_command = ['pass']")));
    assert!(found[0].contains("cannot both be set"), "{found:?}");
}

#[test]
fn a_page_key_is_a_text_or_a_list_of_32_characters_or_more() {
    use secrecy::ExposeSecret;
    let (one, two) = ("hunter2-hunter2-hunter2-hunter2-", "another-another-another-another-");
    let keys = |builder: ConfigBuilder| {
        let main = main_of(builder);
        main.page_keys.iter().map(|key| key.expose_secret().to_owned()).collect::<Vec<_>>()
    };
    let base = "[database]\nurl = 'memory:'\n";
    assert_eq!(keys(toml(base)), [""; 0]);
    assert_eq!(keys(toml(&format!("{base}page_key = '{one}'"))), [one]);
    assert_eq!(keys(toml(&format!("{base}page_key = ['{one}', '{two}']"))), [one, two]);
    let variable = toml(base).variables([("SEABED_DATABASE__PAGE_KEY", format!("{one} {two}"))]);
    assert_eq!(keys(variable), [one, two]);
    for short in ["hunter2", "hunter2-hunter2-hunter2-hunter2"] {
        let found = faults(toml(&format!("{base}page_key = ['{one}', '{short}']")));
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("page_key` must have at least 32 characters"), "{found:?}");
        assert!(!found[0].contains("hunter2"), "{found:?}");
    }
    let config = toml(&format!("{base}page_key = '{one}'"));
    assert!(!format!("{config:?}").contains("hunter2"));
    assert!(!format!("{:?}", config.load().unwrap()).contains("hunter2"));
}

#[test]
fn no_type_shows_a_secret() {
    let builder = toml("database.url = 'postgres://u:hunter2@h/db'")
        .variables([("DATABASE_URL", "mysql://u:hunter2@h/db")])
        .url("postgres://u:hunter2@h/db")
        .set("databases.main.password_command", "pass --token hunter2");
    assert!(!format!("{builder:?} {builder:#?}").contains("hunter2"));
    let config = builder.load().unwrap();
    assert!(!format!("{config:?} {config:#?}").contains("hunter2"));
    assert!(format!("{config:?}").contains("postgres://u:***@h:5432/db"));
    let main = config.database("main").unwrap();
    assert!(!format!("{main:?} {main:#?} {:?} {} {:?}", main.url, main.url, main.password).contains("hunter2"));
}

#[test]
fn the_whole_file_of_the_docs_loads() {
    let text = DOCS.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for file in ["password", "ca.pem", "client.pem", "client.key"] {
        fs::write(folder.path().join(file), "").unwrap();
    }
    let config = toml(&text.replace("/etc/seabed", &folder.path().display().to_string())).load().unwrap();
    assert_eq!(config.names().collect::<Vec<_>>(), ["audit", "cache", "main"]);
    let main = config.database("main").unwrap();
    assert_eq!((main.schema.as_deref(), main.max_connections, main.tls.mode), (Some("till"), 20, TlsMode::VerifyFull));
}

#[test]
fn the_docs_list_every_key_with_its_variable_and_show_it_in_the_file() {
    let text = DOCS.split("```toml\n").nth(1).unwrap();
    for key in key::names() {
        let variable = format!("`SEABED_DATABASE__{}`", key.replace('.', "__").to_uppercase());
        let row = DOCS.lines().find(|line| line.starts_with(&format!("| `{key}` |")));
        assert!(row.is_some_and(|row| row.contains(&variable)), "{key}");
        let last = key.rsplit('.').next().unwrap();
        assert!(text.lines().any(|line| line.starts_with(&format!("{last} = "))), "{key}");
    }
}

#[test]
fn the_defaults_of_the_docs_are_the_defaults() {
    let defaults = DatabaseConfig::new(ConnectionUrl::memory());
    let row = |key: &str| DOCS.lines().find(|line| line.starts_with(&format!("| `{key}` |"))).unwrap();
    let default =
        |key: &str| row(key).split('|').nth(3).unwrap().split('`').nth(1).unwrap().trim_matches('"').to_owned();
    for (key, value) in [
        ("connect_timeout", defaults.connect_timeout),
        ("acquire_timeout", defaults.acquire_timeout),
        ("idle_check", defaults.idle_check),
        ("idle_check_timeout", defaults.idle_check_timeout),
        ("max_lifetime", defaults.max_lifetime),
        ("timeout", defaults.timeout),
        ("lock_timeout", defaults.lock_timeout),
        ("close_timeout", defaults.close_timeout),
        ("slow", defaults.slow),
    ] {
        assert_eq!(humantime::parse_duration(&default(key)).unwrap(), value, "{key}");
    }
    assert_eq!(default("max_connections"), defaults.max_connections.to_string());
    assert_eq!(default("log_values"), defaults.log_values.to_string());
    assert_eq!(default("verify"), defaults.verify.to_string());
    assert_eq!(default("sync"), defaults.sync.to_string());
}

#[test]
fn what_is_made_of_findings_is_said_in_a_word() {
    let base = || toml("database.url = 'memory:'");
    assert_eq!(main_of(base()).verify, Verify::Warn);
    for (word, sync) in
        [("off", SchemaSync::Off), ("warn", SchemaSync::Warn), ("check", SchemaSync::Check), ("dev", SchemaSync::Dev)]
    {
        assert_eq!(main_of(base().set("database.sync", word)).sync, sync);
    }
    for (word, verify) in [("off", Verify::Off), ("warn", Verify::Warn), ("strict", Verify::Strict)] {
        assert_eq!(main_of(toml(&format!("[database]\nurl = 'memory:'\nverify = '{word}'"))).verify, verify);
        assert_eq!(main_of(base().variables([("SEABED_DATABASE__VERIFY", word)])).verify, verify);
        assert_eq!(main_of(base().set("database.verify", word)).verify, verify);
    }
    let found = faults(base().variables([("SEABED_DATABASE__VERIFY", "hunter2")]));
    assert_eq!(found, ["`databases.main.verify` must be `off`, `warn` or `strict` (SEABED_DATABASE__VERIFY)"]);
    let found = faults(toml("[database]\nurl = 'memory:'\nverify = true"));
    assert_eq!(found, ["`databases.main.verify` must be text (text:3)"]);
}

#[test]
fn whether_loops_are_told_is_said_by_a_key() {
    assert_eq!(main_of(toml("database.url = 'memory:'")).detect_loops, cfg!(debug_assertions));
    for on in [true, false] {
        let said = format!("[database]\nurl = 'memory:'\ndetect_loops = {on}");
        assert_eq!(main_of(toml(&said)).detect_loops, on);
    }
}
