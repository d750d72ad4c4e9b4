/** What keeps somebody from using a page, by axe. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

const SETTLED = `Promise.allSettled(document.getAnimations()
  .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity).map(({ finished }) => finished)).then(() => {})`;

export async function seriousViolations(page: Page): Promise<string[]> {
  // What fades in is judged as it will be: a notice may come at any time. What never ends (a spinner) is not waited for.
  await page.evaluate(SETTLED);
  // Legacy mode: axe would otherwise open a blank page to gather frames, which Electron's guard rightly denies.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary}`),
    );
}
