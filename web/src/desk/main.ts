import { startPage } from '../lib/page';
import Desk from './Desk.svelte';
import { desk } from './texts';

void startPage(Desk, [desk]);
