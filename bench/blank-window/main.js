// The floor that `npm run bench -- startup` is held against: Electron with one empty sandboxed window.
import { writeFileSync } from 'node:fs';
import { app, BrowserWindow } from 'electron';

const report = process.argv.find((argument) => argument.startsWith('--ready-file='))?.split('=')[1];

app.whenReady().then(() => {
  const window = new BrowserWindow({ show: false, webPreferences: { sandbox: true } });
  window.once('ready-to-show', () => {
    window.show();
    if (report) writeFileSync(report, JSON.stringify({ shown: Date.now() }));
  });
  window.loadURL('data:text/html,<title>blank</title>');
});
