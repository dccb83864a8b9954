/** Finding nodes by anything written in them. */
import { without } from '../lib/records';
import { type FlowDocument, inOrder } from './document';

/** Nodes that contain every word typed, in the flow's order; those with it in their name first. */
export function found(doc: FlowDocument, typed: string, kindWords: (kind: string) => string): string[] {
  const words = typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const { reached, lost } = inOrder(doc);
  const hits = [...reached, ...lost].filter((id) => {
    const node = doc.nodes[id] ?? { kind: '' };
    const hay = `${id} ${kindWords(node.kind)} ${texts(without(node, 'position'))}`.toLowerCase();
    return words.every((word) => hay.includes(word));
  });
  const named = (id: string) => words.every((word) => `${id} ${doc.nodes[id]?.label ?? ''}`.toLowerCase().includes(word));
  return [...hits.filter(named), ...hits.filter((id) => !named(id))];
}

function texts(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(texts).join(' ');
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).map(([key, one]) => `${key} ${texts(one)}`).join(' ');
  }
  return '';
}
