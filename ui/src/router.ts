// The address names what is shown: "#/search?q=error&from=-1h" is the view `search` with two parameters. What stands
// behind "#" never reaches the server, so that one index page serves all of them.
import { signal } from '@preact/signals';
import { fieldDecoded, fieldEncoded } from './octets';

export type Params = Readonly<Record<string, string>>;
export type ParamsToSet = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Route {
  view: string; // "" is the start
  params: Params;
}

// null for what is no address of a view ("#main").
export function parseRoute(hash: string): Route | null {
  if (hash !== '' && hash !== '#' && !hash.startsWith('#/')) return null;
  const text = hash.slice(2);
  const mark = text.indexOf('?');
  const path = mark < 0 ? text : text.slice(0, mark);
  const params: Record<string, string> = {};
  for (const field of mark < 0 ? [] : text.slice(mark + 1).split('&')) {
    const sign = field.indexOf('=');
    if (field !== '') params[fieldDecoded(sign < 0 ? field : field.slice(0, sign))] = sign < 0 ? '' : fieldDecoded(field.slice(sign + 1));
  }
  return { view: path.replace(/\/+$/, ''), params };
}

// The address of a view; parameters that are empty, false, null or undefined are left out.
export function href(view: string, params: ParamsToSet = {}): string {
  const fields: string[] = [];
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== null && value !== '' && value !== false) fields.push(`${fieldEncoded(name)}=${fieldEncoded(String(value))}`);
  }
  return `#/${view}${fields.length === 0 ? '' : `?${fields.join('&')}`}`;
}

export const route = signal<Route>({ view: '', params: {} });

// Whoever has something that would be lost: whether that is so now, and the question.
export interface Guard {
  holds: () => boolean;
  ask: () => Promise<boolean>; // whether to leave
}
let guard: Guard | null = null;
let asking = false;
let shown = ''; // the address of the route

// While it holds, the place is left only if its question is answered so. Gives what ends that.
export function guardLeaving(by: Guard): () => void {
  guard = by;
  return () => { if (guard === by) guard = null; };
}

function take(): void {
  const found = parseRoute(location.hash);
  if (!found) return;
  if (guard && location.hash !== shown && (asking || guard.holds())) {
    if (asking) return; // once it is answered, the address that stands there then counts
    asking = true;
    void guard.ask().then((leave) => {
      asking = false;
      if (leave) guard = null;
      // Whether a link or a step back led away is not known: the place is put behind where that led to.
      else if (location.hash !== shown) history.pushState(null, '', shown);
      take();
    });
    return;
  }
  shown = location.hash;
  route.value = found;
}

// Call once.
export function startRouter(): void {
  take();
  addEventListener('hashchange', take);
}

// Goes to a view. With `replace` the step back skips the place that is left: for what changes while somebody types.
export function navigate(view: string, params: ParamsToSet = {}, replace = false): void {
  const address = href(view, params);
  if (address === location.hash) return;
  if (replace) {
    history.replaceState(null, '', address);
    take();
  } else {
    location.hash = address;
  }
}

// Changes some parameters of the view that is shown; those set to "" or null go.
export function setParams(change: ParamsToSet, replace = false): void {
  navigate(route.peek().view, { ...route.peek().params, ...change }, replace);
}
