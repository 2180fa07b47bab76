use super::*;
use crate::{
    ErrorKind,
    schema::{
        Check, IndexDef, OnDelete, Part,
        build::{TableBuilder, table},
        picture::{CheckPicture, ColumnPicture, IndexPicture, OtherPicture, PartPicture, TablePicture},
    },
};

fn item() -> TableBuilder {
    table("item").uuid("id").int32("n").text("name", 80).uuid("owner_id").primary_key(&["id"])
}

fn owner() -> Table {
    built(table("owner").uuid("id").primary_key(&["id"]))
}

fn built(table: TableBuilder) -> Table {
    table.build().expect("a table")
}

fn referring(on_delete: OnDelete) -> Table {
    built(item().references(&["owner_id"], "owner", &["id"], on_delete))
}

fn arcs(tables: &[Table]) -> Vec<Arc<Table>> {
    tables.iter().cloned().map(Arc::new).collect()
}

/// Steps in short, in order.
fn short(steps: &[Action]) -> Vec<String> {
    let say = |step: &Action| match step {
        Action::CreateTable(it) => format!("+ table {} with {} references", it.name, it.foreign_keys.len()),
        Action::DropTable(it) => format!("- table {}", it.name),
        Action::RenameTable { from, to } => format!("~ table {from} {to}"),
        Action::AddColumn { table, column, .. } => format!("+ {table}.{}", column.name),
        Action::DropColumn { table, column } => format!("- {table}.{}", column.name),
        Action::RenameColumn { table, from, to } => format!("~ {table}.{from} {to}"),
        Action::AlterColumn { table, from, to, .. } => {
            format!("* {table}.{} {}", to.name, if from.is_some() { "known" } else { "unknown" })
        }
        Action::AddIndex { index, .. } => format!("+ {}", index.name),
        Action::DropIndex { index, .. } => format!("- {}", index.name),
        Action::RenameIndex { from, to, .. } => format!("~ {from} {to}"),
        Action::AddForeignKey { table, key } => format!("+ {table}.{} {:?}", key.name, key.on_delete),
        Action::DropForeignKey { table, key } => format!("- {table}.{} {}", key.name, key.columns.join(",")),
        Action::AddCheck { check, .. } => format!("+ check {}", check.name),
        Action::DropCheck { check, .. } => format!("- check {}", check.name),
        Action::SetKey { from, to, .. } => format!("key {} {}", from.join(","), to.join(",")),
        Action::SetComment { column, .. } => format!("comment {}", column.as_ref().map_or("", |it| &it.name)),
        other => format!("{other:?}"),
    };
    steps.iter().map(say).collect()
}

fn between(before: &[Table], after: &[Table]) -> Vec<String> {
    let difference = tables(before, &arcs(after), &[]).expect("a difference");
    assert_eq!((difference.drift, difference.questions), (vec![], vec![]));
    short(&difference.steps)
}

fn with(mut table: Table, change: impl FnOnce(&mut Table)) -> Table {
    change(&mut table);
    table
}

fn hinted(mut table: Table, column: &str, from: &str) -> Table {
    let at = table.position(column).expect("a column");
    table.columns[at].extra.renamed_from = Some(from.to_owned());
    table
}

#[test]
fn equal_tables_need_nothing_whatever_the_order_of_columns_the_names_and_the_defaults() {
    let before = built(item().unique(&["name"]).index(&["n", "name"]));
    let other = table("item").text("name", 80).uuid("owner_id").int32("n").default_value(5).uuid("id");
    let mut after = built(other.primary_key(&["id"]).index(&["n", "name"]).unique(&["name"]));
    after.indexes[0].name = "another".to_owned();
    assert!(between(&[before], &[after]).is_empty());
}

#[test]
fn what_comes_and_goes_is_in_an_order_that_runs() {
    let gone = built(table("gone").uuid("id").primary_key(&["id"]));
    let leads = built(item().text("old", 5).index(&["old"]).uuid("gone_id").references(
        &["gone_id"],
        "gone",
        &["id"],
        OnDelete::Restrict,
    ));
    let tag = built(table("tag").uuid("id").uuid("item_id").primary_key(&["id"]).references(
        &["item_id"],
        "item",
        &["id"],
        OnDelete::Cascade,
    ));
    let after = built(item().int64("new").index(&["new"]));
    let steps = between(&[leads, gone], &[tag, after]);
    assert_eq!(
        steps,
        [
            "- item.fk_item_gone_id gone_id",
            "+ table tag with 0 references",
            "+ item.new",
            "+ ix_item_new",
            "- ix_item_old",
            "- item.old",
            "- item.gone_id",
            "+ tag.fk_tag_item_id Cascade",
            "- table gone",
        ]
    );
}

