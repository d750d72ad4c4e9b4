/** /docs: the HTTP surface as a page, made on the server from the OpenAPI document; no script, nothing external. */
import type { ServerResponse } from 'node:http';
import type { Handler } from './http-management.ts';
import { send } from './http-send.ts';
import { modelMetadata } from './model-info.ts';
import { openApiDocument } from './openapi.ts';
import type { OpenApi, Operation } from './openapi-parts.ts';
import { SERVER_VERSION, type Service } from './service.ts';

const PAGE_HEADERS = [
  'Content-Security-Policy',
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options',
  'nosniff',
  'Referrer-Policy',
  'no-referrer',
  'Cross-Origin-Resource-Policy',
  'same-origin',
];

export function createDocs(service: Service) {
  const document = openApiDocument(SERVER_VERSION);
  const text = JSON.stringify(document);
  const page = (response: ServerResponse, body: string, type: string) =>
    send(response, 200, body, [...PAGE_HEADERS], `${type}; charset=utf-8`);

  const openapi: Handler = (_request, response) => send(response, 200, text);
  const docs: Handler = (request, response) => {
    const address = `http://${request.headers.host ?? 'localhost'}`;
    page(response, renderPage(document, served(service), address), 'text/html');
  };
  const docsStyle: Handler = (_request, response) => page(response, STYLE, 'text/css');
  return { openapi, docs, docsStyle };
}

type Served = ReturnType<typeof modelMetadata> & { ready: boolean };

function served(service: Service): Served[] {
  return [...service.endpoints()].flatMap((endpoint) => {
    const version = endpoint.arms[0]?.version ?? '';
    if (!service.find(endpoint, version)) return [];
    return [{ ...modelMetadata(service, endpoint.name, version), ready: service.isReady(endpoint) }];
  });
}

function renderPage(document: OpenApi, models: readonly Served[], address: string): string {
  const { info, tags } = document;
  const operations = Object.entries(document.paths).flatMap(([path, { get, post }]) => [
    ...(get ? [{ path, method: 'GET', operation: get }] : []),
    ...(post ? [{ path, method: 'POST', operation: post }] : []),
  ]);
  const sections = tags.map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    return `<section><h2>${html(name)}</h2><p class="quiet">${html(description)}</p>${own
      .map(({ path, method, operation }) => renderOperation(path, method, operation))
      .join('')}</section>`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${html(info.title)}</title><link rel="stylesheet" href="/docs.css"></head><body><main>
<h1>${html(info.title)} <span class="quiet">${html(info.version)}</span></h1>
<p>${html(info.description)}</p>
<p><a href="/openapi.json">openapi.json</a> · <a href="/metrics">metrics</a></p>
${renderModels(models, address)}
${sections.join('\n')}
</main></body></html>
`;
}

function renderModels(models: readonly Served[], address: string): string {
  if (models.length === 0)
    return '<section><h2>Served now</h2><p class="quiet">Nothing is served. Create an endpoint in Lathe under Serving.</p></section>';
  const tensors = (list: Served['inputs']) =>
    list
      .map(
        ({ name, datatype, shape }) =>
          `<code>${html(name)}</code> ${datatype} [${shape.map((dim) => (dim < 0 ? 'any' : dim)).join(', ')}]`,
      )
      .join('<br>');
  const rows = models.map(
    (model) =>
      `<tr><th scope="row">${html(model.name)}</th><td>${model.versions.map(html).join(', ')}</td><td>${
        model.ready ? 'ready' : 'not ready'
      }</td><td>${tensors(model.inputs)}</td><td>${tensors(model.outputs)}</td></tr>`,
  );
  return `<section><h2>Served now</h2><div class="scroll"><table><thead><tr><th>name</th><th>versions</th><th>state</th><th>inputs</th><th>outputs</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>${
    models[0] ? `<pre>${html(curlOf(models[0], address))}</pre>` : ''
  }</section>`;
}

/** A command that works as it stands: one row, of zeros or empty strings. */
function curlOf(model: Served, address: string): string {
  const inputs = model.inputs.map(({ name, datatype, shape }) => {
    const dims = shape.map((dim) => (dim < 0 ? 1 : dim));
    const count = Math.min(
      64,
      dims.reduce((product, dim) => product * dim, 1),
    );
    const value = datatype === 'BYTES' ? '' : datatype === 'BOOL' ? false : 0;
    return { name, shape: dims, datatype, data: new Array(count).fill(value) };
  });
  const body = JSON.stringify({ inputs }).replaceAll("'", "'\\''");
  return `curl -s ${address}/v2/models/${model.name}/infer -d '${body}'`;
}

function renderOperation(path: string, method: string, operation: Operation): string {
  const parameters = (operation.parameters ?? []).map(
    ({ name, description, in: where }) =>
      `<tr><th scope="row"><code>${html(name)}</code></th><td>${where}</td><td>${html(description)}</td></tr>`,
  );
  const example = operation.requestBody?.content['application/json']?.example;
  const responses = Object.entries(operation.responses).map(
    ([status, { description }]) => `<tr><th scope="row">${status}</th><td>${html(description)}</td></tr>`,
  );
  return `<details><summary><b>${method}</b> <code>${html(path)}</code> <span class="quiet">${html(operation.summary)}</span></summary>
${operation.description ? `<p>${html(operation.description)}</p>` : ''}
${parameters.length > 0 ? `<h3>Parameters</h3><table><tbody>${parameters.join('')}</tbody></table>` : ''}
${example === undefined ? '' : `<h3>Body</h3><pre>${html(JSON.stringify(example))}</pre>`}
<h3>Answers</h3><table><tbody>${responses.join('')}</tbody></table></details>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const html = (text: string): string => text.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign);

