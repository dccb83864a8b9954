import { startPage } from '../lib/page';
import { catalog } from './catalog/texts';
import { recordings } from './recordings/texts';
import Studio from './Studio.svelte';
import { studio } from './texts';

void startPage(Studio, [studio, catalog, recordings]);
