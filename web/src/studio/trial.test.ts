import { beforeEach, describe, expect, it } from 'vitest';

import { ApiError } from '../lib/api';
import type { Flows, Tried } from './api';
import type { FlowDocument } from './document';
import { SAMPLE } from './samples';
import { type Act, asTest, conversation, lit, plainWorld, Trial, wayId } from './trial.svelte';

/** Says one line at the beginning and one after each act; ends with the third act. */
function answers(acts: Act[]): Tried {
  const ended = acts.length >= 3;
  return {
    path: acts.map((_, index) => ({ flow: 'main_line', version: 0, node: `n${index}`, exit: '1', again: index === 1 })),
    heard: ['Welcome', ...acts.map((_, index) => `Line ${index}`)].map((text) => ({ text })),
    asks: ended ? null : { type: 'ask_choice', buttons: [] },
    session: {
      attributes: {}, language: 'en', customer: null,
      frames: [{ flow: 'main_line', version: 0, node: 'support' }],
      outcome: ended ? { type: 'queued', queue: 'support' } : null,
    },
  };
}

const asked: { acts: Act[] }[] = [];
let refuse = false;
const flows = {
  attempt: (_: FlowDocument, given: { acts: Act[] }) => {
    if (refuse) return Promise.reject(new ApiError(422, 'flow_invalid', 'Unfit.'));
    asked.push(given);
    return Promise.resolve(answers(given.acts));
  },
} as unknown as Flows;

let trial: Trial;

beforeEach(() => {
  asked.length = 0;
  refuse = false;
  trial = new Trial(flows);
});

describe('a trial', () => {
  it('shows what is said and done in turns', async () => {
    await trial.begin(SAMPLE);
    await trial.act(SAMPLE, { answer: '1' });
    await trial.act(SAMPLE, { silence: true });
    expect(trial.said.map((one) => (one.by === 'flow' ? one.line.text : one.act))).toEqual([
      'Welcome', { answer: '1' }, 'Line 0', { silence: true }, 'Line 1',
    ]);
  });

  it('does nothing more when it is over, until it begins again', async () => {
    await trial.begin(SAMPLE);
    for (let turn = 0; turn < 5; turn += 1) await trial.act(SAMPLE, { silence: true });
    expect([trial.over, trial.acts.length]).toEqual([true, 3]);
    await trial.begin(SAMPLE);
    expect([trial.over, trial.acts.length]).toEqual([false, 0]);
  });

  it('is held again from its beginning with a flow that changed', async () => {
    await trial.begin(SAMPLE);
    await trial.act(SAMPLE, { answer: '1' });
    asked.length = 0;
    await trial.act({ ...SAMPLE }, { answer: '2' });
    expect(asked.map((one) => one.acts.length)).toEqual([0, 1, 2]);
    expect(trial.said.length).toBe(5);
  });

  it('says why it could not be held', async () => {
    refuse = true;
    await trial.begin(SAMPLE);
    expect([trial.problem, trial.busy]).toEqual(['Unfit.', false]);
  });
});

it('a conversation says only what is unusual', () => {
  expect(conversation(plainWorld(), [])).toEqual({
    caller: { channel: 'voice', address: '+15550100' }, given: { time: 'mon 12:00' }, acts: [],
  });
  const world = { ...plainWorld(), queues: { a: { staffed: false, length: 3, wait: '5m' } }, hours: { office: 'closed' } };
  world.customer = { id: 'c1', name: 'Ann', tier: '', value: 0, before: true };
  expect(conversation(world, [])).toMatchObject({
    caller: { customer: { id: 'c1', name: 'Ann' } },
    given: { queues: { a: { staffed: false, length: 3, wait: '5m' } }, hours: { office: 'closed' }, identified: [{ id: 'c1', name: 'Ann' }] },
  });
});

it('of the connectors only those that answer are said, and only what they found', () => {
  const world = { ...plainWorld(), systems: {
    crm: { result: 'found' as const, answer: { tier: 'gold', debt: '' } },
    erp: { result: 'not_found' as const, answer: { debt: '12' } },
    slow: { result: '' as const, answer: {} },
  } };
  expect(conversation(world, []).given['systems']).toEqual({
    crm: { result: 'found', answer: { tier: 'gold' } }, erp: { result: 'not_found' },
  });
});

it('a trial becomes a test that expects what happened', () => {
  const acts: Act[] = [{ answer: '1' }, { silence: true }, { answer: '2' }];
  const test = asTest('Once', plainWorld(), acts, answers(acts), 'main_line');
  expect(test['expect']).toEqual({ ends: 'queue', at: 'support', path: ['n0', 'n2'] });
  expect(asTest('Once', plainWorld(), [], answers([]), 'main_line')['expect']).toEqual({
    ends: 'waiting', at: 'support', path: ['support'],
  });
});

it('the path is lit without repeats, and other flows are not', () => {
  const tried = answers([{ answer: '1' }, { silence: true }]);
  expect([...lit(tried, 'main_line').ways]).toEqual([wayId('n0', '1')]);
  expect(lit(tried, 'main_line').at).toBe('support');
  expect(lit(tried, 'other').ways.size).toBe(0);
  expect(lit(undefined, 'main_line').at).toBe('');
});
