/** Addresses given to a customer and taken away, each with a way back. */
import { sentence } from '../lib/api';
import { common } from '../lib/common';
import type { CustomerRecord, Identity } from '../lib/protocol';
import { toasts } from '../lib/toasts.svelte';
import { linkAddress, unlinkAddress } from './customers';
import type { DeskStore } from './store.svelte';
import { desk } from './texts';

/** The contact's address became the customer's. */
export function tellRemembered(
  store: DeskStore,
  contact: string,
  record: CustomerRecord,
  address: Identity,
): void {
  const text = desk.t('customer.remembered', { address: address.value, who: record.name });
  tell(text, () => change(store, contact, unlinkAddress(record.id, address)));
}

export async function removeAddress(
  store: DeskStore,
  contact: string,
  record: CustomerRecord,
  address: Identity,
): Promise<void> {
  if (!(await change(store, contact, unlinkAddress(record.id, address)))) return;
  const text = desk.t('customer.address.removed', { address: address.value, who: record.name });
  tell(text, () => change(store, contact, linkAddress(record.id, address)));
}

function tell(text: string, undo: () => Promise<boolean>): void {
  toasts.show(text, 'info', { label: common.t('undo'), run: () => void undo() });
}

/** Whether it was done. The contact may be somebody else's by now: then there is nothing to show. */
async function change(
  store: DeskStore,
  contact: string,
  changing: Promise<CustomerRecord>,
): Promise<boolean> {
  try {
    const record = await changing;
    const card = store.state.contacts.find((other) => other.contact === contact);
    if (card?.pop.customer?.id === record.id) store.showRecord(contact, record);
    return true;
  } catch (error) {
    toasts.show(sentence(error), 'error');
    return false;
  }
}
