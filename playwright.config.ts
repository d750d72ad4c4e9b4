/** The same specs in the real Electron app and, against the headless host, in Chromium. */
import { defineConfig } from '@playwright/test';
import type { HostOptions } from './e2e/lib/app.ts';

export default defineConfig<HostOptions, HostOptions>({
  testDir: 'e2e/specs',
  outputDir: 'out/test-results/playwright',
  fullyParallel: false,
  // Two hosts wait for each other little: most of a spec's time is theirs. Specs tagged @alone get one (scripts/lib/stages.mjs).
  workers: 2,
  // Whole processes start in every test; a hang must still end in time for its message to be read.
  timeout: 120_000,
  expect: { timeout: 20_000 },
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  reporter: [['list'], ['json', { outputFile: 'out/test-results/e2e.json' }]],
  use: { actionTimeout: 20_000, navigationTimeout: 30_000 },
  projects: [
    { name: 'electron', use: { host: 'electron' } },
    { name: 'headless', use: { host: 'headless' } },
  ],
});
