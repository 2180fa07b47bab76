//! What plain SeaORM does where the contract promises something else.
//!
//! Each test does with SeaORM's own interface, and on the tables that SeaORM itself makes, what a case of the suite
//! does, and asserts what comes of it today. None is a wish: a test that goes red says that upstream has mended
//! something, and that a fence of ours can be looked at again. The line above each test names the case that proves the
//! law kept by us.
//!
//! "All three" are SQLite, PostgreSQL and MariaDB; where they answer differently, the test says who answers what, and
//! it is the difference that breaks the law. Measured with SeaORM 2.0.4 and sqlx 0.9.0 on PostgreSQL 15 and MariaDB
//! 10.11.
//!
//! | law | test | on |
//! |---|---|---|
//! | V1 | `v1_postgres_answers_an_error_and_has_the_row` | PostgreSQL |
//! |  | `v1_mariadb_returns_another_time_of_day_than_it_was_given` | MariaDB |
//! | V2 | `v2_mariadb_takes_case_and_accents_for_equal` | MariaDB |
//! |  | `v2_mariadb_takes_trailing_spaces_for_equal` | MariaDB |
//! | V3 | `v3_servers_order_text_by_a_language` | PostgreSQL, MariaDB |
//! | V4 | `v4_sqlite_ignores_a_declared_length` | SQLite |
//! |  | `v4_a_text_without_a_length_is_refused_by_one_and_taken_by_others` | all three |
//! |  | `v4_nul_is_refused_by_one_and_kept_by_others` | all three |
//! | V5 | `v5_sqlite_compares_instants_as_text` | SQLite |
//! |  | `v5_mariadb_keeps_whole_seconds` | MariaDB |
//! |  | `v5_mariadb_loses_an_instant_after_2038` | MariaDB |
//! |  | `v5_postgres_cuts_a_filter` | PostgreSQL |
//! | V6 | `v6_mariadb_drops_the_fraction_of_a_decimal` | MariaDB |
//! |  | `v6_sqlite_keeps_a_float_for_a_decimal` | SQLite |
//! |  | `v6_decimals_are_rounded_half_away_or_not_at_all` | all three |
//! | V7 | `v7_a_u64_above_i64_max_panics` | SQLite, PostgreSQL |
//! |  | `v7_postgres_cannot_read_a_u32_in_the_column_made_for_it` | PostgreSQL |
//! | V8 | `v8_nan_is_null_or_kept_or_refused` | all three |
//! |  | `v8_minus_zero_is_kept_by_one_and_not_by_others` | all three |
//! | V9 | `v9_mariadb_has_no_table_for_an_enum_with_an_apostrophe` | MariaDB |
//! |  | `v9_json_is_compared_as_text_or_not_at_all` | all three |
//! | V10 | `v10_sqlite_stores_text_in_a_number` | SQLite |
//! |  | `v10_mariadb_finds_a_number_by_a_text` | MariaDB |
//! | Q1 | `q1_equal_to_none_matches_null` | all three |
//! |  | `q1_a_null_in_not_in_hides_every_row` | all three |
//! |  | `q1_not_in_an_empty_list_matches_null` | all three |
//! | Q2 | `q2_null_sorts_last_on_one_and_first_on_others` | all three |
//! | Q3 | `q3_a_percent_sign_is_contained_in_everything` | all three |
//! |  | `q3_case_counts_on_one_and_not_on_others` | all three |
//! | Q4 | `q4_postgres_repeats_a_row_on_pages_of_ties_and_loses_others` | PostgreSQL |
//! | Q5 | `q5_a_cursor_loses_rows_with_null` | all three |
//! | Q6 | `q6_a_page_of_size_zero_panics` | all three |
//! |  | `q6_an_offset_without_a_limit_is_a_syntax_error` | SQLite, MariaDB |
//! | Q7 | `q7_a_sum_has_another_type_on_each` | all three |
//! | Q8 | `q8_a_query_beside_a_stream_in_a_transaction_hangs` | all three |
//! |  | `q8_postgres_works_through_a_stream_that_was_dropped` | PostgreSQL |
//! | Q9 | `q9_children_of_many_parents_are_refused` | all three |
//! | Q10 | `q10_a_long_list_is_refused` | all three |
//! |  | `q10_a_bulk_insert_is_refused` | all three |
//! | W1 | `w1_an_update_with_a_model_writes_nothing` | all three |
//! | W2 | `w2_a_missing_value_is_an_error_without_a_kind` | all three |
//! |  | `w2_a_check_is_an_error_without_a_kind` | all three |
//! |  | `w2_sqlite_tells_nothing_of_a_foreign_key` | SQLite |
//! |  | `w2_mariadb_quotes_the_row_in_the_error` | MariaDB |
//! | W3 | `w3_mariadb_takes_other_texts_for_duplicates` | MariaDB |
//! | W4 | `w4_mariadb_upserts_on_a_key_that_was_not_named` | MariaDB |
//! | W5 | `w5_mariadb_counts_an_upsert_by_what_it_did` | MariaDB |
//! |  | `w5_a_bulk_update_of_nothing_says_ok` | all three |
//! | W6 | `w6_a_mixed_bulk_insert_writes_null_for_a_default` | all three |
//! |  | `w6_the_last_id_of_a_bulk_insert_is_the_first_on_one` | all three |
//! |  | `w6_mariadb_gives_no_rows_back` | MariaDB |
//! | W7 | `w7_postgres_makes_a_key_that_was_given` | PostgreSQL |
//! |  | `w7_save_of_a_new_row_with_a_key_of_its_own_fails` | all three |
//! | W8 | `w8_who_wrote_first_is_overwritten` | all three |
//! |  | `w8_mariadb_loses_an_update_in_a_repeatable_read` | MariaDB |
//! | W9 | `w9_a_hook_is_skipped_by_bulk_writes` | all three |
//! | T1 | `t1_postgres_commits_what_it_rolled_back` | PostgreSQL |
//! |  | `t1_a_commit_beside_an_open_savepoint_keeps_nothing` | all three |
//! | T2 | `t2_others_carry_on_after_a_failed_statement_and_commit_the_rest` | SQLite, MariaDB |
//! | T3 | `t3_a_write_after_a_begin_that_was_given_up_vanishes` | PostgreSQL, MariaDB |
//! |  | `t3_dropping_a_savepoint_beside_a_stream_panics` | all three |
//! | T4 | `t4_mariadb_does_not_see_what_was_committed` | PostgreSQL, MariaDB |
//! | T5 | `t5_sqlite_writes_in_a_read_only_transaction` | SQLite |
//! | T7 | `t7_a_statement_given_up_goes_on_in_the_server` | PostgreSQL, MariaDB |
//! | T8 | `t8_a_write_through_the_pool_stands_beside_the_transaction` | PostgreSQL, MariaDB |
//! | S1 | `s1_a_sync_drops_a_unique_index_made_by_hand` | SQLite, MariaDB |
//! | S2 | `s2_postgres_cannot_sync_what_did_not_change` | PostgreSQL |
//!
//! Without a test: T6, for nothing in SeaORM retries; S3 and S4, for it has no lock and no checksum that could be tried;
//! that SQLite ignores an isolation level, for it gives the strongest to all.
//!
//! Looked for and not found, so that nobody looks again: an empty list and a limit of zero answer no rows, an update
//! that changes nothing counts its rows on MariaDB, tables on SQLite do not reuse keys (SeaORM says AUTOINCREMENT),
//! PostgreSQL does not round instants (sqlx has cut them) and takes an enum with an apostrophe, a single float on MariaDB
//! is found by itself, and rows with ties keep one order on SQLite and MariaDB.
#![cfg(all(feature = "sqlite", feature = "postgres", feature = "mysql"))]
#![expect(clippy::expect_used, reason = "a test fails by saying what it expected")]

