/** A file that the page saves, caught on either host. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type App, expect } from './app.ts';

/** Does what saves it; returns the name that it was given and what is in it. */
export async function savedFile(
  app: App,
  press: () => Promise<void>,
): Promise<{ name: string; text: string }> {
  const kept = join(app.folder, `kept-${Date.now()}`);
  let name: string;
  if (app.electron) {
    const named = app.electron.evaluate(
      ({ session }, path) =>
        new Promise<string>((resolve) =>
          session.defaultSession.once('will-download', (_event, item) => {
            item.setSavePath(path);
            item.once('done', () => resolve(item.getFilename()));
          }),
        ),
      kept,
    );
    await press();
    name = await named;
  } else {
    const [download] = await Promise.all([app.page.waitForEvent('download'), press()]);
    await download.saveAs(kept);
    name = download.suggestedFilename();
  }
  expect(existsSync(kept)).toBe(true);
  return { name: basename(name), text: readFileSync(kept, 'utf8') };
}
