/** Arrow keys inside a table whose rows can be focused. */

const MOVES: Record<string, (at: number, last: number) => number> = {
  ArrowDown: (at, last) => Math.min(at + 1, last),
  ArrowUp: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
};

type Open = (row: HTMLElement) => void;

function pressed(body: HTMLElement, event: KeyboardEvent, open: Open | undefined): void {
  const rows = [...body.querySelectorAll<HTMLElement>('tr[tabindex]')];
  const at = rows.findIndex((row) => row === event.target);
  const row = rows[at];
  // Keys pressed inside a row's button or menu belong to that.
  if (!row) return;
  const move = MOVES[event.key];
  if (move) rows[move(at, rows.length - 1)]?.focus();
  else if (event.key === 'Enter' && open) open(row);
  else return;
  event.preventDefault();
}

/** For a table body (`use:rowKeys`): arrows move the focus, Enter opens the focused row. */
export function rowKeys(body: HTMLElement, open?: Open): { destroy: () => void } {
  const listen = (event: KeyboardEvent) => pressed(body, event, open);
  body.addEventListener('keydown', listen);
  return { destroy: () => body.removeEventListener('keydown', listen) };
}

/** Focuses the row one would reach with Tab. */
export function focusTable(table: HTMLElement | undefined): void {
  const row =
    table?.querySelector<HTMLElement>('tr[tabindex="0"]') ??
    table?.querySelector<HTMLElement>('tr[tabindex]');
  row?.focus();
}
