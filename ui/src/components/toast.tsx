// Short messages at the edge of the page: something was done, or failed.
import { signal } from '@preact/signals';
import { messageOf } from '../api/http';
import { Button } from './button';

interface Toast {
  id: number;
  kind: 'done' | 'failed';
  text: string;
}
const kMostToasts = 5;
const kShownMs = 6000;

const toasts = signal<readonly Toast[]>([]);
let last = 0;

function drop(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}
function add(kind: Toast['kind'], text: string): void {
  const id = ++last;
  toasts.value = [...toasts.value, { id, kind, text }].slice(-kMostToasts);
  if (kind === 'done') setTimeout(() => drop(id), kShownMs);
}

export const tellDone = (text: string): void => add('done', text);
// Stays until it is closed. `what` says what was tried: "The tag could not be set".
export const tellFailed = (what: string, error: unknown): void => add('failed', `${what}: ${messageOf(error)}`);

// Where they show themselves; once in the page.
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => (
        <div key={toast.id} class={`toast toast-${toast.kind}`}>
          <span>{toast.text}</span>
          <Button kind="quiet" small class="icon-button" aria-label="Close the message" onClick={() => drop(toast.id)}><span aria-hidden="true">✕</span></Button>
        </div>
      ))}
    </div>
  );
}
