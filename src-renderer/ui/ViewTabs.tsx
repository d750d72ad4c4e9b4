import { cx } from './cx.ts';

export type ViewTab = { id: string; label: string; to: string };

/** Parts of one page, each with an address of its own. Links, so that they can be opened, copied and gone back from. */
export function ViewTabs({
  label,
  tabs,
  current,
}: {
  label: string;
  tabs: readonly ViewTab[];
  current: string;
}) {
  return (
    <nav aria-label={label} className="mb-3 flex gap-1 overflow-x-auto border-b border-line">
      {tabs.map(({ id, label: text, to }) => (
        <a
          key={id}
          href={`#${to}`}
          aria-current={id === current ? 'page' : undefined}
          className={cx(
            '-mb-px flex h-8 items-center rounded-t-sm border-b-2 px-3 font-medium whitespace-nowrap focus-visible:outline-offset-[-2px]',
            id === current
              ? 'border-accent text-ink'
              : 'border-transparent text-ink-2 hover:border-line-strong hover:text-ink',
          )}
        >
          {text}
        </a>
      ))}
    </nav>
  );
}
