/** Lineage: where a thing came from and what came of it, drawn. For the pages of runs, data, models and endpoints. */
import { useState } from 'react';
import type { LineageStart } from '../../../src-main/contract/lineage.ts';
import { useData } from '../../lib/query.ts';
import { Button } from '../../ui/Button.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { SegmentedControl } from '../../ui/SegmentedControl.tsx';
import { LineageGraph } from './lineage-graph.tsx';

type Reach = '1' | '2' | '8';
const REACHES: readonly { value: Reach; label: string }[] = [
  { value: '1', label: '1 step' },
  { value: '2', label: '2 steps' },
  { value: '8', label: 'Everything' },
];

export function LineagePanel({ start, none }: { start: LineageStart; none: string }) {
  const [reach, setReach] = useState<Reach>('8');
  const [spread, setSpread] = useState(false);
  const steps = Number(reach);
  const lineage = useData(
    ['models', 'lineage', start, steps, spread],
    (rpc, signal) => rpc.lineage.graph({ start, up: steps, down: steps, spread }, { signal }),
    { keep: true },
  );
  const grouped = lineage.data?.nodes.some(({ count }) => count > 1) ?? false;
  return (
    <Panel
      title="Lineage"
      hint={lineage.data?.cut ? 'from data to endpoint; more than is drawn' : 'from data to endpoint'}
      actions={
        <>
          {spread || grouped ? (
            <Button size="sm" variant="ghost" onClick={() => setSpread(!spread)}>
              {spread ? 'Group what is alike' : 'Show one by one'}
            </Button>
          ) : null}
          <SegmentedControl
            label="How far"
            options={REACHES}
            value={reach}
            onChange={(next) => setReach(next)}
          />
        </>
      }
    >
      <QueryState query={lineage} what="The lineage">
        {(graph) =>
          graph.edges.length === 0 ? (
            <p className="text-ink-3">{none}</p>
          ) : (
            <LineageGraph graph={graph} onSpread={() => setSpread(true)} />
          )
        }
      </QueryState>
    </Panel>
  );
}
