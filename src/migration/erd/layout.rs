//! Where boxes and lines go: tables in layers from left to right, parents before their children. A line that passes layers has a
//! lane of its own in each, so that no line runs through a box and no box lies on another.

use super::Relation;
use std::collections::BTreeMap;

/// The size of a box.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) width: i32,
    pub(super) height: i32,
}

/// Where everything stands.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// The upper left corner of each box.
    pub(super) boxes: Vec<(i32, i32)>,
    /// The lanes of each relation from left to right: the left end, the right end and the height.
    pub(super) lanes: Vec<Vec<(i32, i32, i32)>>,
    /// Whether the parent of each relation stands to the right of its child.
    pub(super) turned: Vec<bool>,
    pub(super) width: i32,
    pub(super) height: i32,
}

/// Between two boxes of a layer.
const GAP: i32 = 28;
/// Between two layers.
const ALLEY: i32 = 110;
/// The height of a lane.
const LANE: i32 = 10;
/// Around all.
const MARGIN: i32 = 32;
/// How often the layers are ordered and moved by their neighbours.
const ROUNDS: usize = 12;

/// What stands in a layer: a table, or a line that passes.
#[derive(Clone, Copy, Debug)]
struct Slot {
    table: Option<usize>,
    height: i32,
    y: i32,
}

struct Graph {
    slots: Vec<Slot>,
    layers: Vec<Vec<usize>>,
    /// From a slot to one in the next layer, with the heights in each where the line ends.
    links: Vec<(usize, usize, i32, i32)>,
    /// The slots that each relation passes.
    passes: Vec<Vec<usize>>,
    turned: Vec<bool>,
}

/// `ends` gives where a relation's line meets its parent and its child, from the top of the box.
pub(super) fn layout(sizes: &[Size], relations: &[Relation], ends: &[(i32, i32)]) -> Layout {
    let (layer, turned) = layered(sizes.len(), relations);
    let mut graph = graph(sizes, relations, ends, &layer, turned);
    for round in 0..ROUNDS {
        graph.order(round % 2 == 0);
    }
    graph.place();
    let bottom = graph.slots.iter().map(|slot| slot.y + slot.height).max().unwrap_or_default();
    let (right, loose) = put(&mut graph, sizes, bottom);
    let mut layout = Layout { boxes: vec![(0, 0); sizes.len()], turned: graph.turned.clone(), ..Layout::default() };
    for (layer, (left, _)) in graph.layers.iter().zip(&right) {
        for slot in layer {
            if let Some(table) = graph.slots[*slot].table {
                layout.boxes[table] = (*left, graph.slots[*slot].y + MARGIN);
            }
        }
    }
    for (table, (x, y)) in loose {
        layout.boxes[table] = (x, y + MARGIN);
    }
    layout.lanes = graph
        .passes
        .iter()
        .map(|passes| {
            let lane = |slot: &usize| {
                let layer = graph.layers.iter().position(|layer| layer.contains(slot)).unwrap_or_default();
                let (left, right) = right[layer];
                (left, right, graph.slots[*slot].y + graph.slots[*slot].height / 2 + MARGIN)
            };
            passes.iter().map(lane).collect()
        })
        .collect();
    layout.width =
        layout.boxes.iter().zip(sizes).map(|((x, _), size)| x + size.width).max().unwrap_or_default() + MARGIN;
    layout.height =
        layout.boxes.iter().zip(sizes).map(|((_, y), size)| y + size.height).max().unwrap_or_default() + MARGIN;
    layout
}

