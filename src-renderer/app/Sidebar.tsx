import type { Overview } from '../../src-main/contract/overview.ts';
import { type AlertCounts, useAlertCounts } from '../lib/alert-counts.ts';
import { formatCompact, plural } from '../lib/format.ts';
import { useData } from '../lib/query.ts';
import type { ViewName } from '../lib/router.ts';
import { useViewStore } from '../lib/store.ts';
import { cx } from '../ui/cx.ts';
import { Tooltip } from '../ui/Tooltip.tsx';
import { keysOf } from './action-keys.ts';
import { SECTIONS, type Section } from './sections.ts';

type Count = { value: number; label: string; alert?: boolean };

export function Sidebar({ current }: { current: ViewName | null }) {
  const collapsed = useViewStore((state) => state.sidebarCollapsed);
  const overview = useData(['overview'], (rpc, signal) => rpc.overview.summary(undefined, { signal }));
  const activity = useData(['activity', 'running'], (rpc, signal) =>
    rpc.activity.list({ limit: 50 }, { signal }),
  );
  const alerts = useAlertCounts();
  const running = activity.data?.filter(({ state }) => state === 'running').length ?? 0;
  const counts = countsOf(overview.data, running, alerts);
  return (
    <nav
      aria-label="Views"
      className={cx(
        'flex flex-col gap-0.5 overflow-y-auto border-r border-line bg-canvas p-2',
        collapsed ? 'w-13' : 'w-50',
      )}
    >
      {SECTIONS.map((section) => (
        <Item
          key={section.view}
          section={section}
          active={section.view === current}
          collapsed={collapsed}
          count={counts[section.view]}
        />
      ))}
    </nav>
  );
}

type ItemProps = { section: Section; active: boolean; collapsed: boolean; count: Count | undefined };

function Item({ section, active, collapsed, count }: ItemProps) {
  const keys = keysOf(section.action);
  const { icon: Icon } = section;
  const link = (
    <a
      href={`#${section.path}`}
      aria-current={active ? 'page' : undefined}
      className={cx(
        'group relative flex h-8 items-center gap-2.5 rounded-sm px-2.5 font-medium',
        section.view === 'trash' && 'mt-auto',
        active ? 'bg-selected text-ink' : 'text-ink-2 hover:bg-hover hover:text-ink',
      )}
    >
      <Icon size={16} strokeWidth={1.75} aria-hidden="true" className={active ? 'text-accent' : undefined} />
      <span className={collapsed ? 'sr-only' : 'flex-1 truncate'}>{section.title}</span>
      {count && count.value > 0 && <CountMark count={count} collapsed={collapsed} />}
    </a>
  );
  return collapsed ? (
    <Tooltip label={section.title} side="right" {...(keys ? { keys } : {})}>
      {link}
    </Tooltip>
  ) : (
    link
  );
}

function CountMark({ count, collapsed }: { count: Count; collapsed: boolean }) {
  if (collapsed)
    return (
      <>
        {count.alert && (
          <span className="absolute top-1 right-1 size-2 rounded-full bg-warn" aria-hidden="true" />
        )}
        <span className="sr-only">{count.label}</span>
      </>
    );
  return (
    <>
      <span
        aria-hidden="true"
        className={cx(
          'num text-xs font-normal',
          count.alert ? 'rounded-full bg-warn-soft px-1.5 font-medium text-warn' : 'text-ink-3',
        )}
      >
        {formatCompact(count.value)}
      </span>
      <span className="sr-only">{count.label}</span>
    </>
  );
}

function countsOf(
  overview: Overview | undefined,
  running: number,
  alerts: AlertCounts,
): Partial<Record<ViewName, Count>> {
  const waiting = alerts.unacknowledged;
  const bell = { value: waiting, label: `${plural(waiting, 'alert')} not acknowledged`, alert: true };
  if (!overview) return { alerts: bell };
  const { counts, attention } = overview;
  const urgent = attention.filter(({ level }) => level !== 'info').length;
  return {
    overview: { value: urgent, label: `${plural(urgent, 'thing')} to look at`, alert: true },
    experiments: { value: counts.runs, label: plural(counts.runs, 'run') },
    models: { value: counts.models, label: plural(counts.models, 'model') },
    serving: { value: counts.endpoints, label: plural(counts.endpoints, 'endpoint') },
    monitoring: { value: counts.predictions, label: `${plural(counts.predictions, 'prediction')} logged` },
    alerts: bell,
    activity: { value: running, label: `${running} running` },
  };
}
