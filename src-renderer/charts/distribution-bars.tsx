/** Two distributions over the same bins: the reference as an outline, the selected window filled inside it. */
import { type ReactNode, useState } from 'react';
import { ChartFrame } from './chart-frame.tsx';
import { type Bin, binLabels, readValue } from './format.ts';
import { type ChartColor, cssColor } from './theme.ts';
import { useWidth } from './use-width.ts';

export type DistributionBin = Bin & { reference: number; current: number };

type DistributionBarsProps = {
  title: string;
  /** Only the accessible name, where a heading outside already says it. */
  hideTitle?: boolean;
  bins: readonly DistributionBin[];
  /** How the filled bars are called, e.g. the window's date. */
  currentLabel: string;
  referenceLabel?: string;
  color?: ChartColor;
  height?: number;
  /** Categories lie as rows, so that their names can be read; numbers stand as columns. */
  layout: 'columns' | 'rows';
  /** The filled bars stand on too few rows to be trusted: hatched. */
  weak?: boolean;
};

const ROW = 24;

export function DistributionBars(props: DistributionBarsProps): ReactNode {
  const {
    title,
    bins,
    currentLabel,
    referenceLabel = 'reference',
    color = 1,
    height = 220,
    layout,
    weak = false,
  } = props;
  const [at, setAt] = useState<number | null>(null);
  const labels = binLabels(bins);
  const size = layout === 'rows' ? Math.max(bins.length * ROW, ROW) : height;
  const hovered = at === null ? undefined : bins[at];
  return (
    <ChartFrame
      title={title}
      hideTitle={props.hideTitle}
      summary={summarise(title, bins, labels, currentLabel)}
      height={size}
      table={() => ({
        columns: ['Bin', currentLabel, referenceLabel, 'Difference'],
        rows: bins.map((bin, i) => [
          labels[i] ?? bin.label,
          readValue(bin.current, 'share'),
          readValue(bin.reference, 'share'),
          readValue(bin.current - bin.reference, 'share'),
        ]),
      })}
      legend={
        <div className="num flex flex-wrap justify-end gap-x-4 text-xs text-ink-2">
          {at === null ? null : <span className="text-ink-3">{labels[at]}</span>}
          <span className="flex items-center gap-1.5">
            <Key color={color} weak={weak} />
            {currentLabel}
            {hovered ? <b className="font-medium text-ink">{readValue(hovered.current, 'share')}</b> : null}
          </span>
          <span className="flex items-center gap-1.5">
            <span
              className="size-2.5 rounded-[2px] border-[1.5px]"
              style={{ borderColor: cssColor('reference') }}
            />
            {referenceLabel}
            {hovered ? <b className="font-medium text-ink">{readValue(hovered.reference, 'share')}</b> : null}
          </span>
        </div>
      }
    >
      {layout === 'columns' ? (
        <Columns
          bins={bins}
          labels={labels}
          color={color}
          height={height}
          weak={weak}
          at={at}
          onHover={setAt}
        />
      ) : (
        <Rows bins={bins} labels={labels} color={color} weak={weak} at={at} onHover={setAt} />
      )}
    </ChartFrame>
  );
}

type Inner = {
  bins: readonly DistributionBin[];
  labels: readonly string[];
  color: ChartColor;
  weak: boolean;
  at: number | null;
  onHover: (at: number | null) => void;
};

const LEFT = 40;
const BOTTOM = 20;

function Columns({ bins, labels, color, weak, at, onHover, height }: Inner & { height: number }): ReactNode {
  const [ref, width] = useWidth();
  const top = niceTop(Math.max(0, ...bins.flatMap((bin) => [bin.reference, bin.current])));
  const plotHeight = height - BOTTOM - 8;
  const step = Math.max(0, width - LEFT - 4) / Math.max(1, bins.length);
  const y = (share: number) => 8 + plotHeight * (1 - share / top);
  const every = Math.max(1, Math.ceil(labelWidth(labels) / Math.max(step, 1)));
  return (
    <div ref={ref} style={{ height }} onPointerLeave={() => onHover(null)}>
      {width > 0 ? (
        <svg width={width} height={height} aria-hidden="true" className="num block text-2xs">
          {[0, 0.25, 0.5, 0.75, 1].map((part) => (
            <g key={part}>
              <line x1={LEFT} x2={width} y1={y(top * part)} y2={y(top * part)} stroke="var(--chart-grid)" />
              {part === 0.25 || part === 0.75 ? null : (
                <text x={LEFT - 6} y={y(top * part) + 3.5} textAnchor="end" fill="var(--chart-axis)">
                  {(top * part * 100).toFixed(top < 0.02 ? 2 : top < 0.1 ? 1 : 0)} %
                </text>
              )}
            </g>
          ))}
          <Hatch color={color} />
          {bins.map((bin, i) => {
            const x = LEFT + i * step;
            const gap = Math.min(3, step * 0.14);
            return (
              <g key={labels[i]} onPointerEnter={() => onHover(i)}>
                <rect
                  x={x}
                  y={0}
                  width={step}
                  height={height}
                  fill={at === i ? 'var(--hover)' : 'transparent'}
                />
                <rect
                  x={x + gap + 2}
                  width={Math.max(1, step - 2 * gap - 4)}
                  y={y(bin.current)}
                  height={Math.max(0, y(0) - y(bin.current))}
                  fill={weak ? 'url(#lathe-hatch)' : cssColor(color)}
                  opacity={weak ? 1 : 0.85}
                />
                <rect
                  x={x + gap}
                  width={Math.max(1, step - 2 * gap)}
                  y={y(bin.reference)}
                  height={Math.max(0, y(0) - y(bin.reference))}
                  fill="none"
                  stroke={cssColor('reference')}
                  strokeWidth="1.5"
                />
                {i % every === 0 ? (
                  <text
                    x={Math.min(x + step / 2, width - (labels[i]?.length ?? 0) * 3.1)}
                    y={height - 5}
                    textAnchor="middle"
                    fill="var(--chart-axis)"
                  >
                    {labels[i]}
                  </text>
                ) : null}
              </g>
            );
          })}
        </svg>
      ) : null}
    </div>
  );
}

