import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Lineage } from '../../../src-main/contract/lineage.ts';
import { layoutLineage, pathData } from './lineage-layout.ts';

const SIZE = { nodeWidth: 180, nodeHeight: 48, gapX: 60, gapY: 14 };
type Node = Lineage['nodes'][number];
const node = (id: string, kind: Node['kind']): Node => ({
  ...{ id, kind, title: id, subtitle: '', href: null },
  ...{ facts: [], count: 1, start: false },
});
const edge = (from: string, to: string) => ({ from, to, label: '' });

describe('layoutLineage', () => {
  it('puts datasets left of runs, runs left of versions, versions left of endpoints', () => {
    const { nodes } = layoutLineage(
      {
        nodes: [node('e', 'endpoint'), node('v', 'version'), node('d', 'dataset'), node('r', 'run')],
        edges: [edge('d', 'r'), edge('r', 'v'), edge('v', 'e')],
      },
      SIZE,
    );
    const x = (id: string) => nodes.find((placed) => placed.node.id === id)?.x ?? -1;
    expect(x('d')).toBeLessThan(x('r'));
    expect(x('r')).toBeLessThan(x('v'));
    expect(x('v')).toBeLessThan(x('e'));
  });

  it('puts a run that read a model right of it, and comes to an end on a circle', () => {
    const nodes = [node('r1', 'run'), node('m', 'logged-model'), node('r2', 'run'), node('v', 'version')];
    const { nodes: placed } = layoutLineage(
      { nodes, edges: [edge('r1', 'm'), edge('m', 'r2'), edge('r2', 'v'), edge('m', 'r1')] },
      SIZE,
    );
    const x = (id: string) => placed.find((one) => one.node.id === id)?.x ?? -1;
    expect(x('m')).toBeLessThan(x('r2'));
    expect(x('r2')).toBeLessThan(x('v'));
    expect(placed).toHaveLength(4);
  });

  it('undoes crossings of parallel chains given in any order', () => {
    const { nodes } = layoutLineage(
      {
        nodes: [
          node('r1', 'run'),
          node('r2', 'run'),
          node('r3', 'run'),
          node('v3', 'version'),
          node('v1', 'version'),
          node('v2', 'version'),
        ],
        edges: [edge('r1', 'v1'), edge('r2', 'v2'), edge('r3', 'v3')],
      },
      SIZE,
    );
    const y = (id: string) => nodes.find((placed) => placed.node.id === id)?.y;
    for (const i of [1, 2, 3]) expect(y(`r${i}`)).toBe(y(`v${i}`));
  });

  it('never lays nodes over each other, nor a line that skips a layer over a node', () => {
    const kinds: Node['kind'][] = ['dataset', 'run', 'logged-model', 'version', 'endpoint'];
    const graph = fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 14 }).chain((chosen) =>
      fc
        .array(fc.tuple(fc.nat(chosen.length - 1), fc.nat(chosen.length - 1)), { maxLength: 20 })
        .map((pairs) => ({
          nodes: chosen.map((kind, i) => node(`n${i}`, kind)),
          edges: pairs.map(([a, b]) => edge(`n${a}`, `n${b}`)),
        })),
    );
    fc.assert(
      fc.property(graph, (lineage) => {
        const { nodes, paths, width, height } = layoutLineage(lineage, SIZE);
        expect(nodes).toHaveLength(lineage.nodes.length);
        nodes.forEach((a, i) => {
          expect(a.x + SIZE.nodeWidth).toBeLessThanOrEqual(width + 1e-9);
          expect(a.y + SIZE.nodeHeight).toBeLessThanOrEqual(height + 1e-9);
          for (const b of nodes.slice(i + 1)) {
            const apart = Math.abs(a.x - b.x) >= SIZE.nodeWidth || Math.abs(a.y - b.y) >= SIZE.nodeHeight;
            expect(apart).toBe(true);
          }
        });
        for (const { points } of paths)
          for (let i = 2; i < points.length - 1; i += 2) {
            const lane = points[i];
            const covered = nodes.some(
              ({ x, y }) =>
                lane && lane.x === x + SIZE.nodeWidth && lane.y > y && lane.y < y + SIZE.nodeHeight,
            );
            expect(covered).toBe(false);
          }
      }),
    );
  });

  it('takes an edge to a node that is not there for nothing', () => {
    const { paths } = layoutLineage({ nodes: [node('a', 'run')], edges: [edge('a', 'gone')] }, SIZE);
    expect(paths).toEqual([]);
  });
});

it('pathData is a straight line on one height and a curve between two', () => {
  expect(
    pathData([
      { x: 0, y: 5 },
      { x: 10, y: 5 },
    ]),
  ).toBe('M0 5L10 5');
  expect(
    pathData([
      { x: 0, y: 0 },
      { x: 10, y: 8 },
    ]),
  ).toBe('M0 0C5 0 5 8 10 8');
});
