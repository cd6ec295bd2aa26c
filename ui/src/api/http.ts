// Calls to the server: query strings, credentials, time limits, and errors as one class.
import { signal } from '@preact/signals';
import { fieldEncoded } from '../octets';
import { authorization, signedOut } from '../session';

// What a call answered instead of 2xx, or why there was no answer.
export class ApiError extends Error {
  constructor(
    readonly status: number, // of HTTP; 0: there was no answer
    readonly code: string, // docs/api.md has them; also "unreachable", "timeout", "bad_answer"
    message: string,
    readonly column?: number, // of the query, in characters from 1
  ) {
    super(message);
    this.name = 'ApiError';
  }
  // Whether the same call may work a little later.
  get passing(): boolean {
    return [0, 429, 502, 503, 504].includes(this.status);
  }
}

export type Value = string | number | boolean | null | undefined;
export type Query = Readonly<Record<string, Value | readonly string[]>>;

export interface CallOptions {
  signal?: AbortSignal;
  timeoutMs?: number; // until the whole answer is there; 0: none. Default 60 s
}
export interface Body {
  type: string;
  text: string | Blob;
}

const kTimeoutMs = 60_000;

// Why the server cannot be reached, as the last call found; null: it answers.
export const lost = signal<ApiError | null>(null);
let answeredAt = 0; // when it last did
// It has just shown that it is there.
export function answered(): void {
  answeredAt = performance.now();
  lost.value = null;
}

// "?a=1&b=2"; what is empty, null or undefined is left out, as the server takes it for absent.
export function queryString(query: Query): string {
  const fields: string[] = [];
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? (value as readonly string[]) : [value as Value]) {
      if (each !== undefined && each !== null && each !== '') fields.push(`${fieldEncoded(name)}=${fieldEncoded(String(each))}`);
    }
  }
  return fields.length === 0 ? '' : `?${fields.join('&')}`;
}

// Relative, so that the page also works below a path of a reverse proxy.
export function address(path: string, query: Query = {}): string {
  return path.replace(/^\//, '') + queryString(query);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

// The error in a body of /api/v1 ({"error":{…}}) or of /v0.3 ({"status","message","detail"}).
export function decodeError(status: number, text: string): ApiError {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  if (isRecord(json) && isRecord(json.error)) {
    const { code, message, column } = json.error;
    return new ApiError(
      status,
      typeof code === 'string' ? code : 'error',
      typeof message === 'string' ? message : `the server answered ${status}`,
      typeof column === 'number' ? column : undefined,
    );
  }
  if (isRecord(json) && typeof json.message === 'string') {
    const detail = typeof json.detail === 'string' ? json.detail : json.message;
    return new ApiError(status, 'error', detail);
  }
  return new ApiError(status, 'error', text.trim().slice(0, 300) || `the server answered ${status}`);
}

// Sends a request and gives its answer once the head of a 2xx has come. Throws ApiError, or what the signal says
// (a DOMException "AbortError") if the caller has given up.
export async function send(method: string, path: string, query: Query, { body, accept, signal }: { body?: Body; accept?: string; signal?: AbortSignal }): Promise<Response> {
  const headers: Record<string, string> = { Accept: accept ?? '*/*' };
  if (body) headers['Content-Type'] = body.type;
  const credential = authorization();
  if (credential !== null) headers['Authorization'] = credential;
  let response: Response;
  const begun = performance.now();
  try {
    response = await fetch(address(path, query), {
      method,
      headers,
      body: body?.text,
      signal,
      cache: 'no-store',
      // "omit": a 401 is answered by our own form, and not by the browser's.
      credentials: 'omit',
      redirect: 'error',
    });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    const failure = new ApiError(0, 'unreachable', `the server cannot be reached (${error instanceof Error ? error.message : String(error)})`);
    if (begun >= answeredAt) lost.value = failure; // else another call knows better
    throw failure;
  }
  answered();
  if (response.ok) return response;
  const failure = decodeError(response.status, await response.text().catch(() => ''));
  if (response.status === 401) signedOut(credential);
  throw failure;
}

// One signal for the caller's wish and the time limit. Call `done` when the call has ended.
function limited(options: CallOptions): { signal: AbortSignal; done: () => void } {
  const abort = new AbortController();
  const give = () => abort.abort(options.signal?.reason);
  if (options.signal?.aborted) give();
  options.signal?.addEventListener('abort', give);
  const limit = options.timeoutMs ?? kTimeoutMs;
  const timer = limit > 0 ? setTimeout(() => abort.abort(new ApiError(0, 'timeout', `no answer within ${limit / 1000} s`)), limit) : undefined;
  return {
    signal: abort.signal,
    done: () => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', give);
    },
  };
}

export async function callText(method: string, path: string, query: Query = {}, body?: Body, options: CallOptions = {}): Promise<string> {
  const { signal, done } = limited(options);
  try {
    const response = await send(method, path, query, { body, signal });
    return await response.text();
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof ApiError) throw error;
    throw new ApiError(0, 'unreachable', 'the connection was lost within the answer');
  } finally {
    done();
  }
}

// The answer as JSON. T is what docs/api.md says of the call; it is not checked.
export async function call<T>(method: string, path: string, query: Query = {}, body?: Body, options: CallOptions = {}): Promise<T> {
  const text = await callText(method, path, query, body, options);
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError(0, 'bad_answer', `the answer to ${method} ${path} is no JSON`);
  }
}

export function json(value: unknown): Body {
  return { type: 'application/json', text: JSON.stringify(value) };
}

export function form(fields: Readonly<Record<string, string>>): Body {
  return { type: 'application/x-www-form-urlencoded', text: new URLSearchParams(fields).toString() };
}

// Whether an error only says that the caller has given up.
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
