import { useMemo, useState } from 'preact/hooks';
import { inventory, messageOf, removeCell, setCell, setInventory, type Machine } from '../../api';
import { useLoad } from '../../api/use';
import { ask, Badge, Button, Dialog, Empty, Figure, Panel, Select, Show, Table, tellDone, tellFailed, TextArea, TextField, useNow, valueOf, ViewHead, type Column } from '../../components';
import { ago, count, number } from '../../format';
import { href, setParams } from '../../router';
import type { ViewProps } from '..';
import './inventory.css';

const kEveryMs = 10_000;
const kFamily = 'CFUTF8Type';
const kRow = 'instances';
const kPage = 200;

// One machine alone, so that what others change meanwhile stays. Who reads the row unescapes %XX: a text keeps its % in JSON's way.
const addMachine = (machine: string, name: string, group: string) =>
  setCell(kFamily, kRow, machine, JSON.stringify({ name, group }).replaceAll('%', '\\u0025'));

type Shown = '' | 'reports' | 'silent' | 'unlisted';
const kShown: readonly (readonly [Shown, string])[] = [
  ['', 'All'], ['reports', 'Listed, and reporting'], ['silent', 'Listed, not reporting'], ['unlisted', 'Reporting, not listed'],
];
const kAccept: Readonly<Record<Shown, (m: Machine) => boolean>> = {
  '': () => true,
  reports: (m) => m.expected && m.reports,
  silent: (m) => m.expected && !m.reports,
  unlisted: (m) => !m.expected && m.reports,
};

function State({ of: m }: { of: Machine }) {
  if (!m.expected) return m.reports ? <Badge tone="warn">not listed, reports</Badge> : <Badge>not listed, silent</Badge>;
  if (m.reports) return <Badge tone="good">reports</Badge>;
  return <Badge tone="bad">{m.client === null ? 'never reported' : 'silent'}</Badge>;
}

