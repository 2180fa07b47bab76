//! Entities as a drawing of our own: boxes with columns, and lines from parents to children.

use super::{
    Relation, is_foreign, is_unique,
    layout::{Layout, Size, layout},
    relations, short, words,
};
use crate::schema::Table;
use std::{fmt::Write as _, sync::Arc};

/// The height of a row, and of a head.
const ROW: i32 = 24;
const HEAD: i32 = 34;
/// Below the last row.
const FOOT: i32 = 8;
/// The width of a character of the columns' font, in tenths.
const CHAR: i32 = 73;
/// Where names begin, behind the key.
const NAME: i32 = 46;
/// Between a name and its type, and behind the type.
const SPACE: i32 = 22;
const EDGE: i32 = 14;

const STYLE: &str = "\
.page{fill:#ffffff}\
.box{fill:#ffffff;stroke:#cbd5e1;stroke-width:1}\
.head{fill:#1e3a5f}\
.line{fill:none;stroke:#64748b;stroke-width:1.5}\
.rule{stroke:#eef2f7;stroke-width:1}\
.title{font-family:'Segoe UI',Roboto,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif;font-size:14px;font-weight:600;fill:#ffffff}\
.name,.type,.key{font-family:SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:12px}\
.name{fill:#0f172a}\
.strong{font-weight:700}\
.type{fill:#64748b}\
.null{fill:#94a3b8;font-style:italic}\
.key{font-size:9px;font-weight:700}\
.pk{fill:#b45309}.fk{fill:#0369a1}.uk{fill:#6d28d9}\
.dot{fill:#ffffff;stroke:#64748b;stroke-width:1.5}\
@media(prefers-color-scheme:dark){\
.page{fill:#0d1117}\
.box{fill:#161b22;stroke:#30363d}\
.head{fill:#1f4a7a}\
.line{stroke:#8b949e}\
.rule{stroke:#21262d}\
.name{fill:#e6edf3}\
.type{fill:#8b949e}\
.null{fill:#6e7681}\
.pk{fill:#e3b341}.fk{fill:#58a6ff}.uk{fill:#bc8cff}\
.dot{fill:#0d1117;stroke:#8b949e}\
}";

/// Entities as a drawing: a box for each with its columns, keys and types, parents to the left of their children, a line for each
/// reference. It is light or dark as its reader's screen is.
///
/// A bar across a line is "one", a circle "or none", a crow's foot "many".
///
/// ```
/// use seabed::{migration::erd, schema::build::table};
/// let note = table("note").uuid("id").text("title", 80).primary_key(&["id"]).build()?;
/// assert!(erd::svg(&[note.into()]).starts_with("<svg"));
/// # Ok::<_, seabed::Error>(())
/// ```
#[must_use]
pub fn svg(tables: &[Arc<Table>]) -> String {
    let relations = relations(tables);
    let sizes: Vec<Size> = tables.iter().map(|table| size(table)).collect();
    let ends: Vec<(i32, i32)> =
        relations.iter().map(|it| (row(it.key), row(it.columns.first().copied().unwrap_or_default()))).collect();
    let layout = layout(&sizes, &relations, &ends);
    let (width, height) = (layout.width, layout.height);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\">\n\
         <title>{} tables</title>\n<style>{STYLE}</style>\n<rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n",
        tables.len()
    );
    for (place, relation) in relations.iter().enumerate() {
        line(&mut svg, place, relation, &layout, &sizes, ends[place]);
    }
    for (place, table) in tables.iter().enumerate() {
        draw(&mut svg, table, layout.boxes[place], sizes[place]);
    }
    svg.push_str("</svg>\n");
    svg
}

/// The middle of a column's row.
fn row(column: usize) -> i32 {
    HEAD + i32::try_from(column).unwrap_or_default() * ROW + ROW / 2 + FOOT / 2
}

fn wide(text: &str) -> i32 {
    i32::try_from(text.chars().count()).unwrap_or(i32::MAX / CHAR) * CHAR / 10
}

fn size(table: &Table) -> Size {
    let rows = table.columns.iter().map(|column| {
        let null = if column.nullable { wide(" null") } else { 0 };
        NAME + wide(&column.name) + SPACE + wide(&short(&column.kind)) + null + EDGE
    });
    let title = EDGE * 2 + wide(&words::table(table)) * 5 / 4;
    let width = rows.chain([title, 150]).max().unwrap_or_default();
    let height = HEAD + i32::try_from(table.columns.len()).unwrap_or_default() * ROW + FOOT;
    Size { width, height }
}