#[test]
fn new_tables_stand_after_their_parents_and_a_circle_is_closed_last() {
    let one =
        table("one").uuid("id").uuid("b").primary_key(&["id"]).references(&["b"], "two", &["id"], OnDelete::Restrict);
    let two =
        table("two").uuid("id").uuid("a").primary_key(&["id"]).references(&["a"], "one", &["id"], OnDelete::Restrict);
    let circle = [built(one), built(two)];
    assert_eq!(
        between(&[], &circle),
        ["+ table one with 0 references", "+ table two with 1 references", "+ one.fk_one_b Restrict"]
    );
    let gone = between(&circle, &[]);
    assert_eq!(gone, ["- one.fk_one_b b", "- table two", "- table one"]);
    let child = referring(OnDelete::Cascade);
    assert_eq!(
        between(&[], &[child.clone(), owner()]),
        ["+ table owner with 0 references", "+ table item with 1 references"]
    );
    assert_eq!(between(&[owner(), child], &[]), ["- table item", "- table owner"]);
}

#[test]
fn all_that_changes_in_a_column_is_one_step() {
    let after = table("item").uuid("id").int64("n").nullable().text("name", 80).uuid("owner_id");
    assert_eq!(between(&[built(item())], &[built(after.primary_key(&["id"]))]), ["* item.n known"]);
}

#[test]
fn a_column_that_a_reference_stands_on_is_retyped_without_it() {
    let parent = |wide: bool| {
        let it = table("owner");
        built(if wide { it.int64("id") } else { it.int32("id") }.primary_key(&["id"]))
    };
    let child = |wide: bool| {
        let it = table("item").uuid("id");
        let it = if wide { it.int64("owner_id") } else { it.int32("owner_id") }.primary_key(&["id"]);
        built(it.references(&["owner_id"], "owner", &["id"], OnDelete::Cascade))
    };
    assert_eq!(
        between(&[parent(false), child(false)], &[parent(true), child(true)]),
        [
            "- item.fk_item_owner_id owner_id",
            "* owner.id known",
            "* item.owner_id known",
            "+ item.fk_item_owner_id Cascade"
        ]
    );
}

#[test]
fn a_hint_renames_and_takes_indexes_references_and_conditions_along() {
    let check = Check { name: "positive".to_owned(), condition: "n > 0".into() };
    let before = with(built(item().index(&["n"]).unique(&["owner_id"])), |it| it.extra.checks.push(check));
    let before = [owner(), with(before, |it| it.foreign_keys = referring(OnDelete::Cascade).foreign_keys)];
    let after = table("item").uuid("id").int32("m").text("name", 80).uuid("whose").primary_key(&["id"]);
    let after =
        built(after.index(&["m"]).unique(&["whose"]).references(&["whose"], "owner", &["id"], OnDelete::Cascade));
    let check = Check { name: "positive".to_owned(), condition: "m > 0".into() };
    let after = hinted(hinted(with(after, |it| it.extra.checks.push(check)), "m", "n"), "whose", "owner_id");
    assert_eq!(between(&before, &[owner(), after.clone()]), ["~ item.n m", "~ item.owner_id whose"]);
    assert!(between(&[owner(), after.clone()], &[owner(), after.clone()]).is_empty(), "a hint stays without harm");
    let restricted = with(after, |it| it.foreign_keys[0].on_delete = OnDelete::Restrict);
    assert_eq!(
        between(&before, &[owner(), restricted]),
        ["- item.fk_item_owner_id owner_id", "~ item.n m", "~ item.owner_id whose", "+ item.fk_item_whose Restrict"],
        "what goes before the new names is said with the old ones"
    );
}

#[test]
fn a_table_under_a_new_name_keeps_its_children() {
    let parent = with(owner(), |it| {
        it.name = "person".to_owned();
        it.extra.renamed_from = Some("owner".to_owned());
    });
    let child = with(referring(OnDelete::Cascade), |it| it.foreign_keys[0].parent = "person".to_owned());
    assert_eq!(between(&[owner(), referring(OnDelete::Cascade)], &[parent, child]), ["~ table owner person"]);
}

#[test]
fn an_old_name_that_comes_again_is_made_free() {
    let after = built(table("item").uuid("id").int32("m").int32("n").primary_key(&["id"]).index(&["m"]).index(&["n"]));
    let before = built(table("item").uuid("id").int32("n").primary_key(&["id"]).index(&["n"]));
    assert_eq!(
        between(&[before], &[hinted(after, "m", "n")]),
        ["~ item.n m", "~ ix_item_n ix_item_m", "+ item.n", "+ ix_item_n"]
    );
}

