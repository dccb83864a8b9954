import { resolve } from 'node:path';

import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

import { licences } from './build-tools/licences.ts';

const page = (name: string) => resolve(import.meta.dirname, `${name}.html`);
const service = process.env['PATCHBAY_URL'] ?? 'http://127.0.0.1:8080';

/** The pages: the server sends `/desk` as `static/desk.html` and the rest under `/static/`. */
export default defineConfig({
  base: '/static/',
  plugins: [svelte(), licences()],
  build: {
    outDir: '../server/static',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rollupOptions: {
      input: {
        login: page('login'),
        desk: page('desk'),
        board: page('board'),
        studio: page('studio'),
        chat: page('chat'),
      },
    },
  },
  server: {
    proxy: {
      '/api': service,
      '/ws': { target: service, ws: true },
    },
  },
  test: {
    environment: 'node',
    include: ['src/**/*.test.ts', 'chat/**/*.test.ts', 'build-tools/**/*.test.ts'],
  },
});
