use super::*;
use crate::ErrorKind;
use secrecy::ExposeSecret;

fn url(text: &str) -> ConnectionUrl {
    ConnectionUrl::parse(text).unwrap()
}

fn password(text: &str) -> String {
    url(text).password().unwrap().expose_secret().to_owned()
}

fn fault(text: &str) -> String {
    ConnectionUrl::parse(text).unwrap_err().to_string()
}

#[test]
fn the_parts_of_a_server_url_are_told_apart() {
    let url = url("postgres://app:pw@db.example:6000/shop");
    assert_eq!(url.scheme(), Scheme::Postgres);
    assert_eq!((url.host(), url.port()), ("db.example", 6000));
    assert_eq!((url.user(), url.database()), (Some("app"), Some("shop")));
    assert_eq!(url.password().unwrap().expose_secret(), "pw");
    assert!(!url.is_local());
}

#[test]
fn what_is_left_out_has_its_default() {
    let postgres = url("postgresql:///");
    assert_eq!((postgres.host(), postgres.port(), postgres.user()), ("localhost", 5432, None));
    assert!(postgres.password().is_none() && postgres.database().is_none() && postgres.is_local());
    assert_eq!(url("mariadb://h").port(), 3306);
}

#[test]
fn user_password_and_database_are_percent_decoded() {
    let text = "mysql://a%40b:p%3A%2F%3F%23%25@h/sh%C3%B6p";
    assert_eq!((url(text).user(), url(text).database()), (Some("a@b"), Some("shöp")));
    assert_eq!(password(text), "p:/?#%");
}

#[test]
fn an_at_sign_and_a_percent_sign_in_a_password_are_understood() {
    assert_eq!(password("postgres://u:p@ss@h/db"), "p@ss");
    assert_eq!(password("postgres://u:100%@h/db"), "100%");
    assert_eq!(password("postgres://u:a:b@h/db"), "a:b");
}

#[test]
fn an_ipv6_host_has_no_brackets() {
    let url = url("postgres://u@[::1]:7/db");
    assert_eq!((url.host(), url.port(), url.is_local()), ("::1", 7, true));
    assert_eq!(url.to_string(), "postgres://u@[::1]:7/db");
}

#[test]
fn a_socket_is_found_where_each_server_has_it() {
    for text in ["postgres://u@%2Frun%2Fpg/db", "postgres:///db?host=/run/pg", "postgres://u:p@/db?host=/run/pg"] {
        let url = url(text);
        assert_eq!(url.socket(), Some(Path::new("/run/pg")), "{text}");
        assert!(url.is_local());
        assert_eq!(url.host(), "localhost");
    }
    assert_eq!(url("mysql://u@localhost/db?socket=/run/my.sock").socket(), Some(Path::new("/run/my.sock")));
    assert!(fault("mysql://u@h/db?socket=rel.sock").contains("absolute path"));
}

#[test]
fn the_host_parameter_names_the_host_where_the_url_does_not() {
    assert_eq!(url("postgres://u@/db?host=db.example").host(), "db.example");
    assert!(fault("postgres://u@h/db?host=other").contains("second host"));
}

#[test]
fn a_sqlite_path_is_read_in_every_spelling() {
    let file = |path: &str| SqlitePath::File(path.into());
    assert_eq!(url("sqlite::memory:").path(), SqlitePath::Memory);
    assert_eq!(url("sqlite://:memory:").path(), SqlitePath::Memory);
    assert_eq!(url("sqlite:path/rel.db").path(), file("path/rel.db"));
    assert_eq!(url("sqlite://rel.db").path(), file("rel.db"));
    assert_eq!(url("sqlite:///abs.db").path(), file("/abs.db"));
    assert_eq!(url("sqlite:/abs.db?mode=ro").path(), file("/abs.db"));
    assert_eq!(url("sqlite:my%20data.db").path(), file("my data.db"));
    assert!(fault("sqlite:").contains("sqlite::memory:"));
    assert!(fault("sqlite://?mode=ro").contains("names no file"));
}

#[test]
fn a_sqlite_file_is_made_unless_the_mode_says_otherwise() {
    assert_eq!(url("sqlite:a.db").sqlite_mode(), SqliteMode::Create);
    assert_eq!(url("sqlite:a.db?mode=rwc").sqlite_mode(), SqliteMode::Create);
    assert_eq!(url("sqlite:a.db?mode=rw").sqlite_mode(), SqliteMode::ReadWrite);
    assert_eq!(url("sqlite:a.db?mode=ro").sqlite_mode(), SqliteMode::ReadOnly);
    url("sqlite:a.db?mode=rw&max_page_count=4294967294");
    for pages in ["0", "-1", "many", "4294967295", ""] {
        let error = ConnectionUrl::parse(&format!("sqlite:a.db?max_page_count={pages}")).unwrap_err();
        assert!(error.to_string().contains("max_page_count"), "{error}");
    }
    assert!(fault("sqlite:a.db?mode=memory").contains("`ro`, `rw` and `rwc`"));
}

