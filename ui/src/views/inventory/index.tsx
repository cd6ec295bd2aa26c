import { useMemo, useState } from 'preact/hooks';
import { inventory, removeCell, type Machine } from '../../api';
import { useLoad } from '../../api/use';
import { ask, Badge, Button, Empty, Figure, Panel, Select, Show, Stacked, Table, tellDone, tellFailed, TextField, useNow, valueOf, ViewHead, type Column } from '../../components';
import { ago, number } from '../../format';
import { href, setParams } from '../../router';
import type { ViewProps } from '..';
import { addMachine, AddMachine, kMachinesFamily, kMachinesRow } from './add_machine';
import './inventory.css';
import { WholeList } from './whole_list';

const kEveryMs = 10_000;
const kPage = 200;

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

const kNothing: readonly Machine[] = [];

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
      await removeCell(kMachinesFamily, kMachinesRow, m.machine);
      tellDone(`${m.machine} is off the list.`);
      list.reload();
    } catch (error) {
      tellFailed(`${m.machine} could not be removed from the list`, error);
    }
  };

  const columns = useMemo((): Column<Machine>[] => [
    { name: 'machine', title: 'Machine', class: 'name-cell', cell: (m) => m.machine, sort: (m) => m.machine },
    { name: 'state', title: 'State', cell: (m) => <State of={m} />, sort: (m) => (m.expected ? (m.reports ? 2 : 0) : m.reports ? 1 : 3) },
    { name: 'name', title: 'Name', class: 'stacked-titled', cell: (m) => m.name ?? '–', sort: (m) => m.name },
    { name: 'group', title: 'Group', class: 'stacked-titled', cell: (m) => m.group ?? '–', sort: (m) => m.group },
    { name: 'client', title: 'Client', class: 'name-cell stacked-titled', cell: (m) => (m.client === null ? '–' : <a href={href('clients', { client: m.client })}>{m.client}</a>), sort: (m) => m.client },
    { name: 'seen', title: 'Last seen', class: 'nowrap stacked-titled', cell: (m) => ago(m.last_seen, now), sort: (m) => m.last_seen },
    {
      name: 'do', title: 'Actions', class: 'actions-cell',
      cell: (m) => (m.expected
        ? <Button needs="ingest" small onClick={() => void remove(m)} aria-label={`Remove ${m.machine} from the list`}>Remove</Button>
        : <Button needs="ingest" small onClick={() => void add(m)} aria-label={`Add ${m.machine} to the list`}>Add</Button>),
    },
  ], [now]);

  const place = { sort: params.sort, page: params.page, move: (to: { sort?: string }) => setParams(to, to.sort !== undefined) };
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
          <TextField label="Filter" class="grow" type="search" value={params.q ?? ''} onInput={(event) => setParams({ q: valueOf(event), page: '' }, true)} />
          <Select label="Show" options={kShown} value={shown} onChange={(event) => setParams({ show: valueOf(event), page: '' })} />
        </div>
        <Show of={list}>
          {() => (machines.length === 0
            ? <Empty title="No machine is listed, and none reports."><p>Add the machines that there should be, one by one or as a whole list.</p></Empty>
            : rows.length === 0 ? <Empty title="No machine is like that." />
            : <Stacked sorted><Table caption="Listed and reporting machines" columns={columns} rows={rows} rowKey={(m) => `${m.expected} ${m.machine}`} sortBy="state" pageSize={kPage} place={place} /></Stacked>)}
        </Show>
      </Panel>
      {editing && list.data && <WholeList machines={machines} close={(changed) => { setEditing(false); if (changed) list.reload(); }} />}
    </>
  );
}
