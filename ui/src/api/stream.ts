// Answers that come piece by piece: a JSON object a line.
import { ApiError, send, type Query } from './http';
import type { Progress, WorkResult } from './types';

// The objects of a body of JSON lines. Ends with the body; throws if half a line stands at its end, or on what is no JSON.
export async function* jsonLines(body: ReadableStream<Uint8Array>): AsyncGenerator<unknown, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as unknown;
      if (!done) continue;
      if (rest.trim() !== '') throw new ApiError(0, 'bad_answer', 'the answer broke off within a line');
      return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

// A stream that ends by itself (a search, long work): each object is handed to `take`.
export async function readStream(method: string, path: string, query: Query, take: (value: unknown) => void, signal?: AbortSignal): Promise<void> {
  const response = await send(method, path, query, { accept: 'application/x-ndjson', signal });
  if (!response.body) return;
  try {
    for await (const value of jsonLines(response.body)) take(value);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (error instanceof ApiError) throw error;
    throw new ApiError(0, 'unreachable', 'the connection was lost within the answer');
  }
}

// Work that ended badly, with all that its last line tells: a verify has `problems`.
export class WorkError extends ApiError {
  constructor(readonly result: WorkResult) {
    super(200, result.code ?? 'error', result.message ?? 'the work failed');
  }
}

// Long work: tells of its progress, and gives its result. A result "error" is thrown as a WorkError.
export async function work(path: string, query: Query, progress: (state: Progress) => void, signal?: AbortSignal): Promise<WorkResult> {
  let result: WorkResult | undefined;
  await readStream('POST', path, query, (value) => {
    if (typeof value === 'object' && value !== null && 'result' in value) result = value as WorkResult;
    else progress(value as Progress);
  }, signal);
  if (!result) throw new ApiError(0, 'bad_answer', 'the work broke off without a result');
  if (result.result === 'error') throw new WorkError(result);
  return result;
}
