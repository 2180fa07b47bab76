//! The one list of cases.

use super::{cases, run::Case};

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_cases {
    ($callback:path, $($given:tt)*) => {
        $callback! { $($given)*;
            V1 values::v1_what_insert_returns_is_what_a_later_read_returns,
            V1 values::v1_what_update_returns_is_what_a_later_read_returns,
            V1 values::v1_every_type_holds_null,
            V1 values::v1_every_nullable_type_holds_a_value,
            V1 values::v1_names_that_need_quotes_are_kept,
            V1 values::v1_an_entity_may_name_its_schema,
            V2 text::v2_texts_are_equal_by_code_point_alone,
            V2 text::v2_unequal_is_by_code_point,
            V2 text::v2_lists_and_ranges_compare_by_code_point,
            V2 text::v2_keys_are_text_by_code_point,
            V2 text::v2_an_empty_text_is_not_null,
            V3 text::v3_text_is_ordered_by_code_point_ascending,
            V3 text::v3_text_is_ordered_by_code_point_descending,
            V3 text::v3_comparisons_follow_the_same_order,
            V3 text::v3_comparisons_of_long_text_follow_the_same_order,
            V3 text::v3_long_texts_that_differ_late_are_ordered,
            V3 text::v3_enum_texts_and_keys_follow_the_same_order,
            V4 text::v4_a_length_is_counted_in_characters,
            V4 text::v4_a_length_is_checked_by_every_write,
            V4 text::v4_text_without_a_length_holds_255_characters,
            V4 text::v4_long_text_is_long,
            V4 text::v4_a_filter_may_be_longer_than_the_column,
            V4 text::v4_nul_is_refused_in_every_write,
            V4 text::v4_nul_is_refused_in_filters,
            V4 text::v4_nul_is_refused_inside_json,
            V4 text::v4_a_key_is_checked_like_any_text,
            V5 time::v5_an_instant_is_cut_to_milliseconds_on_write,
            V5 time::v5_an_instant_is_cut_by_every_write,
            V5 time::v5_an_instant_before_1970_is_cut_downwards,
            V5 time::v5_what_was_returned_finds_its_row,
            V5 time::v5_a_filter_is_not_cut,
            V5 time::v5_a_range_holds_its_ends,
            V5 time::v5_offsets_are_compared_as_instants,
            V5 time::v5_an_offset_comes_back_as_the_same_instant,
            V5 time::v5_years_1000_to_9999_are_kept,
            V5 time::v5_years_outside_1000_to_9999_are_refused,
            V5 time::v5_a_year_is_counted_in_utc,
            V5 time::v5_dates_are_compared_as_dates,
            V5 time::v5_times_of_day_are_compared_to_the_millisecond,
            V5 time::v5_local_times_that_a_clock_skips_are_kept,
            V6 numbers::v6_decimals_are_exact,
            V6 numbers::v6_decimals_are_rounded_half_even_on_write,
            V6 numbers::v6_decimals_come_back_with_their_scale,
            V6 numbers::v6_decimals_are_ordered_and_compared_by_value,
            V6 numbers::v6_a_decimal_filter_is_not_rounded,
            V6 numbers::v6_a_decimal_that_does_not_fit_is_refused,
            V6 numbers::v6_decimals_are_incremented_exactly,
            V7 integers::v7_the_ends_of_every_integer_type_are_kept,
            V7 integers::v7_a_u64_above_i64_max_is_a_typed_error,
            V7 integers::v7_a_change_out_of_range_is_refused,
            V7 integers::v7_a_filter_out_of_range_is_still_a_comparison,
            V7 integers::v7_an_increment_out_of_range_changes_nothing,
            V7 integers::v7_unsigned_numbers_go_down_to_zero,
            V8 numbers::v8_floats_come_back_to_the_last_bit,
            V8 numbers::v8_nan_and_infinities_are_refused_in_every_write,
            V8 numbers::v8_nan_and_infinities_are_refused_in_filters,
            V8 numbers::v8_there_is_one_zero,
            V8 numbers::v8_floats_are_ordered_and_compared_as_numbers,
            V8 numbers::v8_a_single_float_keeps_its_value,
            V9 values::v9_bool_is_a_filter_and_an_order,
            V9 values::v9_uuids_are_ordered_and_compared_by_bytes,
            V9 values::v9_bytes_are_kept_as_they_are,
            V9 values::v9_bytes_are_ordered_from_the_first_one,
            V9 values::v9_json_is_kept_as_a_parsed_value,
            V9 values::v9_json_floats_are_exact,
            V9 values::v9_json_numbers_without_a_fraction_are_whole,
            V9 values::v9_json_null_is_a_value_and_not_null,
            V9 values::v9_json_is_not_compared,
            V9 values::v9_enums_are_kept_compared_and_ordered_as_text,
            V9 values::v9_a_text_that_is_no_variant_is_refused,
            V10 values::v10_a_column_is_compared_with_its_own_type_alone,
            V10 values::v10_a_column_takes_its_own_type_alone,
            V10 values::v10_an_unknown_column_is_refused_by_name,
            Q1 nulls::q1_no_comparison_matches_null,
            Q1 nulls::q1_not_matches_where_it_is_false_and_never_where_it_is_unknown,
            Q1 nulls::q1_is_distinct_from_takes_null_for_a_value,
            Q1 nulls::q1_distinct_from_null_is_not_null,
            Q1 nulls::q1_null_in_a_comparison_is_refused,
            Q1 nulls::q1_an_empty_list_is_unknown_for_null,
            Q1 nulls::q1_what_is_true_false_and_unknown_is_every_row,
            Q1 nulls::q1_and_or_not_are_three_valued,
            Q1 nulls::q1_null_is_unknown_in_every_type,
            Q2 nulls::q2_null_sorts_lowest,
            Q2 nulls::q2_nulls_stand_where_they_are_asked_to,
            Q2 nulls::q2_null_sorts_lowest_in_every_type,
            Q2 nulls::q2_null_order_holds_in_orders_of_several_columns,
            Q3 search::q3_contains_is_literal_and_by_case,
            Q3 search::q3_starts_with_is_literal_and_by_case,
            Q3 search::q3_ends_with_is_literal_and_by_case,
            Q3 search::q3_long_text_is_searched_the_same_way,
            Q3 search::q3_the_empty_needle_is_in_every_text_and_not_in_null,
            Q3 search::q3_a_needle_longer_than_the_text_is_not_in_it,
            Q3 search::q3_an_end_is_counted_in_characters,
            Q3 search::q3_searches_combine_with_other_conditions,
            Q3 search::q3_enums_are_searched_as_text,
            Q4 pages::q4_ties_are_broken_by_the_key,
            Q4 pages::q4_ties_are_broken_by_the_key_and_not_by_age,
            Q4 pages::q4_pages_of_ties_hold_every_row_once,
            Q4 pages::q4_a_limit_without_an_order_is_by_the_key,
            Q4 pages::q4_an_order_by_the_key_itself_is_kept,
            Q6 pages::q6_a_limit_of_zero_is_no_rows,
            Q6 pages::q6_an_offset_beyond_the_end_is_no_rows,
            Q6 pages::q6_an_offset_without_a_limit_gives_the_rest,
            Q6 pages::q6_a_huge_limit_is_no_limit,
            Q6 pages::q6_a_page_of_size_zero_or_number_zero_is_a_typed_error,
            Q6 pages::q6_a_page_after_the_last_is_empty,
            Q6 pages::q6_a_page_of_nothing_has_no_pages,
            Q6 lists::q6_an_empty_list_matches_nothing,
            Q6 lists::q6_a_write_with_an_empty_list_writes_nothing,
            Q6 lists::q6_a_list_may_repeat_values,
            Q6 lists::q6_an_empty_table_answers,
            Q10 lists::q10_a_list_of_integers_has_no_limit,
            Q10 lists::q10_a_list_of_uuids_has_no_limit,
            Q10 lists::q10_a_list_of_texts_has_no_limit,
            Q10 lists::q10_a_list_of_instants_has_no_limit,
            Q10 lists::q10_a_list_of_decimals_has_no_limit,
            Q10 lists::q10_lists_of_the_other_types_have_no_limit,
            Q10 lists::q10_several_long_lists_stand_in_one_condition,
            Q10 lists::q10_long_lists_serve_orders_counts_and_writes,
            W1 writes::w1_get_of_a_missing_row_is_none,
            W1 writes::w1_one_is_the_first_in_the_order,
            W1 writes::w1_exists_and_count_look_at_the_filter_alone,
            W1 writes::w1_update_of_a_missing_row_is_not_found,
            W1 writes::w1_replace_of_a_missing_row_is_not_found,
            W1 writes::w1_update_writes_the_set_fields_alone,
            W1 writes::w1_update_with_nothing_set_returns_the_row,
            W1 writes::w1_update_to_the_same_values_finds_its_row,
            W1 writes::w1_update_without_a_key_is_refused,
            W1 writes::w1_replace_writes_every_field,
            W1 writes::w1_several_updates_are_all_or_nothing,
            W1 writes::w1_delete_says_whether_a_row_was_there,
            W1 writes::w1_composite_keys_find_update_and_delete_their_row,
            W1 writes::w1_a_key_does_not_change,
            W1 writes::w1_insert_takes_a_model_or_an_active_model,
            W1 writes::w1_what_is_not_set_takes_its_default,
            W1 writes::w1_a_table_that_was_never_made_is_named,
            W1 writes::w1_a_closed_database_refuses_every_call,
            W2 constraints::w2_a_unique_violation_on_insert_is_named,
            W2 constraints::w2_a_unique_violation_on_update_is_named,
            W2 constraints::w2_a_unique_violation_of_update_many_changes_nothing,
            W2 constraints::w2_a_unique_violation_within_a_bulk_insert_is_named,
            W2 constraints::w2_a_key_that_is_there_is_a_unique_violation,
            W2 constraints::w2_a_single_key_that_is_there_is_a_unique_violation,
            W2 constraints::w2_a_required_field_without_a_value_is_refused,
            W2 constraints::w2_an_error_quotes_no_row,
            W2 constraints::w2_a_failed_write_leaves_the_database_usable,
            W2 parents::w2_a_child_without_its_parent_is_refused,
            W2 parents::w2_children_without_a_parent_are_refused_in_bulk,
            W2 parents::w2_a_null_has_no_parent,
            W2 parents::w2_a_delete_is_refused_while_children_restrict_it,
            W2 parents::w2_a_delete_cascades_where_the_relation_says_so,
            W2 parents::w2_a_delete_sets_null_where_the_relation_says_so,
            W2 parents::w2_a_refused_delete_undoes_its_cascades,
            W2 parents::w2_a_tree_is_deleted_from_its_root,
            W2 parents::w2_a_row_may_be_its_own_parent,
            W2 parents::w2_a_parent_in_the_same_insert_is_found,
            W3 constraints::w3_a_unique_column_holds_several_nulls,
            W3 constraints::w3_unique_is_by_code_point,
            W3 constraints::w3_a_unique_key_of_two_columns_counts_both,
            W3 constraints::w3_a_null_in_a_unique_key_collides_with_nothing,
            W3 constraints::w3_a_deleted_row_frees_its_unique_value,
            W3 constraints::w3_concurrent_inserts_of_one_value_leave_one,
            W5 changes::w5_update_many_counts_the_rows_that_matched,
            W5 changes::w5_delete_many_counts_the_rows_that_matched,
            W5 changes::w5_the_whole_table_is_written_where_that_is_said,
            W5 changes::w5_several_columns_are_changed_at_once,
            W5 changes::w5_every_type_can_be_set_to_a_value_and_to_null,
            W5 changes::w5_a_change_without_changes_is_refused,
            W5 changes::w5_an_increment_of_null_stays_null,
            W5 changes::w5_an_increment_may_be_negative_or_a_fraction,
            W5 changes::w5_concurrent_increments_all_count,
            W5 changes::w5_set_null_on_a_required_column_is_refused,
            W6 bulk::w6_many_rows_come_back_in_order,
            W6 bulk::w6_a_bulk_insert_is_all_or_nothing,
            W6 bulk::w6_a_value_refused_in_the_last_row_leaves_nothing,
            W6 bulk::w6_a_table_far_wider_than_a_statement_is_filled,
            W6 bulk::w6_defaults_apply_to_each_row,
            W6 bulk::w6_rows_that_set_different_columns_stand_in_one_insert,
            W6 bulk::w6_concurrent_bulk_inserts_get_their_own_rows_back,
            W6 bulk::w6_one_row_is_a_bulk_of_one,
            W7 keys::w7_a_uuid_key_is_made_where_none_is_set,
            W7 keys::w7_uuid_keys_grow,
            W7 keys::w7_a_uuid_key_that_is_set_is_kept,
            W7 keys::w7_integer_keys_grow,
            W7 keys::w7_integer_keys_are_not_reused,
            W7 keys::w7_an_integer_key_that_is_given_moves_the_next_one,
            T1 transactions::t1_a_commit_keeps_every_write,
            T1 transactions::t1_a_rollback_leaves_no_trace,
            T1 transactions::t1_a_dropped_transaction_is_rolled_back,
            T1 transactions::t1_a_transaction_reads_its_own_writes,
            T1 transactions::t1_nothing_is_seen_outside_before_the_commit,
            T1 transactions::t1_transact_commits_on_ok,
            T1 transactions::t1_transact_rolls_back_on_err,
            T1 transactions::t1_transact_inside_a_transaction_joins_it,
            T1 transactions::t1_begin_inside_a_transaction_is_refused,
            T1 transactions::t1_an_empty_transaction_commits,
            T1 transactions::t1_a_handle_kept_after_the_end_is_harmless,
            T1 transactions::t1_concurrent_transactions_all_land,
            T2 transactions::t2_a_failed_statement_dooms_the_transaction,
            T2 transactions::t2_a_doomed_transaction_rolls_back_quietly,
            T2 transactions::t2_an_error_that_is_swallowed_does_not_commit,
            T2 transactions::t2_not_found_does_not_doom,
            T2 transactions::t2_what_is_refused_before_the_server_does_not_doom,
            T2 transactions::t2_a_constraint_of_a_parent_dooms_too,
            T3 transactions::t3_a_dropped_call_leaves_nothing_open,
            T3 transactions::t3_a_dropped_transaction_future_leaves_nothing_open,
            T3 transactions::t3_a_call_given_up_inside_a_transaction_ends_it,
            T4 isolation::t4_serializable_is_given_or_refused_by_name,
            T4 isolation::t4_read_committed_is_the_default_and_always_there,
            T4 isolation::t4_a_lost_update_is_impossible_when_serializable,
            T5 isolation::t5_a_read_only_transaction_reads,
            T5 isolation::t5_a_read_only_transaction_refuses_every_write,
            T5 isolation::t5_writes_go_on_beside_a_read_only_transaction,
            S1 writes::s1_making_tables_again_touches_nothing,
        }
    };
}

