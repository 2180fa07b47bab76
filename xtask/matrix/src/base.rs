//! The entities that change: 26 columns of every type, a parent, and what a version of them leaves out or adds.
//!
//! A macro cannot stand where a field does, so the fields are put together one by one: those of the list that are not left
//! out, then those that are added.

/// The parent.
pub mod owner {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "owner")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub label: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A version of the entity: `version!(name [left out] { added })`, and where more is another: the table, the reference, the enum's
/// name and variants.
macro_rules! version {
    ($name:ident [$($without:ident)*] {$($with:tt)*}) => {
        $crate::base::item!($name "item" [$($without)*] {$($with)*} (restrict) "status" [Open "open" Closed "closed"] [A "A" B "B"]);
    };
    ($name:ident table $table:tt) => {
        $crate::base::item!($name $table [] {} (restrict) "status" [Open "open" Closed "closed"] [A "A" B "B"]);
    };
    ($name:ident reference $relation:ident) => {
        $crate::base::item!($name "item" [] {} ($relation) "status" [Open "open" Closed "closed"] [A "A" B "B"]);
    };
    ($name:ident status $enum:tt [$($variant:ident $value:tt)*] [$($sort:ident $short:tt)*]) => {
        $crate::base::item!($name "item" [] {} (restrict) $enum [$($variant $value)*] [$($sort $short)*]);
    };
}
pub(crate) use version;

macro_rules! relation {
    (none) => {
        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}
    };
    (restrict) => {
        #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {
            #[sea_orm(
                belongs_to = "crate::base::owner::Entity",
                from = "Column::OwnerId",
                to = "crate::base::owner::Column::Id"
            )]
            Owner,
        }
    };
    (cascade) => {
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
    };
}
pub(crate) use relation;

