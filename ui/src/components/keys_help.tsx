// Which keys there are, and how a query is written.
import { kept } from '../preferences';
import { Dialog } from './dialog';
import { Checkbox, checkedOf } from './field';
import './keys_help.css';

// Single letters may be in the way of who speaks to the computer: they can be turned off.
export const singleKeys = kept<'on' | 'off'>('single-keys', ['on', 'off'], 'on');

// Whether a key that was pressed somewhere in the view is for a field or a dialog.
export function typesText(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  return event.ctrlKey || event.metaKey || event.altKey || target.closest('input, select, textarea, dialog, [role=menu]') !== null;
}

const kQueries: readonly (readonly [string, string])[] = [
  ['error timeout', 'lines with both words'], ['error OR timeout', 'with one of them'], ['-debug', 'without it'], ['"connection refused"', 'with this text'],
  ['conn*  *onnec*', 'words that begin so, have it inside'], ['/blk_\\d+/i', 'a regular expression'], ['c"Error"', 'in exactly this case'],
  ['client:web*  log:/var/log/syslog  level:error', 'from where, how grave'], ['status:404  took>500  took:[5 TO 9]', 'fields of JSON and name=value lines'],
];

export function KeysHelp({ keys, close }: { keys: readonly (readonly [key: string, does: string])[]; close: () => void }) {
  return (
    <Dialog title="Keys and queries" close={close} wide>
      <div class="dialog-body keys-help">
        <section>
          <h3>Keys</h3>
          <dl>{keys.map(([key, does]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{does}</dd></div>)}</dl>
          <Checkbox label="Single letters are keys" checked={singleKeys.value === 'on'} onChange={(event) => { singleKeys.value = checkedOf(event) ? 'on' : 'off'; }} />
        </section>
        <section>
          <h3>Queries</h3>
          <dl>{kQueries.map(([query, finds]) => <div key={query}><dt><code>{query}</code></dt><dd>{finds}</dd></div>)}</dl>
        </section>
      </div>
    </Dialog>
  );
}
