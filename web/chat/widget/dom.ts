/** The few lines of DOM building the widget needs. Text only ever becomes a text node. */

type Attributes = Record<string, string | boolean | number | ((event: Event) => void)>;
type Child = Node | string | null;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (typeof value === 'boolean') element.toggleAttribute(name, value);
    else element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

const SHAPES = {
  chat: 'M4 5h16v11H9l-4 4v-4H4z',
  minimise: 'M6 9l6 6 6-6',
  send: 'M4 12l16-8-5 16-3-7z',
  leave: 'M6 6l12 12M18 6L6 18',
  attach: 'M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7l-8.500 8.500a1.700 1.700 0 0 1-2.400-2.400L14 7.500',
} as const;

/** A decorative icon; the button around it carries the words. */
export function icon(shape: keyof typeof SHAPES): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', SHAPES[shape]);
  svg.append(path);
  return svg;
}

export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Focusable elements of `root` in order, hidden ones left out. */
export function focusable(root: HTMLElement): HTMLElement[] {
  const found = root.querySelectorAll<HTMLElement>('button, input, textarea, select, a[href]');
  return [...found].filter(
    (element) => !element.matches(':disabled') && element.getClientRects().length > 0,
  );
}
