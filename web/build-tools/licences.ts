import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Plugin } from 'vite';

interface Package {
  name: string;
  version: string;
  licence: string;
  text: string;
}

const HEADING = 'Texts of the licences of the packages these pages contain.';

/** The package directory a bundled module belongs to, or nothing for our own files. */
export function packageRoot(moduleId: string): string | undefined {
  const path = moduleId.replace(/^\0/, '').split('?')[0] ?? '';
  const match = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path);
  return match?.[1];
}

function licenceText(root: string): string {
  const file = readdirSync(root).find((name) => /^(licen[cs]e|copying)/i.test(name));
  return file ? readFileSync(join(root, file), 'utf8').trim() : 'No licence file in the package.';
}

function describe(root: string): Package {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  return {
    name: manifest.name,
    version: manifest.version,
    licence: manifest.license ?? 'unknown',
    text: licenceText(root),
  };
}

export function section(entry: Package): string {
  const title = `${entry.name} ${entry.version} (${entry.licence})`;
  return `${title}\n${'='.repeat(title.length)}\n\n${entry.text}\n`;
}

/** Writes `licenses.txt` beside the pages from what was really bundled. */
export function licences({ append = false } = {}): Plugin {
  const roots = new Set<string>();
  let target = '';
  return {
    name: 'patchbay-licences',
    apply: 'build',
    configResolved(config) {
      target = join(config.root, config.build.outDir, 'licenses.txt');
    },
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        for (const id of Object.keys(chunk.modules)) {
          const root = packageRoot(id);
          if (root && existsSync(join(root, 'package.json'))) roots.add(root);
        }
      }
    },
    writeBundle() {
      const before = append && existsSync(target) ? readFileSync(target, 'utf8') : `${HEADING}\n`;
      const sections = [...roots]
        .sort()
        .map(describe)
        .map(section)
        .filter((text) => !before.includes(text));
      writeFileSync(target, [before, ...sections].join('\n'));
    },
  };
}

