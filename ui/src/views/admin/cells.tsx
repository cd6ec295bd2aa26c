// The cells of a row, a page of them in either order, each value whole on demand.
import { useMemo, useState } from 'preact/hooks';
import { dropRows, families, removeCell, row as readRow, type Cell } from '../../api';
import { useLoad } from '../../api/use';
import { ask, Button, type Column, Dialog, Empty, Pages, Panel, Show, Stacked, Table, Tabs, tellDone, tellFailed, TextField, valueOf } from '../../components';
import { bytes, count, time } from '../../format';
import { zone } from '../../preferences';
import { href, navigate, setParams, type Params } from '../../router';
import { cellPlace } from './cell_place';
import { headOf, plainValue } from './value';

const kCells = 1000;
const kHead = 160; // characters of a value in the table
const kLastTime = 8.64e15; // that a Date can hold

function Value({ cell, close }: { cell: Cell; close: () => void }) {
  const plain = plainValue(cell.value);
  const size = new Blob([cell.value]).size;
  return (
    <Dialog title={`Value of ${headOf(cell.column, 60)}`} close={close} wide>
      <div class="dialog-body admin-value">
        {plain !== null && <><h3>As it is read</h3><pre tabIndex={0}>{plain}</pre></>}
        <h3>As it is stored <span class="muted">{bytes(size)}{cell.expires !== undefined && `, goes at ${time(cell.expires)}`}</span></h3>
        <pre tabIndex={0}>{cell.value}</pre>
      </div>
    </Dialog>
  );
}

// The page that begins at a cell, or where it would stand.
function GoTo({ timed }: { timed: boolean }) {
  const [typed, setTyped] = useState('');
  const [error, setError] = useState<string>();
  const go = (event: Event) => {
    event.preventDefault();
    const at = cellPlace(typed, timed, zone.value === 'utc');
    setError(at === null ? 'Expected a time such as 2026-01-31 12:00, or milliseconds' : undefined);
    if (at !== null) setParams({ at });
  };
  return (
    <form class="form-row admin-prefix" onSubmit={go}>
      <TextField label={timed ? 'Go to a time' : 'Go to a name'} class="grow" error={error} placeholder={timed ? '2026-01-31 12:00' : 'the beginning of a name'} value={typed} onInput={(event) => setTyped(valueOf(event))} />
      <Button type="submit">Go</Button>
    </form>
  );
}

interface CellsProps {
  params: Params;
  family: string;
  row: string;
}

export function Cells({ params, family, row }: CellsProps) {
  const reverse = params.order === 'desc';
  const page = useLoad((options) => readRow({ family, row, from: params.at, reverse: reverse || undefined, limit: kCells }, options), [family, row, params.at, reverse]);
  const all = useLoad(families, []);
  const timed = all.data?.families.find((each) => each.name === family)?.time_family ?? false;
  const [open, setOpen] = useState<Cell | null>(null);

  const remove = async (cell: Cell) => {
    const sure = await ask({ title: 'Delete the cell?', text: <p><b>{headOf(cell.column, 200)}</b> of row {row} goes, for ever.</p>, yes: 'Delete', danger: true });
    if (!sure) return;
    try {
      await removeCell(family, row, cell.column);
      tellDone('The cell is deleted.');
      page.reload();
    } catch (error) {
      tellFailed('The cell could not be deleted', error);
    }
  };
  const drop = async () => {
    const sure = await ask({ title: 'Delete the row?', text: <p>All cells of <b>{row}</b> in {family} go, for ever.</p>, yes: 'Delete', danger: true });
    if (!sure) return;
    try {
      await dropRows({ family, row });
      tellDone('The row is deleted.');
      navigate('admin', { tab: 'data', family, prefix: params.prefix, from: params.from });
    } catch (error) {
      tellFailed('The row could not be deleted', error);
    }
  };

  const expiring = page.data?.cells.some((cell) => cell.expires !== undefined) ?? false;
  const columns = useMemo<Column<Cell>[]>(() => [
    { name: 'column', title: 'Name', cell: (c) => <span class="mono">{c.column}</span>, class: 'admin-name' },
    ...(timed ? [{ name: 'time', title: 'Time', cell: (c: Cell) => timeOf(c.column), class: 'nowrap' }] : []),
    { name: 'value', title: 'Value', cell: (c) => headOf(c.value, kHead), class: 'line' },
    { name: 'size', title: 'Size', cell: (c) => count(c.value.length, 'character'), number: true },
    ...(expiring ? [{ name: 'expires', title: 'Goes', cell: (c: Cell) => (c.expires === undefined ? '' : time(c.expires)), class: 'nowrap' }] : []),
    {
      name: 'actions', title: 'Change',
      cell: (c) => (
        <span class="actions admin-actions">
          <Button small aria-label={`Show ${headOf(c.column, 60)}`} onClick={() => setOpen(c)}>Show</Button>
          <Button needs="ingest" small aria-label={`Delete ${headOf(c.column, 60)}`} onClick={() => void remove(c)}>Delete</Button>
        </span>
      ),
    },
  ], [family, row, timed, expiring, page.reload]);

  const link = (change: { at?: string | null; order?: string | null }) => href('admin', { ...params, ...change });
  const orders = [
    { name: 'asc', text: timed ? 'Oldest first' : 'First to last', href: link({ order: null, at: null }) },
    { name: 'desc', text: timed ? 'Newest first' : 'Last to first', href: link({ order: 'desc', at: null }) },
  ];
  return (
    <>
      <p><a href={href('admin', { ...params, row: null, at: null, order: null })}>Rows of {family}</a></p>
      <Panel title={<span class="admin-name">{row}</span>} actions={<Button needs="admin" onClick={() => void drop()}>Delete the row</Button>}>
        <Tabs label="Order" tabs={orders} current={reverse ? 'desc' : 'asc'} />
        {(params.at !== undefined || (page.data?.next ?? null) !== null) && <GoTo timed={timed} />}
        <Show of={page}>
          {(data) => (
            <>
              {data.cells.length === 0
                ? <Empty title="There are no cells here." />
                : <Stacked><Table caption={`Cells of ${row}`} columns={columns} rows={data.cells} rowKey={(c) => c.column} /></Stacked>}
              <Pages links={[{ text: 'First page', href: params.at !== undefined && link({ at: null }) }, { text: 'Next page', href: data.next !== null && link({ at: data.next }) }]} />
            </>
          )}
        </Show>
      </Panel>
      {open && <Value cell={open} close={() => setOpen(null)} />}
    </>
  );
}

// Names of time families are milliseconds; any 64 bits may stand there.
function timeOf(column: string): string {
  const ms = Number(column);
  return Number.isFinite(ms) && Math.abs(ms) <= kLastTime ? time(ms, true) : '–';
}