fn draw(svg: &mut String, table: &Table, (x, y): (i32, i32), size: Size) {
    let (width, height) = (size.width, size.height);
    let _ = writeln!(svg, "<g transform=\"translate({x} {y})\">");
    let _ = writeln!(svg, "<rect class=\"box\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>");
    let _ = writeln!(svg, "<path class=\"head\" d=\"M0 {HEAD}V8a8 8 0 0 1 8-8H{}a8 8 0 0 1 8 8V{HEAD}Z\"/>", width - 8);
    let _ = writeln!(svg, "<text class=\"title\" x=\"{EDGE}\" y=\"22\">{}</text>", escaped(&words::table(table)));
    for (place, column) in table.columns.iter().enumerate() {
        let middle = row(place);
        let baseline = middle + 4;
        if place > 0 {
            let rule = middle - ROW / 2;
            let _ = writeln!(svg, "<path class=\"rule\" d=\"M1 {rule}H{}\"/>", width - 1);
        }
        let is_key = table.key.contains(&place);
        let keys = [("pk", is_key), ("fk", is_foreign(table, place)), ("uk", is_unique(table, place))];
        let mut at = EDGE;
        for (key, _) in keys.into_iter().filter(|(_, is)| *is).take(2) {
            let _ = writeln!(
                svg,
                "<text class=\"key {key}\" x=\"{at}\" y=\"{}\">{}</text>",
                middle + 3,
                key.to_uppercase()
            );
            at += 15;
        }
        let strong = if is_key { " strong" } else { "" };
        let _ = writeln!(
            svg,
            "<text class=\"name{strong}\" x=\"{NAME}\" y=\"{baseline}\">{}</text>",
            escaped(&column.name)
        );
        let null = if column.nullable { "<tspan class=\"null\">&#160;null</tspan>" } else { "" };
        let _ = writeln!(
            svg,
            "<text class=\"type\" x=\"{}\" y=\"{baseline}\" text-anchor=\"end\">{}{null}</text>",
            width - EDGE,
            escaped(&short(&column.kind))
        );
    }
    svg.push_str("</g>\n");
}

/// A line from box to box through its lanes, with what each end means.
fn line(svg: &mut String, place: usize, relation: &Relation, layout: &Layout, sizes: &[Size], ends: (i32, i32)) {
    let (parent, child) = (layout.boxes[relation.parent], layout.boxes[relation.child]);
    let right_of = |table: usize| layout.boxes[table].0 + sizes[table].width;
    let (up, down) = (parent.1 + ends.0, child.1 + ends.1);
    if relation.parent == relation.child {
        let (x, bulge) = (right_of(relation.parent), 46);
        let _ = writeln!(
            svg,
            "<path class=\"line\" d=\"M{x} {up}h14C{0} {up} {0} {down} {1} {down}H{x}\"/>",
            x + bulge,
            x + 14
        );
        end(svg, relation, (x, up), 1, true);
        end(svg, relation, (x, down), 1, false);
        return;
    }
    let turned = layout.turned[place];
    let (left, right) = if turned {
        ((right_of(relation.child), down), (parent.0, up))
    } else {
        ((right_of(relation.parent), up), (child.0, down))
    };
    let mut path = format!("M{} {}h14", left.0, left.1);
    let mut at = (left.0 + 14, left.1);
    let mut bend = |path: &mut String, to: (i32, i32)| {
        let middle = i32::midpoint(at.0, to.0);
        let _ = write!(path, "C{middle} {} {middle} {} {} {}", at.1, to.1, to.0, to.1);
        at = to;
    };
    for (from, to, y) in &layout.lanes[place] {
        bend(&mut path, (*from - 24, *y));
        let _ = write!(path, "H{}", to + 24);
        bend(&mut path, (to + 24, *y));
    }
    bend(&mut path, (right.0 - 14, right.1));
    let _ = writeln!(svg, "<path class=\"line\" d=\"{path}H{}\"/>", right.0);
    end(svg, relation, left, 1, !turned);
    end(svg, relation, right, -1, turned);
}

/// What stands at a line's end: a bar for one, a circle for none, a crow's foot for many. `away` is the side of the box.
fn end(svg: &mut String, relation: &Relation, (x, y): (i32, i32), away: i32, parent: bool) {
    let bar = |at: i32| format!("M{0} {1}V{2}", x + away * at, y - 5, y + 5);
    let (marks, none) = match (parent, relation.optional, relation.single) {
        (true, false, _) => (bar(6) + &bar(10), None),
        (true, true, _) | (false, _, true) => (bar(6), Some(13)),
        (false, _, false) => (format!("M{0} {1}L{2} {y}L{0} {3}", x, y - 6, x + away * 10, y + 6), Some(14)),
    };
    let _ = writeln!(svg, "<path class=\"line\" d=\"{marks}\"/>");
    if let Some(none) = none {
        let _ = writeln!(svg, "<circle class=\"dot\" cx=\"{}\" cy=\"{y}\" r=\"3.5\"/>", x + away * none);
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
