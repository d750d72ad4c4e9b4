import { X } from 'lucide-react';
import { useConnection } from '../../lib/rpc.ts';
import { dismissHint, useViewStore } from '../../lib/store.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Kbd } from '../../ui/Kbd.tsx';
import { Link } from '../../ui/Link.tsx';

const HINT = 'first-steps';

const SAMPLE_STEPS = [
  {
    to: '/experiments',
    title: 'See how the models were trained',
    text: 'Runs, their parameters and curves.',
  },
  { to: '/models', title: 'Look at the two versions', text: 'Signature, metrics, and where they came from.' },
  { to: '/serving', title: 'Change the split', text: 'Move traffic between versions while it flows.' },
  {
    to: '/monitoring',
    title: 'Watch drift and accuracy',
    text: 'Against the weeks the model was trained on.',
  },
];

const OWN_STEPS = [
  { to: '/models', title: 'Import a model', text: 'Any ONNX file becomes a version.' },
  { to: '/serving', title: 'Serve it', text: 'Over HTTP, with batching and a split.' },
  { to: '/monitoring', title: 'Watch it', text: 'Drift at once, accuracy when labels come.' },
  { to: '/settings', title: 'Choose the ports', text: 'Where programs reach your models.' },
];

/** Where to go first; gone for good once dismissed. */
export function FirstSteps() {
  const { hello } = useConnection();
  const dismissed = useViewStore((state) => state.dismissed.includes(HINT));
  if (dismissed || !hello) return null;
  const steps = hello.workspace.sample ? SAMPLE_STEPS : OWN_STEPS;
  return (
    <section aria-label="First steps" className="mb-4 rounded-md border border-line bg-surface">
      <div className="flex items-center gap-2 px-3 pt-1.5">
        <h2 className="text-sm">First steps</h2>
        <p className="flex items-center gap-1.5 text-xs text-ink-3">
          or press <Kbd keys="Mod+K" /> for everything else
        </p>
        <span className="flex-1" />
        <IconButton icon={X} size="sm" label="Dismiss the first steps" onClick={() => dismissHint(HINT)} />
      </div>
      <ol className="grid grid-cols-4 gap-2 p-2 max-lg:grid-cols-2">
        {steps.map((step, at) => (
          <li key={step.to} className="relative flex gap-2.5 rounded-sm px-2 py-1.5 hover:bg-hover">
            <span
              aria-hidden="true"
              className="num mt-px grid size-5 shrink-0 place-items-center rounded-full bg-accent-soft text-xs font-semibold text-accent"
            >
              {at + 1}
            </span>
            <span className="min-w-0">
              <Link to={step.to} quiet className="font-medium after:absolute after:inset-0">
                {step.title}
              </Link>
              <span className="block text-xs text-ink-3">{step.text}</span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
