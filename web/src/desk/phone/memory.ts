/** What a reload of the tab must not forget about the call it broke off. */

export interface Broken {
  /** The contact whose call was on this phone; empty when none was. */
  contact: string;
  /** The agent spoke to nobody, and must not be heard again without wanting it. */
  muted: boolean;
}

export const NOTHING: Broken = { contact: '', muted: false };
const KEY = 'patchbay.phone';

export function recall(shelf: Pick<Storage, 'getItem'>): Broken {
  try {
    const raw = JSON.parse(shelf.getItem(KEY) ?? '{}') as Partial<Record<keyof Broken, unknown>> | null;
    const contact = raw?.contact;
    return typeof contact === 'string' ? { contact, muted: raw?.muted === true } : NOTHING;
  } catch {
    return NOTHING;
  }
}

export function remember(shelf: Pick<Storage, 'setItem'>, broken: Broken): void {
  try {
    shelf.setItem(KEY, JSON.stringify(broken));
  } catch {
    // A full or forbidden store must not stop a call.
  }
}
