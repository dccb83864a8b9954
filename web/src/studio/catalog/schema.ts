/** From the server's JSON schema of a catalog to what a form shows for each value. */

export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  kind?: string;
  type?: string;
  enum?: string[];
  const?: unknown;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  propertyNames?: Schema;
  additionalProperties?: Schema | boolean;
  required?: string[];
  description?: string;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
}

export type Named = 'queue' | 'skill' | 'profile' | 'hours';

export interface Field {
  name: string;
  shape: Shape;
  required: boolean;
  description: string;
}

export interface Thing {
  type: 'object';
  /** As the schema calls it: `Queue`, `Step` … */
  name: string;
  fields: Field[];
}

export type Shape =
  | Thing
  | { type: 'text'; most: number }
  | { type: 'number'; least: number; most: number }
  | { type: 'duration' | 'share' | 'amount' | 'zone' | 'holidays' | 'openings' | 'override' | 'weekdays' | 'date' | 'condition' | 'flag' }
  | { type: 'pick'; options: string[] }
  | { type: 'named'; of: Named }
  | { type: 'list'; item: Shape }
  | { type: 'map'; key: Shape; value: Shape }
  /** No, yes, or with settings of its own. */
  | { type: 'maybe'; thing: Thing }
  /** A name alone, or more about it. */
  | { type: 'short'; thing: Thing }
  | { type: 'destination'; thing: Thing };

const PLAIN = ['duration', 'share', 'amount', 'zone', 'holidays', 'openings', 'override', 'weekdays', 'date', 'condition'] as const;
const NAMED = ['queue', 'skill', 'profile', 'hours'] as const;
const isOneOf = <One extends string>(all: readonly One[], word: string | undefined): word is One => (all as readonly string[]).includes(word ?? '');

export function shapeOf(root: Schema, node: Schema): Shape {
  const { kind } = node;
  if (isOneOf(PLAIN, kind)) return { type: kind };
  if (isOneOf(NAMED, kind)) return { type: 'named', of: kind };
  if (node.$ref) return referred(root, node.$ref);
  if (node.enum) return { type: 'pick', options: node.enum };
  if (node.anyOf) return eitherOf(root, node.anyOf.filter((one) => one.type !== 'null'));
  switch (node.type) {
    case 'boolean':
      return { type: 'flag' };
    case 'integer':
    case 'number':
      return { type: 'number', least: node.minimum ?? -1e15, most: node.maximum ?? 1e15 };
    case 'array':
      return { type: 'list', item: shapeOf(root, node.items ?? {}) };
    case 'object':
      return node.properties ? thing(root, '', node) : mapOf(root, node);
    default:
      return { type: 'text', most: node.maxLength ?? 2_000 };
  }
}

function referred(root: Schema, ref: string): Shape {
  const name = ref.replace('#/$defs/', '');
  if (name === 'Condition') return { type: 'condition' };
  return thing(root, name, root.$defs?.[name] ?? {});
}

function thing(root: Schema, name: string, node: Schema): Thing {
  const fields = Object.entries(node.properties ?? {}).map(([field, one]) => ({
    name: field,
    shape: shapeOf(root, one),
    required: node.required?.includes(field) ?? false,
    description: one.description ?? '',
  }));
  return { type: 'object', name, fields };
}

function mapOf(root: Schema, node: Schema): Shape {
  const value = typeof node.additionalProperties === 'object' ? node.additionalProperties : {};
  return { type: 'map', key: shapeOf(root, node.propertyNames ?? {}), value: shapeOf(root, value) };
}

function eitherOf(root: Schema, parts: Schema[]): Shape {
  const shapes = parts.map((one) => shapeOf(root, one));
  const object = shapes.find((one) => one.type === 'object');
  const [first] = shapes;
  if (!first || shapes.length === 1 || !object) return first ?? { type: 'text', most: 2_000 };
  if (first.type === 'flag') return { type: 'maybe', thing: object };
  if (first.type === 'named') return { type: 'short', thing: object };
  return { type: 'destination', thing: object };
}

// -- sections ----------------------------------------------------------------------------------

export const SECTIONS = ['queues', 'skills', 'hours', 'credits', 'profiles', 'agents', 'entry_points', 'canned_replies', 'general'] as const;
export type Section = (typeof SECTIONS)[number];

export const isSection = (word: string): word is Section => isOneOf(SECTIONS, word);

/** Sections that hold items by their ids; the others are one form. */
export const hasItems = (section: Section): boolean => section !== 'credits' && section !== 'general';

const SINGLE: Partial<Record<Section, string[]>> = {
  credits: ['credits'],
  general: ['time_zone', 'not_ready_reasons', 'queue_defaults'],
};

/** What one item of a section is, or the fields of a section without items. */
export function sectionShape(root: Schema, section: Section): Shape {
  const catalog = referred(root, root.$ref ?? '');
  const fields = catalog.type === 'object' ? catalog.fields : [];
  const names = SINGLE[section];
  if (names) return { type: 'object', name: 'Catalog', fields: fields.filter((one) => names.includes(one.name)) };
  const shape = fields.find((one) => one.name === section)?.shape;
  return shape?.type === 'map' ? shape.value : { type: 'text', most: 80 };
}

/** The section that a place in the document belongs to. */
export function sectionOf(path: readonly (string | number)[]): Section {
  const first = String(path[0] ?? '');
  return isSection(first) ? first : 'general';
}
