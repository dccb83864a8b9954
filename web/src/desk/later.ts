/** Parts of the desk that are not there at first: a chunk of their own, fetched soon after it. */
export { default as HelpSheet } from '../lib/components/HelpSheet.svelte';
export { default as Candidates } from './Candidates.svelte';
export { default as AttachFile } from './AttachFile.svelte';
export { default as ChatFacts } from './ChatFacts.svelte';
export { default as CannedReplies } from './canned/CannedReplies.svelte';
export { default as Dialogs } from './Dialogs.svelte';
export { default as FindCustomer } from './FindCustomer.svelte';
export { default as LineFiles } from './LineFiles.svelte';
export { default as Recorded } from './Recorded.svelte';
export { default as Recording } from './Recording.svelte';
export { default as WrapBar } from './WrapBar.svelte';
