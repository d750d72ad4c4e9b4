/**
 * A page that stands on its own: no script, nothing from a network, pictures as inline SVG, light and dark as the reader's
 * system has it. Whatever came from data is escaped. Pure.
 */

/** A piece of HTML that is safe as it stands. */
export type Html = { readonly html: string };

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Puts values between the pieces of the template: texts and numbers are escaped, Html and lists of it are not. */
export function html(
  pieces: TemplateStringsArray,
  ...values: (string | number | Html | readonly Html[])[]
): Html {
  const shown = values.map((value) => {
    if (typeof value === 'string' || typeof value === 'number') return escaped(String(value));
    return 'html' in value ? value.html : value.map((one) => one.html).join('');
  });
  return { html: pieces.reduce((text, piece, at) => text + piece + (shown[at] ?? ''), '') };
}

export const NOTHING: Html = { html: '' };

/** The colours of src-renderer/app/theme.css, light and dark; accent and other are its chart-1 and chart-reference. */
const STYLE = `
:root{color-scheme:light dark;--canvas:oklch(0.968 0.004 255);--surface:oklch(0.998 0.001 255);--line:oklch(0.905 0.006 255);--ink:oklch(0.235 0.016 262);--ink-2:oklch(0.405 0.016 262);--accent:oklch(0.55 0.15 258);--other:oklch(0.6 0.015 260);--ok:oklch(0.455 0.115 152);--warn:oklch(0.475 0.105 70);--bad:oklch(0.495 0.18 26)}
@media (prefers-color-scheme:dark){:root{--canvas:oklch(0.175 0.008 262);--surface:oklch(0.209 0.009 262);--line:oklch(0.292 0.011 262);--ink:oklch(0.945 0.006 258);--ink-2:oklch(0.795 0.01 260);--accent:oklch(0.715 0.125 256);--other:oklch(0.64 0.015 260);--ok:oklch(0.79 0.14 154);--warn:oklch(0.825 0.13 82);--bad:oklch(0.755 0.145 24)}}
*{box-sizing:border-box}body{margin:0;padding:24px;background:var(--canvas);color:var(--ink);font:13px/1.5 Inter,system-ui,sans-serif}
main{max-width:1080px;margin:0 auto}h1{font-size:20px;margin:0 0 4px}h2{font-size:15px;margin:28px 0 8px}p{margin:4px 0;color:var(--ink-2)}
section{background:var(--surface);border:1px solid var(--line);border-radius:6px;padding:12px 16px;margin:12px 0;break-inside:avoid}section h2{margin:0 0 4px}
table{border-collapse:collapse;width:100%;background:var(--surface);border:1px solid var(--line)}th,td{padding:6px 10px;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{color:var(--ink-2);font-weight:600}td.num,th.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.ok{color:var(--ok)}.warn{color:var(--warn)}.bad{color:var(--bad)}.reference{color:var(--other);fill:var(--other);stroke:var(--other)}.current{color:var(--accent);fill:var(--accent);stroke:var(--accent)}
svg{display:block;width:100%;height:auto;max-width:640px}svg text{fill:var(--ink-2);font-size:11px}.axis{stroke:var(--line);fill:none}.band{fill:var(--accent);opacity:.18;stroke:none}.curve{fill:none;stroke:var(--accent);stroke-width:1.5}.mark{stroke:var(--bad);stroke-dasharray:4 3;fill:none}
.bar{stroke:var(--accent);opacity:.5}.faint{stroke-dasharray:3 3;opacity:.75}.hollow{fill:var(--surface);stroke:var(--accent);stroke-width:1.2}.chance{fill:var(--other);opacity:.22}.event{stroke:var(--ink-2);stroke-dasharray:2 3;opacity:.7}.small{font-size:12px}
details{margin:6px 0}summary{cursor:pointer;color:var(--ink-2)}.data{margin:6px 0;font-size:12px;font-variant-numeric:tabular-nums}.data td,.data th{padding:2px 8px;text-align:right}.data td:first-child,.data th:first-child{text-align:left}
code{font-family:'JetBrains Mono',ui-monospace,monospace;font-size:12px}@media print{body{padding:0;background:none}}
`;

export function page(title: string, body: readonly Html[]): string {
  const head = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark"><title>${title}</title><style>${{ html: STYLE }}</style></head>
<body><main>${body}</main></body></html>
`;
  return head.html;
}

export const count = (value: number): string => value.toLocaleString('en-US');
export const percent = (share: number): string =>
  `${(share * 100).toFixed(share !== 0 && share < 0.1 ? 2 : 1)} %`;
export const figure = (value: number | null): string =>
  value === null || !Number.isFinite(value) ? '–' : String(Number(value.toPrecision(4)));
export const minute = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

/** A file's name of a title: letters, digits and dashes. */
export const fileName = (title: string): string =>
  `${
    title
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 80) || 'report'
  }.html`;

const WIDTH = 640;
const HEIGHT = 150;
const BOTTOM = 130;

export type Bar = { label: string; reference: number; current: number };

/** Shares of both sides, bin by bin, with the same figures as the title of each bar for those who do not see it. */
export function bars(bins: readonly Bar[], what: string): Html {
  if (bins.length === 0) return NOTHING;
  const most = Math.max(...bins.flatMap(({ reference, current }) => [reference, current]), 1e-9);
  const step = WIDTH / bins.length;
  const drawn = bins.map(({ label, reference, current }, at) => {
    const bar = (share: number, side: string, x: number) => {
      const height = (share / most) * (BOTTOM - 10);
      return html`<rect class="${side}" stroke="none" x="${x.toFixed(1)}" y="${(BOTTOM - height).toFixed(1)}" width="${(step * 0.38).toFixed(1)}" height="${height.toFixed(1)}"><title>${`${label}: ${side} ${percent(share)}`}</title></rect>`;
    };
    return html`${bar(reference, 'reference', at * step + step * 0.1)}${bar(current, 'current', at * step + step * 0.52)}`;
  });
  const first = bins[0]?.label ?? '';
  const last = bins.at(-1)?.label ?? '';
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${what}"><path class="axis" d="M0 ${BOTTOM}H${WIDTH}"/>${drawn}<text x="0" y="146">${first.slice(0, 40)}</text><text x="${WIDTH}" y="146" text-anchor="end">${bins.length > 1 ? last.slice(0, 40) : ''}</text></svg>`;
}
