/** The address of the page of recordings. */
export const RECORDINGS = '#/recordings';

export const isRecordings = (hash: string): boolean => /^#?\/recordings(\/|$)/.test(hash);
