/**
 * Places a lineage graph in layers from left to right (dataset, run, logged model, version, endpoint; by the longest
 * way from the sources where a run read what another one made) with few crossings: Sugiyama's method with barycentre sweeps; an edge that skips a layer gets a slot of its own there, so that no
 * line runs through a node. Pure.
 */
import type { Lineage } from '../../../src-main/contract/lineage.ts';

type Node = Lineage['nodes'][number];
type Graph = Pick<Lineage, 'nodes' | 'edges'>;
export type Placed = { node: Node; x: number; y: number };
export type Path = { from: string; to: string; label: string; points: readonly { x: number; y: number }[] };
export type LineageLayout = {
  width: number;
  height: number;
  nodes: readonly Placed[];
  paths: readonly Path[];
};

export type LayoutSize = { nodeWidth: number; nodeHeight: number; gapX: number; gapY: number };

const KINDS: readonly Node['kind'][] = ['dataset', 'run', 'logged-model', 'version', 'endpoint'];
/** Height of the slot that a passing line takes. */
const LANE = 14;
const SWEEPS = 8;

type Slot = { id: string; node: Node | null; height: number };

export function layoutLineage(graph: Graph, size: LayoutSize): LineageLayout {
  const known = new Map(graph.nodes.map((node) => [node.id, node]));
  const layer = layersOf(graph);
  const layerOf = (node: Node) => layer.get(node.id) ?? 0;
  const layers: Slot[][] = Array.from({ length: countLayers(graph) }, (_, at) =>
    graph.nodes
      .filter((node) => layerOf(node) === at)
      .map((node) => ({ id: node.id, node, height: size.nodeHeight })),
  );

  const links: [string, string][] = [];
  const chains: { from: string; to: string; label: string; ids: string[] }[] = [];
  for (const edge of graph.edges) {
    const ends = [known.get(edge.from), known.get(edge.to)];
    const [from, to] = ends;
    if (!from || !to || layerOf(from) === layerOf(to)) continue;
    const [left, right] = layerOf(from) < layerOf(to) ? [from, to] : [to, from];
    const ids = [left.id];
    for (let layer = layerOf(left) + 1; layer < layerOf(right); layer++) {
      const id = `${edge.from}→${edge.to}@${layer}`;
      layers[layer]?.push({ id, node: null, height: LANE });
      ids.push(id);
    }
    ids.push(right.id);
    for (let i = 1; i < ids.length; i++) links.push([ids[i - 1] ?? '', ids[i] ?? '']);
    chains.push({ from: edge.from, to: edge.to, label: edge.label, ids });
  }

  order(layers, links);
  return place(layers, chains, size);
}

/** How many layers a graph takes. */
export const countLayers = (graph: Graph): number =>
  graph.nodes.length === 0 ? 0 : 1 + Math.max(...layersOf(graph).values());

/** A column for each kind there is; the longest way from a source where an edge leads back among the kinds. */
function layersOf({ nodes, edges }: Graph): Map<string, number> {
  const used = KINDS.filter((kind) => nodes.some((node) => node.kind === kind));
  const byKind = new Map(nodes.map((node) => [node.id, used.indexOf(node.kind)]));
  const leadsOn = edges.every(({ from, to }) => (byKind.get(from) ?? -1) < (byKind.get(to) ?? used.length));
  if (leadsOn) return byKind;
  const into = Map.groupBy(edges, ({ to }) => to);
  const longest = new Map<string, number>();
  const under = new Set<string>();
  const depth = (id: string): number => {
    const done = longest.get(id);
    if (done !== undefined) return done;
    // A circle (a run that read its own model): the edge that closes it does not count.
    if (under.has(id)) return -1;
    under.add(id);
    const sources = (into.get(id) ?? []).filter(({ from }) => byKind.has(from));
    const found = Math.max(0, ...sources.map(({ from }) => depth(from) + 1));
    under.delete(id);
    longest.set(id, found);
    return found;
  };
  for (const { id } of nodes) depth(id);
  return longest;
}

