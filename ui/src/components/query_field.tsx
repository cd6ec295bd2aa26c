// A query as a field of a form: with the completions of the query box, and the place that is wrong.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import type { TimeSpan, WordCount } from '../api/types';
import { useCompletions } from './completions';
import { valueOf } from './field';
import type { FieldSummary } from './line_fields';
import { usePlacedCaret } from './placed_caret';
import { indexOfColumn, matching, WrongPlace, type Suggestion } from './query_box';
import { completed, typingAt } from './query_text';
import './query_box.css';

const kNoFields: readonly FieldSummary[] = [];
const kNoWords: readonly WordCount[] = [];
const kWordsOf: TimeSpan = { from: '-1d' };

interface QueryFieldProps {
  label: string;
  name: string;
  value: string;
  change: (value: string) => void;
  placeholder?: string;
  hint?: ComponentChildren;
  error?: string | undefined;
  column?: number | undefined; // of the error: a character of the value without the blanks before it, from 1
}

export function QueryField({ label, name, value, change, placeholder, hint, error, column }: QueryFieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const placeCaret = usePlacedCaret(input);
  const [caret, setCaret] = useState(0);
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const { complete, look, begin } = useCompletions(kNoFields, kNoWords, kWordsOf);
  const at = open ? typingAt(value, caret) : null;
  const options = useMemo(() => (at ? matching(complete(at), at.typed).filter(({ text }) => text !== at.typed) : []), [at?.from, at?.typed, at?.name, complete]);
  useEffect(() => { if (at) look(at); }, [at?.typed, at?.name, look]);
  const shown = open && options.length > 0;

  const place = () => setCaret(input.current?.selectionStart ?? 0);
  const close = () => {
    setOpen(false);
    setChosen(-1);
  };
  const put = (option: Suggestion) => {
    if (!at) return;
    const next = completed(value, at, option);
    change(next.text);
    setCaret(next.caret);
    setChosen(-1);
    setOpen(option.goesOn ?? false);
    placeCaret(next.caret);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    const option = shown ? options[chosen] : undefined;
    if ((event.key === 'Enter' || event.key === 'Tab') && option) put(option);
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (shown) setChosen((now) => (event.key === 'ArrowDown' ? (now + 1 >= options.length ? -1 : now + 1) : now < 0 ? options.length - 1 : now - 1));
      else {
        begin();
        place();
        setOpen(true);
      }
    } else if (event.key === 'Escape' && shown) close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const blanks = value.length - value.trimStart().length;
  const wrong = error !== undefined && column !== undefined ? blanks + indexOfColumn(value.trimStart(), column) : null;
  // The text goes to the place that is wrong, so that it can be mended at once.
  useEffect(() => {
    if (wrong !== null) input.current?.setSelectionRange(wrong, wrong);
  }, [wrong, error]);

  const describedBy = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="query-field">
        <input
          ref={input} id={id} name={name} type="text" class="query-input" value={value} placeholder={placeholder} autocomplete="off" spellcheck={false} autocapitalize="off"
          role="combobox" aria-autocomplete="list" aria-expanded={shown} aria-controls={`${id}-list`} aria-activedescendant={shown && chosen >= 0 ? `${id}-${chosen}` : undefined}
          aria-invalid={error ? true : undefined} aria-describedby={describedBy}
          onInput={(event) => {
            begin();
            change(valueOf(event));
            place();
            setOpen(true);
            setChosen(-1);
          }}
          onKeyDown={onKeyDown} onClick={place} onFocus={begin} onBlur={close}
        />
        <ul id={`${id}-list`} role="listbox" aria-label="Completions" class="query-options" hidden={!shown}>
          {shown && options.map((option, i) => (
            <li key={option.text} id={`${id}-${i}`} role="option" aria-selected={i === chosen} onPointerDown={(event) => { event.preventDefault(); put(option); }}>
              <span>{option.text}</span><span class="muted">{option.note}</span>
            </li>
          ))}
        </ul>
      </div>
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {error && (
        <div class="field-error" id={`${id}-error`}>
          <p>{error}</p>
          {wrong !== null && <WrongPlace text={value} at={wrong} />}
        </div>
      )}
    </div>
  );
}