#[test]
fn memory_stands_alone() {
    assert_eq!(url("memory:").scheme(), Scheme::Memory);
    assert_eq!(url("memory://").to_string(), "memory:");
    assert!(fault("memory:x").contains("stands alone"));
}

#[test]
fn an_unknown_parameter_is_refused_with_the_nearest_known_one() {
    assert!(fault("postgres://h/db?sslmod=require").contains("did you mean `sslmode`?"));
    assert!(fault("sqlite:a.db?cache=shared").contains("known are `mode`"));
    assert!(fault("memory:?mode=ro").contains("stands alone"));
    assert!(fault("mysql://h/db?sslmode=maybe").contains("is not a mode of TLS"));
    assert!(fault("postgres://h/db?sslmode=require&ssl-mode=require").contains("twice"));
    assert!(fault("sqlite:a.db?mode=ro&mode=ro").contains("twice"));
}

#[test]
fn parameters_are_kept_in_order() {
    let url = url("postgres://h/db?application_name=till+1&sslmode=require");
    assert_eq!(url.parameter("application_name"), Some("till 1"));
    assert_eq!(url.parameters()[1], ("sslmode".to_owned(), "require".to_owned()));
    assert_eq!(url.to_string(), "postgres://h:5432/db?application_name=till%201&sslmode=require");
}

#[test]
fn a_url_that_cannot_be_read_does_not_give_its_password_away() {
    for text in [
        "postgres://u:hunter2@h:port/db",
        "postgres://u:hunter2@h:99999/db",
        "postgres://u:hunter2@h:0/db",
        "postgres://u:hunter2@h1,h2/db",
        "postgres://u:hunter2/x@h/db",
        "postgres://u:1/hunter2@h/db",
        "postgres://u:hunter2?x@h/db",
        "postgres://u:1?hunter2=1@h/db",
        "postgres://u:1?hunter2!=1",
        "postgres://u:hunter2#x@h/db",
        "postgres://u:1#hunter2@h/db",
        "postgres://u:hunter2@h h/db",
        "postgres://u:hunter2@[::1/db",
        "postgres://u:hunter2@h/a/b",
        "postgres://u:hunter2%00@h/db",
        "postgres://u:hunter2%ff@h/db",
        "postgres://u:hunter2@h/db?sslmode=hunter2",
        "postgres:u:hunter2@h/db",
        "postgrez://u:hunter2@h/db",
        "mongodb+srv://u:hunter2@h/db",
        "mongodb://u:hunter2@h/db?authsource=x",
        "mongodb://u:p@h/db?accept_losses=hunter2",
        "//u:hunter2@h/db",
        "u hunter2:x@h/db",
        "hunter2",
        "",
    ] {
        let error = ConnectionUrl::parse(text).unwrap_err();
        assert!(!format!("{error} {error:?} {error:#?}").contains("hunter2"), "{text}: {error}");
        assert!(std::error::Error::source(&error).is_none());
        assert!(error.is(ErrorKind::Config) || error.is(ErrorKind::UnknownScheme), "{text}: {error}");
    }
}

#[test]
fn debug_and_display_mask_the_password() {
    let url = url("postgres://user:hunter2@host:5432/db?application_name=1");
    assert_eq!(url.to_string(), "postgres://user:***@host:5432/db?application_name=1");
    assert_eq!(format!("{url:?}"), "ConnectionUrl(postgres://user:***@host:5432/db?application_name=1)");
    let socket = ConnectionUrl::parse("postgres://user:hunter2@/db?host=/run/pg").unwrap();
    assert_eq!(socket.to_string(), "postgres://user:***@/db?host=/run/pg");
    assert_eq!(super::ConnectionUrl::parse("sqlite::memory:").unwrap().to_string(), "sqlite::memory:");
}

#[test]
fn a_parameter_whose_name_speaks_of_a_secret_is_masked() {
    let mut url = url("postgres://h/db");
    for name in ["sslpassword", "client_secret", "Token", "sslkey"] {
        url.parameters = vec![(name.to_owned(), "hunter2".to_owned())];
        assert_eq!(url.to_string(), format!("postgres://h:5432/db?{name}=***"));
    }
}

#[test]
fn what_is_displayed_without_a_secret_parses_to_the_same() {
    for text in ["postgres://u@%2Frun%2Fpg/db", "mysql://a%40b@h:1/d%20b", "sqlite:/a.db?mode=ro", "sqlite::memory:"] {
        let shown = url(text).to_string();
        assert_eq!(url(&shown).to_string(), shown, "{text}");
    }
}
