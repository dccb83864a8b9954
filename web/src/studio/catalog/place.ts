/** The place on the catalog's page as the address has it, so that a reload lands where one was. */
import { isSection, type Section } from './schema';

export interface CatalogPlace {
  section: Section | 'text';
  /** Empty: none is open. */
  item: string;
}

export const isCatalog = (hash: string): boolean => /^#?\/catalog(\/|$)/.test(hash);

/** `#/catalog/queues/billing`; anything else is the first section. */
export function readCatalogPlace(hash: string): CatalogPlace {
  const [, , section = '', item = ''] = hash.replace(/^#/, '').split('/');
  if (section === 'text') return { section, item: '' };
  return isSection(section) ? { section, item: decoded(item) } : { section: 'queues', item: '' };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

export function writeCatalogPlace({ section, item }: CatalogPlace): string {
  return item ? `#/catalog/${section}/${encodeURIComponent(item)}` : `#/catalog/${section}`;
}
