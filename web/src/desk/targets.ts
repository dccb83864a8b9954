/** Whom a contact can be given to: queues, colleagues, addresses outside. */
import type { Option } from '../lib/components/menu';
import type { Directory } from '../lib/protocol';
import { desk } from './texts';
import { stateWord } from './words';

export interface Target {
  queue?: string;
  agent?: string;
  address?: string;
}

/** Ready colleagues first; those signed out cannot take anything and are left out. */
export function targets(directory: Directory): Option[] {
  const colleagues = directory.colleagues
    .filter((one) => one.state !== 'signed_out')
    .sort((a, b) => Number(b.state === 'ready') - Number(a.state === 'ready'));
  return [
    ...colleagues.map((one) => ({
      id: `agent:${one.agent}`,
      label: one.name,
      hint: [one.team, stateWord(one.state)].filter(Boolean).join(' · '),
    })),
    ...directory.queues.map(([id, label]) => ({
      id: `queue:${id}`,
      label,
      hint: desk.t('target.queue'),
    })),
  ];
}

const ADDRESS = /^(\+?[0-9][0-9 ()/-]{2,}|[^@\s]+@[^@\s]+\.[^@\s]+)$/;

/** What was chosen or typed as a target; nothing when it is neither. */
export function parseTarget(value: string, outside: boolean): Target | undefined {
  const [, kind, id] = /^(agent|queue):(.+)$/.exec(value) ?? [];
  if (id) return kind === 'agent' ? { agent: id } : { queue: id };
  const address = value.trim();
  return outside && ADDRESS.test(address) ? { address } : undefined;
}
