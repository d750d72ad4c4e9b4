/** One feature's drift over time in a lane: strip, name that leads to its page, and its score. */
import { useMemo } from 'react';
import type { FeatureDrift } from '../../../src-main/contract/monitoring.ts';
import { HeatStrip } from '../../charts/heat-strip.tsx';
import { formatFixed } from '../../lib/format.ts';
import type { MonitoringScope, TimeRange } from '../../lib/monitoring-scope.ts';
import { navigate } from '../../lib/router.ts';
import { Link } from '../../ui/Link.tsx';
import { Explain } from '../explain/index.tsx';
import { cellsOf, SCORE } from './health-data.ts';
import { Lane } from './lane.tsx';
import { LevelBadge } from './level-badge.tsx';
import { featureTitle, LARGE } from './psi.ts';
import { ScoreBins } from './score-bins.tsx';

type FeatureStripProps = {
  feature: FeatureDrift;
  scope: MonitoringScope;
  range: TimeRange;
  size: number;
  cursor: number | null;
  onCursor: (x: number | null) => void;
  path: (x: number | null) => string;
};

export function FeatureStrip({ feature, scope, range, size, cursor, onCursor, path }: FeatureStripProps) {
  const { latest } = feature;
  const cells = useMemo(() => cellsOf(feature, range), [feature, range]);
  const under = cursor === null ? null : cells.find(({ x }) => x === cursor);
  const shown = cursor === null ? latest : (under ?? null);
  const at = cursor ?? feature.latestWindowMs;
  return (
    <Lane
      label={
        <Link to={path(cursor)} quiet data-row-link="">
          <span className="block truncate py-0.5 font-medium">
            {feature.kind === 'prediction' ? 'Drift of the score' : featureTitle(feature)}
          </span>
        </Link>
      }
      figures={
        shown ? (
          <span className="num grid grid-cols-[44px_1fr] items-center gap-2">
            <span className="text-right font-medium">
              {latest ? (
                <Explain
                  method={latest.method}
                  value={shown.value}
                  level={shown.level}
                  minN={latest.minN}
                  n={cursor === null ? latest.n : (under?.n ?? null)}
                  more={
                    at === null ? null : (
                      <ScoreBins
                        scope={scope}
                        feature={feature.feature}
                        method={latest.method}
                        windowMs={at}
                      />
                    )
                  }
                  of={`${SCORE} of ${featureTitle(feature)}: ${formatFixed(shown.value, 3)}`}
                >
                  {formatFixed(shown.value, 3)}
                </Explain>
              ) : (
                formatFixed(shown.value, 3)
              )}
            </span>
            <span>
              <LevelBadge
                score={{
                  level: shown.level,
                  n: under?.n ?? latest?.n ?? 0,
                  minN: latest?.minN ?? 0,
                  method: latest?.method ?? '',
                  value: shown.value,
                }}
              />
            </span>
          </span>
        ) : (
          <span className="text-xs text-ink-3">{cursor === null ? 'no whole window yet' : 'no rows'}</span>
        )
      }
    >
      <HeatStrip
        label={`Drift of ${featureTitle(feature)}`}
        cells={cells}
        from={range.fromMs}
        to={range.toMs}
        window={size}
        full={LARGE * 2}
        score={SCORE}
        quiet
        height={22}
        cursor={null}
        onHover={onCursor}
        onPick={(x) => navigate(path(x))}
      />
    </Lane>
  );
}
