// Where a query is typed: with completion, the queries asked before, and the place that is wrong.
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Button } from './button';
import { usePlacedCaret } from './placed_caret';
import { forgetQueries, queryHistory, rememberQuery } from './query_history';
import { completed, typingAt, type Typing } from './query_text';
import './query_box.css';

export interface Suggestion {
  text: string; // what is put in
  note: string; // what it is: "field", "client", "12 lines"
  path?: boolean; // "/" and "_" are the same in it
  goesOn?: boolean; // something is typed behind it at once: "client:"
}
export type Complete = (typing: Typing) => readonly Suggestion[];

interface QueryBoxProps {
  value: string; // what is asked for now
  draft?: { current: string }; // gets what stands in the box, sent or not
  ask: (query: string) => void;
  complete: Complete;
  look?: (typing: Typing) => void; // this is typed: time to find out what completes it
  typing?: () => void; // somebody begins to type: time to load what completions are made of
  error?: { message: string; column?: number | undefined } | undefined;
  button: string;
  busy?: boolean;
}

const kShown = 12;

// What begins with what is typed, then what has it inside.
export function matching(suggestions: readonly Suggestion[], typed: string): Suggestion[] {
  const plain = (text: string, path = false) => (path ? text.replace(/\//g, '_') : text).toLowerCase();
  const ranked = suggestions.map((each) => [each, plain(each.text.replace(/^"/, ''), each.path).indexOf(plain(typed, each.path))] as const).filter(([, at]) => at >= 0);
  return [...ranked.filter(([, at]) => at === 0), ...ranked.filter(([, at]) => at > 0)].slice(0, kShown).map(([each]) => each);
}

// The character that a column of the server (characters from 1) is, as an index of the text.
export function indexOfColumn(text: string, column: number): number {
  return [...text].slice(0, column - 1).join('').length;
}

export function QueryBox({ value, draft, ask, complete, look, typing, error, button, busy = false }: QueryBoxProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const placeCaret = usePlacedCaret(input);
  const [text, setText] = useState(value);
  const [caret, setCaret] = useState(value.length);
  const [open, setOpen] = useState<'no' | 'completions' | 'history'>('no');
  const [chosen, setChosen] = useState(-1);
  useLayoutEffect(() => setText(value), [value]);
  if (draft) draft.current = text; // at once: what is chosen next may use it

  const at = open === 'completions' ? typingAt(text, caret) : null;
  const completions = useMemo(() => (at ? matching(complete(at), at.typed).filter(({ text }) => text !== at.typed) : []), [at?.from, at?.typed, at?.name, complete]);
  useEffect(() => { if (at) look?.(at); }, [at?.typed, at?.name, look]);
  const options: readonly Suggestion[] = open === 'history' ? queryHistory().map((query) => ({ text: query, note: '' })) : completions;
  const shown = open !== 'no' && options.length > 0;

  const submit = (query: string) => {
    setOpen('no');
    setChosen(-1);
    rememberQuery(query);
    ask(query.trim());
  };
  const put = (option: Suggestion) => {
    setChosen(-1);
    if (open === 'history') {
      setText(option.text);
      setOpen('no');
      input.current?.focus();
      return;
    }
    if (!at) return;
    const next = completed(text, at, option);
    setText(next.text);
    setCaret(next.caret);
    setOpen(option.goesOn ? 'completions' : 'no');
    placeCaret(next.caret);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === 'Enter') {
      if (shown && chosen >= 0) put(options[chosen] as Suggestion);
      else submit(text);
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (!shown) {
        typing?.();
        setCaret(input.current?.selectionStart ?? text.length);
        setOpen(text.trim() === '' && queryHistory().length > 0 ? 'history' : 'completions');
        setChosen(text.trim() === '' ? 0 : -1);
      } else {
        const step = event.key === 'ArrowDown' ? 1 : -1;
        setChosen((now) => (now < 0 && step < 0 ? options.length - 1 : now + step >= options.length ? -1 : now + step));
      }
    } else if (event.key === 'Tab' && shown && chosen >= 0) put(options[chosen] as Suggestion);
    else if (event.key === 'Escape' && shown) {
      setOpen('no');
      setChosen(-1);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const place = () => setCaret(input.current?.selectionStart ?? 0);

  const wrong = error?.column !== undefined && value === text ? indexOfColumn(value, error.column) : null;
  // The text goes to the place that is wrong, so that it can be mended at once.
  useEffect(() => {
    if (wrong !== null && document.activeElement === input.current) input.current?.setSelectionRange(wrong, wrong);
  }, [wrong]);

  return (
    <form class="query-box" role="search" onSubmit={(event) => { event.preventDefault(); submit(text); }}>
      <div class="query-field field">
        <label for={id} class="visually-hidden">Query</label>
        <input
          ref={input} id={id} type="text" class="query-input" value={text} placeholder="All lines. Try: error -debug client:web*" autocomplete="off" spellcheck={false} autocapitalize="off"
          role="combobox" aria-autocomplete="list" aria-expanded={shown} aria-controls={`${id}-list`} aria-activedescendant={shown && chosen >= 0 ? `${id}-${chosen}` : undefined}
          aria-invalid={error ? true : undefined} aria-describedby={error ? `${id}-error` : undefined}
          onInput={(event) => {
            typing?.();
            setText(event.currentTarget.value);
            place();
            setOpen('completions');
            setChosen(-1);
          }}
          onKeyDown={onKeyDown} onClick={place} onFocus={() => typing?.()} onBlur={() => setOpen('no')}
        />
        <ul id={`${id}-list`} role="listbox" aria-label={open === 'history' ? 'Queries before' : 'Completions'} class="query-options" hidden={!shown}>
          {shown && options.map((option, i) => (
            <li
              key={option.text} id={`${id}-${i}`} role="option" aria-selected={i === chosen}
              ref={(element) => { if (i === chosen) element?.scrollIntoView({ block: 'nearest' }); }}
              onPointerDown={(event) => { event.preventDefault(); put(option); }}
            >
              <span>{option.text}</span><span class="muted">{option.note}</span>
            </li>
          ))}
        </ul>
      </div>
      <Button
        aria-label="Queries before" title="Queries before" aria-expanded={shown && open === 'history'} disabled={queryHistory().length === 0}
        onPointerDown={(event) => event.preventDefault()}
        onClick={() => {
          input.current?.focus();
          setOpen(open === 'history' ? 'no' : 'history');
          setChosen(open === 'history' ? -1 : 0);
        }}
      >
        <span aria-hidden="true">↺</span>
      </Button>
      <Button type="submit" kind="primary" busy={busy}>{button}</Button>
      {error && (
        <div class="query-error" id={`${id}-error`} role="alert">
          <p>{error.message}</p>
          {wrong !== null && <WrongPlace text={value} at={wrong} />}
        </div>
      )}
    </form>
  );
}

// The query once more, with the place that is wrong.
export function WrongPlace({ text, at }: { text: string; at: number }) {
  const from = Math.max(0, at - 60);
  const sign = text.slice(at, at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1));
  return (
    <p class="query-wrong">
      {from > 0 && '…'}{text.slice(from, at)}<mark class="query-mark" title="here">{sign === '' || sign === ' ' ? '\u2423' : sign}</mark>{text.slice(at + sign.length, at + 60)}
    </p>
  );
}

export { forgetQueries };
