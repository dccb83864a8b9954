import { resolve } from 'node:path';

import { defineConfig } from 'vite';

/** The chat widget: one self-contained script a site includes, served as `/chat/widget.js`. */
export default defineConfig({
  build: {
    outDir: '../server/static',
    emptyOutDir: false,
    copyPublicDir: false,
    target: 'es2022',
    lib: {
      entry: resolve(import.meta.dirname, 'chat/widget.ts'),
      formats: ['iife'],
      name: 'Patchbay',
      fileName: () => 'widget.js',
    },
  },
});
