// Taking a client, a log or a plugin out of the lists. What has stored lines stands in the lists by them, so the question
// says what there is, and offers to take it too.
import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { dropRows, removeCell, removeRow, removeTag } from '../api';
import { ApiError } from '../api/http';
import { count } from '../format';
import { Button } from './button';
import { ConfirmName } from './confirm_name';
import { Dialog } from './dialog';
import { Checkbox, checkedOf } from './field';
import { Loading } from './state';
import { tellDone, tellFailed } from './toast';

export interface Removable {
  client: string;
  kind: 'client' | 'logs' | 'plugins';
  name?: string; // of the log or plugin
  display?: string; // how it is shown, if otherwise
  tag?: string | null;
}

const kIndexFamily = 'CFUTF8Type';
const kNouns = { client: 'client', logs: 'log', plugins: 'plugin' } as const;
const shownName = (what: Removable): string => (what.kind === 'client' ? (what.tag ?? what.client) : (what.display ?? what.name ?? ''));
const kUntypable = /\p{C}/u; // control characters, bytes that are no UTF-8: nobody can type such a name
const titleOf = (what: Removable) => `Remove the ${kNouns[what.kind]} ${shownName(what)}?`;

const asked = signal<{ what: Removable; answer: (removed: boolean) => void } | null>(null);

// Asks, removes, tells what came of it; gives whether something is gone.
export function askRemoval(what: Removable): Promise<boolean> {
  asked.peek()?.answer(false);
  return new Promise((resolve) => {
    asked.value = {
      what,
      answer: (removed) => {
        asked.value = null;
        resolve(removed);
      },
    };
  });
}

const rowsOf = ({ client, kind, name }: Removable) => (kind === 'client' ? { client } : { client, kind, log: name ?? '' });

async function remove(what: Removable, lines: boolean): Promise<string> {
  const { client, kind, name = '' } = what;
  const shown = kind === 'client' ? client : `${shownName(what)} of ${client}`;
  // The lines go first: if that fails, all is as it was.
  const dropped = lines ? (await dropRows(rowsOf(what))).dropped : 0;
  if (kind === 'client') {
    await removeCell(kIndexFamily, 'clients', client);
    if (what.tag) await removeTag(client);
    // Lists of names of which nothing is left.
    if (lines) for (const list of ['logs', 'plugins']) await removeRow(kIndexFamily, `${client}:${list}`);
  } else {
    await removeCell(kIndexFamily, `${client}:${kind}`, name);
  }
  return `${shown} was removed${dropped > 0 ? `, with ${count(dropped, 'day')} of what it wrote` : ''}.`;
}

type Stored = { is: 'asking' } | { is: 'known'; rows: number } | { is: 'not known'; why: string };

function useStored(what: Removable): Stored {
  const [stored, setStored] = useState<Stored>({ is: 'asking' });
  useEffect(() => {
    // The call takes globs: a name that has such signs would take others with it.
    if (/[*?]/.test(what.client + (what.name ?? ''))) {
      setStored({ is: 'not known', why: 'The name has signs that stand for other names, so its lines cannot be removed here.' });
      return undefined;
    }
    const abort = new AbortController();
    dropRows({ ...rowsOf(what), dry_run: true }, { signal: abort.signal }).then(
      (report) => setStored({ is: 'known', rows: report.dropped }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        setStored({ is: 'not known', why: error instanceof ApiError && error.status === 403 ? 'To remove what it wrote takes the role admin.' : String(error instanceof Error ? error.message : error) });
      },
    );
    return () => abort.abort();
  }, [what]);
  return stored;
}

function Removal({ what, answer }: { what: Removable; answer: (removed: boolean) => void }) {
  const stored = useStored(what);
  const [lines, setLines] = useState(false);
  const [busy, setBusy] = useState(false);
  const [sure, setSure] = useState(false); // lines go for ever: the name is asked for
  const rows = stored.is === 'known' ? stored.rows : 0;
  const withLines = lines && rows > 0;
  const byName = withLines && !kUntypable.test(shownName(what));
  const go = async () => {
    setSure(false);
    setBusy(true);
    try {
      tellDone(await remove(what, withLines));
      answer(true);
    } catch (error) {
      tellFailed(`${shownName(what)} could not be removed`, error);
      answer(false);
    }
  };
  if (sure) {
    return (
      <ConfirmName title={titleOf(what)} name={shownName(what)} yes="Remove with what it wrote" confirm={() => void go()} close={() => answer(false)}>
        <p>{count(rows, 'day')} of logs and readings will be gone for ever.</p>
      </ConfirmName>
    );
  }
  return (
    <Dialog title={titleOf(what)} close={() => answer(false)}>
      <div class="dialog-body removal">
        {what.kind === 'client'
          ? <p>The client <b>{what.client}</b>{what.tag ? <> and its tag <b>{what.tag}</b></> : null} will be taken out of the list. It comes back when it reports again.</p>
          : <p>The {kNouns[what.kind]} <b>{shownName(what)}</b> will be taken out of the list of <b>{what.client}</b>. It comes back when something is written to it.</p>}
        {stored.is === 'asking' && <Loading label="Looking what it wrote…" />}
        {rows > 0 && (
          <>
            <Checkbox label={`Also remove what it wrote: ${count(rows, 'day')} of logs and readings, for ever`} checked={lines} onChange={(event) => setLines(checkedOf(event))} />
            {!lines && <p class="muted">What it wrote stays, and so it stays in the list as long as that is kept.</p>}
          </>
        )}
        {stored.is === 'known' && rows === 0 && <p class="muted">Nothing that it wrote is stored.</p>}
        {stored.is === 'not known' && <p class="muted">{stored.why} What it wrote stays, and it stays in the list as long as that is kept.</p>}
      </div>
      <footer class="dialog-foot">
        <Button onClick={() => answer(false)} autofocus>Cancel</Button>
        <Button kind="danger" busy={busy} disabled={stored.is === 'asking'} onClick={() => (byName ? setSure(true) : void go())}>{byName ? 'Remove with what it wrote…' : withLines ? 'Remove with what it wrote' : 'Remove'}</Button>
      </footer>
    </Dialog>
  );
}

// Where askRemoval() shows itself; once in a view that asks.
export function Removals() {
  const open = asked.value;
  return open ? <Removal key={`${open.what.kind} ${open.what.client} ${open.what.name ?? ''}`} what={open.what} answer={open.answer} /> : null;
}
