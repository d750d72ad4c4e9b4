import { Check } from 'lucide-react';
import { isDesktop } from '../../lib/host.ts';
import { connection, useConnection } from '../../lib/rpc.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../ui/Button.tsx';
import { Callout } from '../../ui/Callout.tsx';
import { cx } from '../../ui/cx.ts';
import { Spinner } from '../../ui/Spinner.tsx';
import { StartupFrame } from './StartupFrame.tsx';

/** After this long the user is told what may be wrong. */
const SLOW_MS = 6_000;

type Step = { title: string; state: 'done' | 'now' | 'later' };

export function StartupProgress() {
  const { phase, sinceMs } = useConnection();
  const slow = useNow() - sinceMs > SLOW_MS;
  const steps: Step[] = [
    { title: 'Interface loaded', state: 'done' },
    {
      title: isDesktop() ? 'Start the engine and open the workspace' : 'Connect to the engine',
      state: phase === 'opening' ? 'now' : 'done',
    },
    { title: 'Read what runs', state: phase === 'greeting' ? 'now' : 'later' },
  ];
  return (
    <StartupFrame title="Opening Lathe">
      <ol aria-label="Steps" className="flex flex-col gap-1.5">
        {steps.map((step) => (
          <StepRow key={step.title} step={step} />
        ))}
      </ol>
      {slow && (
        <div className="mt-5">
          <Callout
            tone="info"
            title="This takes longer than usual"
            actions={
              <Button size="sm" onClick={connection.retry}>
                Try now
              </Button>
            }
          >
            {isDesktop()
              ? 'A large workspace is backed up and checked after an update. Nothing is lost if you quit and open Lathe again.'
              : 'Check that `lathe serve` is running, and that you opened the URL it printed: it carries the access token.'}
          </Callout>
        </div>
      )}
    </StartupFrame>
  );
}

const WORDS = { done: 'done', now: 'under way', later: 'waiting' } as const;

function StepRow({ step }: { step: Step }) {
  return (
    <li
      className={cx('flex h-6 items-center gap-2.5', step.state === 'later' && 'text-ink-3')}
      aria-current={step.state === 'now' ? 'step' : undefined}
    >
      <span className="grid w-4 place-items-center text-accent">
        {step.state === 'done' && <Check size={14} aria-hidden="true" />}
        {step.state === 'now' && <Spinner />}
        {step.state === 'later' && <span className="size-1.5 rounded-full bg-line-strong" />}
      </span>
      {step.title}
      <span className="sr-only">, {WORDS[step.state]}</span>
    </li>
  );
}
