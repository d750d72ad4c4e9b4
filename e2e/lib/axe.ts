/** What keeps somebody from using a page, by axe. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

const SETTLED = `Promise.allSettled(document.getAnimations()
  .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity).map(({ finished }) => finished)).then(() => {})`;

/**
 * Boxes with a greatest height that scroll, hold nothing that takes the focus, and do not take it themselves. Axe
 * tells of them only when they are full, which what a test shows seldom is.
 */
const OUT_OF_REACH = `[...document.querySelectorAll('body *')].filter((box) => {
  const { overflowY, maxHeight, display } = getComputedStyle(box);
  const scrolls = (overflowY === 'auto' || overflowY === 'scroll') && maxHeight !== 'none' && display !== 'none';
  return scrolls && box.tabIndex < 0 && ![...box.querySelectorAll('*')].some(({ tabIndex }) => tabIndex >= 0);
}).map((box) => 'cannot be scrolled by keyboard: ' + box.outerHTML.slice(0, 120))`;

/** Axe's serious and critical findings on the page as it is now, and boxes that could not be scrolled by keyboard. */
export async function seriousViolations(page: Page): Promise<string[]> {
  // What fades in is judged as it will be: a notice may come at any time. What never ends (a spinner) is not waited for.
  await page.evaluate(SETTLED);
  // Legacy mode: axe would otherwise open a blank page to gather frames, which Electron's guard rightly denies.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  const serious = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary}`),
    );
  return [...serious, ...(await page.evaluate<string[]>(OUT_OF_REACH))];
}
