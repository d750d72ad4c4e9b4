import type { ReactNode } from 'react';
import { Mark } from '../../ui/Mark.tsx';

/** The quiet page around everything that comes before the workspace. */
export function StartupFrame({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="grid h-full place-items-center overflow-auto p-6">
      <div className="w-full max-w-[560px] pb-[8vh]">
        <div className="mb-5 flex items-center gap-3">
          <Mark size={32} />
          <h1 className="text-xl tracking-tight">{title}</h1>
        </div>
        {children}
      </div>
    </main>
  );
}
