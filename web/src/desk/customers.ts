/** The customer calls of the HTTP API that the desk needs. */
import { api } from '../lib/api';
import type { Candidate, CustomerRecord, Identity, Note } from '../lib/protocol';

const path = (customer: string) => `/customers/${encodeURIComponent(customer)}`;

export async function searchCustomers(text: string, signal: AbortSignal): Promise<Candidate[]> {
  const found = await api<{ customers: Candidate[] }>(
    `/customers?search=${encodeURIComponent(text)}`,
    { signal },
  );
  return found.customers;
}

export function createCustomer(name: string, identities: Identity[]): Promise<CustomerRecord> {
  return api('/customers', { method: 'POST', body: { name, identities } });
}

/** Says whose contact it is, and returns the record to show. */
export async function attachCustomer(contact: string, customer: string): Promise<CustomerRecord> {
  await api(`/contacts/${encodeURIComponent(contact)}/customer`, {
    method: 'POST',
    body: { customer },
  });
  return api(path(customer));
}

export function addNote(customer: string, text: string): Promise<Note> {
  return api(`${path(customer)}/notes`, { method: 'POST', body: { text } });
}

/** The identity a contact's address can become; nothing for addresses that identify nobody. */
export function identityOf(channel: string, address: string): Identity | undefined {
  if (address.includes('@')) return { kind: 'email', value: address };
  if (/^\+?[0-9][0-9 ()-]{2,}$/.test(address)) return { kind: 'phone', value: address };
  return channel === 'chat' && address ? { kind: 'chat', value: address } : undefined;
}
