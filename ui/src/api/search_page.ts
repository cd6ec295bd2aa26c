// A page of a search as it is found, for queries that may take long.
import { ApiError, send } from './http';
import { jsonLines } from './stream';
import type { Entry, LineQuery, PageQuery, QueryStats } from './types';

export interface PageEnd {
  next: string | null;
  prev: string | null;
  stats: QueryStats;
}
export interface PageHandlers {
  begun?: () => void; // the server has understood the query
  found: (entry: Entry) => void; // behind a `prev` cursor the last of the page comes first
  progress?: (stats: QueryStats) => void;
}

type Line = Entry | { progress: QueryStats } | (PageEnd & { error?: { code: string; message: string } });

// Throws ApiError if it failed, also on the way, or what the signal says.
export async function searchPage(query: LineQuery & PageQuery, { begun, found, progress }: PageHandlers, signal: AbortSignal): Promise<PageEnd> {
  let end: PageEnd | null = null;
  try {
    const response = await send('GET', '/api/v1/search', { ...query, page: true }, { accept: 'application/x-ndjson', signal });
    begun?.();
    if (response.body) {
      for await (const value of jsonLines(response.body)) {
        const line = value as Line;
        if ('progress' in line) progress?.(line.progress);
        else if (!('stats' in line)) found(line);
        else if (line.error) throw new ApiError(200, line.error.code, line.error.message);
        else end = line;
      }
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof ApiError) throw error;
    throw new ApiError(0, 'unreachable', 'the connection was lost within the answer');
  }
  if (!end) throw new ApiError(0, 'bad_answer', 'the answer broke off');
  return end;
}
