// Keys of rows by prefix, a page of them.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { CallOptions, RowPage } from '../../api';
import { useLoad } from '../../api/use';
import { Button, Empty, Pages, Panel, Show, TextField, valueOf } from '../../components';
import { href, setParams, type Params } from '../../router';

const kRows = 200;

interface RowListProps {
  title: string;
  actions?: ComponentChildren;
  params: Params;
  load: (query: { prefix: string; from?: string | undefined; limit: number }, options: CallOptions) => Promise<RowPage>;
  none: string; // said where there are no rows at all
  noneLike: string; // where none begins so
}

// With another `load` it needs another key.
export function RowList({ title, actions, params, load, none, noneLike }: RowListProps) {
  const prefix = params.prefix ?? '';
  const [typed, setTyped] = useState(prefix);
  const page = useLoad((options) => load({ prefix, from: params.from, limit: kRows }, options), [prefix, params.from]);
  const link = (from: string | null) => href('admin', { ...params, from });
  return (
    <Panel title={title} actions={actions}>
      <form class="form-row admin-prefix" onSubmit={(event) => { event.preventDefault(); setParams({ prefix: typed, from: null }); }}>
        <TextField label="Rows that begin with" class="grow" placeholder="10.0.0.1:logs:" value={typed} onInput={(event) => setTyped(valueOf(event))} />
        <Button type="submit">Find</Button>
      </form>
      <Show of={page}>
        {({ rows, next }) => (
          <>
            {rows.length === 0
              ? <Empty title={prefix === '' ? none : noneLike} />
              : <ul class="admin-rows" aria-label="Rows">{rows.map((row) => <li key={row}><a href={href('admin', { ...params, row })}>{row}</a></li>)}</ul>}
            <Pages label="Pages of rows" links={[{ text: 'First page', href: params.from !== undefined && link(null) }, { text: 'Next page', href: next !== null && link(next) }]} />
          </>
        )}
      </Show>
    </Panel>
  );
}
