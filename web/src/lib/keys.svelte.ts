/** The keyboard: every action registers here, and the help sheet shows what is registered. */
import { preferences } from './preferences.svelte';

export interface Binding {
  /** As shown and matched: `Alt+1`, `Shift+?`, `J`, `Escape`, `Enter`. */
  keys: string;
  label: string;
  /** Heading in the help sheet. */
  group: string;
  run: () => void;
  when?: () => boolean;
  /** Also while typing in a field (only for keys with Alt, Escape and the like). */
  inFields?: boolean;
}

/** Chords browsers and systems keep for themselves. */
const TAKEN = /^(Ctrl|Meta)\+|^Alt\+(F4|Left|Right|ArrowLeft|ArrowRight|Home|D|F|E)$|^F\d+$|^Tab$/i;

export function isTaken(keys: string): boolean {
  return TAKEN.test(keys);
}

let sets = $state.raw<(() => Binding[])[]>([]);

/** Registers bindings (re-read at every key press); returns how to take them back. */
export function registerKeys(bindings: () => Binding[]): () => void {
  sets = [...sets, bindings];
  return () => {
    sets = sets.filter((entry) => entry !== bindings);
  };
}

/** Newest first: what is on top of the page answers first. */
export function allBindings(): Binding[] {
  return [...sets].reverse().flatMap((set) => set());
}

/** In the order they were registered: how the help sheet shows them. */
export function listedBindings(): Binding[] {
  return sets.flatMap((set) => set());
}

/** The chord of an event in the notation of `Binding.keys`. */
export function chord(event: KeyboardEvent): string {
  const name = keyName(event);
  const shift = event.shiftKey && (name.length > 1 || /[A-Z]/.test(name));
  const parts = [
    event.ctrlKey && 'Ctrl',
    event.altKey && 'Alt',
    event.metaKey && 'Meta',
    shift && 'Shift',
  ].filter((part): part is string => Boolean(part));
  return [...parts, name].join('+');
}

function keyName(event: KeyboardEvent): string {
  // With Alt some layouts type another character, so digits and letters go by position there.
  if (event.altKey) {
    const placed = /^(?:Digit|Key)(\w)$/.exec(event.code);
    if (placed?.[1]) return placed[1];
  }
  if (event.key === ' ') return 'Space';
  return event.key.length === 1 ? event.key.toUpperCase() : event.key;
}

function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Enter and Space belong to a focused control. */
function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('button,a,[role=option],summary') !== null;
}

export function matches(binding: Binding, pressed: string, inField: boolean): boolean {
  if (binding.keys !== pressed || (binding.when && !binding.when())) return false;
  if (inField && !binding.inFields) return false;
  return pressed.length > 1 || pressed === '?' || preferences.letterKeys;
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || event.repeat) return;
  const pressed = chord(event);
  if (/^(Enter|Space)$/.test(pressed) && isControl(event.target)) return;
  const inField = isField(event.target);
  const found = allBindings().find((binding) => matches(binding, pressed, inField));
  if (!found || document.querySelector('dialog[open]')) return;
  event.preventDefault();
  found.run();
}

export function startKeyboard(): () => void {
  window.addEventListener('keydown', onKeyDown);
  return () => {
    window.removeEventListener('keydown', onKeyDown);
  };
}