#[test]
fn a_hint_that_names_nothing_is_an_error() {
    let after = hinted(built(item().text("zz", 9)), "zz", "nope");
    let error = tables(&[built(item())], &arcs(std::slice::from_ref(&after)), &[]).expect_err("nothing is called so");
    assert_eq!(error.kind(), ErrorKind::SchemaMismatch);
    assert_eq!((error.entity_name(), error.fields()), (Some("item"), &["zz".to_owned()][..]));
    assert_eq!(between(&[], &[after]), ["+ table item with 0 references"], "a new table has no old names");

    let table = with(built(item()), |it| it.extra.renamed_from = Some("itm".to_owned()));
    let error = tables(&[owner()], &arcs(&[owner(), table.clone()]), &[]).expect_err("nothing is called so");
    assert_eq!(error.entity_name(), Some("item"));
    assert_eq!(between(&[], &[table]).len(), 1, "an empty database has no old names");

    let index = IndexDef { name: "b".to_owned(), parts: vec![Part::Descending("n".to_owned())], ..IndexDef::default() };
    let index = IndexDef { renamed_from: Some("a".to_owned()), ..index };
    let after = with(built(item()), |it| it.extra.indexes.push(index.clone()));
    let error = tables(&[built(item())], &arcs(std::slice::from_ref(&after)), &[]).expect_err("nothing is called so");
    assert_eq!(error.fields(), ["b"]);
    let before = IndexDef { name: "a".to_owned(), renamed_from: None, ..index };
    let before = with(built(item()), |it| it.extra.indexes.push(before));
    assert_eq!(between(&[before], &[after]), ["~ a b"]);
}

#[test]
fn a_drop_and_an_add_of_one_kind_is_asked() {
    let after =
        [owner(), built(table("item").uuid("id").int32("m").text("name", 80).uuid("owner_id").primary_key(&["id"]))];
    let before = [owner(), built(item())];
    let asked = tables(&before, &arcs(&after), &[]).expect("a difference");
    let question = Question { table: Some("item".to_owned()), from: "n".to_owned(), to: "m".to_owned() };
    assert_eq!(asked.questions, std::slice::from_ref(&question));
    let answered = |renamed| {
        let answer = Answer { question: question.clone(), renamed };
        let difference = tables(&before, &arcs(&after), &[answer]).expect("a difference");
        assert!(difference.questions.is_empty());
        short(&difference.steps)
    };
    assert_eq!(answered(true), ["~ item.n m"]);
    assert_eq!(answered(false), ["+ item.m", "- item.n"]);
    let other = built(table("item").uuid("id").int64("m").text("name", 80).uuid("owner_id").primary_key(&["id"]));
    assert_eq!(between(&[built(item())], &[other]), ["+ item.m", "- item.n"], "another kind is another column");

    let renamed = with(built(item()), |it| it.name = "item2".to_owned());
    let asked = tables(&before, &arcs(&[owner(), renamed]), &[]).expect("a difference");
    assert_eq!(asked.questions, [Question { table: None, from: "item".to_owned(), to: "item2".to_owned() }]);
}

#[test]
fn a_wider_unique_key_is_there_before_the_old_one_goes() {
    let steps = between(&[built(item().unique(&["n", "name"]))], &[built(item().unique(&["n", "name", "owner_id"]))]);
    assert_eq!(steps, ["+ ux_item_n_name_owner_id", "- ux_item_n_name"]);
    let steps = between(&[built(item().index(&["name"]))], &[built(item().unique(&["name"]))]);
    assert_eq!(steps, ["+ ux_item_name", "- ix_item_name"]);
}

#[test]
fn an_index_goes_before_its_column_gets_another_type() {
    let after = table("item").uuid("id").int32("n").long_text("name").uuid("owner_id").primary_key(&["id"]);
    assert_eq!(between(&[built(item().index(&["name"]))], &[built(after)]), ["- ix_item_name", "* item.name known"]);
}

#[test]
fn keys_references_checks_and_comments_change() {
    let before = [owner(), referring(OnDelete::Restrict)];
    assert_eq!(
        between(&before, &[owner(), referring(OnDelete::Cascade)]),
        ["- item.fk_item_owner_id owner_id", "+ item.fk_item_owner_id Cascade"]
    );
    let keyed = built(table("item").uuid("id").int32("n").text("name", 80).uuid("owner_id").primary_key(&["id", "n"]));
    assert_eq!(between(&[built(item())], &[keyed]), ["key id id,n"]);
    let check = |condition: &str| {
        let check = Check { name: "c".to_owned(), condition: condition.into() };
        with(built(item()), |it| it.extra.checks.push(check))
    };
    assert_eq!(between(&[check("n > 0")], &[check("n > 1")]), ["- check c", "+ check c"]);
    assert!(between(&[check("n > 0")], &[check("`n`  > 0")]).is_empty());
    let said = with(built(item()), |it| {
        it.extra.comment = Some("things".to_owned());
        it.columns[1].extra.comment = Some("a number".to_owned());
    });
    assert_eq!(between(&[built(item())], std::slice::from_ref(&said)), ["comment n", "comment "]);
    assert_eq!(between(&[said], &[built(item())]), ["comment n", "comment "]);
}

