/** Mails on the desk: this and what it imports is loaded with the first mail. */
import type { Controls } from '../controls.svelte';
import MailStage from './MailStage.svelte';
import PassNote from './PassNote.svelte';
import { Post } from './post.svelte';
import { words } from './texts';

interface Mail {
  post: Post;
  MailStage: typeof MailStage;
  PassNote: typeof PassNote;
}

let loaded: Promise<Mail> | undefined;

/** Texts first, as everywhere; one post for the desk, however often its contacts change. */
export function mailOf(controls: Controls): Promise<Mail> {
  loaded ??= start(controls);
  return loaded;
}

async function start(controls: Controls): Promise<Mail> {
  await words.load();
  const agent = controls.store.state.me?.agent ?? '';
  return { post: new Post(controls, agent, localStorage), MailStage, PassNote };
}
