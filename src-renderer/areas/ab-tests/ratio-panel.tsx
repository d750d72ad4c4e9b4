/** First of all: did the units fall to the arms as the weights say? */
import type { AbRatio } from '../../../src-main/contract/ab-tests.ts';
import { formatCount, formatNumber, formatPercent } from '../../lib/format.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Panel } from '../../ui/Panel.tsx';

export function RatioPanel({ ratio }: { ratio: AbRatio | null }) {
  if (!ratio)
    return (
      <Panel title="Are the units split as planned?">
        <p className="text-ink-3">Nobody was assigned yet.</p>
      </Panel>
    );
  const { arms, p, alarm, enough } = ratio;
  const expected = arms.reduce((sum, arm) => sum + arm.expected, 0);
  const observed = arms.reduce((sum, arm) => sum + arm.observed, 0);
  return (
    <Panel
      title="Are the units split as planned?"
      actions={
        alarm ? (
          <Badge tone="bad">no: sample-ratio mismatch</Badge>
        ) : enough ? (
          <Badge tone="ok">yes</Badge>
        ) : (
          <Badge>too few to say</Badge>
        )
      }
    >
      <table className="num w-full text-xs" aria-label="Units by arm">
        <thead>
          <tr className="text-ink-3">
            {['Arm', 'Units', 'Expected', 'Share', 'Planned'].map((head, at) => (
              <th
                key={head}
                scope="col"
                className={`py-1 font-normal ${at === 0 ? 'text-left' : 'pl-2 text-right'}`}
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {arms.map((arm) => (
            <tr key={arm.key} className="border-t border-line">
              <th scope="row" className="py-1 text-left font-medium">
                {arm.key}
              </th>
              <td className="py-1 pl-2 text-right">{formatCount(arm.observed)}</td>
              <td className="py-1 pl-2 text-right text-ink-2">{formatCount(Math.round(arm.expected))}</td>
              <td className="py-1 pl-2 text-right">
                {formatPercent(observed > 0 ? arm.observed / observed : null, 2)}
              </td>
              <td className="py-1 pl-2 text-right text-ink-2">
                {formatPercent(expected > 0 ? arm.expected / expected : null, 2)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="num mt-2 text-xs text-ink-3">
        By chance a split this far off comes with p = {formatNumber(p, 2)}; below 0.001 is an alarm.
      </p>
    </Panel>
  );
}
