// Who is signed in: a credential TOKEN:ACCOUNT, kept for this tab, or, if asked for, in this browser.
import { computed, signal } from '@preact/signals';
import type { Role } from './api/types';

const kKey = 'nm-store.credential';

// Storage may be forbidden to the page: then the credential lives as long as the page.
function read(storage: () => Storage): string | null {
  try {
    return storage().getItem(kKey);
  } catch {
    return null;
  }
}
function write(storage: () => Storage, value: string | null): void {
  try {
    if (value === null) storage().removeItem(kKey);
    else storage().setItem(kKey, value);
  } catch {
    // see above
  }
}
const tab = () => sessionStorage;
const browser = () => localStorage;

export interface Credential {
  token: string;
  account: string;
}

const stored = signal<string | null>(typeof window === 'undefined' ? null : (read(tab) ?? read(browser)));
// Whether the server has refused what we have, so that somebody must sign in before anything works.
export const refused = signal(false);
export const signedInAs = computed(() => (stored.value === null ? null : stored.value.slice(0, stored.value.indexOf(':'))));
// What who is signed in may do. undefined: it is not known yet, and nothing is offered that needs a role; null: the server does not
// tell, and what it forbids it refuses.
export const roles = signal<readonly Role[] | null | undefined>(undefined);
export const may = (role: Role): boolean => roles.value === null || (roles.value?.includes(role) ?? false);

// The header's value; null: none is sent, as for a server without credentials.
export function authorization(): string | null {
  return stored.peek() === null ? null : basic(stored.peek() as string);
}

// The protocols that a WebSocket offers in place of that header, which a page cannot give it (docs/api.md); none: none is sent.
export function credentialProtocols(): string[] {
  const credential = authorization();
  if (credential === null) return [];
  const text = credential.slice('Basic '.length).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  return ['nm-store', `nm-store.basic.${text}`];
}

// Basic, which unlike Bearer can hold any text.
export function basic(credential: string): string {
  let bytes = '';
  for (const byte of new TextEncoder().encode(credential)) bytes += String.fromCharCode(byte);
  return `Basic ${btoa(bytes)}`;
}

export function signIn(credential: Credential, remember: boolean): void {
  const text = `${credential.token}:${credential.account}`;
  write(tab, text);
  write(browser, remember ? text : null);
  stored.value = text;
  refused.value = false;
}

export function signOut(): void {
  write(tab, null);
  write(browser, null);
  stored.value = null;
  refused.value = true;
}

// A call was answered 401. `used` is what it was sent with: an answer to an older credential says nothing of this one.
export function signedOut(used: string | null): void {
  if (used === authorization()) refused.value = true;
}
