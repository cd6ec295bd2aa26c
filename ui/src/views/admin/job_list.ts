// Long work that runs or has ended, for as long as the page is open: it goes on while another view is shown, as the server stops what nobody
// waits for.
import { signal } from '@preact/signals';
import { isAbort, WorkError, type Progress, type WorkResult } from '../../api';
import { asApiError } from '../../api/use';

export interface Job {
  id: number;
  name: string; // what it is: "Backup"
  note: string; // with what it was started
  begun: number; // of performance.now()
  progress: Progress | null;
  state: 'running' | 'done' | 'failed' | 'stopped';
  tookMs: number | null;
  result: WorkResult | null; // also of work that found faults
  error: string | null;
}

const kMostEnded = 10;

export const jobs = signal<readonly Job[]>([]); // newest first
const stops = new Map<number, AbortController>();
let last = 0;

function set(id: number, change: Partial<Job>): void {
  jobs.value = jobs.value.map((job) => (job.id === id ? { ...job, ...change } : job));
}

// Asks before the page is closed, which would stop what runs.
function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

export type Begin = (progress: (state: Progress) => void, signal: AbortSignal) => Promise<WorkResult>;

// Gives its result, or null if it failed or was stopped: then the list says why.
export async function startJob(name: string, note: string, begin: Begin): Promise<WorkResult | null> {
  const id = ++last;
  const begun = performance.now();
  const running = jobs.value.filter((job) => job.state === 'running');
  const ended = jobs.value.filter((job) => job.state !== 'running').slice(0, kMostEnded - 1);
  jobs.value = [{ id, name, note, begun, progress: null, state: 'running', tookMs: null, result: null, error: null }, ...running, ...ended];
  const stop = new AbortController();
  stops.set(id, stop);
  if (stops.size === 1) addEventListener('beforeunload', warn);
  const end = (change: Partial<Job>) => set(id, { ...change, tookMs: performance.now() - begun });
  try {
    const result = await begin((progress) => set(id, { progress }), stop.signal);
    end({ state: 'done', result });
    return result;
  } catch (error) {
    if (stop.signal.aborted || isAbort(error)) end({ state: 'stopped' });
    else end({ state: 'failed', error: asApiError(error).message, result: error instanceof WorkError ? error.result : null });
    return null;
  } finally {
    stops.delete(id);
    if (stops.size === 0) removeEventListener('beforeunload', warn);
  }
}

export function stopJob(id: number): void {
  stops.get(id)?.abort();
}

export const isRunning = (name: string): boolean => jobs.value.some((job) => job.name === name && job.state === 'running');
