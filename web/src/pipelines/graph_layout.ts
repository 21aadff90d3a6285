// Where the boxes of a graph stand: layers along its flow, few crossings within them, room for every label. Depends
// only on names and links, never on figures, so that nothing moves while numbers change.

export interface Link {
  from: string;
  to: string;
}

/** Pixels, along the flow and across it. */
export interface Measures {
  boxAlong: number;
  boxAcross: number;
  labelAlong: number;
  labelAcross: number;
  /** Between a box and a label along the flow: where lines bend. */
  bend: number;
  /** Between neighbours of one layer. */
  gap: number;
}

/** A centre. */
export interface Point {
  along: number;
  across: number;
}

export interface Layout {
  boxes: ReadonlyMap<string, Point>;
  /** By the links' order. */
  labels: readonly Point[];
  /** What each link passes, from box to box, both included. */
  roads: readonly (readonly Point[])[];
  along: number;
  across: number;
}

type What = 'box' | 'label' | 'road';

interface Vertex {
  what: What;
  /** Even layers hold boxes, odd ones labels. */
  layer: number;
  before: Vertex[];
  after: Vertex[];
  across: number;
}

/** Links that do not close a circle, seen from the sources on. */
function withoutCircles(names: readonly string[], links: readonly Link[]): Link[] {
  const state = new Map<string, 'open' | 'done'>();
  const kept: Link[] = [];
  const visit = (name: string): void => {
    state.set(name, 'open');
    for (const link of links) {
      if (link.from !== name || state.get(link.to) === 'open') continue;
      kept.push(link);
      if (!state.has(link.to)) visit(link.to);
    }
    state.set(name, 'done');
  };
  const isFed = new Set(links.map(({ to }) => to));
  const order = [...names.filter((name) => !isFed.has(name)), ...names];
  for (const name of order) if (!state.has(name)) visit(name);
  return kept;
}

/** The layer of each box: as far along as its sources ask, and sources right before what they feed. */
function layersOf(names: readonly string[], links: readonly Link[]): Map<string, number> {
  const layers = new Map<string, number>(names.map((name) => [name, 0]));
  const layer = (name: string) => layers.get(name) ?? 0;
  for (let changed = true; changed;) {
    changed = false;
    for (const { from, to } of links) {
      if (layer(to) > layer(from)) continue;
      layers.set(to, layer(from) + 1);
      changed = true;
    }
  }
  for (const name of names) {
    const targets = links.filter(({ from }) => from === name).map(({ to }) => layer(to));
    if (targets.length > 0 && !links.some(({ to }) => to === name))
      layers.set(name, Math.min(...targets) - 1);
  }
  return layers;
}

function crossings(upper: readonly Vertex[], lower: readonly Vertex[]): number {
  const place = new Map(lower.map((vertex, index) => [vertex, index]));
  const ends = upper.flatMap((vertex) =>
    vertex.after.map((next) => place.get(next) ?? 0).sort((a, b) => a - b),
  );
  let count = 0;
  for (let i = 0; i < ends.length; i += 1) {
    for (let j = i + 1; j < ends.length; j += 1) if ((ends[i] ?? 0) > (ends[j] ?? 0)) count += 1;
  }
  return count;
}

const allCrossings = (rows: readonly (readonly Vertex[])[]) =>
  rows.slice(1).reduce((sum, row, index) => sum + crossings(rows[index] ?? [], row), 0);

function byNeighbours(row: readonly Vertex[], next: readonly Vertex[], side: 'before' | 'after'): Vertex[] {
  const place = new Map(next.map((vertex, index) => [vertex, index]));
  const mean = (vertex: Vertex, own: number) => {
    const found = vertex[side].map((other) => place.get(other)).filter((index) => index !== undefined);
    return found.length > 0 ? found.reduce((sum, index) => sum + index, 0) / found.length : own;
  };
  return row
    .map((vertex, index) => ({ vertex, index, mean: mean(vertex, index) }))
    .sort((a, b) => a.mean - b.mean || a.index - b.index)
    .map(({ vertex }) => vertex);
}

const kSweeps = 6;

/** The order with the fewest crossings that sweeping forth and back found. */
function ordered(rows: Vertex[][]): Vertex[][] {
  let best = rows;
  let current = rows;
  for (let sweep = 0; sweep < kSweeps; sweep += 1) {
    const forth = sweep % 2 === 0;
    const next = [...current];
    for (let step = 1; step < rows.length; step += 1) {
      const index = forth ? step : rows.length - 1 - step;
      const beside = next[forth ? index - 1 : index + 1] ?? [];
      next[index] = byNeighbours(next[index] ?? [], beside, forth ? 'before' : 'after');
    }
    current = next;
    if (allCrossings(current) < allCrossings(best)) best = current;
  }
  return best;
}

/**
 * Centres as near as possible to `wanted` that keep their order and the distances of `needed` (to the one before):
 * neighbours that would meet are moved together by the same amount.
 */