/** Sorts each layer by the mean place of its neighbours, forth and back, and keeps the best order met. */
function order(layers: Slot[][], links: readonly [string, string][]): void {
  let best = layers.map((layer) => [...layer]);
  let fewest = crossings(layers, links);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    const forth = sweep % 2 === 0;
    const walk = layers.map((_, i) => (forth ? i : layers.length - 1 - i)).slice(1);
    for (const at of walk) {
      const beside = new Map((layers[forth ? at - 1 : at + 1] ?? []).map((slot, i) => [slot.id, i]));
      const mean = (slot: Slot, fallback: number): number => {
        const places = links
          .filter((link) => link.includes(slot.id))
          .map(([a, b]) => beside.get(a === slot.id ? b : a))
          .filter((place) => place !== undefined);
        return places.length > 0 ? places.reduce((a, b) => a + b, 0) / places.length : fallback;
      };
      const layer = layers[at] ?? [];
      const keys = new Map(layer.map((slot, i) => [slot.id, mean(slot, i)]));
      layer.sort((a, b) => (keys.get(a.id) ?? 0) - (keys.get(b.id) ?? 0));
    }
    const now = crossings(layers, links);
    if (now < fewest) {
      fewest = now;
      best = layers.map((layer) => [...layer]);
    }
  }
  best.forEach((layer, i) => {
    layers[i] = layer;
  });
}

function crossings(layers: readonly Slot[][], links: readonly [string, string][]): number {
  const place = new Map<string, [layer: number, at: number]>();
  layers.forEach((layer, l) => {
    layer.forEach((slot, i) => {
      place.set(slot.id, [l, i]);
    });
  });
  const spans = links.flatMap(([a, b]) => {
    const from = place.get(a);
    const to = place.get(b);
    return from && to ? [[from[0], from[1], to[1]] as const] : [];
  });
  let count = 0;
  for (let i = 0; i < spans.length; i++)
    for (let j = i + 1; j < spans.length; j++) {
      const [layerA = 0, fromA = 0, toA = 0] = spans[i] ?? [];
      const [layerB = 0, fromB = 0, toB = 0] = spans[j] ?? [];
      if (layerA === layerB && (fromA - fromB) * (toA - toB) < 0) count++;
    }
  return count;
}

function place(
  layers: readonly Slot[][],
  chains: readonly { from: string; to: string; label: string; ids: string[] }[],
  { nodeWidth, nodeHeight, gapX, gapY }: LayoutSize,
): LineageLayout {
  const tall = (layer: readonly Slot[]) =>
    layer.reduce((sum, slot) => sum + slot.height, 0) + Math.max(0, layer.length - 1) * gapY;
  const height = Math.max(nodeHeight, ...layers.map(tall));
  const nodes: Placed[] = [];
  const centre = new Map<string, { x: number; y: number; lane: boolean }>();
  layers.forEach((layer, l) => {
    let y = (height - tall(layer)) / 2;
    const x = l * (nodeWidth + gapX);
    for (const slot of layer) {
      centre.set(slot.id, { x, y: y + slot.height / 2, lane: slot.node === null });
      if (slot.node) nodes.push({ node: slot.node, x, y });
      y += slot.height + gapY;
    }
  });
  const paths = chains.map(({ from, to, label, ids }) => ({
    from,
    to,
    label,
    points: ids.flatMap((id, i) => {
      const at = centre.get(id);
      if (!at) return [];
      const left = { x: at.x, y: at.y };
      const right = { x: at.x + nodeWidth, y: at.y };
      if (i === 0) return [right];
      return at.lane ? [left, right] : [left];
    }),
  }));
  return { width: Math.max(0, layers.length * (nodeWidth + gapX) - gapX), height, nodes, paths };
}

/** The points as an SVG path: curves between layers, straight through lanes. */
export function pathData(points: Path['points']): string {
  return points
    .map(({ x, y }, i) => {
      const before = points[i - 1];
      if (!before) return `M${x} ${y}`;
      if (before.y === y) return `L${x} ${y}`;
      const middle = (before.x + x) / 2;
      return `C${middle} ${before.y} ${middle} ${y} ${x} ${y}`;
    })
    .join('');
}
