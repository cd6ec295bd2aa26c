// The queries that were asked in this browser, the newest first.
import { kept } from '../preferences';

const kAtMost = 50;
const stored = kept<string>('query-history', null, '[]');

export function queryHistory(): string[] {
  try {
    const list: unknown = JSON.parse(stored.value);
    return Array.isArray(list) ? list.filter((each): each is string => typeof each === 'string').slice(0, kAtMost) : [];
  } catch {
    return [];
  }
}
export function rememberQuery(query: string): void {
  const text = query.trim();
  if (text === '' || text.length > 2000) return;
  stored.value = JSON.stringify([text, ...queryHistory().filter((each) => each !== text)].slice(0, kAtMost));
}
export function forgetQueries(): void {
  stored.value = '[]';
}
