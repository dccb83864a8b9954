/** What is wrong in a flow, where it is shown. */

export interface Problem {
  severity: 'error' | 'warning';
  path: (string | number)[];
  /** The node it is about; empty when it is about the flow. */
  node: string;
  what: string;
  fix: string;
}

/** Errors first. */
export function ofNode(problems: readonly Problem[], node: string): Problem[] {
  return problems.filter((one) => one.node === node);
}

/** Those about one field of a node, or about one line of the flow when `node` is empty. */
export function ofField(problems: readonly Problem[], node: string, field: string): Problem[] {
  const at = node ? 2 : 0;
  return ofNode(problems, node).filter((one) => String(one.path[at] ?? '') === field);
}

/** Those about no field that is shown: `shown` are the fields with a place of their own. */
export function elsewhere(problems: readonly Problem[], node: string, shown: readonly string[]): Problem[] {
  const at = node ? 2 : 0;
  return ofNode(problems, node).filter((one) => !shown.includes(String(one.path[at] ?? '')));
}

export interface Marks {
  errors: number;
  warnings: number;
}

export function marks(problems: readonly Problem[]): Map<string, Marks> {
  const found = new Map<string, Marks>();
  for (const { node, severity } of problems) {
    const mark = found.get(node) ?? { errors: 0, warnings: 0 };
    found.set(node, {
      errors: mark.errors + Number(severity === 'error'),
      warnings: mark.warnings + Number(severity === 'warning'),
    });
  }
  return found;
}

export const NO_MARKS: Marks = { errors: 0, warnings: 0 };
