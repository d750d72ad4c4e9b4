/** Everything by keyboard: palette, shortcuts, theme. */
import { expect, test } from '../lib/app.ts';

test('the palette opens with the keyboard, finds a command and runs it', async ({ shared }) => {
  const { page } = shared;
  await shared.goto('/');
  await page.keyboard.press('ControlOrMeta+k');
  const palette = page.getByRole('dialog', { name: 'Command palette' });
  await expect(palette).toBeVisible();
  await page.keyboard.type('monitoring');
  await page.keyboard.press('Enter');
  await expect(palette).toBeHidden();
  await expect(page.getByRole('heading', { level: 1, name: 'Monitoring' })).toBeVisible();
});

test('Escape closes the palette and leaves the view alone', async ({ shared }) => {
  const { page } = shared;
  await shared.goto('/models');
  await page.keyboard.press('ControlOrMeta+k');
  await expect(page.getByRole('dialog', { name: 'Command palette' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog', { name: 'Command palette' })).toBeHidden();
  await expect(page.getByRole('heading', { level: 1, name: 'Models' })).toBeVisible();
});

test('numbered shortcuts walk through the views, and ? lists the shortcuts', async ({ shared }) => {
  const { page } = shared;
  const walk = ['Overview', 'Experiments', 'Models', 'Serving', 'Monitoring', 'Activity'];
  for (const [at, name] of walk.entries()) {
    await page.keyboard.press(`ControlOrMeta+${at + 1}`);
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  }
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog', { name: /shortcuts/i });
  await expect(dialog).toContainText('Open the command palette');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

test('the menu bar does what the palette does', async ({ shared }) => {
  test.skip(shared.electron === null, 'a browser tab has no menu bar of ours');
  await shared.goto('/');
  await shared.electron?.evaluate(({ Menu }) =>
    Menu.getApplicationMenu()?.getMenuItemById('go.models')?.click(),
  );
  await expect(shared.page.getByRole('heading', { level: 1, name: 'Models' })).toBeVisible();
});

test('a theme chosen from the palette holds across a restart, from the first paint on', async ({ start }) => {
  const app = await start({ sample: false });
  await expect(app.page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  await app.page.keyboard.press('ControlOrMeta+k');
  await app.page.keyboard.type('dark theme');
  await app.page.keyboard.press('Enter');
  await expect(app.page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect.poll(() => app.call(async (rpc) => (await rpc.settings.get()).theme)).toBe('dark');
  // The window's own colour follows within a moment; the next first paint goes by it.
  const { electron } = app;
  if (electron) {
    const source = () => electron.evaluate(({ nativeTheme }) => nativeTheme.themeSource);
    await expect.poll(source).toBe('dark');
  }
  await app.restart();
  await expect(app.page.locator('html')).toHaveAttribute('data-theme', 'dark');
  if (app.electron) expect(await app.page.evaluate('window.lathe.theme')).toBe('dark');
});
