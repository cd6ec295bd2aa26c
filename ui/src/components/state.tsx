// What stands where data would: it is on its way, there is none, or it could not be had.
import type { ComponentChildren } from 'preact';
import type { ApiError } from '../api/http';
import type { Loaded } from '../api/use';
import { Button } from './button';

export function Loading({ label = 'Loading…' }: { label?: string }) {
  return (
    <div class="state" role="status">
      <span class="spinner" aria-hidden="true" /> {label}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="state state-empty">
      <p class="state-title">{title}</p>
      {children}
    </div>
  );
}

export function ErrorState({ error, retry }: { error: ApiError; retry?: (() => void) | undefined }) {
  return (
    <div class="state state-error" role="alert">
      <p class="state-title">{error.status === 403 ? 'Not allowed' : error.status === 0 ? 'No answer' : 'That did not work'}</p>
      <p>{error.message}</p>
      {retry && <Button small onClick={retry}>Try again</Button>}
    </div>
  );
}

// The three of them, or the data. Data that is there stays while newer data loads; an error then stands above it. That the
// server does not answer is not told as loudly by each part that has data: the page's banner tells it.
export function Show<T>({ of, children }: { of: Loaded<T>; children: (data: T) => ComponentChildren }) {
  return (
    <>
      {of.error && (of.error.status === 0 && of.data !== undefined ? <p class="muted">Not up to date: {of.error.message}</p> : <ErrorState error={of.error} retry={of.reload} />)}
      {of.data !== undefined ? children(of.data) : of.loading && <Loading />}
    </>
  );
}
