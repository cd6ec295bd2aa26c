// What a query box completes with: sources and fields by name, clients, logs, levels, and values and words that were seen.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { clients, logs, words as wordsOf } from '../api';
import { useLoad } from '../api/use';
import type { TimeSpan, WordCount } from '../api/types';
import { count } from '../format';
import type { FieldSummary } from './line_fields';
import type { Complete, Suggestion } from './query_box';
import { fieldTerm, kLevels, wordTerm, type Typing } from './query_text';

const kRefreshMs = 5 * 60_000;
const kSources: readonly Suggestion[] = [
  { text: 'client:', note: 'who wrote it', goesOn: true }, { text: 'log:', note: 'log or plugin', goesOn: true },
  { text: 'level:', note: 'how grave', goesOn: true }, { text: 'kind:', note: 'logs, plugins, alerts', goesOn: true },
];
const kKinds = ['logs', 'plugins', 'alerts', 'other'];
const plain = (note: string) => (text: string): Suggestion => ({ text, note });

// The beginning of a word by which its words are asked for.
const kPrefix = /^[\p{L}\p{N}]{2,}$/u;
const kWordsAsked = 12;
const kWordsWithin = '500ms';
const kTypingMs = 150; // who types on is waited for

export interface Completions {
  complete: Complete;
  look: (typing: Typing) => void; // asks the server for the words that begin as what is typed
  begin: () => void; // clients and logs are loaded once somebody types
  names: Readonly<Record<string, string>>; // clients' tags, once they are loaded
}

// The words that begin with what was typed last, of the lines of a time.
function useWordsLike({ from, to }: TimeSpan): { found: readonly WordCount[]; look: (typing: Typing) => void } {
  const [found, setFound] = useState<readonly WordCount[]>([]);
  const asked = useRef({ prefix: '', timer: 0, abort: new AbortController() });
  const stop = () => {
    clearTimeout(asked.current.timer);
    asked.current.abort.abort();
  };
  const look = useCallback(({ name, typed }: Typing) => {
    const prefix = name === null && kPrefix.test(typed) ? typed : '';
    if (prefix === asked.current.prefix) return;
    stop();
    const abort = new AbortController();
    const ask = () => {
      // Without an answer what is known completes.
      wordsOf({ prefix, from, to, limit: kWordsAsked, within: kWordsWithin }, { signal: abort.signal }).then((answer) => setFound(answer.words), () => undefined);
    };
    asked.current = { prefix, abort, timer: prefix === '' ? 0 : window.setTimeout(ask, kTypingMs) };
  }, [from, to]);
  useEffect(() => stop, []);
  return { found, look };
}

// Names of logs as lines show them, where lines are known that do, and else as the list has them, with "_" for "/".
export function logNames(listed: readonly string[], shown: readonly string[]): string[] {
  const paths = new Map(shown.map((path) => [path.replace(/\//g, '_'), path]));
  return [...new Set([...shown, ...listed.map((log) => paths.get(log) ?? log)])];
}

// fields, words: what is known of the lines that are shown. span: of which lines words are completed.
export function useCompletions(fields: readonly FieldSummary[], words: readonly WordCount[], span: TimeSpan): Completions {
  const { found, look } = useWordsLike(span);
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
          ...[...found, ...words.filter(({ word }) => !found.some((each) => each.word === word))].map(({ word, count: n }) => ({ text: wordTerm(word), note: count(n, 'line') })),
        ];
      case 'client':
        return (who?.clients ?? []).flatMap(({ client, tag }) => (tag ? [{ text: tag, note: client }, plain('client')(client)] : [plain('client')(client)]));
      case 'log':
        return logNames((where?.logs ?? []).map(({ display }) => display), (fields.find((field) => field.name === 'log')?.values ?? []).map(({ value }) => value))
          .map((text) => ({ text, note: 'log', path: true }));
      case 'level':
        return kLevels.map(plain('level'));
      case 'kind':
        return kKinds.map(plain('kind'));
      default:
        return (fields.find((field) => field.name === name)?.values ?? []).map(({ value, count: n }) => ({ text: fieldTerm('x', value).slice(2), note: count(n, 'line') }));
    }
  }, [fields, words, found, who, where]);
  const [names, setNames] = useState<{ of: typeof who; names: Record<string, string> }>({ of: undefined, names: named([]) });
  if (who && names.of !== who) setNames({ of: who, names: named(who.clients.flatMap(({ client, tag }) => (tag ? [[client, tag]] : []))) });
  return { complete, look, begin, names: names.names };
}

// No prototype: a client may be called "constructor".
function named(pairs: [client: string, tag: string][]): Record<string, string> {
  return Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(pairs));
}
