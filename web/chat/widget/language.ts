export type Language = 'en' | 'zh';

/** `zh`, `zh-CN`, `zh-Hans` … are Chinese; everything else is English. */
export function languageOf(tag: string): Language {
  return /^zh\b/i.test(tag) ? 'zh' : 'en';
}
