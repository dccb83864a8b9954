/** Where something is named, so that it can be renamed everywhere and is not removed unawares. */
import type { Edit, Lines, Path, Plain } from './document';
import { isLines } from './document';
import { type Named, type Schema, type Shape, shapeOf } from './schema';

export interface Use {
  path: Path;
  /** It is named as a key, not as a value. */
  key: boolean;
}

export const MOST_USES = 400;
const WORDS = ['all', 'any', 'not', 'team', 'site', 'attributes'];

/** In the order of the document; `MOST_USES` and one more at most. */
export function usesOf(schema: Schema, document: Lines, of: Named, id: string): Use[] {
  const found: Use[] = [];
  const full = () => found.length > MOST_USES;

  function walk(shape: Shape, value: Plain | undefined, path: Path): void {
    if (value === undefined || value === null || full()) return;
    switch (shape.type) {
      case 'named':
        if (shape.of === of && value === id) found.push({ path, key: false });
        return;
      case 'condition':
        if (of === 'skill') demand(value, path);
        return;
      case 'list':
        if (Array.isArray(value)) value.forEach((one, index) => walk(shape.item, one, [...path, index]));
        return;
      case 'map':
        if (isLines(value)) map(shape.key, shape.value, value, path);
        return;
      case 'object':
        if (isLines(value)) for (const field of shape.fields) walk(field.shape, value[field.name], [...path, field.name]);
        return;
      case 'short':
      case 'maybe':
      case 'destination':
        if (isLines(value)) walk(shape.thing, value, path);
        else if (shape.type === 'short' && of === 'queue' && value === id) found.push({ path, key: false });
        return;
      default:
    }
  }

  function map(key: Shape, value: Shape, all: Lines, path: Path): void {
    if (key.type === 'named' && key.of === of && Object.hasOwn(all, id)) found.push({ path: [...path, id], key: true });
    for (const [name, one] of Object.entries(all)) walk(value, one, [...path, name]);
  }

  function demand(value: Plain, path: Path): void {
    if (typeof value === 'string') {
      if (value === id) found.push({ path, key: false });
    } else if (Array.isArray(value)) value.forEach((one, index) => demand(one, [...path, index]));
    else if (isLines(value)) {
      for (const [word, one] of Object.entries(value)) {
        if (['all', 'any', 'not'].includes(word)) demand(one, [...path, word]);
        else if (word === id && !WORDS.includes(word)) found.push({ path: [...path, word], key: true });
      }
    }
  }

  walk(shapeOf(schema, { $ref: schema.$ref ?? '' }), document, []);
  return found;
}

/**
 * The edits that name it `to` wherever it is named. Keys are written anew with their neighbours, as
 * they were: so what is further in comes after.
 */
export function renamed(uses: readonly Use[], to: string, valueAt: (path: Path) => Plain | undefined): Edit[] {
  const inwards = [...uses].sort((one, other) => one.path.length - other.path.length);
  return inwards.map(({ path, key }) => {
    if (!key) return { path, value: to };
    const around = path.slice(0, -1);
    const lines = valueAt(around);
    const from = path.at(-1);
    const value = isLines(lines) ? Object.fromEntries(Object.entries(lines).map(([name, one]) => [name === from ? to : name, one])) : null;
    return { path: around, value };
  });
}
