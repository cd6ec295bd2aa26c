// Keys of rows, a page of them.
import type { RowPage } from '../../api';
import { Button, Empty, Pages, TextField, valueOf } from '../../components';

export function PrefixForm({ typed, change, find }: { typed: string; change: (text: string) => void; find: () => void }) {
  return (
    <form class="form-row admin-prefix" onSubmit={(event) => { event.preventDefault(); find(); }}>
      <TextField label="Rows that begin with" class="grow" placeholder="10.0.0.1:logs:" value={typed} onInput={(event) => change(valueOf(event))} />
      <Button type="submit">Find</Button>
    </form>
  );
}

interface RowListProps {
  page: RowPage;
  link: (row: string) => string;
  pageLink: (from: string | null) => string;
  first: boolean;
  none: string;
}

export function RowList({ page, link, pageLink, first, none }: RowListProps) {
  return (
    <>
      {page.rows.length === 0
        ? <Empty title={none} />
        : <ul class="admin-rows" aria-label="Rows">{page.rows.map((row) => <li key={row}><a href={link(row)}>{row}</a></li>)}</ul>}
      <Pages label="Pages of rows" links={[{ text: 'First page', href: !first && pageLink(null) }, { text: 'Next page', href: page.next !== null && pageLink(page.next) }]} />
    </>
  );
}
