/** Writes docs/errors.md from the error catalogue; `--check` fails when the page is not what it would write. */
import { ERRORS } from '../src-main/contract/errors.ts';
import { writeOrCheck } from './lib/made-page.mjs';

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
const rows = Object.entries(ERRORS).map(
  ([code, { status, cause, remedy }]) => `| \`${code}\` | ${status} | ${cell(cause)} | ${cell(remedy)} |`,
);
const page = `# Errors

Every failure carries one of these codes, on screen, in RPC and in HTTP answers, with its cause and its remedy. Words in
braces are filled in. Made from \`src-main/contract/errors.ts\` by \`node scripts/errors-doc.mjs\`.

| code | HTTP | cause | remedy |
|---|---|---|---|
${rows.join('\n')}
`;

writeOrCheck(import.meta.url, 'errors.md', page);
