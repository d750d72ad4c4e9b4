/**
 * The runs table of ten thousand runs in a real Chromium: how long the page's thread is held at once (the browser's
 * own "long task" entries, from 50 ms up, and the time between frames) while it scrolls, is sorted and is filtered.
 * The floor, in the same browser: scrolling a page that holds nothing but text.
 */
import { chromium, type Page } from 'playwright';
import { end, serve } from './lib/app.ts';
import { quantile, tell } from './lib/report.ts';
import { fixture, RUNS, WIDE } from './tracking/fixture.ts';

const WHEELS = 120;
const EVERY_MS = 33;

type Watched = { tasks: number[]; frames: number[] };

const path = await fixture((text) => console.log(text));
const { child, ready } = await serve(['--workspace', path]);
const browser = await chromium.launch({
  executablePath: process.env.LATHE_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
const rows: (string | number)[][] = [];
const data: Record<string, Watched> = {};
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.mouse.move(800, 600);
  await page.setContent(`<pre>${'a line of text\n'.repeat(20_000)}</pre>`);
  note('a page of text, scrolled (floor)', await watched(page, () => scroll(page)));

  await page.goto(`${ready.urls.ui}?token=${ready.token}`);
  await page.getByRole('link', { name: 'Experiments' }).first().click();
  await page.getByRole('link', { name: WIDE }).first().click();
  await page.getByRole('table', { name: 'Runs' }).waitFor();
  await page.mouse.move(800, 600);
  await page.waitForTimeout(2_000);
  note('scrolled by the wheel', await watched(page, () => scroll(page)));
  note('dragged to its end and back', await watched(page, () => jump(page)));
  const header = page.getByRole('columnheader').nth(3).getByRole('button').first();
  note(
    'sorted by a metric, twice',
    await watched(page, async () => {
      for (let time = 0; time < 2; time++) {
        await header.click();
        await page.waitForTimeout(1_000);
      }
    }),
  );
  const filter = page.getByRole('combobox', { name: /filter/i });
  note(
    'filtered while it is typed',
    await watched(page, async () => {
      await filter.pressSequentially('metrics.loss < 0.3', { delay: 60 });
      await filter.press('Enter');
      await page.waitForTimeout(1_000);
    }),
  );
  tell({
    name: 'tracking-ui',
    columns: [`runs table of ${RUNS} runs`, 'long tasks', 'longest ms', 'frame p95 ms', 'longest frame ms'],
    rows,
    notes: [
      'a long task holds the page’s thread for 50 ms or more (W3C Long Tasks); the aim is none while scrolling',
      'software rendering: frames are slower than on a machine with a GPU',
    ],
    data,
  });
} finally {
  await browser.close();
  await end(child);
}

function note(title: string, found: Watched): void {
  data[title] = found;
  rows.push([
    title,
    found.tasks.length,
    found.tasks.length === 0 ? '< 50' : Math.max(...found.tasks).toFixed(0),
    quantile(found.frames, 0.95).toFixed(0),
    Math.max(0, ...found.frames).toFixed(0),
  ]);
}

/** What the page's thread was held by while `work` went on. */
async function watched(page: Page, work: () => Promise<void>): Promise<Watched> {
  await page.evaluate(`(() => {
    const found = { tasks: [], frames: [], last: performance.now(), on: true };
    window.found = found;
    found.observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) found.tasks.push(duration);
    });
    found.observer.observe({ type: 'longtask' });
    const frame = (now) => {
      found.frames.push(now - found.last);
      found.last = now;
      if (found.on) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  })()`);
  await work();
  return page.evaluate(`(() => {
    const { tasks, frames, observer } = window.found;
    for (const { duration } of observer.takeRecords()) tasks.push(duration);
    observer.disconnect();
    window.found.on = false;
    return { tasks, frames: frames.slice(1) };
  })()`) as Promise<Watched>;
}

async function scroll(page: Page): Promise<void> {
  for (let at = 0; at < WHEELS; at++) {
    await page.mouse.wheel(0, at < WHEELS / 2 ? 240 : -180);
    await page.waitForTimeout(EVERY_MS);
  }
}

/** As by dragging the scroll bar: in steps of a hundredth of the table. */
async function jump(page: Page): Promise<void> {
  for (let at = 0; at <= 200; at += 4) {
    const share = at <= 100 ? at / 100 : (200 - at) / 100;
    await page.evaluate(`(() => {
      const inside = document.querySelector('main [aria-rowcount]');
      let box = inside;
      while (box && box.scrollHeight <= box.clientHeight + 1) box = box.parentElement;
      if (box) box.scrollTop = box.scrollHeight * ${share};
    })()`);
    await page.waitForTimeout(EVERY_MS);
  }
}
