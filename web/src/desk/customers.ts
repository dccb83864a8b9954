/** The customer calls of the HTTP API that the desk needs. */
import { api } from '../lib/api';
import type {
  Candidate,
  CustomerRecord,
  Identity,
  Message,
  Note,
  PastContact,
} from '../lib/protocol';

const path = (customer: string) => `/customers/${encodeURIComponent(customer)}`;

export async function searchCustomers(text: string, signal: AbortSignal): Promise<Candidate[]> {
  const found = await api<{ customers: Candidate[] }>(
    `/customers?search=${encodeURIComponent(text)}`,
    { signal },
  );
  return found.customers;
}

export function createCustomer(name: string): Promise<CustomerRecord> {
  return api('/customers', { method: 'POST', body: { name } });
}

export interface Attached {
  record: CustomerRecord;
  /** The address they did not have before. */
  remembered?: Identity | null;
}

/** Says whose contact it is, perhaps that its address is theirs; returns the record to show. */
export async function attachCustomer(
  contact: string,
  customer: string,
  remember: boolean,
): Promise<Attached> {
  const { remembered } = await api<Omit<Attached, 'record'>>(
    `/contacts/${encodeURIComponent(contact)}/customer`,
    { method: 'POST', body: { customer, remember } },
  );
  return { record: await api(path(customer)), remembered };
}

export function linkAddress(customer: string, address: Identity): Promise<CustomerRecord> {
  return api(`${path(customer)}/identities`, { method: 'POST', body: address });
}

export function unlinkAddress(customer: string, address: Identity): Promise<CustomerRecord> {
  return api(`${path(customer)}/identities/remove`, { method: 'POST', body: address });
}

export function addNote(customer: string, text: string): Promise<Note> {
  return api(`${path(customer)}/notes`, { method: 'POST', body: { text } });
}

/** What was written in a contact of theirs that has ended, oldest first. */
export async function pastMessages(customer: string, contact: string): Promise<Message[]> {
  const past = `${path(customer)}/contacts/${encodeURIComponent(contact)}/transcript`;
  return (await api<{ messages: Message[] }>(past)).messages;
}

/** Whether a past contact left anything to read. */
export const isWritten = (past: PastContact): boolean => past.channel !== 'voice';

/** The identity a contact's address can become; nothing for addresses that identify nobody. */
export function identityOf(channel: string, address: string): Identity | undefined {
  if (address.includes('@')) return { kind: 'email', value: address };
  if (/^\+?[0-9][0-9 ()-]{2,}$/.test(address)) return { kind: 'phone', value: address };
  return channel === 'chat' && address ? { kind: 'chat', value: address } : undefined;
}
