import { formatCount, formatPercent } from '../../lib/format.ts';

type ConfusionMatrixProps = { tp: number; fp: number; fn: number; tn: number };

/** Truth in rows, prediction in columns; each cell with its share of the row, so that rows add up to all. */
export function ConfusionMatrix({ tp, fp, fn, tn }: ConfusionMatrixProps) {
  const rows = [
    {
      truth: 'positive',
      cells: [
        { n: tp, right: true, name: 'true positives' },
        { n: fn, right: false, name: 'missed' },
      ],
    },
    {
      truth: 'negative',
      cells: [
        { n: fp, right: false, name: 'false alarms' },
        { n: tn, right: true, name: 'true negatives' },
      ],
    },
  ];
  return (
    <table
      aria-label="Confusion matrix"
      className="num w-full table-fixed border-separate border-spacing-1 text-xs"
    >
      <thead>
        <tr className="text-ink-3">
          <th scope="col" className="w-24 text-left font-normal">
            Truth
          </th>
          <th scope="col" className="font-normal">
            predicted positive
          </th>
          <th scope="col" className="font-normal">
            predicted negative
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ truth, cells }) => {
          const all = cells.reduce((sum, { n }) => sum + n, 0);
          return (
            <tr key={truth}>
              <th scope="row" className="text-left align-middle font-medium">
                {truth}
                <span className="block font-normal text-ink-3">{formatCount(all)}</span>
              </th>
              {cells.map(({ n, right, name }) => {
                const share = all > 0 ? n / all : 0;
                return (
                  <td
                    key={name}
                    className="relative overflow-hidden rounded-sm border border-line px-2 py-1.5 text-center"
                  >
                    <span
                      aria-hidden="true"
                      className={`absolute inset-0 ${right ? 'bg-accent' : 'bg-warn-fill'}`}
                      style={{ opacity: share * 0.28 }}
                    />
                    <span className="relative block text-md font-semibold">{formatCount(n)}</span>
                    <span className="relative block text-2xs text-ink-2">
                      {formatPercent(share, 1)} · {name}
                    </span>
                  </td>
                );
              })}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