mod entities;
#[path = "../server/give_up.rs"]
mod give_up;
mod queries;
mod schema;
#[path = "../server/mod.rs"]
mod server;
mod support;
mod transactions;
mod values;
mod writes;

/// The tests, each with the line above it.
fn tests() -> Vec<(&'static str, &'static str)> {
    const SOURCES: [&str; 5] = [
        include_str!("queries.rs"),
        include_str!("schema.rs"),
        include_str!("transactions.rs"),
        include_str!("values.rs"),
        include_str!("writes.rs"),
    ];
    let parts = SOURCES.into_iter().flat_map(|source| source.split("\n#[tokio::test]\nasync fn ").collect::<Vec<_>>());
    let parts: Vec<_> = parts.collect();
    let pairs = parts.windows(2).filter(|pair| !pair[1].starts_with("//!"));
    pairs.map(|pair| (pair[0].lines().last().unwrap_or(""), pair[1].split('(').next().unwrap_or(""))).collect()
}

#[test]
fn every_test_names_a_case_that_is_there() {
    const LIST: &str = include_str!("../../src/conformance/list.rs");
    let tests = tests();
    assert!(tests.len() > 50, "they are found: {}", tests.len());
    for (line, test) in tests {
        if let Some((name, file)) = line.strip_prefix("// proof: ").and_then(|proof| proof.split_once(" in ")) {
            let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
            let source = std::fs::read_to_string(path).expect("the file of the proof");
            assert!(source.contains(&format!("fn {name}(")), "{test} names {name}, which is not in {file}");
            continue;
        }
        let case = line.strip_prefix("// case: ").unwrap_or_else(|| panic!("{test} names no case"));
        let written = case == "(T8: not yet kept)" || LIST.contains(&format!("::{case},"));
        assert!(written, "{test} names {case}, which is not in the list");
    }
}

#[test]
fn every_test_is_in_the_table() {
    const TABLE: &str = include_str!("main.rs");
    for (_, test) in tests() {
        assert!(TABLE.contains(&format!("| `{test}` |")), "{test} is not in the table");
    }
}

/// The page for readers says of each test which case proves our law, and of no test that is not there.
#[test]
fn every_test_is_on_the_page() {
    const PAGE: &str = include_str!("../../docs/seaorm.md");
    let tests = tests();
    for (line, test) in &tests {
        let proof = line.strip_prefix("// case: ").or_else(|| line.strip_prefix("// proof: ")).unwrap_or(line);
        let row = PAGE.lines().find(|row| row.contains(&format!("| `{test}` |")));
        let row = row.unwrap_or_else(|| panic!("{test} is not on the page"));
        let said = proof.split_once(" in ").map_or(proof, |(name, _)| name);
        let kept = said.starts_with('(') && row.contains("| not yet kept |");
        assert!(kept || row.contains(&format!("| `{said}`")), "the page names another case for {test} than {said}");
    }
    let rows = PAGE.lines().filter(|row| row.starts_with("| ") && !row.starts_with("| law |")).count();
    assert_eq!(rows, tests.len(), "a row without a test");
}