export function spread(wanted: readonly number[], needed: readonly number[]): number[] {
  const offsets: number[] = [];
  wanted.forEach((_, index) =>
    offsets.push(index === 0 ? 0 : (offsets[index - 1] ?? 0) + (needed[index] ?? 0)),
  );
  const blocks: { sum: number; count: number }[] = [];
  wanted.forEach((want, index) => {
    let block = { sum: want - (offsets[index] ?? 0), count: 1 };
    for (let before = blocks.at(-1); before; before = blocks.at(-1)) {
      if (before.sum / before.count < block.sum / block.count) break;
      block = { sum: before.sum + block.sum, count: before.count + block.count };
      blocks.pop();
    }
    blocks.push(block);
  });
  return blocks
    .flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count))
    .map((start, index) => start + (offsets[index] ?? 0));
}

const kPasses = 12;

function placeAcross(rows: readonly (readonly Vertex[])[], measures: Measures): void {
  const size: Record<What, number> = {
    box: measures.boxAcross,
    label: measures.labelAcross,
    road: measures.gap,
  };
  const distances = (row: readonly Vertex[]) =>
    row.map((vertex, index) => {
      const before = row[index - 1];
      return before ? (size[before.what] + size[vertex.what]) / 2 + measures.gap : 0;
    });
  const settle = (row: readonly Vertex[], wanted: readonly number[]) =>
    spread(wanted, distances(row)).forEach((across, index) => {
      const vertex = row[index];
      if (vertex) vertex.across = across;
    });
  for (const row of rows)
    settle(
      row,
      row.map(() => 0),
    );
  for (let pass = 0; pass < kPasses; pass += 1) {
    const forth = pass % 2 === 0;
    for (const row of forth ? rows : [...rows].reverse()) {
      const mean = (vertices: readonly Vertex[], own: number) =>
        vertices.length > 0 ? vertices.reduce((sum, { across }) => sum + across, 0) / vertices.length : own;
      settle(
        row,
        row.map((vertex) => mean(forth ? vertex.before : vertex.after, vertex.across)),
      );
    }
  }
}

/** The vertices of a link between two boxes: its label after the first, then what it passes. */
function roadOf(from: Vertex, to: Vertex): Vertex[] {
  const road: Vertex[] = [from];
  for (let layer = from.layer + 1; layer < to.layer; layer += 1) {
    const what = layer === from.layer + 1 ? 'label' : 'road';
    road.push({ what, layer, before: [], after: [], across: 0 });
  }
  road.push(to);
  for (let index = 1; index < road.length; index += 1) {
    const [before, after] = [road[index - 1], road[index]];
    if (!before || !after) continue;
    before.after.push(after);
    after.before.push(before);
  }
  return road;
}

/** Places boxes and labels. A link that closes a circle is drawn against the flow. */
export function layOut(
  givenNames: readonly string[],
  givenLinks: readonly Link[],
  measures: Measures,
): Layout {
  const names = [...new Set(givenNames)].sort();
  const links = givenLinks.filter(
    ({ from, to }) => from !== to && names.includes(from) && names.includes(to),
  );
  const forward = withoutCircles(names, links);
  const layers = layersOf(names, forward);
  const boxes = new Map<string, Vertex>();
  for (const name of names) {
    boxes.set(name, { what: 'box', layer: 2 * (layers.get(name) ?? 0), before: [], after: [], across: 0 });
  }
  const sortedLinks = [...links].sort((a, b) => a.from.localeCompare(b.from) || a.to.localeCompare(b.to));
  const roads = new Map<Link, Vertex[]>();
  for (const link of sortedLinks) {
    const [from, to] = [boxes.get(link.from), boxes.get(link.to)];
    if (!from || !to) continue;
    roads.set(link, from.layer < to.layer ? roadOf(from, to) : roadOf(to, from).reverse());
  }
  const rows: Vertex[][] = [];
  const vertices = new Set([...boxes.values(), ...[...roads.values()].flat()]);
  for (const vertex of vertices) (rows[vertex.layer] ??= []).push(vertex);
  const kept = ordered(Array.from(rows, (row) => row ?? []));
  placeAcross(kept, measures);
  return measured(boxes, givenLinks, roads, kept, measures);
}

function measured(
  boxes: ReadonlyMap<string, Vertex>,
  links: readonly Link[],
  roads: ReadonlyMap<Link, readonly Vertex[]>,
  rows: readonly (readonly Vertex[])[],
  measures: Measures,
): Layout {
  const half: Record<What, number> = {
    box: measures.boxAcross / 2,
    label: measures.labelAcross / 2,
    road: 0,
  };
  const all = rows.flat();
  const least = Math.min(0, ...all.map(({ what, across }) => across - half[what]));
  const most = Math.max(0, ...all.map(({ what, across }) => across + half[what]));
  const pitch = measures.boxAlong + measures.labelAlong + 2 * measures.bend;
  const point = ({ layer, across }: Vertex): Point => ({
    along: measures.boxAlong / 2 + (layer * pitch) / 2,
    across: across - least,
  });
  const roadPoints = links.map((link) => (roads.get(link) ?? []).map(point));
  return {
    boxes: new Map([...boxes].map(([name, vertex]) => [name, point(vertex)])),
    labels: links.map((link) => {
      const label = roads.get(link)?.find(({ what }) => what === 'label');
      return label ? point(label) : { along: 0, across: 0 };
    }),
    roads: roadPoints,
    along: rows.length > 0 ? ((rows.length - 1) * pitch) / 2 + measures.boxAlong : 0,
    across: most - least,
  };
}
