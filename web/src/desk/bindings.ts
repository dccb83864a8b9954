/** The desk's keys. Letters act outside fields; with Alt they act while writing, too. */
import type { Binding } from '../lib/keys.svelte';
import type { Controls } from './controls.svelte';
import { isWritten } from './customers';
import { nextRecording } from './recording';
import { desk } from './texts';

export function bindings(controls: Controls): Binding[] {
  return [...offerKeys(controls), ...contactKeys(controls), ...wrapKeys(controls), ...movingKeys(controls)];
}

function offerKeys(controls: Controls): Binding[] {
  const group = desk.t('key.offers');
  const when = () => controls.offer !== undefined;
  const accept = { group, label: desk.t('key.accept'), when, run: () => controls.accept() };
  const reject = {
    group,
    label: desk.t('key.reject'),
    when,
    run: () => {
      controls.dialog = 'reject';
    },
  };
  return [
    { ...accept, keys: 'Enter' },
    { ...accept, keys: 'Alt+A', inFields: true },
    { ...reject, keys: 'Escape' },
    { ...reject, keys: 'Alt+R', inFields: true },
  ];
}

function contactKeys(controls: Controls): Binding[] {
  const group = desk.t('key.contact');
  return [
    {
      group,
      keys: 'H',
      label: desk.t('key.hold'),
      when: () => controls.may('hold') || controls.may('retrieve'),
      run: () => controls.toggleHold(),
    },
    {
      group,
      keys: 'O',
      label: desk.t('key.recording'),
      when: () => nextRecording(controls.card) !== undefined,
      run: () => void controls.toggleRecording(),
    },
    { group, keys: 'T', label: desk.t('key.transfer'), run: () => controls.ask('transfer') },
    { group, keys: 'C', label: desk.t('key.consult'), run: () => controls.ask('consult') },
    { group, keys: 'Q', label: desk.t('key.requeue'), run: () => controls.ask('requeue') },
    { group, keys: 'E', label: desk.t('key.end'), run: () => controls.ask('end') },
  ];
}

function wrapKeys(controls: Controls): Binding[] {
  const group = desk.t('key.contact');
  const when = () => controls.may('wrap');
  const done = { group, label: desk.t('key.done'), when, run: () => controls.done() };
  return [
    { ...done, keys: 'D' },
    { ...done, keys: 'Alt+Enter', inFields: true },
    { group, keys: 'X', label: desk.t('key.extend'), when, run: () => controls.extend() },
  ];
}

function movingKeys(controls: Controls): Binding[] {
  const group = desk.t('key.moving');
  const { store } = controls;
  const place = (keys: string, label: string, to: 'composer' | 'notes' | 'customer'): Binding => ({
    group,
    keys,
    label,
    when: () => controls.card !== undefined,
    run: () => controls.goTo(to),
  });
  return [
    ...nthKeys(controls, group),
    { group, keys: 'J', label: desk.t('key.next'), run: () => store.showNext(1) },
    { group, keys: 'K', label: desk.t('key.previous'), run: () => store.showNext(-1) },
    {
      group,
      keys: '/',
      label: desk.t('key.canned'),
      when: () => controls.may('write'),
      run: () => controls.goTo('canned'),
    },
    place('W', desk.t('key.write'), 'composer'),
    place('N', desk.t('key.notes'), 'notes'),
    place('F', desk.t('key.find'), 'customer'),
    {
      group,
      keys: 'L',
      label: desk.t('key.past'),
      when: () => controls.record?.history.some(isWritten) ?? false,
      run: () => controls.read(),
    },
    {
      group,
      keys: 'S',
      label: desk.t('key.state'),
      run: () => {
        controls.stateMenu = true;
      },
    },
    {
      group,
      keys: 'R',
      label: desk.t('key.ready'),
      when: () => store.state.me?.state !== 'ready',
      run: () => controls.ready(),
    },
    {
      group,
      keys: 'G',
      label: desk.t('idle.call'),
      when: () => controls.mayCall,
      run: () => void controls.call(),
    },
    {
      group,
      keys: '?',
      label: desk.t('key.help'),
      run: () => {
        controls.help = true;
      },
    },
  ];
}

function nthKeys(controls: Controls, group: string): Binding[] {
  return Array.from({ length: 9 }, (_, index) => ({
    group,
    keys: `Alt+${index + 1}`,
    label: desk.t('key.nth'),
    inFields: true,
    run: () => {
      const card = controls.store.state.contacts[index];
      if (card) controls.show(card.contact);
    },
  }));
}