/// The layer of each table: one behind its last parent. A relation that would close a circle is turned around; tables without any
/// relation have no layer.
fn layered(count: usize, relations: &[Relation]) -> (Vec<Option<usize>>, Vec<bool>) {
    let mut turned = vec![false; relations.len()];
    let mut state = vec![0_u8; count];
    for table in 0..count {
        visit(table, relations, &mut state, &mut turned);
    }
    let mut layer: Vec<Option<usize>> = vec![None; count];
    for relation in relations.iter().filter(|relation| relation.child != relation.parent) {
        layer[relation.child] = Some(0);
        layer[relation.parent] = Some(0);
    }
    // A path has as many steps as there are tables at most.
    for _ in 0..count {
        for (relation, turned) in relations.iter().zip(&turned) {
            let (left, right) = sides(relation, *turned);
            if left != right {
                layer[right] = layer[right].max(layer[left].map(|it| it + 1));
            }
        }
    }
    // A table without parents stands just before the first of its children, not at the far left.
    for table in 0..count {
        let into = |(relation, turned): (&Relation, &bool)| {
            sides(relation, *turned).1 == table && relation.child != relation.parent
        };
        if relations.iter().zip(&turned).any(into) {
            continue;
        }
        let out = relations.iter().zip(&turned).map(|(relation, turned)| sides(relation, *turned));
        let first =
            out.filter(|(left, right)| *left == table && left != right).filter_map(|(_, right)| layer[right]).min();
        if let Some(first) = first {
            layer[table] = Some(first.saturating_sub(1));
        }
    }
    (layer, turned)
}

fn sides(relation: &Relation, turned: bool) -> (usize, usize) {
    if turned { (relation.child, relation.parent) } else { (relation.parent, relation.child) }
}

/// Walks from parents to children; what leads back to a table on the way is turned.
fn visit(table: usize, relations: &[Relation], state: &mut [u8], turned: &mut [bool]) {
    if state[table] != 0 {
        return;
    }
    state[table] = 1;
    for (place, relation) in relations.iter().enumerate() {
        if relation.parent != table || relation.child == table {
            continue;
        }
        if state[relation.child] == 1 {
            turned[place] = true;
        } else {
            visit(relation.child, relations, state, turned);
        }
    }
    state[table] = 2;
}

fn graph(
    sizes: &[Size],
    relations: &[Relation],
    ends: &[(i32, i32)],
    layer: &[Option<usize>],
    turned: Vec<bool>,
) -> Graph {
    let slots = sizes.iter().enumerate().map(|(table, size)| Slot { table: Some(table), height: size.height, y: 0 });
    let count = layer.iter().flatten().max().map_or(0, |last| last + 1);
    let mut graph = Graph {
        slots: slots.collect(),
        layers: vec![Vec::new(); count],
        links: Vec::new(),
        passes: vec![Vec::new(); relations.len()],
        turned,
    };
    for (table, layer) in layer.iter().enumerate() {
        if let Some(layer) = layer {
            graph.layers[*layer].push(table);
        }
    }
    for (place, relation) in relations.iter().enumerate() {
        let turned = graph.turned[place];
        let (left, right) = sides(relation, turned);
        let (Some(from), Some(to)) = (layer[left], layer[right]) else { continue };
        if left == right {
            continue;
        }
        let (parent, child) = ends[place];
        let (start, end) = if turned { (child, parent) } else { (parent, child) };
        let (mut last, mut at) = (left, start);
        for passed in from + 1..to {
            let slot = graph.slots.len();
            graph.slots.push(Slot { table: None, height: LANE, y: 0 });
            graph.layers[passed].push(slot);
            graph.passes[place].push(slot);
            graph.links.push((last, slot, at, LANE / 2));
            (last, at) = (slot, LANE / 2);
        }
        graph.links.push((last, right, at, end));
    }
    graph
}

impl Graph {
    /// Where the lines to the other layer end, from the top of the picture, and where they begin in the slot.
    fn neighbours(&self, slot: usize, forward: bool) -> impl Iterator<Item = (usize, i32, i32)> {
        self.links.iter().filter_map(move |(left, right, at_left, at_right)| match forward {
            true if *right == slot => Some((*left, *at_left, *at_right)),
            false if *left == slot => Some((*right, *at_right, *at_left)),
            _ => None,
        })
    }

    /// Orders each layer by the middle of its neighbours in the layer before (or behind).
    fn order(&mut self, forward: bool) {
        self.stack();
        let count = self.layers.len();
        let places: Vec<usize> =
            if forward { (1..count).collect() } else { (0..count.saturating_sub(1)).rev().collect() };
        for layer in places {
            let mut keyed: Vec<(i32, usize)> = Vec::new();
            for slot in &self.layers[layer] {
                let ends: Vec<i32> =
                    self.neighbours(*slot, forward).map(|(other, at, _)| self.slots[other].y + at).collect();
                let middle = if ends.is_empty() {
                    self.slots[*slot].y + self.slots[*slot].height / 2
                } else {
                    ends.iter().sum::<i32>() / i32::try_from(ends.len()).unwrap_or(1)
                };
                keyed.push((middle, *slot));
            }
            // Stable, so that equal ones stay as they were given.
            keyed.sort_by_key(|(middle, _)| *middle);
            self.layers[layer] = keyed.into_iter().map(|(_, slot)| slot).collect();
            self.stack();
        }
    }

