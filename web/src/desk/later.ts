/** Parts of the desk that only open when asked for: a chunk of their own. */
export { default as HelpSheet } from '../lib/components/HelpSheet.svelte';
export { default as Dialogs } from './Dialogs.svelte';
export { default as FindCustomer } from './FindCustomer.svelte';
