import { startPage } from '../lib/page';
import Board from './Board.svelte';
import { board } from './texts';

void startPage(Board, [board]);
