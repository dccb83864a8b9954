/** A supervisor's act: done over HTTP, confirmed or explained in one sentence, undone if it can be. */
import { sentence } from '../lib/api';
import { toasts } from '../lib/toasts.svelte';
import { act } from './api';
import { board } from './texts';

export interface Undo {
  run: () => Promise<unknown>;
  done: string;
}

/** Why it did not take effect, in one sentence; empty when it did, which is then said. */
export async function perform(
  work: () => Promise<unknown>,
  done: string,
  undo?: Undo,
): Promise<string> {
  try {
    await work();
  } catch (error) {
    return sentence(error);
  }
  const back = undo && {
    label: board.t('undo'),
    run: () => void perform(undo.run, undo.done).then(sayRefusal),
  };
  toasts.show(done, 'info', back);
  return '';
}

/** For what is done without a dialog that could show why it was refused. */
export function sayRefusal(sentence: string): void {
  if (sentence) toasts.show(sentence, 'error');
}

export const LOANS = [1_800, 3_600, 14_400, 0] as const; // seconds; 0: until changed again

export interface Loan {
  agent: string;
  name: string;
  skill: string;
  label: string;
  has: number;
  level: number;
  seconds: number;
}

export function lend(loan: Loan): Promise<string> {
  const { agent, name, skill, label, has, level, seconds } = loan;
  return perform(
    () => act.lend(agent, { [skill]: level }, seconds),
    board.t('done.lent', { name, skill: label, level }),
    {
      run: () => act.lend(agent, { [skill]: has }, 0),
      done: board.t('done.lent_back', { name, skill: label }),
    },
  );
}
