// A table that can be sorted by its columns. It scrolls sideways within its frame where the window is narrow.
import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { number } from '../format';
import { Button } from './button';

export interface Column<R> {
  name: string; // unique within the table
  title: string;
  cell: (row: R) => ComponentChildren;
  sort?: (row: R) => string | number | null; // without it the column cannot be sorted by; null goes last
  number?: boolean; // right-aligned figures
  class?: string;
}

interface TableProps<R> {
  caption: string; // read out; not shown
  columns: readonly Column<R>[];
  rows: readonly R[];
  rowKey: (row: R) => string;
  sortBy?: string;
  descending?: boolean;
  rowClass?: (row: R) => string | undefined;
  pageSize?: number; // so many rows at a time, with buttons for the others
  // Where the address keeps how it is sorted ("-seen": descending by the column `seen`) and which page is shown (from 1),
  // and what changes it there; without it the table keeps both for itself.
  place?: { sort: string | undefined; page: string | undefined; move: (to: { sort?: string; page?: string }) => void };
}

interface Order {
  name: string | undefined;
  descending: boolean;
}
const orderOf = (text: string): Order => (text.startsWith('-') ? { name: text.slice(1), descending: true } : { name: text, descending: false });

export function Table<R>({ caption, columns, rows, rowKey, sortBy, descending = false, rowClass, pageSize = Infinity, place }: TableProps<R>) {
  const [own, setOwn] = useState<Order>({ name: sortBy, descending });
  const placed = place?.sort;
  const order = useMemo(() => (placed === undefined ? own : orderOf(placed)), [placed, own]);
  const sorted = useMemo(() => {
    const key = columns.find((column) => column.name === order.name)?.sort;
    return key ? [...rows].sort((a, b) => compare(key(a), key(b), order.descending)) : rows;
  }, [rows, columns, order]);

  const [ownPage, setOwnPage] = useState(0);
  const wanted = place ? Math.max(0, Math.trunc(Number(place.page ?? 1) || 1) - 1) : ownPage;
  const setPage = (to: number) => (place ? place.move({ page: to === 0 ? '' : String(to + 1) }) : setOwnPage(to));
  const pages = Math.max(1, Math.ceil(rows.length / pageSize));
  const page = Math.min(wanted, pages - 1);
  const shown = pages === 1 ? sorted : sorted.slice(page * pageSize, (page + 1) * pageSize);

  const press = (name: string) => {
    const next = { name, descending: order.name === name && !order.descending };
    if (place) place.move({ sort: `${next.descending ? '-' : ''}${name}`, page: '' });
    else setOwn(next);
  };
  const table = (
    <div class="table-frame" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => {
              const here = column.name === order.name;
              return (
                <th key={column.name} scope="col" class={classOf(column)} aria-sort={here ? (order.descending ? 'descending' : 'ascending') : undefined}>
                  {column.sort ? (
                    <button type="button" class="sort" onClick={() => press(column.name)}>
                      {column.title}
                      <span aria-hidden="true">{here ? (order.descending ? ' ▾' : ' ▴') : ''}</span>
                    </button>
                  ) : column.title}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={rowKey(row)} class={rowClass?.(row)}>
              {columns.map((column) => <td key={column.name} class={classOf(column)} data-title={column.title}>{column.cell(row)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
  if (pages === 1) return table;
  return (
    <>
      {table}
      <nav class="actions pager" aria-label={`Pages of: ${caption}`}>
        <Button small disabled={page === 0} onClick={() => setPage(page - 1)}>Previous</Button>
        <span class="muted">{number(page * pageSize + 1)}–{number(page * pageSize + shown.length)} of {number(rows.length)}</span>
        <Button small disabled={page === pages - 1} onClick={() => setPage(page + 1)}>Next</Button>
      </nav>
    </>
  );
}

function classOf<R>(column: Column<R>): string | undefined {
  return [column.number && 'number', column.class].filter(Boolean).join(' ') || undefined;
}

function compare(a: string | number | null, b: string | number | null, descending: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
  return descending ? -order : order;
}
