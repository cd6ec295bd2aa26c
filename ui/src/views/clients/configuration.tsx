// What an agent tails, and settings of its plugins: the row "{client}:config". What is written there is told on the row's
// channel, where the agent listens.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { messageOf, removeCell, row, setCell, type Cell } from '../../api';
import { useLoad } from '../../api/use';
import { ask, Button, Empty, Panel, Show, Table, tellDone, tellFailed, TextArea, TextField, valueOf, type Column } from '../../components';
import { count } from '../../format';

const kFamily = 'CFUTF8Type';
const kTail = 'tail'; // paths of logs, one a line
const kMost = 1000;
const kPage = 50;

const rowOf = (client: string) => `${client}:config`;
const tell = (client: string, name: string, value: string) => setCell(kFamily, rowOf(client), name, value, true);
const linesOf = (text: string) => [...new Set(text.split('\n').map((line) => line.trim()).filter((line) => line !== ''))];

function Tails({ client, value, reload }: { client: string; value: string; reload: () => void }) {
  const [text, setText] = useState(value);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  useEffect(() => setText(value), [value]);
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
      await tell(client, kTail, paths.join('\n'));
      tellDone(`The agent is told to tail ${count(paths.length, 'log')}.`);
      setError(undefined);
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
          <Button needs="ingest" type="submit" kind="primary" busy={busy} disabled={text === value}>Save</Button>
          <Button disabled={text === value} onClick={() => { setText(value); setError(undefined); }}>As it was</Button>
        </div>
      </form>
    </Panel>
  );
}

function Settings({ client, cells, reload }: { client: string; cells: readonly Cell[]; reload: () => void }) {
  const [typed, setTyped] = useState({ name: '', value: '' });
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
      await tell(client, name, typed.value);
      tellDone(`The agent is told that ${name} is ${typed.value === '' ? 'empty' : typed.value}.`);
      setTyped({ name: '', value: '' });
      setError(undefined);
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
          <Button small aria-label={`Edit the setting ${c.column}`} onClick={() => { setTyped({ name: c.column, value: c.value }); setError(undefined); }}>Edit</Button>{' '}
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
  const cells = useMemo(() => loaded.data?.cells.filter((cell) => cell.column !== kTail) ?? [], [loaded.data]);
  return (
    <Show of={loaded}>
      {(page) => (
        <>
          <Tails client={client} value={page.cells.find((cell) => cell.column === kTail)?.value ?? ''} reload={loaded.reload} />
          <Settings client={client} cells={cells} reload={loaded.reload} />
          {page.next !== null && <p class="muted">The first {kMost} settings are shown.</p>}
        </>
      )}
    </Show>
  );
}
