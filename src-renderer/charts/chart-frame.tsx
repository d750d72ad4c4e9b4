/** What every chart has around it: a title, a text that says what it shows, and the same data as a table. */
import { ChartSpline, Table2 } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import { ScrollRegion } from '../ui/ScrollRegion.tsx';
import { tablePage } from './table-page.ts';

export type ChartTable = {
  columns: readonly string[];
  rows: readonly (readonly string[])[];
  /** Which rows stay when there are too many: the last ones, as with time, or the first. */
  keep?: 'last' | 'first';
};

type ChartFrameProps = {
  title: string;
  /** Unit of the values, beside the title. */
  unit?: string | undefined;
  /** One or two sentences for those who do not see the chart: range, trend, latest value. */
  summary: string;
  table: () => ChartTable;
  legend?: ReactNode;
  actions?: ReactNode;
  /** Height of the drawing, kept when the table is shown so that the page does not jump. */
  height: number;
  /** Only the accessible name, where a heading outside already says it. */
  hideTitle?: boolean | undefined;
  children: ReactNode;
};

export function ChartFrame(props: ChartFrameProps): ReactNode {
  const { title, unit, summary, table, legend, actions, height, hideTitle, children } = props;
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  return (
    <figure
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-summary`}
      className="group/chart relative min-w-0"
    >
      <div className="mb-1 flex min-h-6 items-center gap-3">
        <figcaption
          id={`${id}-title`}
          title={hideTitle ? undefined : title}
          className={hideTitle ? 'sr-only' : 'min-w-0 truncate text-sm font-medium text-ink'}
        >
          {title}
          {unit ? <span className="ml-1.5 text-xs font-normal text-ink-3">{unit}</span> : null}
        </figcaption>
        <div className="min-w-0 flex-1 basis-0">{legend}</div>
        {actions}
        <button
          type="button"
          aria-pressed={asTable}
          aria-label={asTable ? `Show ${title} as chart` : `Show ${title} as table`}
          title={asTable ? 'Show as chart' : 'Show as table'}
          onClick={() => setAsTable(!asTable)}
          className="grid size-6 shrink-0 place-items-center rounded-sm text-ink-3 opacity-60 group-hover/chart:opacity-100 hover:bg-hover hover:text-ink focus-visible:opacity-100"
        >
          {asTable ? <ChartSpline size={14} aria-hidden /> : <Table2 size={14} aria-hidden />}
        </button>
      </div>
      <p id={`${id}-summary`} className="sr-only">
        {summary}
      </p>
      {asTable ? <DataTable caption={title} table={table()} height={height} /> : children}
    </figure>
  );
}

/** Rows in place of a picture, all of them, a page at a time. */
export function DataTable({
  caption,
  table,
  height,
}: {
  caption: string;
  table: ChartTable;
  height: number;
}): ReactNode {
  const [pages, setPages] = useState(1);
  const { rows, says, next } = tablePage(table.rows, pages, table.keep);
  // Where the rows to come will stand.
  const more =
    pages > 1 || says !== null ? (
      <p className="flex flex-wrap items-center gap-2 px-2 py-1 text-2xs text-ink-3">
        <output aria-live="polite">{says ?? `All ${table.rows.length} rows`}</output>
        {next > 0 ? (
          <button
            type="button"
            onClick={() => setPages(pages + 1)}
            className="rounded-sm border border-line px-1.5 py-0.5 text-xs text-ink-2 hover:bg-hover"
          >
            Show {next} more
          </button>
        ) : null}
      </p>
    ) : null;
  return (
    <ScrollRegion label={`${caption}, table`} className="rounded-md border border-line" style={{ height }}>
      {table.keep === 'first' ? null : more}
      <table className="num w-full text-xs">
        <caption className="sr-only">{caption}</caption>
        <thead className="sticky top-0 bg-surface text-ink-3">
          <tr>
            {table.columns.map((column, i) => (
              <th
                key={column}
                scope="col"
                className={`min-w-28 border-b border-line px-2 py-1 align-bottom font-medium ${i === 0 ? 'text-left' : 'text-right'}`}
              >
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row[0]} className="border-b border-line last:border-0">
              {row.map((cell, i) =>
                i === 0 ? (
                  <th
                    key={table.columns[i]}
                    scope="row"
                    className="px-2 py-1 text-left font-normal whitespace-nowrap text-ink-2"
                  >
                    {cell}
                  </th>
                ) : (
                  <td key={table.columns[i]} className="px-2 py-1 text-right whitespace-nowrap">
                    {cell}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {table.keep === 'first' ? more : null}
    </ScrollRegion>
  );
}
