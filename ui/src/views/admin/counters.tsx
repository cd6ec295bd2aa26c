// Rows that have counters, by prefix, and the counters of one.
import { useMemo } from 'preact/hooks';
import { counterRows, counters, removeCounters, type CounterPage } from '../../api';
import { useLoad } from '../../api/use';
import { ask, Button, type Column, Empty, Pages, Panel, Show, Table, tellDone, tellFailed } from '../../components';
import { number } from '../../format';
import { href, navigate, type Params } from '../../router';
import { RowList } from './row_list';
import { headOf } from './value';

const kCounters = 1000;
type Counter = CounterPage['counters'][number];

function OfRow({ params, row }: { params: Params; row: string }) {
  const page = useLoad((options) => counters({ row, from: params.at, limit: kCounters }, options), [row, params.at]);
  const link = (at: string | null) => href('admin', { ...params, at });
  const rows = { ...params, row: null, at: null };
  const remove = async (counter: Counter) => {
    const sure = await ask({ title: 'Delete the counter?', text: <p><b>{headOf(counter.column, 200)}</b> of row {row}, which stands at {number(counter.value)}, goes. It begins at 0 when it is counted again.</p>, yes: 'Delete', danger: true });
    if (!sure) return;
    try {
      await removeCounters(row, counter.column);
      tellDone('The counter is deleted.');
      page.reload();
    } catch (error) {
      tellFailed('The counter could not be deleted', error);
    }
  };
  const removeAll = async () => {
    const sure = await ask({ title: 'Delete all counters of the row?', text: <p>All counters of <b>{row}</b> go.</p>, yes: 'Delete', danger: true });
    if (!sure) return;
    try {
      await removeCounters(row);
      tellDone(`The counters of ${row} are deleted.`);
      navigate('admin', rows);
    } catch (error) {
      tellFailed('The counters could not be deleted', error);
    }
  };
  const columns = useMemo<Column<Counter>[]>(() => [
    { name: 'column', title: 'Counter', cell: (c) => c.column, sort: (c) => c.column, class: 'admin-name' },
    { name: 'value', title: 'Value', cell: (c) => number(c.value), sort: (c) => c.value, number: true },
    { name: 'actions', title: 'Change', class: 'actions-cell', cell: (c) => <Button needs="ingest" small aria-label={`Delete ${headOf(c.column, 60)}`} onClick={() => void remove(c)}>Delete</Button> },
  ], [row, page.reload]);
  return (
    <Panel title={<span class="admin-name">{row}</span>} actions={<><a class="button" href={href('admin', rows)}>All rows</a><Button needs="ingest" onClick={() => void removeAll()}>Delete all</Button></>}>
      <Show of={page}>
        {(data) => (
          <>
            {data.counters.length === 0
              ? <Empty title="It has no counters." />
              : <Table caption={`Counters of ${row}`} columns={columns} rows={data.counters} rowKey={(c) => c.column} />}
            <Pages links={[{ text: 'First page', href: params.at !== undefined && link(null) }, { text: 'Next page', href: data.next !== null && link(data.next) }]} />
          </>
        )}
      </Show>
    </Panel>
  );
}

export function Counters({ params }: { params: Params }) {
  if (params.row !== undefined) return <OfRow key={params.row} params={params} row={params.row} />;
  return <RowList title="Rows with counters" params={params} load={counterRows} none="Nothing has been counted." noneLike="No row with counters begins so." />;
}
