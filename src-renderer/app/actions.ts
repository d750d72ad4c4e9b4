/** What each action of the registry does, and how shortcuts, menu and palette come to call it. */
import { useEffect } from 'react';
import { ACTIONS, type Action, type ActionId } from '../../src-main/contract/actions.ts';
import type { Hello } from '../../src-main/contract/workspace.ts';
import { reportOf } from '../lib/errors.ts';
import { onHostMessage } from '../lib/host.ts';
import { invalidateTopics } from '../lib/query.ts';
import { navigate } from '../lib/router.ts';
import { connection, rpc } from '../lib/rpc.ts';
import { saveSettingsLater } from '../lib/settings.ts';
import { setView, toast, useViewStore } from '../lib/store.ts';
import { copyText } from '../ui/CodeBlock.tsx';
import { matchesKeys } from '../ui/keys.ts';

const RUN: Record<ActionId, () => unknown> = {
  'palette.open': () => setView({ paletteOpen: !useViewStore.getState().paletteOpen }),
  'model.import': () => navigate('/models?import=1'),
  'workspace.open': () => rpc.workspace.choose({ mode: 'open' }),
  'workspace.create': () => rpc.workspace.choose({ mode: 'create' }),
  'workspace.sample': () => rpc.workspace.choose({ mode: 'sample' }),
  'go.overview': () => navigate('/'),
  'go.experiments': () => navigate('/experiments'),
  'go.compare': () => navigate('/compare'),
  'go.datasets': () => navigate('/datasets'),
  'go.models': () => navigate('/models'),
  'go.serving': () => navigate('/serving'),
  'go.monitoring': () => navigate('/monitoring'),
  'go.alerts': () => navigate('/alerts'),
  'go.rules': () => navigate('/alerts?tab=rules'),
  'go.activity': () => navigate('/activity'),
  'go.trash': () => navigate('/trash'),
  'go.settings': () => navigate('/settings'),
  'theme.system': () => saveSettingsLater({ theme: 'system' }, 'Theme follows the system'),
  'theme.light': () => saveSettingsLater({ theme: 'light' }, 'Light theme'),
  'theme.dark': () => saveSettingsLater({ theme: 'dark' }, 'Dark theme'),
  'replay.toggle': async () => {
    const { state } = await rpc.replay.status();
    await (state === 'running' ? rpc.replay.pause() : rpc.replay.start());
    invalidateTopics(['replay']);
  },
  'replay.rewind': async () => {
    await rpc.replay.rewind();
    invalidateTopics(['replay']);
  },
  'trash.empty': () => navigate('/trash?empty=1'),
  'alert.rule': () => navigate('/alerts?tab=rules&make=1'),
  'help.shortcuts': () => setView({ shortcutsOpen: true }),
  'help.diagnostics': async () => {
    const { text } = await rpc.workspace.diagnostics();
    if (await copyText(text)) toast.ok('Diagnostics copied', 'Versions, services and recent log lines.');
    else toast.show('warn', 'The clipboard refused the text', { detail: 'Copy it from Settings instead.' });
  },
};

export async function runAction(id: ActionId): Promise<void> {
  try {
    await RUN[id]();
  } catch (error) {
    toast.error(reportOf(error));
  }
}

export const isAvailable = (action: Action, hello: Hello | null): boolean =>
  action.needs === null || hello?.host[action.needs] === true;

/** Listens to the keyboard and to the desktop's menu bar for as long as the shell is there. */
export function useActions(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const id = isTyping(event) ? null : unmodified(event);
      const found =
        id ??
        ACTIONS.find(
          (action) =>
            action.keys !== null &&
            matchesKeys(event, action.keys) &&
            isAvailable(action, connection.status().hello),
        )?.id;
      if (!found) return;
      event.preventDefault();
      void runAction(found);
    };
    window.addEventListener('keydown', onKeyDown);
    const stop = onHostMessage((message) => {
      if (message.lathe === 'action') void runAction(message.id);
      // A route of ours, as notices carry it: never another origin.
      if (message.lathe === 'open' && /^\/(?!\/)/.test(message.href)) navigate(message.href);
    });
    return () => {
      window.removeEventListener('keydown', onKeyDown);
      stop();
    };
  }, []);
}

/** Keys that mean something alone, outside text fields: "?" lists the shortcuts, Mod+7 is the last section. */
function unmodified(event: KeyboardEvent): ActionId | null {
  if (matchesKeys(event, '?')) return 'help.shortcuts';
  return matchesKeys(event, 'Mod+7') ? 'go.settings' : null;
}

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches('input:not([type=checkbox],[type=radio],[type=range]),textarea,select'))
  );
}
