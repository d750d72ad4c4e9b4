/** How a walked lineage becomes a graph that can be drawn: what is alike and leads nowhere is one node. Pure. */
import type { Lineage, LineageNode } from '../../../contract/lineage.ts';
import { type Edge, type Key, kindOf, type Thing, type Walked } from './lineage.query.ts';

/** More things than this, alike and beside each other, become one node. */
export const USUAL_GROUP = 4;
export const SPREAD_GROUP = 60;
/** More nodes of one kind than this nobody can read, alike or not. */
const MOST_OF_A_KIND = 40;
const MOST_SPREAD = 100;

/** `rest`: they are not alike, there were only too many. */
type Group = { members: Key[]; rest: boolean };

/**
 * Things are alike when they are of one kind, in one place (experiment), and joined to the same others: thirty
 * runs on one dataset that made nothing are one node; a run that made a version stays itself.
 */
export function groupsOf(walked: Walked, things: ReadonlyMap<Key, Thing>, most: number): Group[] {
  const neighbours = new Map<Key, string[]>();
  for (const { from, to, label } of walked.edges) {
    push(neighbours, from, `>${to} ${label}`);
    push(neighbours, to, `<${from} ${label}`);
  }
  const starts = new Set(walked.starts);
  const alike = Map.groupBy(
    [...walked.keys].filter((key) => things.has(key)),
    (key) => {
      const thing = things.get(key);
      if (!thing || starts.has(key)) return key;
      const place = thing.kind === 'version' || thing.kind === 'dataset' ? '' : thing.subtitle;
      return [thing.kind, place, ...new Set(neighbours.get(key) ?? [])].sort().join('\n');
    },
  );
  const groups = [...alike.values()].flatMap((members): Group[] =>
    members.length > most
      ? [{ members, rest: false }]
      : members.map((member) => ({ members: [member], rest: false })),
  );
  const room = most > USUAL_GROUP ? MOST_SPREAD : MOST_OF_A_KIND;
  return [...Map.groupBy(groups, ({ members }) => kindOf(members[0] as Key)).values()].flatMap((own) => {
    if (own.length <= room) return own;
    const [first, rest] = [own.slice(0, room - 1), own.slice(room - 1)];
    const kept = rest.filter(({ members }) => members.some((member) => starts.has(member)));
    const members = rest.filter((group) => !kept.includes(group)).flatMap((group) => group.members);
    return [...first, ...kept, { members, rest: true }];
  });
}

function push(map: Map<Key, string[]>, key: Key, value: string): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

const PLURALS = {
  dataset: 'datasets',
  run: 'runs',
  'logged-model': 'logged models',
  version: 'versions',
  endpoint: 'endpoints',
} as const;

export function toLineage(walked: Walked, things: ReadonlyMap<Key, Thing>, most: number): Lineage {
  const groups = groupsOf(walked, things, most);
  const starts = new Set(walked.starts);
  const nodeOf = new Map<Key, string>();
  const nodes: LineageNode[] = [];
  for (const { members, rest } of groups) {
    const [first] = members;
    const thing = first && things.get(first);
    if (!first || !thing) continue;
    const id = members.length === 1 ? `${thing.kind}:${thing.id}` : `${thing.kind}+:${thing.id}`;
    for (const member of members) nodeOf.set(member, id);
    const one = members.length === 1;
    nodes.push({
      id,
      kind: thing.kind,
      title: one
        ? thing.title
        : `${members.length.toLocaleString('en')} ${rest ? 'more ' : ''}${PLURALS[thing.kind]}`,
      subtitle: rest ? '' : thing.subtitle,
      href: one ? thing.href : null,
      facts: one ? thing.facts : sharedFacts(members, things),
      count: members.length,
      start: starts.has(first),
    });
  }
  return { nodes, edges: joined(walked.edges, nodeOf), cut: walked.cut };
}

/** Facts that all of them have in common. */
function sharedFacts(members: readonly Key[], things: ReadonlyMap<Key, Thing>): Thing['facts'] {
  const [first, ...others] = members.map((member) => things.get(member)?.facts ?? []);
  return (first ?? []).filter(({ label, value }) =>
    others.every((facts) => facts.some((fact) => fact.label === label && fact.value === value)),
  );
}

/** Edges between nodes, each once; several labels between the same two are one. */
function joined(edges: readonly Edge[], nodeOf: ReadonlyMap<Key, string>): Lineage['edges'] {
  const labels = new Map<string, { from: string; to: string; labels: Set<string> }>();
  for (const edge of edges) {
    const from = nodeOf.get(edge.from);
    const to = nodeOf.get(edge.to);
    if (from === undefined || to === undefined || from === to) continue;
    const id = `${from}\n${to}`;
    const known = labels.get(id) ?? { from, to, labels: new Set<string>() };
    if (edge.label !== '') known.labels.add(edge.label);
    labels.set(id, known);
  }
  return [...labels.values()].map(({ from, to, labels: all }) => ({ from, to, label: [...all].join(', ') }));
}
