/**
 * The chat widget a site includes with one script tag:
 *
 *   <script src="https://…/chat/widget.js" data-entry="website" data-lang="en"></script>
 *
 * `data-entry` names the entry point, `data-lang` the language (else the page's own),
 * `data-theme` light or dark (else the visitor's choice). Any element of the page with
 * `data-patchbay-open` opens the chat.
 */

import { ChatClient } from './widget/client';
import { languageOf } from './widget/language';
import { Memory } from './widget/memory';
import { buildPanel, type Panel } from './widget/panel';
import styles from './widget/widget.css?inline';
import { textsIn } from './widget/texts';
import { fetchTopics } from './widget/topics';

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
  const settings = { socketUrl: socketUrl(origin), entryPoint: entry, language };
  const memory = new Memory(`patchbay-chat:${entry}`);
  const client = new ChatClient(settings, memory, (state) => panel?.update(state));
  client.wake();
  const built = buildPanel(root, t, language, client);
  panel = built;
  built.update(client.state);

  addEventListener('online', () => client.hurry());
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) client.hurry();
  });
  document.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest('[data-patchbay-open]')) client.open();
  });
  void fetchTopics(origin, entry).then((topics) => built.showTopics(topics));
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement) {
  if (document.body) mount(script);
  else addEventListener('DOMContentLoaded', () => mount(script));
}
