/** Features that moved most, reference and current side by side. */
import type { Alert, AlertEvidence } from '../../../src-main/contract/alerts.ts';
import { DistributionBars } from '../../charts/distribution-bars.tsx';
import { formatCount, formatNumber, plural } from '../../lib/format.ts';
import { pathTo } from '../../lib/router.ts';
import { featureName, LEVELS, windowText } from '../../lib/series-words.ts';
import { Badge } from '../../ui/Badge.tsx';
import { Link } from '../../ui/Link.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { Explain } from '../explain/index.tsx';

/** Categories beyond these are in the table of the chart and on the feature's page. */
const ROWS = 7;

export function MovedPanel({ alert, features }: { alert: Alert; features: AlertEvidence['features'] }) {
  const day = windowText(alert.windowMs, alert.per);
  return (
    <Panel
      title="What moved"
      hint={
        features.length > 0 ? `${plural(features.length, 'feature')}, most first, as it was on ${day}` : null
      }
    >
      {features.length === 0 ? (
        <p className="text-ink-3">No input stood far from its reference when this fired.</p>
      ) : (
        <ul className="grid grid-cols-1 gap-x-6 gap-y-5 lg:grid-cols-2">
          {features.map((one) => (
            <li key={one.feature} className="min-w-0">
              <div className="num mb-1 flex min-w-0 items-center gap-2 text-xs">
                <Link
                  to={`${pathTo('monitoring', alert.endpoint, one.feature)}?per=${alert.per}&window=${alert.windowMs}`}
                  className="min-w-0 truncate text-sm font-medium"
                >
                  {featureName(one.feature)}
                </Link>
                <Badge tone={LEVELS[one.level].tone}>{LEVELS[one.level].word}</Badge>
                <span className="ml-auto shrink-0 text-ink-2">
                  PSI{' '}
                  <Explain
                    method="lathe.psi.frozen@1"
                    value={one.score}
                    n={one.n}
                    level={one.level}
                    bins={one.bins}
                    of={`PSI of ${featureName(one.feature)}: ${formatNumber(one.score, 3)}`}
                  >
                    {formatNumber(one.score, 3)}
                  </Explain>
                </span>
                <span className="shrink-0 text-ink-3">n {formatCount(one.n)}</span>
              </div>
              <Side feature={one} day={day} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Side({ feature, day }: { feature: AlertEvidence['features'][number]; day: string }) {
  const categorical = feature.bins.every(({ lower, upper }) => lower === null && upper === null);
  const bins = categorical
    ? [...feature.bins]
        .sort((a, b) => Math.abs(b.current - b.reference) - Math.abs(a.current - a.reference))
        .slice(0, ROWS)
    : feature.bins;
  return (
    <DistributionBars
      title={`Distribution of ${featureName(feature.feature)}`}
      hideTitle
      bins={bins}
      currentLabel={`to ${day}`}
      layout={categorical ? 'rows' : 'columns'}
      height={150}
      weak={feature.level === 'too-few'}
    />
  );
}
