/** Calls that a simulated telephone system places when it is asked, to try the desk with. */
import { api } from '../lib/api';

/** A customer of the agent who asks calls now. */
export function startCall(): Promise<{ contact: string }> {
  return api('/simulated/calls', { method: 'POST', body: {} });
}
