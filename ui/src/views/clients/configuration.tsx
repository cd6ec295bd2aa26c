// What an agent tails, and settings of its plugins: the row "{client}:config". What is written there is told on the row's
// channel, where the agent listens.
import { useLayoutEffect, useMemo, useRef, useState, type MutableRef } from 'preact/hooks';
import { messageOf, removeCell, row, setCell, type Cell } from '../../api';
import { useLoad } from '../../api/use';
import { ask, Button, Empty, Panel, Show, Table, tellDone, tellFailed, TextArea, TextField, useUnsaved, valueOf, type Column } from '../../components';
import { count } from '../../format';
import { mayBeSaved } from './saved_meanwhile';

const kFamily = 'CFUTF8Type';
const kTail = 'tail'; // paths of logs, one a line
const kMost = 1000;
const kPage = 50;

const rowOf = (client: string) => `${client}:config`;
const tell = (client: string, name: string, value: string) => setCell(kFamily, rowOf(client), name, value, true);
const linesOf = (text: string) => [...new Set(text.split('\n').map((line) => line.trim()).filter((line) => line !== ''))];
const placeOf = (client: string, name: string) => ({ family: kFamily, row: rowOf(client), column: name });

// What is typed in the view's two forms, and not saved.
type Unsaved = MutableRef<{ tails: boolean; setting: boolean }>;

