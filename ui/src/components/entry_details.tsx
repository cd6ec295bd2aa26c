// All that is known of one line: its text, its fields and its words, each of which can be searched for.
import type { Entry } from '../api/types';
import { time, zoneName } from '../format';
import { Button } from './button';
import { copyText } from './copy';
import { Dialog } from './dialog';
import { fieldsOf, type LineField } from './line_fields';
import { LineText, visible, wordSpans } from './line_text';
import { fieldTerm, wordTerm } from './query_text';
import './entry_details.css';

interface EntryDetailsProps {
  entry: Entry;
  marks: RegExp | null;
  term: (term: string, negative: boolean) => void; // is to be added to the query
  around?: () => void;
  close: () => void;
}

const kWordsAtMost = 200;

export function EntryDetails({ entry, marks, term, around, close }: EntryDetailsProps) {
  const sources: LineField[] = [['client', entry.client], ['log', entry.log], ...(entry.level ? [['level', entry.level] as LineField] : [])];
  const fields = [...sources, ...fieldsOf(entry).filter(([name]) => !sources.some(([source]) => source === name))];
  const line = entry.line.slice(0, 20_000);
  const words = [...new Set(wordSpans(line).map(({ from, to }) => line.slice(from, to)))].slice(0, kWordsAtMost);
  const both = (name: string, of: string) => (
    <span class="details-buttons">
      <Button small aria-label={`Add ${name}`} title="Add to the query" onClick={() => term(of, false)}><span aria-hidden="true">+</span></Button>
      <Button small aria-label={`Exclude ${name}`} title="Exclude" onClick={() => term(of, true)}><span aria-hidden="true">−</span></Button>
    </span>
  );
  return (
    <Dialog title="Line" close={close} wide>
      <div class="dialog-body details">
        <p class="muted">{time(entry.time, true)} {zoneName()} · {entry.kind}</p>
        <pre class="details-line" tabIndex={0} role="group" aria-label="Text of the line"><LineText line={entry.line} marks={marks} /></pre>
        <div class="actions">
          <Button onClick={() => void copyText(entry.line, 'The line was')}>Copy the line</Button>
          <Button onClick={() => void copyText(JSON.stringify(entry), 'The line was')}>Copy as JSON</Button>
          {around && <Button onClick={around}>Lines around it</Button>}
        </div>
        <h3>Fields</h3>
        <div class="table-frame">
          <table>
            <caption class="visually-hidden">Fields of the line</caption>
            <thead><tr><th scope="col">Field</th><th scope="col">Value</th><th scope="col"><span class="visually-hidden">Search</span></th></tr></thead>
            <tbody>
              {fields.map(([name, value]) => (
                <tr key={name}><th scope="row">{visible(name)}</th><td class="line">{visible(value.slice(0, 2000))}</td><td>{both(`${name} ${value.slice(0, 100)}`, fieldTerm(name, value))}</td></tr>
              ))}
            </tbody>
          </table>
        </div>
        <h3>Words</h3>
        <ul class="details-words">
          {words.map((word) => <li key={word}><span class="mono">{word}</span>{both(word, wordTerm(word))}</li>)}
        </ul>
      </div>
    </Dialog>
  );
}