function Rows({ bins, labels, color, weak, at, onHover }: Inner): ReactNode {
  const [ref, width] = useWidth();
  const top = Math.max(1e-9, ...bins.flatMap((bin) => [bin.reference, bin.current]));
  const left = Math.min(160, Math.max(64, labelWidth(labels)));
  const x = (share: number) => (share / top) * Math.max(0, width - left - 52);
  return (
    <div ref={ref} style={{ height: bins.length * ROW }} onPointerLeave={() => onHover(null)}>
      {width > 0 ? (
        <svg width={width} height={bins.length * ROW} aria-hidden="true" className="num block text-xs">
          <Hatch color={color} />
          {bins.map((bin, i) => (
            <g key={labels[i]} transform={`translate(0 ${i * ROW})`} onPointerEnter={() => onHover(i)}>
              <rect width={width} height={ROW} fill={at === i ? 'var(--hover)' : 'transparent'} />
              <text x={left - 8} y={ROW / 2 + 4} textAnchor="end" fill="var(--ink-2)">
                {clip(labels[i] ?? '', 22)}
              </text>
              <rect
                x={left}
                y={6}
                width={Math.max(bin.current > 0 ? 1 : 0, x(bin.current))}
                height={ROW - 12}
                fill={weak ? 'url(#lathe-hatch)' : cssColor(color)}
                opacity={weak ? 1 : 0.85}
              />
              <rect
                x={left}
                y={4}
                width={Math.max(1, x(bin.reference))}
                height={ROW - 8}
                fill="none"
                stroke={cssColor('reference')}
                strokeWidth="1.5"
              />
              <text
                x={left + Math.max(x(bin.current), x(bin.reference)) + 8}
                y={ROW / 2 + 4}
                fill="var(--ink-3)"
              >
                {readValue(bin.current, 'share')}
              </text>
            </g>
          ))}
        </svg>
      ) : null}
    </div>
  );
}

function Hatch({ color }: { color: ChartColor }): ReactNode {
  return (
    <defs>
      <pattern
        id="lathe-hatch"
        width="5"
        height="5"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <line x1="0" x2="0" y1="0" y2="5" stroke={cssColor(color)} strokeWidth="2" />
      </pattern>
    </defs>
  );
}

function Key({ color, weak }: { color: ChartColor; weak: boolean }): ReactNode {
  return (
    <span
      className="size-2.5 rounded-[2px]"
      style={weak ? { border: `1.5px dotted ${cssColor(color)}` } : { background: cssColor(color) }}
    />
  );
}

const clip = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;

/** Width that the longest label takes, in pixels, at about six a character. */
const labelWidth = (labels: readonly string[]): number =>
  Math.max(0, ...labels.map((label) => Math.min(22, label.length))) * 6.2 + 12;

/** The next of 1, 2, 4, 5, 6, 8 × 10ⁿ above the highest bar. */
function niceTop(highest: number): number {
  if (!(highest > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(highest));
  for (const step of [1, 2, 4, 5, 6, 8, 10]) if (highest <= step * power * 1.0001) return step * power;
  return 10 * power;
}

function summarise(
  title: string,
  bins: readonly DistributionBin[],
  labels: readonly string[],
  current: string,
): string {
  if (bins.length === 0) return `${title}: no rows.`;
  const changed = bins
    .map((bin, i) => ({ label: labels[i] ?? bin.label, by: bin.current - bin.reference }))
    .sort((a, b) => Math.abs(b.by) - Math.abs(a.by))
    .slice(0, 3)
    .map(({ label, by }) => `${label} ${by >= 0 ? 'up' : 'down'} ${readValue(Math.abs(by), 'share')}`);
  return `${title}, ${current} against the reference over ${bins.length} bins. Largest changes: ${changed.join('; ')}.`;
}
