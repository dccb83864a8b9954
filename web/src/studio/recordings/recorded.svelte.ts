/** The recordings there are, for forms that name them; asked for when first needed. */
import { prompts, type RecordingLine } from './api';

const FRESH = 15_000;

let list = $state.raw<RecordingLine[]>([]);
let askedAt = -FRESH;

const primary = (language: string) => language.toLowerCase().split('-')[0];

export const recorded = {
  get list() {
    return list;
  },
  /** Without them one can go on all the same: names are kept as they are. */
  async refresh(): Promise<void> {
    if (performance.now() - askedAt < FRESH) return;
    askedAt = performance.now();
    list = await prompts.list().catch(() => list);
  },
  /** The page of recordings knows better. */
  learn(found: RecordingLine[]): void {
    list = found;
    askedAt = performance.now();
  },
  /** Those that are heard by who speaks `language`. */
  in(language: string): RecordingLine[] {
    return list.filter((one) => primary(one.language) === primary(language));
  },
  of(name: string, language: string): RecordingLine | undefined {
    const kin = recorded.in(language).filter((one) => one.name === name);
    return kin.find((one) => one.language.toLowerCase() === language.toLowerCase()) ?? kin[0];
  },
};