macro_rules! constants {
    (; $( $law:ident $module:ident::$name:ident, )*) => {
        /// Every case, in the order of the laws.
        pub const CASES: &[Case] = &[$(
            Case {
                law: stringify!($law),
                name: stringify!($name),
                proof: |db| Box::pin(cases::$module::$name(db)),
            },
        )*];
    };
}

__conformance_cases! { constants, }

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The laws that hold now; a law that comes to hold comes here with its cases.
    const LAWS: [&str; 26] = [
        "V1", "V2", "V3", "V4", "V5", "V6", "V7", "V8", "V9", "V10", "Q1", "Q2", "Q3", "Q4", "Q6", "Q10", "W1", "W2",
        "W3", "W5", "W6", "W7", "T1", "T2", "T4", "T5",
    ];

    #[test]
    fn every_law_that_holds_has_a_case() {
        let proven: BTreeSet<_> = CASES.iter().map(|case| case.law).collect();
        let missing: Vec<_> = LAWS.iter().filter(|law| !proven.contains(*law)).collect();
        assert!(missing.is_empty(), "laws without a case: {missing:?}");
    }

    #[test]
    fn a_name_is_its_law_and_a_sentence_and_stands_once() {
        let mut names = BTreeSet::new();
        for case in CASES {
            let law = format!("{}_", case.law.to_lowercase());
            assert!(case.name.starts_with(&law), "{} does not begin with {law}", case.name);
            assert!(case.name.matches('_').count() > 2, "{} is no sentence", case.name);
            assert!(names.insert(case.name), "{} stands twice", case.name);
        }
    }

    #[test]
    fn every_case_that_is_written_is_in_the_list() {
        const SOURCES: [&str; 17] = [
            include_str!("cases/bulk.rs"),
            include_str!("cases/changes.rs"),
            include_str!("cases/constraints.rs"),
            include_str!("cases/integers.rs"),
            include_str!("cases/isolation.rs"),
            include_str!("cases/keys.rs"),
            include_str!("cases/lists.rs"),
            include_str!("cases/nulls.rs"),
            include_str!("cases/numbers.rs"),
            include_str!("cases/pages.rs"),
            include_str!("cases/parents.rs"),
            include_str!("cases/search.rs"),
            include_str!("cases/text.rs"),
            include_str!("cases/time.rs"),
            include_str!("cases/transactions.rs"),
            include_str!("cases/values.rs"),
            include_str!("cases/writes.rs"),
        ];
        let written = SOURCES.iter().map(|source| source.matches("\npub async fn ").count()).sum::<usize>();
        assert_eq!(written, CASES.len(), "a case that is not in the list proves nothing");
    }
}
