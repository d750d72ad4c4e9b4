import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { CodeBlock } from './CodeBlock.tsx';

export type EmptyStateProps = {
  icon: LucideIcon;
  /** What would be here: "No runs yet". */
  title: string;
  /** What it is and how it comes to be. */
  children: ReactNode;
  /** One primary action. */
  action?: ReactNode;
  /** Code that fills it, to copy. */
  snippet?: string;
};

export function EmptyState({ icon: Icon, title, children, action, snippet }: EmptyStateProps) {
  return (
    <div className="mx-auto flex max-w-lg flex-col items-center px-6 py-10 text-center">
      <Icon size={22} strokeWidth={1.5} aria-hidden="true" className="mb-3 text-ink-3" />
      <p className="text-md font-semibold">{title}</p>
      <div className="mt-1 text-ink-2">{children}</div>
      {action && <div className="mt-4">{action}</div>}
      {snippet && (
        <div className="mt-4 w-full text-left">
          <CodeBlock code={snippet} />
        </div>
      )}
    </div>
  );
}
