import { startPage } from '../lib/page';
import Login from './Login.svelte';
import { login } from './texts';

void startPage(Login, [login]);
