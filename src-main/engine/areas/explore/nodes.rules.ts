/** Summaries of neighbours, and summaries of those. Pure. */
import type { Nodes } from './groups.rules.ts';
import type { Points } from './points.ts';

/** Nodes with both axes; see Nodes. */
export type NodeColumns = Omit<Nodes, 'x'> & { step: Float64Array; ts: Float64Array };

/** Each `by` consecutive points as a node; the last one has the rest. */
export function nodesOfPoints({ step, ts, val }: Points, by: number): NodeColumns {
  const nodes = emptyNodes(Math.ceil(val.length / by));
  for (let at = 0; at < val.length; at++) {
    const value = val[at] as number;
    const node = Math.floor(at / by);
    if (Number.isFinite(value)) join(nodes, node, step[at] as number, ts[at] as number, value, value, value);
    else {
      nodes.notFinite[node] = (nodes.notFinite[node] as number) + 1;
      standAt(nodes, node, step[at] as number, ts[at] as number);
    }
  }
  return nodes;
}

/** Each `by` consecutive nodes as one; the last one has the rest. */
export function nodesOfNodes(of: NodeColumns, by: number): NodeColumns {
  const nodes = emptyNodes(Math.ceil(of.last.length / by));
  for (let at = 0; at < of.last.length; at++) {
    const node = Math.floor(at / by);
    const last = of.last[at] as number;
    nodes.notFinite[node] = (nodes.notFinite[node] as number) + (of.notFinite[at] as number);
    if (!Number.isNaN(last))
      join(
        nodes,
        node,
        of.step[at] as number,
        of.ts[at] as number,
        last,
        of.min[at] as number,
        of.max[at] as number,
      );
    else standAt(nodes, node, of.step[at] as number, of.ts[at] as number);
  }
  return nodes;
}

/** Rows of one, then rows of the next. */
export function concatNodes(parts: readonly NodeColumns[]): NodeColumns {
  const length = parts.reduce((sum, { last }) => sum + last.length, 0);
  const joined = emptyNodes(length);
  let at = 0;
  for (const part of parts) {
    for (const name of NAMES) joined[name].set(part[name], at);
    at += part.last.length;
  }
  return joined;
}

export const sliceNodes = (nodes: NodeColumns, from: number, to: number): NodeColumns => ({
  step: nodes.step.subarray(from, to),
  ts: nodes.ts.subarray(from, to),
  last: nodes.last.subarray(from, to),
  min: nodes.min.subarray(from, to),
  max: nodes.max.subarray(from, to),
  notFinite: nodes.notFinite.subarray(from, to),
});

const NAMES = ['step', 'ts', 'last', 'min', 'max', 'notFinite'] as const;

function emptyNodes(length: number): NodeColumns {
  const column = (value: number) => new Float64Array(length).fill(value);
  return {
    step: column(0),
    ts: column(0),
    last: column(Number.NaN),
    min: column(Number.POSITIVE_INFINITY),
    max: column(Number.NEGATIVE_INFINITY),
    notFinite: column(0),
  };
}

/** A node without any finite value stands at its last point. */
function standAt(nodes: NodeColumns, at: number, step: number, ts: number): void {
  if (!Number.isNaN(nodes.last[at])) return;
  nodes.step[at] = step;
  nodes.ts[at] = ts;
}

function join(
  nodes: NodeColumns,
  at: number,
  step: number,
  ts: number,
  last: number,
  min: number,
  max: number,
): void {
  nodes.step[at] = step;
  nodes.ts[at] = ts;
  nodes.last[at] = last;
  if (min < (nodes.min[at] as number)) nodes.min[at] = min;
  if (max > (nodes.max[at] as number)) nodes.max[at] = max;
}
