/** The place in the studio as the address has it, so that a reload lands where one was. */

export type View = 'canvas' | 'outline';

export interface Place {
  /** Empty: the list of flows. */
  flow: string;
  view: View;
}

/** `#/flow/main_line/outline`; anything else is the list. */
export function readPlace(hash: string): Place {
  const [, first, flow = '', view] = hash.replace(/^#/, '').split('/');
  if (first !== 'flow' || !/^[a-z0-9][a-z0-9_.-]{0,63}$/.test(flow)) return { flow: '', view: 'canvas' };
  return { flow, view: view === 'outline' ? 'outline' : 'canvas' };
}

export function writePlace({ flow, view }: Place): string {
  if (!flow) return '#/';
  return view === 'outline' ? `#/flow/${flow}/outline` : `#/flow/${flow}`;
}
