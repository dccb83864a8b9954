/** The sample page speaks the language asked for, and says so where the chat widget looks. */

import { languageOf } from '../widget/language';

const asked = new URLSearchParams(location.search).get('lang');
const language = languageOf(asked ?? navigator.language);
document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
if (language === 'zh') document.title = '港湾宽带';
for (const link of document.querySelectorAll<HTMLElement>('[data-switch]')) {
  if (link.dataset['switch'] === language) link.setAttribute('aria-current', 'true');
}
const tag = document.getElementById('tag');
if (tag?.textContent) {
  tag.textContent = tag.textContent.replace('data-lang="en"', `data-lang="${language}"`);
}
