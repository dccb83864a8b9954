import { startPage } from '../lib/page';
import Studio from './Studio.svelte';
import { studio } from './texts';

void startPage(Studio, [studio]);