function AddMachine({ done }: { done: () => void }) {
  const [typed, setTyped] = useState({ machine: '', name: '', group: '' });
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const field = (part: keyof typeof typed) => ({ value: typed[part], onInput: (event: Event) => setTyped({ ...typed, [part]: valueOf(event) }) });
  const save = async (event: Event) => {
    event.preventDefault();
    const machine = typed.machine.trim();
    if (machine === '') {
      setError('The address or name by which it reports is needed');
      return;
    }
    setBusy(true);
    try {
      await addMachine(machine, typed.name.trim(), typed.group.trim());
      tellDone(`${machine} is in the list now.`);
      setTyped({ machine: '', name: '', group: typed.group });
      setError(undefined);
      done();
    } catch (caught) {
      setError(messageOf(caught));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel title="Add a machine">
      <form class="form-row" onSubmit={(event) => void save(event)}>
        <TextField label="Machine" placeholder="10.0.0.1" error={error} maxLength={256} {...field('machine')} />
        <TextField label="Name" maxLength={256} {...field('name')} />
        <TextField label="Group" maxLength={256} {...field('group')} />
        <Button needs="ingest" type="submit" kind="primary" busy={busy}>Add</Button>
      </form>
    </Panel>
  );
}

const kNothing: readonly Machine[] = [];
const listText = (machines: readonly Machine[]) =>
  machines.filter((m) => m.expected).map((m) => [m.machine, m.name ?? '', m.group ?? ''].join(' ').trimEnd()).join('\n');
// Lines have blanks between their parts, so a list with other names cannot be edited as lines without losing something.
const fitsLines = (machines: readonly Machine[]) =>
  machines.every((m) => !m.expected || (!/\s|^#/.test(m.machine) && !/\s/.test(m.name ?? '') && !/\s/.test(m.group ?? '') && (m.name !== null || m.group === null)));

function WholeList({ machines, close }: { machines: readonly Machine[]; close: (changed: boolean) => void }) {
  const [text, setText] = useState(() => (fitsLines(machines) ? listText(machines) : ''));
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const before = machines.filter((m) => m.expected).length;
  const save = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      const isJson = text.trimStart().startsWith('[');
      const answer = await setInventory(isJson ? (JSON.parse(text) as { machine: string }[]) : text);
      tellDone(`The list has ${count(answer.machines.filter((m) => m.expected).length, 'machine')} now.`);
      close(true);
    } catch (caught) {
      setError(messageOf(caught));
      setBusy(false);
    }
  };
  const fromFile = async (event: Event) => {
    const file = (event.currentTarget as HTMLInputElement).files?.[0];
    if (file) setText(await file.text());
  };
  return (
    <Dialog title="The whole list" close={() => close(false)} wide>
      <form onSubmit={(event) => void save(event)}>
        <div class="dialog-body inventory-list">
          <p>A machine a line: address, name and group with blanks between; or a JSON list. It takes the place of what is there: <b>{count(before, 'machine')}</b>.</p>
          <TextField label="From a file" type="file" accept=".txt,.csv,.json,text/plain,application/json" onChange={(event) => void fromFile(event)} />
          <TextArea label="List" rows={12} value={text} error={error} placeholder={'10.0.0.1 web1 web\n10.0.0.2 db1 data'} onInput={(event) => setText(valueOf(event))} />
        </div>
        <footer class="dialog-foot">
          <Button onClick={() => close(false)}>Cancel</Button>
          <Button type="submit" kind="primary" busy={busy}>Set the list</Button>
        </footer>
      </form>
    </Dialog>
  );
}

export function Inventory({ params }: ViewProps) {
  const list = useLoad(inventory, [], kEveryMs);
  const [editing, setEditing] = useState(false);
  const now = useNow(10_000);
  const machines = list.data?.machines ?? kNothing;
  const shown = (params.show ?? '') as Shown;
  const text = (params.q ?? '').toLowerCase();
  const rows = useMemo(
    () => machines.filter(kAccept[shown] ?? kAccept['']).filter((m) => text === '' || [m.machine, m.name, m.group, m.client, m.external].some((part) => part?.toLowerCase().includes(text))),
    [machines, shown, text],
  );

  const add = async (m: Machine) => {
    try {
      await addMachine(m.machine, m.name ?? '', '');
      tellDone(`${m.machine} is in the list now.`);
      list.reload();
    } catch (error) {
      tellFailed(`${m.machine} could not be added`, error);
    }
  };
  const remove = async (m: Machine) => {
    const yes = await ask({
      title: `Remove ${m.machine} from the list?`,
      text: <p><b>{m.machine}</b>{m.name && <> ({m.name})</>} will no longer be expected. {m.client === null ? 'Nothing of it is stored.' : 'Its client and what that wrote stay.'}</p>,
      yes: 'Remove it', danger: true,
    });
    if (!yes) return;
    try {
      await removeCell(kFamily, kRow, m.machine);
      tellDone(`${m.machine} is off the list.`);
      list.reload();
    } catch (error) {
      tellFailed(`${m.machine} could not be removed from the list`, error);
    }
  };

  const columns = useMemo((): Column<Machine>[] => [
    { name: 'machine', title: 'Machine', class: 'name-cell', cell: (m) => m.machine, sort: (m) => m.machine },
    { name: 'state', title: 'State', cell: (m) => <State of={m} />, sort: (m) => (m.expected ? (m.reports ? 2 : 0) : m.reports ? 1 : 3) },
    { name: 'name', title: 'Name', cell: (m) => m.name ?? '–', sort: (m) => m.name },
    { name: 'group', title: 'Group', cell: (m) => m.group ?? '–', sort: (m) => m.group },
    { name: 'client', title: 'Client', class: 'name-cell', cell: (m) => (m.client === null ? '–' : <a href={href('clients', { client: m.client })}>{m.client}</a>), sort: (m) => m.client },
    { name: 'seen', title: 'Last seen', class: 'nowrap', cell: (m) => ago(m.last_seen, now), sort: (m) => m.last_seen },
    {
      name: 'do', title: 'Actions', class: 'actions-cell',
      cell: (m) => (m.expected
        ? <Button needs="ingest" small onClick={() => void remove(m)} aria-label={`Remove ${m.machine} from the list`}>Remove</Button>
        : <Button needs="ingest" small onClick={() => void add(m)} aria-label={`Add ${m.machine} to the list`}>Add</Button>),
    },
  ], [now]);

  const number_of = (which: Shown) => machines.filter(kAccept[which]).length;
  return (
    <>
      <ViewHead title="Inventory" changes="ingest" actions={<Button needs="ingest" onClick={() => setEditing(true)} disabled={!list.data}>Whole list…</Button>} />
      {list.data && (
        <div class="figures">
          <Figure label="Machines listed" value={number(machines.filter((m) => m.expected).length)} />
          <Figure label="Listed, and reporting" value={number(number_of('reports'))} />
          <Figure label="Listed, not reporting" value={number(number_of('silent'))} {...(number_of('silent') > 0 ? { tone: 'bad' as const } : {})} />
          <Figure label="Reporting, not listed" value={number(number_of('unlisted'))} {...(number_of('unlisted') > 0 ? { tone: 'warn' as const } : {})} />
        </div>
      )}
      <AddMachine done={list.reload} />
      <Panel title="Machines">
        <div class="form-row inventory-filter">
          <TextField label="Filter" class="grow" type="search" value={params.q ?? ''} onInput={(event) => setParams({ q: valueOf(event) }, true)} />
          <Select label="Show" options={kShown} value={shown} onChange={(event) => setParams({ show: valueOf(event) })} />
        </div>
        <Show of={list}>
          {() => (machines.length === 0
            ? <Empty title="No machine is listed, and none reports."><p>Add the machines that there should be, one by one or as a whole list.</p></Empty>
            : rows.length === 0 ? <Empty title="No machine is like that." />
            : <Table caption="Listed and reporting machines" columns={columns} rows={rows} rowKey={(m) => `${m.expected} ${m.machine}`} sortBy="state" pageSize={kPage} />)}
        </Show>
      </Panel>
      {editing && list.data && <WholeList machines={machines} close={(changed) => { setEditing(false); if (changed) list.reload(); }} />}
    </>
  );
}
