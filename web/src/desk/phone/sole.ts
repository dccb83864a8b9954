/** Of several tabs only one is the phone: two would take each other's line away in turns. */

const PATIENCE = 500;

/**
 * Calls `run` as soon as no other tab of this browser holds `name`, and holds it from then on.
 * `taken` is called when that is not at once. Returns how to give it back, or to wait no longer.
 */
export function whileSole(name: string, run: () => () => void, taken: () => void): () => void {
  // Pages that did not come over https have no locks, and no microphone either.
  const locks = (navigator as Partial<Navigator>).locks;
  if (!locks) return run();
  const given = new AbortController();
  const late = setTimeout(taken, PATIENCE);
  let release: (() => void) | undefined;
  void locks
    .request(name, { signal: given.signal }, () => {
      clearTimeout(late);
      const stop = run();
      return new Promise<void>((resolve) => {
        release = () => {
          stop();
          resolve();
        };
      });
    })
    .catch(() => undefined);
  return () => {
    clearTimeout(late);
    if (release) release();
    else given.abort();
  };
}
