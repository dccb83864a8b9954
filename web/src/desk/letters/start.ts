/** Chats that go on by mail: this and what it imports is loaded when the first visitor has left. */
import ByMail from './ByMail.svelte';
import { words } from './texts';

export async function byMail(): Promise<typeof ByMail> {
  await words.load();
  return ByMail;
}
