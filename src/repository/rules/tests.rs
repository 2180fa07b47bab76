use crate::{
    ErrorKind, Result,
    repository::{Entity, describe::describe},
    schema::{Folded, Rules, rules::Proposal},
};

/// An entity with one column of each type that a rule may meet, and these rules.
macro_rules! entity {
    ($module:ident $table:literal { $($rules:tt)* }) => {
        mod $module {
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                #[sea_orm(primary_key)]
                pub id: i64,
                pub at: DateTimeUtc,
                pub other: DateTimeUtc,
                pub gone: Option<DateTimeUtc>,
                pub local: DateTime,
                pub number: i32,
                pub maybe: Option<i32>,
                pub ratio: f64,
                pub text: String,
                pub folded: String,
                pub note: Option<String>,
            }

            #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}

            crate::rules!(Entity { $($rules)* });
        }
    };
}

#[expect(clippy::unnecessary_wraps, reason = "a rule may refuse")]
fn quiet(_: &Proposal<'_>) -> Result<()> {
    Ok(())
}

mod plain {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "plain")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub owner_id: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(belongs_to = "super::every::Entity", from = "Column::OwnerId", to = "super::every::Column::Id")]
        Owner,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

entity!(every "every" {
    created_at: At, updated_at: Other, version: Number, soft_delete: Gone, tenant: Id,
    folded: [Text => Folded,], validate: super::quiet,
});
entity!(none "none" {});
entity!(created "created" { created_at: Local });
entity!(updated "updated" { updated_at: Text });
entity!(version "version" { version: Ratio });
entity!(nullable "nullable" { version: Maybe });
entity!(deleted "deleted" { soft_delete: At });
entity!(tenant "tenant" { tenant: Note });
entity!(folded "folded" { folded: [Text => Number] });
entity!(source "source" { folded: [Number => Text] });
entity!(lost "lost" { folded: [Note => Folded] });
entity!(twice "twice" { created_at: At, updated_at: At });

#[test]
fn rules_stand_on_the_columns_that_they_name() {
    let rules = &describe::<every::Entity>().expect("portable").rules;
    assert_eq!((rules.created_at, rules.updated_at, rules.version), (Some(1), Some(2), Some(5)));
    assert_eq!((rules.soft_delete, rules.tenant), (Some(3), Some(0)));
    assert_eq!(rules.folded, [Folded { source: 8, folded: 9 }]);
    assert!(rules.validate.is_some());
    for table in [describe::<none::Entity>(), describe::<plain::Entity>()] {
        assert_eq!(table.expect("portable").rules, Rules::default(), "none is said, none is there");
    }
}

#[test]
fn a_reference_knows_the_tenant_of_its_parent() {
    let child = describe::<plain::Entity>().expect("portable");
    assert_eq!(child.foreign_keys[0].parent_tenant.as_deref(), Some("id"));
}

fn refused<E: Entity>(field: &str) {
    let error = describe::<E>().expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    assert_eq!((error.entity_name(), error.fields()), (Some(E::default().table_name()), &[field.to_owned()][..]));
}

#[test]
fn a_rule_on_a_column_of_another_type_is_refused_by_name() {
    refused::<created::Entity>("local");
    refused::<updated::Entity>("text");
    refused::<version::Entity>("ratio");
    refused::<nullable::Entity>("maybe");
    refused::<deleted::Entity>("at");
    refused::<tenant::Entity>("note");
    refused::<folded::Entity>("number");
    refused::<source::Entity>("number");
    refused::<lost::Entity>("folded");
    refused::<twice::Entity>("at");
}

entity!(with_tenant "shared_by_two" { tenant: Text });
entity!(without_tenant "shared_by_two" { created_at: At });
entity!(without_tenant_too "shared_by_two_more" { created_at: At });
entity!(with_tenant_too "shared_by_two_more" { tenant: Text });

#[test]
fn of_entities_over_one_table_the_one_with_a_tenant_says_whose_it_is() {
    // In both orders: which one is found first is the linker's choice.
    assert_eq!(super::tenant_of("shared_by_two"), Some("text"));
    assert_eq!(super::tenant_of("shared_by_two_more"), Some("text"));
    assert_eq!(super::tenant_of("nobody_s"), None);
}
