// Names of clients for people: the tag where one is set, else the address.
import { useMemo } from 'preact/hooks';
import type { Tag } from '../api/types';

export interface ClientNames {
  names: Readonly<Record<string, string>>; // by client; only those that have a tag
  nameOf: (client: string) => string;
}

// From GET /tags or GET /clients. Keeps its identity while the names are the same.
export function useNames(tagged: readonly Pick<Tag, 'client' | 'tag'>[] | undefined): ClientNames {
  const text = JSON.stringify((tagged ?? []).filter(({ tag }) => tag !== null && tag !== '').map(({ client, tag }) => [client, tag]));
  return useMemo(() => {
    // No prototype: a client may be called "constructor".
    const names: Record<string, string> = Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(JSON.parse(text) as [string, string][]));
    return { names, nameOf: (client: string) => names[client] ?? client };
  }, [text]);
}
