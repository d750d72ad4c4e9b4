import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The renderer: the same files are loaded by the desktop window (lathe://app/) and by a browser tab. */
export default defineConfig({
  root: 'src-renderer',
  base: './',
  publicDir: 'app/public',
  plugins: [react(), tailwindcss()],
  build: {
    outDir: '../out/renderer',
    emptyOutDir: true,
    target: 'chrome140',
    sourcemap: true,
    modulePreload: { polyfill: false },
    // Inline data: URLs for fonts or images would need looser CSP directives.
    assetsInlineLimit: 0,
  },
});
