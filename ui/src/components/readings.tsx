// What plugins measured: a chart for each field, with a line for each client, and the same as numbers below.
import { useMemo, useState } from 'preact/hooks';
import type { Series } from '../api/types';
import { count, number, shortNumber, time } from '../format';
import { Button } from './button';
import { Chart } from './chart';
import { Panel } from './panel';
import { alignedLines, fieldsOf, sumOf, type Field, type Sum } from './reading_lines';
import { Table, type Column } from './table';

const kMostCharts = 24; // at a time

const kSumColumns: Column<Sum>[] = [
  { name: 'client', title: 'Client', cell: (sum) => sum.name, sort: (sum) => sum.name },
  { name: 'last', title: 'Last', number: true, cell: (sum) => (sum.last === null ? '–' : shortNumber(sum.last)), sort: (sum) => sum.last },
  { name: 'min', title: 'Min', number: true, cell: (sum) => shortNumber(sum.min), sort: (sum) => sum.min },
  { name: 'mean', title: 'Mean', number: true, cell: (sum) => shortNumber(sum.mean), sort: (sum) => sum.mean },
  { name: 'max', title: 'Max', number: true, cell: (sum) => shortNumber(sum.max), sort: (sum) => sum.max },
  { name: 'n', title: 'Readings', number: true, cell: (sum) => shortNumber(sum.n), sort: (sum) => sum.n },
  { name: 'at', title: 'At', class: 'nowrap', cell: (sum) => time(sum.at), sort: (sum) => sum.at },
];

function FieldPanel({ field, span, nameOf, select }: { field: Field; span: { from: number; to: number } | undefined; nameOf: (client: string) => string; select: ((from: number, to: number) => void) | undefined }) {
  const { times, lines } = useMemo(() => alignedLines(field.series, nameOf), [field.series, nameOf]);
  const sums = useMemo(() => field.series.map((one) => sumOf(one, nameOf(one.client))), [field.series, nameOf]);
  return (
    <Panel title={field.title}>
      <Chart name={`readings ${field.key}`} label={`${field.title} of ${count(field.series.length, 'client')} over time; the table below has the numbers`} times={times} lines={lines} {...(span ? { span } : {})} {...(select ? { select } : {})} />
      <Table caption={`${field.title}, in numbers`} columns={kSumColumns} rows={sums} rowKey={(sum) => sum.client} sortBy="client" />
    </Panel>
  );
}

export function Readings({ series, span, nameOf, select }: {
  series: readonly Series[];
  span?: { from: number; to: number };
  nameOf: (client: string) => string; // keeps its identity while names do not change
  select?: (from: number, to: number) => void;
}) {
  const fields = useMemo(() => fieldsOf(series), [series]);
  const [wanted, setPage] = useState(0);
  const page = Math.min(wanted, Math.max(0, Math.ceil(fields.length / kMostCharts) - 1));
  const begin = page * kMostCharts;
  return (
    <>
      {fields.length > kMostCharts && (
        <nav class="actions pager" aria-label="Pages of fields">
          <Button small disabled={page === 0} onClick={() => setPage(page - 1)}>Previous fields</Button>
          <span class="muted" role="status">{number(begin + 1)}–{number(Math.min(begin + kMostCharts, fields.length))} of {count(fields.length, 'field')}</span>
          <Button small disabled={begin + kMostCharts >= fields.length} onClick={() => setPage(page + 1)}>Next fields</Button>
        </nav>
      )}
      <div class="grid readings">
        {fields.slice(begin, begin + kMostCharts).map((field) => <FieldPanel key={field.key} field={field} span={span} nameOf={nameOf} select={select} />)}
      </div>
    </>
  );
}
