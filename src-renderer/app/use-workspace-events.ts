/** Keeps what is shown true: topics invalidate queries, notices become toasts, a new engine renews all. */
import { useEffect, useRef } from 'react';
import type { WorkspaceEvent } from '../../src-main/contract/workspace.ts';
import { isDesktop } from '../lib/host.ts';
import { invalidateAll, invalidateTopics } from '../lib/query.ts';
import { navigate } from '../lib/router.ts';
import { useConnection } from '../lib/rpc.ts';
import { type ToastTone, toast } from '../lib/store.ts';
import { useLive } from '../lib/use-live.ts';

const TONES = { info: 'info', success: 'ok', warning: 'warn', error: 'bad' } as const satisfies Record<
  string,
  ToastTone
>;

export function useWorkspaceEvents(): void {
  const { epoch, restarted } = useConnection();
  const announced = useRef(epoch);
  const opened = useRef(0);

  useEffect(() => {
    if (announced.current === epoch) return;
    announced.current = epoch;
    // An engine that was restarted says itself what happened, in a notice.
    if (!(restarted && isDesktop())) toast.ok('Connected again', 'The views show the present state.');
  }, [epoch, restarted]);

  useLive(
    'workspace.events',
    async (rpc, signal) => {
      const events = await rpc.workspace.events(undefined, { signal });
      // What changed while nobody listened is unknown.
      if (opened.current++ > 0) invalidateAll();
      return events;
    },
    handle,
  );
}

function handle(event: WorkspaceEvent): void {
  if (event.type === 'changed') {
    invalidateTopics(event.topics);
    return;
  }
  const { href } = event;
  toast.show(TONES[event.level], event.title, {
    detail: event.detail,
    action: href ? { label: 'Show', run: () => navigate(href) } : null,
  });
}