/** Colours and sizes as docs/design.md has them. */
const STYLE = `:root { color-scheme: light dark;
  --canvas: light-dark(oklch(0.968 0.004 255), oklch(0.175 0.008 262));
  --surface: light-dark(oklch(0.998 0.001 255), oklch(0.209 0.009 262));
  --inset: light-dark(oklch(0.955 0.005 255), oklch(0.158 0.008 262));
  --line: light-dark(oklch(0.905 0.006 255), oklch(0.292 0.011 262));
  --ink: light-dark(oklch(0.235 0.016 262), oklch(0.945 0.006 258));
  --ink-2: light-dark(oklch(0.405 0.016 262), oklch(0.795 0.01 260));
  --accent: light-dark(oklch(0.49 0.155 259), oklch(0.745 0.115 256)); }
body { margin: 0; background: var(--canvas); color: var(--ink); font: 13px/1.55 Inter, system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 24px; }
h1 { font-size: 20px; margin: 0 0 8px; } h2 { font-size: 15px; margin: 0 0 4px; } h3 { font-size: 12px; margin: 12px 0 4px; color: var(--ink-2); }
section { margin-top: 24px; } p { margin: 4px 0 8px; max-width: 46rem; } a { color: var(--accent); }
.quiet { color: var(--ink-2); font-weight: 400; }
details { border: 1px solid var(--line); border-bottom-width: 0; background: var(--surface); padding: 0 12px; }
details:last-of-type { border-bottom-width: 1px; }
summary { padding: 8px 0; cursor: pointer; } summary code { margin-right: 8px; } summary b { display: inline-block; width: 3rem; }
summary:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
details[open] { padding-bottom: 12px; }
code, pre { font-family: "JetBrains Mono", ui-monospace, monospace; font-size: 12px; }
pre { background: var(--inset); padding: 12px; margin: 8px 0; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 4px 12px 4px 0; border-top: 1px solid var(--line); font-weight: 400; }
thead th { color: var(--ink-2); } tbody th { white-space: nowrap; }
`;
