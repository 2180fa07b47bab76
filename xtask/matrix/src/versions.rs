//! The versions of the entity, one for each change.

use crate::base::version;

version!(base [] {});
version!(add_nullable [] { pub extra: Option<String> });
version!(add_nn_default [] { #[sea_orm(default_value = 7)] pub extra: i32 });
version!(add_nn_nodefault [] { pub extra: i32 });
version!(add_nn_str [] { pub extra: String });
version!(add_nn_exprdef [] { #[sea_orm(default_expr = "Expr::current_timestamp()")] pub extra: DateTimeUtc });
version!(add_unique_col [] { #[sea_orm(unique)] pub extra: Option<String> });
version!(add_idx_col [] { #[sea_orm(indexed)] pub extra: Option<String> });
version!(drop_nullable [opt_s] {});
version!(drop_nn [n32] {});
version!(rename_nullable [opt_s] { pub opt_x: Option<String> });
version!(rename_nn [n32] { pub n32x: i32 });
version!(rename_hint [n32] { #[sea_orm(renamed_from = "n32")] pub n32x: i32 });
version!(rename_hint_stale [] { #[sea_orm(renamed_from = "nope")] pub zz: Option<String> });
version!(rename_hint_unique [code] { #[sea_orm(unique, renamed_from = "code")] pub code2: String });
version!(rename_hint_idx [idxd] { #[sea_orm(indexed, renamed_from = "idxd")] pub idxd2: String });
version!(i32_i64 [n32] { pub n32: i64 });
version!(i64_i32 [n64] { pub n64: i32 });
version!(i32_str [n32] { pub n32: String });
version!(str_i32 [vc] { pub vc: i32 });
version!(str_text [name] { #[sea_orm(column_type = "Text")] pub name: String });
version!(vc_longer [vc] { #[sea_orm(column_type = "String(StringLen::N(200))")] pub vc: String });
version!(vc_shorter [vc] { #[sea_orm(column_type = "String(StringLen::N(10))")] pub vc: String });
version!(vc_cut [vc] { #[sea_orm(column_type = "String(StringLen::N(2))")] pub vc: String });
version!(dec_prec [price] { #[sea_orm(column_type = "Decimal(Some((12, 4)))")] pub price: Decimal });
version!(json_jsonb [meta] { #[sea_orm(column_type = "JsonBinary")] pub meta: Json });
version!(ts_tstz [ts] { pub ts: DateTimeUtc });
version!(to_nullable [n32] { pub n32: Option<i32> });
version!(to_notnull [opt_s] { pub opt_s: String });
version!(to_notnull_default [opt_s] { #[sea_orm(default_value = "none")] pub opt_s: String });
version!(pk_i64 [id] { #[sea_orm(primary_key)] pub id: i64 });
version!(add_index [name] { #[sea_orm(indexed)] pub name: String });
version!(drop_index [idxd] { pub idxd: String });
version!(add_unique [vc] { #[sea_orm(column_type = "String(StringLen::N(100))", unique)] pub vc: String });
version!(add_unique_dup [owner_id] { #[sea_orm(unique)] pub owner_id: i32 });
version!(drop_unique [code] { pub code: String });
version!(unique_to_index [code] { #[sea_orm(indexed)] pub code: String });
version!(index_to_unique [idxd] { #[sea_orm(unique)] pub idxd: String });
version!(add_uk [n32 n64] { #[sea_orm(unique_key = "nn")] pub n32: i32, #[sea_orm(unique_key = "nn")] pub n64: i64 });
version!(drop_uk [ka kb] { pub ka: i32, pub kb: i32 });
version!(uk_add_col [n32] { #[sea_orm(unique_key = "ab")] pub n32: i32 });
version!(uk_rename [ka kb] { #[sea_orm(unique_key = "ab2")] pub ka: i32, #[sea_orm(unique_key = "ab2")] pub kb: i32 });
version!(no_reference reference none);
version!(cascade reference cascade);
version!(add_default [n32] { #[sea_orm(default_value = 9)] pub n32: i32 });
version!(chg_default [qty] { #[sea_orm(default_value = 6)] pub qty: i32 });
version!(drop_default [qty] { pub qty: i32 });
version!(item2 table "item2");
version!(enum_add status "status" [Open "open" Closed "closed" Paused "paused"] [A "A" B "B"]);
version!(enum_insert status "status" [New "new" Open "open" Closed "closed"] [A "A" B "B"]);
version!(enum_drop status "status" [Open "open"] [A "A" B "B"]);
version!(enum_rename status "status" [Open "open" Done "done"] [A "A" B "B"]);
version!(enum_typename status "item_status" [Open "open" Closed "closed"] [A "A" B "B"]);
version!(strenum_add status "status" [Open "open" Closed "closed"] [A "A" B "B" C "C"]);
version!(add_comment [name] { #[sea_orm(comment = "the name")] pub name: String });
version!(reorder [n32] { pub n32: i32 });

/// A child of the parent beside the item.
pub mod tag {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tag")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub label: String,
        pub owner_id: i32,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "crate::base::owner::Entity",
            from = "Column::OwnerId",
            to = "crate::base::owner::Column::Id",
            on_delete = "Cascade"
        )]
        Owner,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
