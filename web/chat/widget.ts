/**
 * The chat widget a site includes with one script tag:
 *
 *   <script src="https://…/chat/widget.js" data-entry="website" data-lang="en"></script>
 *
 * `data-entry` names the entry point, `data-lang` the language (else the page's own),
 * `data-theme` light or dark (else the visitor's choice), `data-visitor` a token in which the site
 * says who is signed in there (it may come later, or change). Any element of the page with
 * `data-patchbay-open` opens the chat.
 */

import { ChatClient } from './widget/client';
import { languageOf } from './widget/language';
import { Memory } from './widget/memory';
import { buildPanel, type Panel } from './widget/panel';
import styles from './widget/widget.css?inline';
import { textsIn } from './widget/texts';
import { fetchEntry } from './widget/topics';
import { visitorName } from './widget/visitor';

const LOOK_EVERY = 2_000;
const HOURS_EVERY = 20_000;

function socketUrl(origin: string): string {
  return `${origin.replace(/^http/, 'ws')}/ws/chat`;
}

function attach(theme: string): ShadowRoot {
  const host = document.createElement('patchbay-chat');
  if (theme) host.dataset['theme'] = theme;
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styles);
  root.adoptedStyleSheets = [sheet];
  document.body.append(host);
  return root;
}

function mount(script: HTMLScriptElement): void {
  const { entry = 'website', lang, theme = '' } = script.dataset;
  const { origin } = new URL(script.src, location.href);
  const language = languageOf(lang ?? document.documentElement.lang);
  const t = textsIn(language);
  const root = attach(theme);
  root.host.setAttribute('lang', language);

  let panel: Panel | null = null;
  const visitor = (): string => script.dataset['visitor'] ?? '';
  const settings = {
    ...{ socketUrl: socketUrl(origin), entryPoint: entry, language, visitor },
    chatUrl: `${origin}/api/v1/chat`,
    hidden: () => document.hidden,
    page: () => ({ url: location.origin + location.pathname, title: document.title }),
  };
  const memory = new Memory(`patchbay-chat:${entry}`);
  const client = new ChatClient(settings, memory, (state) => panel?.update(state));
  client.wake();
  const built = buildPanel(root, t, language, client);
  panel = built;
  built.update(client.state);
  built.showVisitor(visitorName(visitor()));
  setInterval(() => client.look(), LOOK_EVERY);

  addEventListener('online', () => client.hurry());
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) client.hurry();
  });
  document.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest('[data-patchbay-open]')) client.open();
  });

  const ask = async (): Promise<void> => {
    const found = await fetchEntry(settings.chatUrl, entry);
    if (found) built.showEntry(found);
  };
  void ask();
  setInterval(() => {
    if (client.state.open && client.state.phase === 'form' && !document.hidden) void ask();
  }, HOURS_EVERY);
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement) {
  if (document.body) mount(script);
  else addEventListener('DOMContentLoaded', () => mount(script));
}