function Tails({ client, value, reload, unsaved }: { client: string; value: string; reload: () => void; unsaved: Unsaved }) {
  const [known, setKnown] = useState(value); // what the text was made of
  const [text, setText] = useState(value);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const changed = text !== known;
  unsaved.current.tails = changed;
  const begin = () => {
    setKnown(value);
    setText(value);
    setError(undefined);
  };
  // What somebody types here stays, whatever is read meanwhile: nothing can be typed before this is done.
  useLayoutEffect(() => { if (!changed) begin(); }, [value]);
  const save = async (event: Event) => {
    event.preventDefault();
    const paths = linesOf(text);
    const wrong = paths.find((path) => !path.startsWith('/') && !/^[A-Za-z]:\\/.test(path));
    if (wrong !== undefined) {
      setError(`${wrong}: expected a path from the root on, as /var/log/syslog`);
      return;
    }
    setBusy(true);
    try {
      const list = paths.join('\n');
      if (await mayBeSaved(placeOf(client, kTail), known, list)) {
        await tell(client, kTail, list);
        tellDone(`The agent is told to tail ${count(paths.length, 'log')}.`);
        setError(undefined);
        setKnown(list);
        setText((now) => (now === text ? list : now));
      }
      reload();
    } catch (caught) {
      setError(messageOf(caught));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel title="What it tails">
      <form class="clients-form" onSubmit={(event) => void save(event)}>
        <TextArea label="Logs" rows={6} hint="The path of a log a line. The agent is told as soon as it is saved." placeholder="/var/log/syslog" value={text} error={error} onInput={(event) => setText(valueOf(event))} />
        <div class="actions">
          <Button needs="ingest" type="submit" kind="primary" busy={busy} disabled={!changed}>Save</Button>
          <Button disabled={!changed} onClick={begin}>As it was</Button>
        </div>
        {changed && value !== known && <p class="muted" role="status">It was changed by somebody else since. “As it was” takes what is saved now.</p>}
      </form>
    </Panel>
  );
}

const kNothing = { name: '', value: '' };

function Settings({ client, cells, reload, unsaved }: { client: string; cells: readonly Cell[]; reload: () => void; unsaved: Unsaved }) {
  const valueNow = (name: string) => cells.find((cell) => cell.column === name)?.value ?? '';
  const [start, setStart] = useState(kNothing); // what is edited, as it was read
  const [typed, setTyped] = useState(kNothing);
  unsaved.current.setting = typed.name !== start.name || typed.value !== start.value;
  const begin = (setting: typeof kNothing) => {
    setStart(setting);
    setTyped(setting);
    setError(undefined);
  };
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const save = async (event: Event) => {
    event.preventDefault();
    const name = typed.name.trim();
    if (name === '' || name === kTail) {
      setError(name === '' ? 'A setting needs a name' : 'What it tails is set above');
      return;
    }
    setBusy(true);
    try {
      if (await mayBeSaved(placeOf(client, name), name === start.name ? start.value : valueNow(name), typed.value)) {
        await tell(client, name, typed.value);
        tellDone(`The agent is told that ${name} is ${typed.value === '' ? 'empty' : typed.value}.`);
        setStart((now) => (now === start ? kNothing : now));
        setTyped((now) => (now === typed ? kNothing : now));
        setError(undefined);
      }
      reload();
    } catch (caught) {
      setError(messageOf(caught));
    } finally {
      setBusy(false);
    }
  };
  const remove = async (name: string) => {
    const yes = await ask({ title: `Remove the setting ${name}?`, text: <p>The agent is told that <b>{name}</b> is empty, and the setting goes from its list.</p>, yes: 'Remove', danger: true });
    if (!yes) return;
    try {
      // That a setting went is not told; that it is empty is.
      await tell(client, name, '');
      await removeCell(kFamily, rowOf(client), name);
      tellDone(`${name} was removed.`);
      reload();
    } catch (caught) {
      tellFailed(`${name} could not be removed`, caught);
    }
  };
  const columns = useMemo((): Column<Cell>[] => [
    { name: 'name', title: 'Setting', class: 'name-cell', cell: (c) => c.column, sort: (c) => c.column },
    { name: 'value', title: 'Value', class: 'line', cell: (c) => c.value, sort: (c) => c.value },
    {
      name: 'do', title: 'Actions', class: 'actions-cell',
      cell: (c) => (
        <>
          <Button small aria-label={`Edit the setting ${c.column}`} onClick={() => begin({ name: c.column, value: c.value })}>Edit</Button>{' '}
          <Button needs="ingest" small aria-label={`Remove the setting ${c.column}`} onClick={() => void remove(c.column)}>Remove</Button>
        </>
      ),
    },
  ], [client, reload]);
  return (
    <Panel title="Settings of its plugins">
      {cells.length === 0 ? <Empty title="Nothing is set: it goes by its own file." /> : <Table caption="Settings" columns={columns} rows={cells} rowKey={(c) => c.column} sortBy="name" pageSize={kPage} />}
      <form class="form-row" onSubmit={(event) => void save(event)}>
        <TextField label="Setting" placeholder="df.interval" value={typed.name} error={error} onInput={(event) => setTyped({ ...typed, name: valueOf(event) })} />
        <TextField label="Value" class="grow" placeholder="60" value={typed.value} onInput={(event) => setTyped({ ...typed, value: valueOf(event) })} />
        <Button needs="ingest" type="submit" kind="primary" busy={busy}>Set</Button>
      </form>
    </Panel>
  );
}

export function Configuration({ client }: { client: string }) {
  const loaded = useLoad((options) => row({ family: kFamily, row: rowOf(client), limit: kMost }, options), [client]);
  const unsaved: Unsaved = useRef({ tails: false, setting: false });
  useUnsaved(() => unsaved.current.tails || unsaved.current.setting, `What ${client} is to do`);
  const cells = useMemo(() => loaded.data?.cells.filter((cell) => cell.column !== kTail) ?? [], [loaded.data]);
  return (
    <Show of={loaded}>
      {(page) => (
        <>
          <Tails client={client} value={page.cells.find((cell) => cell.column === kTail)?.value ?? ''} reload={loaded.reload} unsaved={unsaved} />
          <Settings client={client} cells={cells} reload={loaded.reload} unsaved={unsaved} />
          {page.next !== null && <p class="muted">The first {kMost} settings are shown.</p>}
        </>
      )}
    </Show>
  );
}
