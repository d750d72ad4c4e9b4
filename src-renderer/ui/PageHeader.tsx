import { ChevronRight } from 'lucide-react';
import { Fragment, type ReactNode } from 'react';
import { Link } from './Link.tsx';

export type PageHeaderProps = {
  /** The view's name, the page's only <h1>. */
  title: string;
  /** What stands beside the title: a state, a version. */
  badge?: ReactNode;
  subtitle?: ReactNode;
  /** Where one came from, outermost first. */
  trail?: { label: string; to: string }[];
  actions?: ReactNode;
};

export function PageHeader({ title, badge, subtitle, trail = [], actions }: PageHeaderProps) {
  return (
    <header className="flex flex-wrap items-center gap-x-4 gap-y-2 pb-4">
      <div className="min-w-0 flex-1 basis-72">
        {trail.length > 0 && (
          <nav aria-label="Where you are" className="mb-0.5 flex items-center gap-1 text-xs text-ink-3">
            {trail.map(({ label, to }) => (
              <Fragment key={to}>
                <Link to={to} quiet>
                  {label}
                </Link>
                <ChevronRight size={12} aria-hidden="true" />
              </Fragment>
            ))}
          </nav>
        )}
        <div className="flex items-center gap-2.5">
          <h1 className="min-w-0 text-xl tracking-tight text-pretty break-words">{title}</h1>
          {badge}
        </div>
        {subtitle && <p className="mt-0.5 max-w-[90ch] text-sm text-ink-2">{subtitle}</p>}
      </div>
      {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </header>
  );
}
