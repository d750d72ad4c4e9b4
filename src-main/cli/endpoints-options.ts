/** What people write after `lathe endpoints`, as parts of a route. Throws UsageError. */
import { type Arm, type CanaryPlan, type Route, Shadow, Sticky } from '../contract/serving-route.ts';
import { UsageError } from './output.ts';

const FULL = 10_000;

/** Each "KEY=VERSION:PERCENT". That they make a split is checked by the engine. */
export const parseArms = (texts: readonly string[]): Arm[] =>
  texts.map((text) => {
    const found = /^([a-z][a-z0-9-]{0,31})=(\d{1,9}):(\d{1,3}(?:\.\d{1,2})?)$/.exec(text);
    if (!found) throw new UsageError(`--arm is KEY=VERSION:PERCENT, as in main=1:100, not ${text}`);
    const [, key = '', version = '', percent = ''] = found;
    return { key, version, weight: Math.round(Number(percent) * 100) };
  });

/** "unit", "input", "header:NAME" or "cookie:NAME". */
export function parseSticky(text: string): Route['sticky'] {
  const [kind = '', name] = text.split(/:(.*)/s);
  const found = Sticky.safeParse(name === undefined ? { kind } : { kind, name });
  if (found.success) return found.data;
  throw new UsageError(`--sticky is unit, input, header:NAME or cookie:NAME, not ${text}`);
}

/** "VERSION" (all requests), "VERSION:PERCENT", or "none". */
export function parseShadow(text: string): Route['shadow'] {
  if (text === 'none') return null;
  const [version, percent = '100'] = text.split(':');
  const found = Shadow.safeParse({ version, fraction: Number(percent) / 100 });
  if (found.success) return found.data;
  throw new UsageError(`--shadow is VERSION, VERSION:PERCENT or none, not ${text}`);
}

/** Percents, in basis points. That they rise is checked by the engine. */
export const parseSteps = (text: string): number[] =>
  text.split(',').map((step) => {
    const points = Math.round(Number(step) * 100);
    if (step.trim() !== '' && points >= 1 && points <= FULL) return points;
    throw new UsageError(`--steps are percents with commas between, as in 1,5,25,50,100, not ${text}`);
  });

export function positive(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`--${name} is a number above 0, not ${text}`);
}

/** The arm with the most traffic is the champion; the candidate begins with none. */
export function canaryRoute(
  route: Route,
  version: string,
  plan: Omit<CanaryPlan, 'kind' | 'champion' | 'candidate'>,
): Route {
  const champion = route.arms.reduce((best, arm) => (arm.weight > best.weight ? arm : best));
  if (champion.version === version) throw new UsageError(`version ${version} has the most traffic already`);
  const key = champion.key === 'candidate' ? 'next' : 'candidate';
  return {
    ...route,
    arms: [
      { ...champion, weight: FULL },
      { key, version, weight: 0 },
    ],
    mode: { kind: 'canary', champion: champion.key, candidate: key, ...plan },
  };
}
