/** The lineage as a drawing whose nodes are links, and as a list for those who do not see it. */
import { Boxes, Database, FlaskConical, type LucideIcon, Radio } from 'lucide-react';
import { useId, useMemo, useState } from 'react';
import type { Lineage } from '../../../src-main/contract/models.ts';
import { useWidth } from '../../charts/use-width.ts';
import { Link } from '../../ui/Link.tsx';
import { type LayoutSize, layoutLineage, pathData } from './lineage-layout.ts';

type Node = Lineage['nodes'][number];

const KIND: Record<Node['kind'], { icon: LucideIcon; word: string }> = {
  dataset: { icon: Database, word: 'dataset' },
  run: { icon: FlaskConical, word: 'run' },
  version: { icon: Boxes, word: 'model version' },
  endpoint: { icon: Radio, word: 'endpoint' },
};
const NODE_HEIGHT = 46;
const LAYERS = 4;
const MARGIN = 4;

export function LineageGraph({ graph, current }: { graph: Lineage; current: string | null }) {
  const [ref, width] = useWidth();
  const layout = useMemo(() => layoutLineage(graph, sizeFor(width)), [graph, width]);
  const [pointed, setPointed] = useState<string | null>(null);
  const arrow = useId();
  const related = useMemo(() => relatives(graph, pointed), [graph, pointed]);
  if (graph.nodes.length === 0)
    return (
      <p className="text-ink-3">Nothing is known about where this model came from or where it serves.</p>
    );
  return (
    <figure aria-label="Lineage graph">
      <div ref={ref} className="overflow-x-auto">
        <div
          className="relative mx-auto"
          style={{ width: layout.width + 2 * MARGIN, height: layout.height + 2 * MARGIN }}
        >
          <svg
            width={layout.width + 2 * MARGIN}
            height={layout.height + 2 * MARGIN}
            aria-hidden="true"
            className="absolute inset-0"
          >
            <defs>
              <marker
                id={arrow}
                viewBox="0 0 8 8"
                refX="7"
                refY="4"
                markerWidth="7"
                markerHeight="7"
                orient="auto"
              >
                <path d="M0 0.5L7 4L0 7.5" fill="none" stroke="var(--line-strong)" strokeWidth="1.2" />
              </marker>
            </defs>
            <g transform={`translate(${MARGIN} ${MARGIN})`}>
              {layout.paths.map(({ from, to, label, points }) => {
                const lit = related.has(from) && related.has(to);
                return (
                  <path
                    key={`${from}→${to}:${label}`}
                    d={pathData(points)}
                    fill="none"
                    stroke={pointed && lit ? 'var(--accent)' : 'var(--line-strong)'}
                    strokeWidth={pointed && lit ? 1.75 : 1.25}
                    opacity={pointed && !lit ? 0.25 : 0.8}
                    markerEnd={`url(#${arrow})`}
                  />
                );
              })}
            </g>
          </svg>
          {layout.nodes.map(({ node, x, y }) => {
            const { icon: Icon, word } = KIND[node.kind];
            const mine =
              node.kind === 'version' && current !== null && node.title.split(' ').at(-1) === current;
            const body = (
              <>
                <Icon size={15} strokeWidth={1.75} aria-hidden="true" className="shrink-0 text-ink-3" />
                <span className="min-w-0 flex-1">
                  <span className="block truncate text-sm leading-4 font-medium text-ink">{node.title}</span>
                  <span className="block truncate text-2xs text-ink-3">{node.subtitle || word}</span>
                </span>
              </>
            );
            const look = `flex h-full items-center gap-2 rounded-md border px-2.5 ${mine ? 'border-accent bg-accent-soft' : 'border-line bg-raised'} ${pointed && !related.has(node.id) ? 'opacity-40' : ''}`;
            return (
              // biome-ignore lint/a11y/noStaticElementInteractions: pointing only lights up its relatives.
              <div
                key={node.id}
                className="absolute"
                style={{
                  left: x + MARGIN,
                  top: y + MARGIN,
                  width: sizeFor(width).nodeWidth,
                  height: NODE_HEIGHT,
                }}
                onPointerEnter={() => setPointed(node.id)}
                onPointerLeave={() => setPointed(null)}
                onFocus={() => setPointed(node.id)}
                onBlur={() => setPointed(null)}
                title={`${word}: ${node.title}${node.subtitle ? ` – ${node.subtitle}` : ''}`}
              >
                {node.href ? (
                  <Link
                    to={node.href}
                    quiet
                    style={{ display: 'block', height: '100%', textDecoration: 'none' }}
                  >
                    <span className={`${look} hover:border-line-strong`}>
                      <span className="sr-only">{word} </span>
                      {body}
                    </span>
                  </Link>
                ) : (
                  <span className={look}>{body}</span>
                )}
              </div>
            );
          })}
        </div>
      </div>
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

/** Four layers side by side, as wide as they may be; below a readable width the drawing scrolls. */
function sizeFor(width: number): LayoutSize {
  const gapX = width > 900 ? 72 : 36;
  const room = (width - 2 * MARGIN - (LAYERS - 1) * gapX) / LAYERS;
  return {
    nodeWidth: Math.floor(Math.min(200, Math.max(132, room))),
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
