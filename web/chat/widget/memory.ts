/**
 * What survives a reload. The token is shared by all tabs of the site; unsent acts, the draft
 * and whether the chat is open belong to this tab. A browser that refuses storage loses only that.
 */

import type { LastingAct } from './protocol';

export interface TabMemory {
  readonly open: boolean;
  readonly draft: string;
  readonly outbox: readonly LastingAct[];
}

const NOTHING: TabMemory = { open: false, draft: '', outbox: [] };

export interface ChatMemory {
  token(): string;
  keepToken(token: string): void;
  tab(): TabMemory;
  keepTab(tab: TabMemory): void;
  /** Another tab of the site started a chat (its token) or put one away (empty). */
  onOtherTab(listener: (token: string) => void): void;
}

export class Memory implements ChatMemory {
  constructor(private readonly key: string) {}

  token(): string {
    return read(() => localStorage, this.key) ?? '';
  }

  keepToken(token: string): void {
    write(() => localStorage, this.key, token);
  }

  tab(): TabMemory {
    const text = read(() => sessionStorage, this.key);
    if (!text) return NOTHING;
    try {
      return { ...NOTHING, ...(JSON.parse(text) as Partial<TabMemory>) };
    } catch {
      return NOTHING;
    }
  }

  keepTab(tab: TabMemory): void {
    write(() => sessionStorage, this.key, JSON.stringify(tab));
  }

  onOtherTab(listener: (token: string) => void): void {
    addEventListener('storage', (event) => {
      if (event.key === this.key) listener(event.newValue ?? '');
    });
  }
}

// Reading `localStorage` itself throws when a browser blocks storage, hence the function.
function read(area: () => Storage, key: string): string | null {
  try {
    return area().getItem(key);
  } catch {
    return null;
  }
}

function write(area: () => Storage, key: string, value: string): void {
  try {
    if (value) area().setItem(key, value);
    else area().removeItem(key);
  } catch {
    // Private browsing or a full store: the chat works, it just does not survive a reload.
  }
}
