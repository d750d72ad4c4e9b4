import type { DriftLevel } from '../../../src-main/contract/monitoring.ts';
import { levelWord } from '../../charts/heat-strip.tsx';
import { Badge } from '../../ui/Badge.tsx';
import type { Tone } from '../../ui/tone.ts';

const TONE: Record<DriftLevel, Tone> = { stable: 'ok', moderate: 'warn', large: 'bad', 'too-few': 'neutral' };

export function LevelBadge({ level }: { level: DriftLevel }) {
  return <Badge tone={TONE[level]}>{levelWord(level)}</Badge>;
}
