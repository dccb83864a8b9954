/** What menus and pickers share. */
export interface Option {
  id: string;
  label: string;
  hint?: string;
  /** Found by these as well, which are not shown. */
  words?: string;
  checked?: boolean;
  /** A line above this option. */
  separated?: boolean;
}

/** The next option whose label starts with what was typed, searching on from `from`. */
export function typeahead(options: Option[], typed: string, from: number): number {
  const start = typed.length > 1 ? from : from + 1;
  for (let step = 0; step < options.length; step += 1) {
    const index = (start + step + options.length) % options.length;
    if (options[index]?.label.toLowerCase().startsWith(typed.toLowerCase())) return index;
  }
  return -1;
}

/** Options that contain every typed word, those that start with the text first. */
export function narrow(options: Option[], typed: string): Option[] {
  const text = typed.trim().toLowerCase();
  if (!text) return options;
  const words = text.split(/\s+/);
  const hay = (option: Option) => `${option.label} ${option.hint ?? ''} ${option.words ?? ''}`.toLowerCase();
  return options
    .filter((option) => words.every((word) => hay(option).includes(word)))
    .sort((a, b) => Number(hay(b).startsWith(text)) - Number(hay(a).startsWith(text)));
}

/** Moves a cursor inside a list, around its ends. */
export function wrap(index: number, length: number): number {
  return length === 0 ? -1 : (index + length) % length;
}
