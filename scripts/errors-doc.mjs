/** Writes docs/errors.md from the error catalogue; `--check` fails when the page is not what it would write. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ERRORS } from '../src-main/contract/errors.ts';

const file = fileURLToPath(new URL('../docs/errors.md', import.meta.url));
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

if (process.argv.includes('--check')) {
  const present = readFileSync(file, 'utf8');
  if (present !== page) {
    console.error('docs/errors.md is not up to date: run `node scripts/errors-doc.mjs`');
    process.exitCode = 1;
  }
} else writeFileSync(file, page);
