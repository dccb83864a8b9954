/** A new identifier for an act or an HTTP write: sending it again has one effect. */
export function newId(): string {
  // randomUUID needs a secure context; a centre on plain HTTP in its own network has none.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
