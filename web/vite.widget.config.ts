import { resolve } from 'node:path';

import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

import { licences } from './build-tools/licences.ts';

/** The chat widget: one self-contained script a customer's page includes, `static/widget.js`. */
export default defineConfig({
  plugins: [svelte({ emitCss: false }), licences({ append: true })],
  build: {
    outDir: '../server/static',
    emptyOutDir: false,
    copyPublicDir: false,
    target: 'es2020',
    lib: {
      entry: resolve(import.meta.dirname, 'chat/widget.ts'),
      formats: ['iife'],
      name: 'Patchbay',
      fileName: () => 'widget.js',
    },
  },
});
