import { ExternalLink } from 'lucide-react';
import type { ReactNode } from 'react';

/** A link to a page outside the app, opened by the system's browser. */
export function OutsideLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <a
      href={href}
      target="_blank"
      rel="noreferrer"
      className="inline-flex items-center gap-1 rounded-xs text-accent underline-offset-2 hover:underline"
    >
      {children}
      <ExternalLink size={12} aria-hidden="true" />
      <span className="sr-only">(opens in the browser)</span>
    </a>
  );
}
