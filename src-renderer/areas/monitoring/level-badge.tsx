import type { FeatureDetail } from '../../../src-main/contract/monitoring.ts';
import type { DriftLevel } from '../../../src-main/contract/monitoring-series.ts';
import { levelWord } from '../../charts/heat-strip.tsx';
import { Badge } from '../../ui/Badge.tsx';
import type { Tone } from '../../ui/tone.ts';

type Score = FeatureDetail['windows'][number]['score'];

const TONE: Record<DriftLevel, Tone> = { stable: 'ok', moderate: 'warn', large: 'bad', 'too-few': 'neutral' };

export function LevelBadge({ score }: { score: Score }) {
  return (
    <span title={score.level === 'too-few' ? whyNoLevel(score) : undefined}>
      <Badge tone={TONE[score.level]}>{levelWord(score.level)}</Badge>
    </span>
  );
}

/** A level needs enough rows, and a whole span of them. */
export const whyNoLevel = ({ n, minN }: Pick<Score, 'n' | 'minN'>): string =>
  n < minN ? `a level needs ${minN} rows` : 'a level needs a whole span of windows';