fn column(name: &str) -> ColumnPicture {
    ColumnPicture { name: name.to_owned(), declared: "text".to_owned(), nullable: true, ..ColumnPicture::default() }
}

fn index(name: &str, column: &str, unique: bool) -> IndexPicture {
    let part = PartPicture { column: Some(column.to_owned()), ..PartPicture::default() };
    IndexPicture { name: name.to_owned(), parts: vec![part], unique, valid: true, ..IndexPicture::default() }
}

/// What a server has of these, with something done to `item` by hand.
fn changed(tables: &[Table], change: impl FnOnce(&mut TablePicture)) -> Picture {
    let mut picture = neutral::portrait(tables.iter());
    change(picture.tables.get_mut("item").expect("the item"));
    picture
}

fn against(have: &Picture, after: &[Table], owned: &[Table]) -> (Vec<String>, Vec<String>) {
    let want = neutral::portrait(after.iter());
    let difference = pictures(have, &want, &arcs(after), owned, &[]).expect("a difference");
    assert_eq!(difference.questions, []);
    (short(&difference.steps), difference.drift.into_iter().map(|drift| drift.what).collect())
}

#[test]
fn what_nobody_owns_is_told_and_never_touched() {
    let item = [built(item().index(&["n"]))];
    let mut have = changed(&item, |it| {
        it.columns.push(column("legacy"));
        it.columns[1].default = Some("5".to_owned());
        it.indexes.push(index("hand_made", "name", true));
        it.checks.push(CheckPicture { name: "hand_check".to_owned(), condition: "n > 0".to_owned(), enforced: true });
        it.options.insert("engine".to_owned(), "MyISAM".to_owned());
    });
    have.tables.insert("other".to_owned(), TablePicture::default());
    let view = OtherPicture { kind: "view".into(), name: "v".into(), table: None, text: "SELECT 1".into() };
    have.others.push(view);
    let told = ["column n", "column legacy", "check hand_check", "index hand_made", "engine", "table other", "view v"];
    for owned in [&item[..], &[]] {
        assert_eq!(against(&have, &item, owned), (vec![], told.map(ToOwned::to_owned).to_vec()));
    }
}

#[test]
fn only_what_the_last_migration_left_is_dropped() {
    let before = built(item().index(&["n"]).text("old", 5));
    let other = built(table("other").uuid("id").primary_key(&["id"]));
    let have = neutral::portrait([&before, &other].into_iter());
    let after = [built(item())];
    let drops = (["- ix_item_n", "- item.old", "- table other"].map(ToOwned::to_owned).to_vec(), vec![]);
    assert_eq!(against(&have, &after, &[before, other]), drops);
    let told = ["column old", "index ix_item_n", "table other"].map(ToOwned::to_owned).to_vec();
    assert_eq!(against(&have, &after, &[]), (vec![], told));
}

#[test]
fn a_hand_made_thing_under_a_name_of_ours_is_a_change() {
    let item = [built(item().unique(&["name"]))];
    let have = changed(&item, |it| it.indexes = vec![index("ux_item_name", "n", false)]);
    let steps = ["- ux_item_name", "+ ux_item_name"].map(ToOwned::to_owned).to_vec();
    assert_eq!(against(&have, &item, &[]), (steps, vec![]));
    let have = changed(&item, |it| it.indexes[0].name = "by_hand".to_owned());
    assert_eq!(against(&have, &item, &[]), (vec![], vec![]), "the same under another name is the same");
}

#[test]
fn what_was_changed_by_hand_is_mended_and_its_past_is_not_known() {
    let item = [built(item())];
    let have = changed(&item, |it| it.columns[1].nullable = true);
    assert_eq!(against(&have, &item, &item), (vec!["* item.n unknown".to_owned()], vec![]));
}

#[test]
fn a_check_of_a_type_is_its_columns() {
    let item = [built(item())];
    let check = |condition: &str| CheckPicture {
        name: "ty_item_n".to_owned(),
        condition: condition.to_owned(),
        enforced: true,
    };
    let have = changed(&item, |it| it.checks.push(check("n > 0")));
    assert_eq!(against(&have, &item, &item), (vec!["* item.n unknown".to_owned()], vec![]), "one too many");
    let want = changed(&item, |it| it.checks.push(check("`n` > 0")));
    let steps = |have: &Picture| {
        let difference = pictures(have, &want, &arcs(&item), &item, &[]).expect("a difference");
        (short(&difference.steps), difference.drift)
    };
    assert_eq!(steps(&have), (vec![], vec![]), "quotes do not count");
    let other = changed(&item, |it| it.checks.push(check("n > 1")));
    assert_eq!(steps(&other).0, ["* item.n unknown"]);
}
