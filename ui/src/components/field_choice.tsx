// Which fields of plugins are shown: a name, a part of one, or a glob, completed with the fields that there are.
import { useId, useMemo } from 'preact/hooks';
import { seriesFields } from '../api';
import { useLoad } from '../api/use';
import { TextField, valueOf } from './field';

const kKnownMs = 5 * 60_000;
const kNone: readonly string[] = [];

// The fields of the newest values of these plugins. Without clients none are asked for.
export function useKnownFields(clients: readonly string[], plugin: string | undefined): readonly string[] | undefined {
  const found = useLoad(
    clients.length === 0 ? null : (options) => seriesFields({ client: [...clients], ...(plugin === undefined ? {} : { plugin: [plugin] }) }, options),
    [JSON.stringify(clients), plugin], kKnownMs,
  );
  return useMemo(() => {
    if (found.data) return [...new Set(found.data.plugins.flatMap(({ fields }) => fields))].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
    return found.error ? kNone : undefined;
  }, [found.data, found.error]);
}

// What the server is asked for: what is no field by itself is a part of one. `known` undefined: that is not known yet.
export function fieldPattern(typed: string, known: readonly string[] | undefined): string[] | undefined {
  const text = typed.trim();
  if (text === '') return undefined;
  return [/[*?]/.test(text) || known === undefined || known.includes(text) ? text : `*${text}*`];
}

export function FieldChoice({ value, known, change }: { value: string; known: readonly string[] | undefined; change: (field: string) => void }) {
  const id = useId();
  return (
    <>
      <TextField label="Fields" placeholder="all; a part of a name; disk.* …" value={value} list={`${id}-known`} onChange={(event) => change(valueOf(event).trim())} />
      <datalist id={`${id}-known`}>{(known ?? kNone).map((field) => <option key={field} value={field} />)}</datalist>
    </>
  );
}
