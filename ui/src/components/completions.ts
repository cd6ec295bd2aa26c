// What a query box completes with: sources and fields by name, clients, logs, levels, and values and words that were seen.
import { useCallback, useState } from 'preact/hooks';
import { clients, logs } from '../api';
import { useLoad } from '../api/use';
import type { WordCount } from '../api/types';
import { count } from '../format';
import type { FieldSummary } from './line_fields';
import type { Complete, Suggestion } from './query_box';
import { fieldTerm, wordTerm } from './query_text';

const kRefreshMs = 5 * 60_000;
const kSources: readonly Suggestion[] = [
  { text: 'client:', note: 'who wrote it', goesOn: true }, { text: 'log:', note: 'log or plugin', goesOn: true },
  { text: 'level:', note: 'how grave', goesOn: true }, { text: 'kind:', note: 'logs, plugins, alerts', goesOn: true },
];
const kLevels = ['fatal', 'error', 'warn', 'notice', 'info', 'debug', 'trace'];
const kKinds = ['logs', 'plugins', 'alerts', 'other'];
const plain = (note: string) => (text: string): Suggestion => ({ text, note });

export interface Completions {
  complete: Complete;
  begin: () => void; // clients and logs are loaded once somebody types
  names: Readonly<Record<string, string>>; // clients' tags, once they are loaded
}

export function useCompletions(fields: readonly FieldSummary[], words: readonly WordCount[]): Completions {
  const [begun, setBegun] = useState(false); // somebody types: what is known is read anew
  const who = useLoad(clients, [begun], kRefreshMs).data;
  const where = useLoad(begun ? (options) => logs(undefined, options) : null, [begun], kRefreshMs).data;
  const begin = useCallback(() => setBegun(true), []);
  const complete = useCallback<Complete>(({ name }) => {
    switch (name) {
      case null:
        return [
          ...kSources,
          ...fields.filter((field) => !kSources.some(({ text }) => text === `${field.name}:`)).map((field) => ({ text: fieldTerm(field.name, 'x').slice(0, -1), note: 'field', goesOn: true })),
          ...words.map(({ word, count: n }) => ({ text: wordTerm(word), note: count(n, 'line') })),
        ];
      case 'client':
        return (who?.clients ?? []).flatMap(({ client, tag }) => (tag ? [{ text: tag, note: client }, plain('client')(client)] : [plain('client')(client)]));
      case 'log':
        return [...new Set((where?.logs ?? []).map(({ log }) => log))].map(plain('log'));
      case 'level':
        return kLevels.map(plain('level'));
      case 'kind':
        return kKinds.map(plain('kind'));
      default:
        return (fields.find((field) => field.name === name)?.values ?? []).map(({ value, count: n }) => ({ text: fieldTerm('x', value).slice(2), note: count(n, 'line') }));
    }
  }, [fields, words, who, where]);
  const [names, setNames] = useState<{ of: typeof who; names: Record<string, string> }>({ of: undefined, names: {} });
  if (who && names.of !== who) setNames({ of: who, names: Object.fromEntries(who.clients.flatMap(({ client, tag }) => (tag ? [[client, tag]] : []))) });
  return { complete, begin, names: names.names };
}
