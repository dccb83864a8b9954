import type { SignedIn } from '../lib/api';

const PAGES = /^\/(desk|board|studio|chat)(?:[?#].*)?$/;

/** Where to go after signing in: back to a page of ours, never to another site. */
export function destination(next: string | null, user: Pick<SignedIn, 'roles'>): string {
  if (next && PAGES.test(next)) return next;
  if (user.roles.includes('agent')) return '/desk';
  return user.roles.includes('supervisor') ? '/board' : '/studio';
}
