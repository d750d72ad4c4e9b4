/** The lineage as a drawing whose nodes are links, and as a list for those who do not see it. */
import { Boxes, Database, FlaskConical, type LucideIcon, Package, Radio } from 'lucide-react';
import { useId, useMemo, useState } from 'react';
import type { Lineage, LineageNode } from '../../../src-main/contract/lineage.ts';
import { useWidth } from '../../charts/use-width.ts';
import { cx } from '../../ui/cx.ts';
import { Link } from '../../ui/Link.tsx';
import { countLayers, type LayoutSize, layoutLineage, pathData } from './lineage-layout.ts';

const KIND: Record<LineageNode['kind'], { icon: LucideIcon; word: string }> = {
  dataset: { icon: Database, word: 'dataset' },
  run: { icon: FlaskConical, word: 'run' },
  'logged-model': { icon: Package, word: 'logged model' },
  version: { icon: Boxes, word: 'model version' },
  endpoint: { icon: Radio, word: 'endpoint' },
};
const NODE_HEIGHT = 46;
const MARGIN = 5;

export function LineageGraph({ graph, onSpread }: { graph: Lineage; onSpread: () => void }) {
  const [ref, width] = useWidth();
  const size = useMemo(() => sizeFor(width, countLayers(graph)), [width, graph]);
  const layout = useMemo(() => layoutLineage(graph, size), [graph, size]);
  const [pointed, setPointed] = useState<string | null>(null);
  const related = useMemo(() => relatives(graph, pointed), [graph, pointed]);
  const told = graph.nodes.find(({ id }) => id === pointed) ?? onlyStart(graph);
  return (
    <figure aria-label="Lineage graph">
      <div ref={ref} className="overflow-x-auto">
        <div
          className="relative mx-auto"
          style={{ width: layout.width + 2 * MARGIN, height: layout.height + 2 * MARGIN }}
        >
          <Lines layout={layout} related={pointed ? related : null} />
          {layout.nodes.map(({ node, x, y }) => (
            // biome-ignore lint/a11y/noStaticElementInteractions: pointing only lights up its relatives.
            <div
              key={node.id}
              className="absolute"
              style={{ left: x + MARGIN, top: y + MARGIN, width: size.nodeWidth, height: NODE_HEIGHT }}
              onPointerEnter={() => setPointed(node.id)}
              onPointerLeave={() => setPointed(null)}
              onFocus={() => setPointed(node.id)}
              onBlur={() => setPointed(null)}
            >
              <NodeCard node={node} faded={pointed !== null && !related.has(node.id)} onSpread={onSpread} />
            </div>
          ))}
        </div>
      </div>
      <Facts node={told} graph={graph} />
      <figcaption className="sr-only">
        <ul>
          {graph.edges.map(({ from, to, label }) => (
            <li key={`${from}→${to}:${label}`}>{edgeText(graph, from, to, label)}</li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}

function Lines({
  layout,
  related,
}: {
  layout: ReturnType<typeof layoutLineage>;
  related: ReadonlySet<string> | null;
}) {
  const arrow = useId();
  return (
    <svg
      width={layout.width + 2 * MARGIN}
      height={layout.height + 2 * MARGIN}
      aria-hidden="true"
      className="absolute inset-0"
    >
      <defs>
        <marker id={arrow} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0 0.5L7 4L0 7.5" fill="none" stroke="var(--line-strong)" strokeWidth="1.2" />
        </marker>
      </defs>
      <g transform={`translate(${MARGIN} ${MARGIN})`}>
        {layout.paths.map(({ from, to, label, points }) => {
          const lit = related === null || (related.has(from) && related.has(to));
          return (
            <path
              key={`${from}→${to}:${label}`}
              d={pathData(points)}
              fill="none"
              stroke={related && lit ? 'var(--accent)' : 'var(--line-strong)'}
              strokeWidth={related && lit ? 1.75 : 1.25}
              opacity={lit ? 0.8 : 0.25}
              markerEnd={`url(#${arrow})`}
            >
              {label ? <title>{label}</title> : null}
            </path>
          );
        })}
      </g>
    </svg>
  );
}

function NodeCard({ node, faded, onSpread }: { node: LineageNode; faded: boolean; onSpread: () => void }) {
  const { icon: Icon, word } = KIND[node.kind];
  const many = node.count > 1;
  const look = cx(
    'flex h-full w-full items-center gap-2 rounded-md border px-2.5 text-left',
    node.start ? 'border-accent bg-accent-soft' : 'border-line bg-raised',
    (node.href || many) && 'hover:border-line-strong',
    // A second edge behind it: it stands for several.
    many && 'shadow-[3px_3px_0_-1px_var(--raised),3px_3px_0_0_var(--line)]',
    faded && 'opacity-40',
  );
  const body = (
    <>
      <Icon size={15} strokeWidth={1.75} aria-hidden="true" className="shrink-0 text-ink-3" />
      <span className="min-w-0 flex-1">
        <span className="block truncate text-sm leading-4 font-medium text-ink">{node.title}</span>
        <span className="block truncate text-2xs text-ink-3">{node.subtitle || word}</span>
      </span>
    </>
  );
  const title = `${word}: ${node.title}${node.subtitle ? ` – ${node.subtitle}` : ''}`;
  if (many)
    return (
      <button type="button" className={look} title={`${title}. Click to show them.`} onClick={onSpread}>
        {body}
      </button>
    );
  if (!node.href || node.start)
    return (
      <span className={look} title={title}>
        {body}
      </span>
    );
  return (
    <Link to={node.href} quiet title={title} className="block h-full hover:no-underline">
      <span className={look}>
        <span className="sr-only">{word} </span>
        {body}
      </span>
    </Link>
  );
}

/** What is known of the node that is pointed at, or of the one that the walk began at. */
function Facts({ node, graph }: { node: LineageNode | null; graph: Lineage }) {
  const facts = node ? [...node.facts, ...waysOf(graph, node.id)] : [];
  return (
    <dl className="mt-3 flex min-h-9 flex-wrap items-start gap-x-5 gap-y-1 border-t border-line pt-2 text-xs">
      {node ? (
        <div className="flex gap-1.5">
          <dt className="text-ink-3">{KIND[node.kind].word}</dt>
          <dd className="font-medium">{node.title}</dd>
        </div>
      ) : null}
      {facts.map(({ label, value }) => (
        <div key={`${label} ${value}`} className="flex min-w-0 gap-1.5">
          <dt className="text-ink-3">{label}</dt>
          <dd className="max-w-72 truncate" title={value}>
            {/^[0-9a-f]{32,64}$/.test(value) ? <code>{value.slice(0, 12)}</code> : value}
          </dd>
        </div>
      ))}
      {node && facts.length === 0 ? <div className="text-ink-3">nothing more is known of it</div> : null}
      {node ? null : <div className="text-ink-3">Point at something to see what is known of it.</div>}
    </dl>
  );
}

/** More ways than these say less, not more. */
const MOST_WAYS = 4;

/** What joins it to the others, where that has a name: "training" of this data, "champion 80 %" of that endpoint. */
function waysOf({ nodes, edges }: Lineage, id: string): { label: string; value: string }[] {
  const own = edges.filter(({ from, to, label }) => label !== '' && (from === id || to === id));
  return own.slice(0, MOST_WAYS).map(({ from, to, label }) => {
    const other = nodes.find((node) => node.id === (from === id ? to : from));
    return { label: other?.title ?? '', value: label };
  });
}

function onlyStart({ nodes }: Lineage): LineageNode | null {
  const [first, second] = nodes.filter(({ start }) => start);
  return second ? null : (first ?? null);
}

/** Layers side by side, as wide as they may be; below a readable width the drawing scrolls. */
function sizeFor(width: number, layers: number): LayoutSize {
  const gapX = width > 900 ? 72 : 36;
  const room = (width - 2 * MARGIN - (layers - 1) * gapX) / Math.max(4, layers);
  return {
    nodeWidth: Math.floor(Math.min(210, Math.max(136, room))),
    nodeHeight: NODE_HEIGHT,
    gapX,
    gapY: 12,
  };
}

function edgeText(graph: Lineage, from: string, to: string, label: string): string {
  const name = (id: string) => {
    const node = graph.nodes.find((one) => one.id === id);
    return node ? `${KIND[node.kind].word} ${node.title}` : id;
  };
  return `${name(from)} ${label || 'leads to'} ${name(to)}`;
}

/** Everything up- and downstream of a node, itself included; nothing when none is pointed at. */
function relatives(graph: Lineage, id: string | null): ReadonlySet<string> {
  const found = new Set<string>();
  if (id === null) return found;
  const walk = (at: string, next: (at: string) => string[]) => {
    found.add(at);
    for (const one of next(at)) if (!found.has(one)) walk(one, next);
  };
  walk(id, (at) => graph.edges.filter(({ to }) => to === at).map(({ from }) => from));
  found.delete(id);
  walk(id, (at) => graph.edges.filter(({ from }) => from === at).map(({ to }) => to));
  return found;
}
