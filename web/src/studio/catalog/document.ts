/** The catalog as its text says it: nested values in which every single one is text, or nothing. */

export type Plain = string | null | Plain[] | { [key: string]: Plain };
export type Lines = Record<string, Plain>;
export type Path = readonly (string | number)[];

/** One change; the server makes it in the text, and leaves the rest of the text alone. */
export interface Edit {
  path: Path;
  value?: Plain;
  remove?: true;
  rename?: string;
}

export function isLines(value: unknown): value is Lines {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function lines(value: unknown): Lines {
  return isLines(value) ? value : {};
}

export function at(value: Plain | undefined, path: Path): Plain | undefined {
  let here = value;
  for (const part of path) {
    if (Array.isArray(here)) here = typeof part === 'number' ? here[part] : undefined;
    else if (isLines(here) && Object.hasOwn(here, part)) here = here[part];
    else return undefined;
  }
  return here;
}

/** As the text would say it: numbers and flags are text. */
export function written(value: unknown): Plain {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map(written);
  if (isLines(value)) {
    return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined).map(([key, one]) => [key, written(one)]));
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `document` with the edit done; the same object when it cannot be done. */
export function done(document: Lines, edit: Edit): Lines {
  const changed = changedAt(document, edit.path, edit);
  return isLines(changed) ? changed : document;
}

function changedAt(here: Plain | undefined, path: Path, edit: Edit): Plain | undefined {
  const [part, ...rest] = path;
  if (typeof part === 'number') return changedItem(Array.isArray(here) ? here : [], part, rest, edit);
  if (part === undefined || (here !== null && here !== undefined && !isLines(here))) return here;
  return changedLine(lines(here), part, rest, edit);
}

function changedItem(items: Plain[], index: number, rest: Path, edit: Edit): Plain[] {
  if (index > items.length) return items;
  if (edit.remove && !rest.length) return items.filter((_, place) => place !== index);
  const now = rest.length ? changedAt(items[index], rest, edit) : (edit.value ?? null);
  return [...items.slice(0, index), now ?? null, ...items.slice(index + 1)];
}

function changedLine(here: Lines, key: string, rest: Path, edit: Edit): Lines {
  const known = Object.hasOwn(here, key);
  if (rest.length) {
    if (edit.remove && !known) return here;
    return { ...here, [key]: changedAt(known ? here[key] : undefined, rest, edit) ?? null };
  }
  if (edit.remove) return Object.fromEntries(Object.entries(here).filter(([name]) => name !== key));
  const to = edit.rename;
  if (to !== undefined) return Object.fromEntries(Object.entries(here).map(([name, one]) => [name === key ? to : name, one]));
  return { ...here, [key]: edit.value ?? null };
}

/** `edits` and one more; typing in one field stays one edit. */
export function joined(edits: readonly Edit[], edit: Edit): Edit[] {
  const last = edits.at(-1);
  const plain = last && !last.remove && !last.rename && !edit.remove && !edit.rename;
  if (plain && samePath(last.path, edit.path)) return [...edits.slice(0, -1), edit];
  return [...edits, edit];
}

export function samePath(one: Path, other: Path): boolean {
  return one.length === other.length && one.every((part, index) => part === other[index]);
}

export function begins(path: Path, with_: Path): boolean {
  return path.length >= with_.length && with_.every((part, index) => part === path[index]);
}
