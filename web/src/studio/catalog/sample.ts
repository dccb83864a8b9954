/** A small catalog and its schema, for tests. */
import type { Lines } from './document';
import type { Schema } from './schema';

const named = (kind: string): Schema => ({ type: 'string', kind });
const maybe = (one: Schema): Schema => ({ anyOf: [one, { type: 'null' }] });
const map = (key: Schema, value: Schema): Schema => ({ type: 'object', propertyNames: key, additionalProperties: value });

export const SCHEMA: Schema = {
  $ref: '#/$defs/Catalog',
  $defs: {
    Catalog: {
      type: 'object',
      properties: {
        skills: maybe(map({}, maybe({ type: 'string', maxLength: 80 }))),
        queues: maybe(map({}, { $ref: '#/$defs/Queue' })),
        profiles: maybe(map({}, { $ref: '#/$defs/Profile' })),
        agents: maybe(map({}, { $ref: '#/$defs/Agent' })),
        credits: maybe({ $ref: '#/$defs/Credits' }),
      },
    },
    Queue: {
      type: 'object',
      properties: {
        label: maybe({ type: 'string', maxLength: 80 }),
        steps: maybe({ type: 'array', items: { $ref: '#/$defs/Step' } }),
        overflow: maybe({ type: 'array', items: { $ref: '#/$defs/Overflow' } }),
        callback: { anyOf: [{ type: 'boolean' }, { $ref: '#/$defs/Callback' }, { type: 'null' }] },
      },
    },
    Step: { type: 'object', properties: { ask: maybe({ kind: 'condition', $ref: '#/$defs/Condition' }), for: maybe({ kind: 'duration' }) } },
    Overflow: {
      type: 'object',
      properties: { when: { enum: ['length', 'wait'] }, to: { anyOf: [{ enum: ['callback'] }, { $ref: '#/$defs/To' }] } },
      required: ['when', 'to'],
    },
    To: { type: 'object', properties: { queue: maybe(named('queue')), message: maybe({ type: 'string' }) } },
    Callback: { type: 'object', properties: { attempts: maybe({ type: 'integer', minimum: 1, maximum: 20 }) } },
    Profile: {
      type: 'object',
      properties: { queues: { type: 'array', items: { anyOf: [named('queue'), { $ref: '#/$defs/ProfileQueue' }] } } },
      required: ['queues'],
    },
    ProfileQueue: { type: 'object', properties: { queue: named('queue'), band: maybe({ type: 'integer', minimum: 1 }) }, required: ['queue'] },
    Agent: {
      type: 'object',
      properties: { name: { type: 'string' }, profile: named('profile'), skills: maybe(map(named('skill'), { type: 'integer', minimum: 1, maximum: 10 })) },
      required: ['name', 'profile'],
    },
    Credits: { type: 'object', properties: { tiers: maybe(map({}, { kind: 'duration' })) } },
  },
};

export const DOCUMENT: Lines = {
  skills: { spanish: 'Spanish', billing: null },
  queues: {
    help: {
      label: 'Help',
      steps: [{ ask: { any: [{ spanish: '4' }, { billing: '2' }], spanish: '2' }, for: '30s' }, { ask: 'spanish' }],
      overflow: [{ when: 'wait', to: { queue: 'later' } }],
    },
    later: null,
  },
  profiles: { all: { queues: ['help', { queue: 'later', band: '2' }] } },
  agents: { ann: { name: 'Ann', profile: 'all', skills: { spanish: '5' } } },
};
