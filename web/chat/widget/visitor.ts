/** Who the site says its visitor is. The server checks it; here it only saves them typing. */

/** The name in a token (JWT), empty when there is none. */
export function visitorName(token: string): string {
  try {
    const part = (token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/');
    const bytes = Uint8Array.from(atob(part), (one) => one.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as { name?: unknown };
    return typeof claims.name === 'string' ? claims.name : '';
  } catch {
    return '';
  }
}
