import type { ReactNode } from 'react';

/** The frame of a view: it scrolls, and keeps lines at a readable width. `wide` for tables and charts. */
export function Page({ children, wide = true }: { children: ReactNode; wide?: boolean }) {
  return (
    <div className="h-full overflow-auto">
      <div className={`mx-auto px-6 pt-5 pb-8 ${wide ? 'max-w-[1760px]' : 'max-w-[860px]'}`}>{children}</div>
    </div>
  );
}
