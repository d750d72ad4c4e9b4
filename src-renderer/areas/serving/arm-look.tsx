import type { Endpoint } from '../../../src-main/contract/serving.ts';
import { StatusDot } from '../../ui/Badge.tsx';
import type { Tone } from '../../ui/tone.ts';

type ArmState = Endpoint['arms'][number]['state'];

const LOOK: Record<ArmState, { tone: Tone; word: string }> = {
  ready: { tone: 'ok', word: 'ready' },
  loading: { tone: 'info', word: 'loading' },
  failed: { tone: 'bad', word: 'failed' },
  unavailable: { tone: 'warn', word: 'unavailable' },
};

export function ArmStatus({ state }: { state: ArmState }) {
  const { tone, word } = LOOK[state];
  return (
    <StatusDot tone={tone} pulse={state === 'loading'}>
      {word}
    </StatusDot>
  );
}

/** The state of an endpoint as a whole: the worst of its arms that get traffic. */
export function EndpointStatus({ endpoint }: { endpoint: Endpoint }) {
  if (!endpoint.enabled) return <StatusDot tone="neutral">disabled</StatusDot>;
  const order: ArmState[] = ['failed', 'unavailable', 'loading', 'ready'];
  const worst =
    order.find((state) => endpoint.arms.some((arm) => arm.state === state && arm.weight > 0)) ?? 'ready';
  if (worst === 'ready') return <StatusDot tone="ok">serving</StatusDot>;
  return <ArmStatus state={worst} />;
}
