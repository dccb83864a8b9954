/** Starts a page: texts first, then the component, so that nothing flashes in a wrong language. */
import './tokens.css';
import './base.css';

import { type Component, mount } from 'svelte';

import { common } from './common';
import { applyPreferences } from './preferences.svelte';

export async function startPage(page: Component, texts: { load: () => Promise<void> }[]): Promise<void> {
  applyPreferences();
  await Promise.all([common, ...texts].map((part) => part.load()));
  const target = document.getElementById('app');
  if (target) mount(page, { target });
}
