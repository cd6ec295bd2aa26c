// Rows that have counters, by prefix, and the counters of one.
import { useState } from 'preact/hooks';
import { counterRows, counters, type CounterPage } from '../../api';
import { useLoad } from '../../api/use';
import { type Column, Empty, Pages, Panel, Show, Table } from '../../components';
import { number } from '../../format';
import { href, setParams, type Params } from '../../router';
import { PrefixForm, RowList } from './row_list';

const kRows = 200;
const kCounters = 1000;

const columns: Column<CounterPage['counters'][number]>[] = [
  { name: 'column', title: 'Counter', cell: (c) => c.column, sort: (c) => c.column, class: 'admin-name' },
  { name: 'value', title: 'Value', cell: (c) => number(c.value), sort: (c) => c.value, number: true },
];

function OfRow({ params, row }: { params: Params; row: string }) {
  const page = useLoad((options) => counters({ row, from: params.at, limit: kCounters }, options), [row, params.at]);
  const link = (at: string | null) => href('admin', { ...params, at });
  return (
    <Panel title={<span class="admin-name">{row}</span>} actions={<a class="button" href={href('admin', { ...params, row: null, at: null })}>All rows</a>}>
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
  const prefix = params.prefix ?? '';
  const [typed, setTyped] = useState(prefix);
  const page = useLoad((options) => counterRows({ prefix, from: params.from, limit: kRows }, options), [prefix, params.from]);
  if (params.row !== undefined) return <OfRow params={params} row={params.row} />;
  return (
    <Panel title="Rows with counters">
      <PrefixForm typed={typed} change={setTyped} find={() => setParams({ prefix: typed, from: null })} />
      <Show of={page}>
        {(data) => (
          <RowList
            page={data} link={(row) => href('admin', { ...params, row })}
            pageLink={(from) => href('admin', { ...params, from })} first={params.from === undefined}
            none={prefix === '' ? 'Nothing has been counted.' : 'No row with counters begins so.'}
          />
        )}
      </Show>
    </Panel>
  );
}
