/** Addresses as people type and paste them: a list with commas, semicolons or line ends. */

export const MOST_RECIPIENTS = 50;
const LONGEST = 320;
const LONGEST_LOCAL = 64;
/** The same as the server: one name, one domain, nothing that ends a header. */
const FORBIDDEN = /[\s<>()[\],;:"\\\p{C}]/u;

export interface Recipients {
  addresses: string[];
  /** What cannot be an address, as it was written. */
  bad: string[];
}

export function isAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  return (
    at > 0 &&
    at < text.length - 1 &&
    local.length <= LONGEST_LOCAL &&
    text.length <= LONGEST &&
    !FORBIDDEN.test(text)
  );
}

/** Each address once, whatever its capitals; of `Name <address>` only the address. */
export function readRecipients(written: string): Recipients {
  const addresses = new Map<string, string>();
  const bad: string[] = [];
  for (const part of parts(written)) {
    const address = (/<([^<>]*)>\s*$/.exec(part)?.[1] ?? part).trim();
    if (!isAddress(address)) bad.push(part);
    else if (!addresses.has(address.toLowerCase())) addresses.set(address.toLowerCase(), address);
  }
  return { addresses: [...addresses.values()], bad };
}

/** Names in quotes may hold commas. Spaces alone part addresses, but not the words of a name. */
function parts(written: string): string[] {
  const unquoted = written.replace(/"[^"\n]*"\s*(?=<)/g, ' ');
  return unquoted
    .split(/[,;\n]+/)
    .flatMap((part) => (part.includes('<') ? [part] : part.split(/\s+(?=\S*@)|(?<=@\S+)\s+/)))
    .map((part) => part.trim())
    .filter(Boolean);
}

export const listed = (people: { address: string }[]): string =>
  people.map((one) => one.address).join(', ');