    /// Puts each layer one below the other, in the middle of the picture.
    fn stack(&mut self) {
        for layer in 0..self.layers.len() {
            let slots = self.layers[layer].clone();
            let height: i32 = slots.iter().map(|slot| self.slots[*slot].height + GAP).sum();
            let mut y = -height / 2;
            for slot in slots {
                self.slots[slot].y = y;
                y += self.slots[slot].height + GAP;
            }
        }
    }

    /// Moves each slot towards where its lines are short, without passing another.
    fn place(&mut self) {
        self.stack();
        for round in 0..ROUNDS {
            let forward = round % 2 == 0;
            let count = self.layers.len();
            let layers: Vec<usize> = if forward { (0..count).collect() } else { (0..count).rev().collect() };
            for layer in layers {
                self.move_layer(layer, forward);
            }
        }
        let top = self.layers.iter().flatten().map(|slot| self.slots[*slot].y).min().unwrap_or_default();
        for slot in &mut self.slots {
            slot.y -= top;
        }
    }

    fn move_layer(&mut self, layer: usize, forward: bool) {
        let slots = self.layers[layer].clone();
        let wanted: Vec<i32> = slots
            .iter()
            .map(|slot| {
                let here: Vec<i32> = self
                    .neighbours(*slot, forward)
                    .map(|(other, there, here)| self.slots[other].y + there - here)
                    .collect();
                if here.is_empty() {
                    self.slots[*slot].y
                } else {
                    here.iter().sum::<i32>() / i32::try_from(here.len()).unwrap_or(1)
                }
            })
            .collect();
        // Those that would lie on each other become a block, which stands in the middle of what its members want.
        let mut blocks: Vec<(Vec<usize>, i32, i32)> = Vec::new();
        for (place, slot) in slots.iter().enumerate() {
            let mut block = (vec![*slot], wanted[place], self.slots[*slot].height);
            while let Some((members, y, height)) = blocks.last() {
                if y + height + GAP <= block.1 {
                    break;
                }
                let (before, after) =
                    (i32::try_from(members.len()).unwrap_or(1), i32::try_from(block.0.len()).unwrap_or(1));
                let middle = (y * before + (block.1 - height - GAP) * after) / (before + after);
                let joined: Vec<usize> = members.iter().chain(&block.0).copied().collect();
                block = (joined, middle, height + GAP + block.2);
                blocks.pop();
            }
            blocks.push(block);
        }
        for (members, mut y, _) in blocks {
            for slot in members {
                self.slots[slot].y = y;
                y += self.slots[slot].height + GAP;
            }
        }
    }
}

/// Two numbers that belong together: a beginning and an end, or a place.
type Spot = (i32, i32);

/// Where each layer begins and ends, and the places of tables that have no relation: in rows below the others.
fn put(graph: &mut Graph, sizes: &[Size], bottom: i32) -> (Vec<Spot>, BTreeMap<usize, Spot>) {
    let mut x = MARGIN;
    let mut layers = Vec::new();
    for layer in &graph.layers {
        let tables = layer.iter().filter_map(|slot| graph.slots[*slot].table);
        let width = tables.map(|table| sizes[table].width).max().unwrap_or_default();
        layers.push((x, x + width));
        x += width + ALLEY;
    }
    let within = (x - ALLEY).max(900);
    let layered: Vec<usize> = graph.layers.iter().flatten().filter_map(|slot| graph.slots[*slot].table).collect();
    let mut loose = BTreeMap::new();
    let (mut x, mut y, mut row) = (MARGIN, if layered.is_empty() { 0 } else { bottom + GAP * 2 }, 0);
    for (table, size) in sizes.iter().enumerate().filter(|(table, _)| !layered.contains(table)) {
        if x > MARGIN && x + size.width > within {
            (x, y, row) = (MARGIN, y + row + GAP, 0);
        }
        loose.insert(table, (x, y));
        x += size.width + GAP * 2;
        row = row.max(size.height);
    }
    (layers, loose)
}
