/** What can be filled in for each kind of node: the forms of the studio are made from this. */
import type { Known } from './api';
import type { Kind } from './document';

export type FieldType =
  | 'line' | 'attribute' | 'duration' | 'number' | 'flag' | 'maybe' | 'pick' | 'name' | 'language'
  | 'prompt' | 'words' | 'choices' | 'again' | 'texts' | 'shares' | 'cases' | 'steps'
  | 'announcements' | 'names';

export interface Field {
  name: string;
  type: FieldType;
  /** What holds when it is left out. */
  otherwise?: string | number | boolean;
  /** Of what the name is one, or the names are. */
  of?: keyof Known;
  options?: readonly string[];
  /** The most characters, or the highest number. */
  most?: number;
}

const say: Field = { name: 'say', type: 'prompt' };
const bargeIn: Field = { name: 'barge_in', type: 'flag', otherwise: true };
const again = (times: number): Field[] => [
  { name: 'on_silence', type: 'again', otherwise: times },
  { name: 'on_invalid', type: 'again', otherwise: times },
];
const within = (name: string, otherwise: string): Field => ({ name, type: 'duration', otherwise });
const queue: Field = { name: 'queue', type: 'name', of: 'queues' };
const steps: Field = { name: 'steps', type: 'steps' };
export const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0', '*', '#'] as const;
const key = (name: string, otherwise: string): Field => ({ name, type: 'pick', options: KEYS, otherwise });

export const FIELDS: Record<Kind, readonly Field[]> = {
  say: [say, bargeIn],
  menu: [say, { name: 'choices', type: 'choices' }, within('answer_within', '5s'), bargeIn, ...again(2)],
  collect: [
    say,
    { name: 'into', type: 'attribute', otherwise: 'answer' },
    { name: 'input', type: 'pick', options: ['digits', 'text'], otherwise: 'digits' },
    { name: 'min_length', type: 'number', otherwise: 1, most: 500 },
    { name: 'max_length', type: 'number', otherwise: 20, most: 500 },
    { name: 'check', type: 'pick', options: ['any', 'luhn', 'date', 'range', 'email', 'phone'], otherwise: 'any' },
    { name: 'least', type: 'number' },
    { name: 'most', type: 'number' },
    { name: 'secret', type: 'flag', otherwise: false },
    { name: 'end_key', type: 'pick', options: ['#', '*', 'none'], otherwise: '#' },
    within('answer_within', '8s'),
    within('between', '4s'),
    bargeIn,
    ...again(2),
  ],
  hours: [{ name: 'hours', type: 'name', of: 'hours' }],
  branch: [{ name: 'cases', type: 'cases' }],
  identify: [{ name: 'by', type: 'attribute', otherwise: 'address' }, within('within', '2s'), say],
  look_up: [
    { name: 'connector', type: 'name', of: 'connectors' },
    { name: 'parameters', type: 'texts' },
    { name: 'take', type: 'texts' },
    within('within', '3s'),
    say,
  ],
  set: [
    { name: 'attributes', type: 'texts' },
    { name: 'language', type: 'language' },
    within('credit', ''),
    steps,
    { name: 'preferred', type: 'names', of: 'agents' },
  ],
  split: [{ name: 'shares', type: 'shares' }],
  queue: [queue, say, steps, { name: 'announcements', type: 'announcements' }, { name: 'offer_callback', type: 'maybe' }],
  callback: [
    queue,
    say,
    { name: 'number', type: 'attribute', otherwise: 'address' },
    key('accept', '1'),
    { name: 'accept_words', type: 'words' },
    key('decline', '2'),
    { name: 'decline_words', type: 'words' },
    { name: 'promised', type: 'prompt' },
    within('answer_within', '5s'),
    ...again(1),
  ],
  voicemail: [{ name: 'box', type: 'name', of: 'boxes' }, say],
  transfer: [{ name: 'number', type: 'line', most: 21 }, say],
  flow: [
    { name: 'flow', type: 'name', of: 'flows' },
    { name: 'alias', type: 'line', otherwise: 'live', most: 64 },
    { name: 'version', type: 'number', most: 1_000_000 },
  ],
  return: [{ name: 'by', type: 'line', otherwise: 'done', most: 64 }],
  hang_up: [say],
};

/** Fields that every node has, and that are shown apart. */
export const COMMON = ['label', 'note', 'exits'] as const;