macro_rules! item {
    ($name:ident $table:tt [$($without:ident)*] {$($with:tt)*} ($relation:ident) $enum:tt [$($variant:ident $value:tt)*]
        [$($sort:ident $short:tt)*]) => {
        pub mod $name {
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
            #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = $enum)]
            pub enum Status {
                $(#[sea_orm(string_value = $value)] $variant,)*
            }

            #[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
            #[sea_orm(rs_type = "String", db_type = "String(StringLen::N(1))")]
            pub enum Sort {
                $(#[sea_orm(string_value = $short)] $sort,)*
            }

            $crate::base::item!(@ [$($without)*] [$table {$($with)*}] {} id n32 n64 n16 flag ratio price name body vc uid at ts day meta blob status kind opt_s opt_n code ka kb idxd qty owner_id);
            $crate::base::relation!($relation);

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
    (@ [] [$table:tt {$($with:tt)*}] {$($made:tt)*}) => {
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = $table)]
        pub struct Model {
            $($made)*
            $($with)*
        }
    };
    (@ [id $($without:tt)*] [$($to:tt)*] {$($made:tt)*} id $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} id $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* #[sea_orm(primary_key)] pub id: i32,} $($left)*);
    };
    (@ [n32 $($without:tt)*] [$($to:tt)*] {$($made:tt)*} n32 $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} n32 $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* pub n32: i32,} $($left)*);
    };
    (@ [n64 $($without:tt)*] [$($to:tt)*] {$($made:tt)*} n64 $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} n64 $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* pub n64: i64,} $($left)*);
    };
    (@ [n16 $($without:tt)*] [$($to:tt)*] {$($made:tt)*} n16 $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} n16 $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* pub n16: i16,} $($left)*);
    };
    (@ [flag $($without:tt)*] [$($to:tt)*] {$($made:tt)*} flag $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} flag $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* pub flag: bool,} $($left)*);
    };
    (@ [ratio $($without:tt)*] [$($to:tt)*] {$($made:tt)*} ratio $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} ratio $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* pub ratio: f64,} $($left)*);
    };
    (@ [price $($without:tt)*] [$($to:tt)*] {$($made:tt)*} price $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} price $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* #[sea_orm(column_type = "Decimal(Some((10, 2)))")] pub price: Decimal,} $($left)*);
    };
    (@ [name $($without:tt)*] [$($to:tt)*] {$($made:tt)*} name $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} name $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* pub name: String,} $($left)*);
    };
    (@ [body $($without:tt)*] [$($to:tt)*] {$($made:tt)*} body $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} body $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* #[sea_orm(column_type = "Text")] pub body: String,} $($left)*);
    };
    (@ [vc $($without:tt)*] [$($to:tt)*] {$($made:tt)*} vc $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} vc $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* #[sea_orm(column_type = "String(StringLen::N(100))")] pub vc: String,} $($left)*);
    };
    (@ [uid $($without:tt)*] [$($to:tt)*] {$($made:tt)*} uid $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} uid $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* pub uid: Uuid,} $($left)*);
    };
    (@ [at $($without:tt)*] [$($to:tt)*] {$($made:tt)*} at $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} at $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* pub at: DateTimeUtc,} $($left)*);
    };
    (@ [ts $($without:tt)*] [$($to:tt)*] {$($made:tt)*} ts $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} ts $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* pub ts: DateTime,} $($left)*);
    };
    (@ [day $($without:tt)*] [$($to:tt)*] {$($made:tt)*} day $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} day $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* pub day: Date,} $($left)*);
    };
    (@ [meta $($without:tt)*] [$($to:tt)*] {$($made:tt)*} meta $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} meta $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* pub meta: Json,} $($left)*);
    };
    (@ [blob $($without:tt)*] [$($to:tt)*] {$($made:tt)*} blob $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} blob $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* pub blob: Vec<u8>,} $($left)*);
    };
    (@ [status $($without:tt)*] [$($to:tt)*] {$($made:tt)*} status $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} status $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* pub status: Status,} $($left)*);
    };
    (@ [kind $($without:tt)*] [$($to:tt)*] {$($made:tt)*} kind $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} kind $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* pub kind: Sort,} $($left)*);
    };
    (@ [opt_s $($without:tt)*] [$($to:tt)*] {$($made:tt)*} opt_s $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} opt_s $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* pub opt_s: Option<String>,} $($left)*);
    };
    (@ [opt_n $($without:tt)*] [$($to:tt)*] {$($made:tt)*} opt_n $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} opt_n $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* pub opt_n: Option<i32>,} $($left)*);
    };
    (@ [code $($without:tt)*] [$($to:tt)*] {$($made:tt)*} code $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} code $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* #[sea_orm(unique)] pub code: String,} $($left)*);
    };
    (@ [ka $($without:tt)*] [$($to:tt)*] {$($made:tt)*} ka $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} ka $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* #[sea_orm(unique_key = "ab")] pub ka: i32,} $($left)*);
    };
    (@ [kb $($without:tt)*] [$($to:tt)*] {$($made:tt)*} kb $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} kb $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* #[sea_orm(unique_key = "ab")] pub kb: i32,} $($left)*);
    };
    (@ [idxd $($without:tt)*] [$($to:tt)*] {$($made:tt)*} idxd $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} idxd $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* #[sea_orm(indexed)] pub idxd: String,} $($left)*);
    };
    (@ [qty $($without:tt)*] [$($to:tt)*] {$($made:tt)*} qty $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} qty $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* #[sea_orm(default_value = 5)] pub qty: i32,} $($left)*);
    };
    (@ [owner_id $($without:tt)*] [$($to:tt)*] {$($made:tt)*} owner_id $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)*} $($left)*);
    };
    (@ [$($without:tt)*] [$($to:tt)*] {$($made:tt)*} owner_id $($left:tt)*) => {
        $crate::base::item!(@ [$($without)*] [$($to)*] {$($made)* pub owner_id: i32,} $($left)*);
    };
}
pub(crate) use item;
