/** How much of the memory for models is taken, and by which. */
import type { Held } from '../../../../src-main/contract/serving.ts';
import { StackedShare } from '../../../charts/stacked-share.tsx';
import { cssColor, seriesColor } from '../../../charts/theme.ts';
import { formatBytes, formatPercent } from '../../../lib/format.ts';
import { Swatch } from '../../../ui/Badge.tsx';
import { Callout } from '../../../ui/Callout.tsx';
import { Link } from '../../../ui/Link.tsx';
import { Panel } from '../../../ui/Panel.tsx';
import type { ServedModel } from './held-rules.ts';

const SHOWN = 7;

export function MemoryPanel({ memory, models }: { memory: Held['memory']; models: readonly ServedModel[] }) {
  if (!memory)
    return (
      <Callout tone="warn" title="The inference server is not connected.">
        It is started again by itself; what is in memory shows when it is back.
      </Callout>
    );
  const { usedBytes, budgetBytes } = memory;
  const bySize = models.filter((one) => one.memoryBytes > 0).sort((a, b) => b.memoryBytes - a.memoryBytes);
  const known = bySize.slice(0, SHOWN).map(({ model, memoryBytes }, at) => ({
    id: model,
    label: model,
    bytes: memoryBytes,
    color: seriesColor(at),
  }));
  const named = known.reduce((sum, { bytes }) => sum + bytes, 0);
  const rest = Math.max(0, usedBytes - named);
  const parts =
    rest > 0 ? [...known, { id: 'others', label: 'others', bytes: rest, color: 8 as const }] : known;
  const whole = Math.max(budgetBytes, usedBytes, 1);
  const free = {
    id: 'free',
    label: 'free',
    share: Math.max(0, budgetBytes - usedBytes) / whole,
    color: 'muted' as const,
  };
  return (
    <Panel
      title="Memory for models"
      hint={`${formatBytes(usedBytes)} of ${formatBytes(budgetBytes)}, ${formatPercent(usedBytes / Math.max(1, budgetBytes), 0)}`}
      actions={<Link to="/settings">Change the budget</Link>}
    >
      <StackedShare
        label="Memory for models"
        height={10}
        shares={[...parts.map(({ bytes, ...part }) => ({ ...part, share: bytes / whole })), free]}
        rest="free"
      />
      <ul className="num mt-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-ink-2">
        {parts.map(({ id, label, bytes, color }) => (
          <li key={id} className="flex items-center gap-1.5">
            <Swatch color={cssColor(color)} />
            {label} {formatBytes(bytes)}
          </li>
        ))}
        {parts.length === 0 ? <li className="text-ink-3">No model is in memory.</li> : null}
      </ul>
    </Panel>
  );
}
