import { useEffect } from 'react';
import type { Hello } from '../../src-main/contract/workspace.ts';
import { useData } from '../lib/query.ts';
import { useRoute } from '../lib/router.ts';
import { applyAppearance } from '../lib/theme.ts';
import { Toasts } from '../ui/Toasts.tsx';
import { useActions } from './actions.ts';
import { CommandPalette } from './CommandPalette.tsx';
import { ReconnectBanner } from './ReconnectBanner.tsx';
import { RoutedView } from './RoutedView.tsx';
import { ShortcutsDialog } from './ShortcutsDialog.tsx';
import { Sidebar } from './Sidebar.tsx';
import { StatusBar } from './StatusBar.tsx';
import { sectionOf } from './sections.ts';
import { TopBar } from './TopBar.tsx';
import { useWorkspaceEvents } from './use-workspace-events.ts';

/** The frame around every view. */
export function Shell({ hello }: { hello: Hello }) {
  const route = useRoute();
  const settings = useData(['settings'], (rpc, signal) => rpc.settings.get(undefined, { signal }));
  useActions();
  useWorkspaceEvents();

  useEffect(() => {
    if (settings.data) applyAppearance(settings.data);
  }, [settings.data]);
  useEffect(() => {
    const section = sectionOf(route.view);
    document.title = section ? `${section.title} – ${hello.workspace.name} – Lathe` : 'Lathe';
  }, [route.view, hello.workspace.name]);

  return (
    <div className="grid h-full grid-cols-[auto_minmax(0,1fr)] grid-rows-[auto_minmax(0,1fr)_auto]">
      <button
        type="button"
        onClick={() => document.getElementById('main')?.focus()}
        className="sr-only z-50 rounded-sm bg-raised px-3 py-1.5 focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
      >
        Skip to the view
      </button>
      <TopBar hello={hello} />
      <Sidebar current={sectionOf(route.view)?.view ?? null} />
      <main id="main" tabIndex={-1} className="relative flex min-w-0 flex-col overflow-hidden outline-none">
        <ReconnectBanner />
        <div className="min-h-0 flex-1">
          <RoutedView route={route} />
        </div>
      </main>
      <StatusBar />
      <CommandPalette hello={hello} />
      <ShortcutsDialog hello={hello} />
      <Toasts />
    </div>
  );
}
