// The lines around one line of its log.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { context } from '../../api';
import { useLoad } from '../../api/use';
import { Button, Dialog, Entries, Show } from '../../components';
import { copyText } from '../../components/copy';

const kStep = 20;
const kMost = 1000;

export function Around({ id, names, close }: { id: string; names: Readonly<Record<string, string>>; close: () => void }) {
  const [before, setBefore] = useState(kStep);
  const [after, setAfter] = useState(kStep);
  const [last, setLast] = useState<Awaited<ReturnType<typeof context>> | undefined>(undefined);
  const list = useLoad((options) => context({ id, before, after }, options), [id, before, after]);
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => { if (list.data) setLast(list.data); }, [list.data]);
  // What is there stays while more is loaded.
  const shown = { ...list, data: list.data ?? last };
  const entries = shown.data?.entries ?? [];
  const own = entries.findIndex((entry) => entry.id === id);
  // The line stays where it is read when others come before it.
  const placeOf = () => body.current?.querySelector('[aria-current]')?.getBoundingClientRect().top;
  const was = placeOf();
  useLayoutEffect(() => {
    const now = placeOf();
    if (body.current && was !== undefined && now !== undefined) body.current.scrollTop += now - was;
  }, [entries]);
  useEffect(() => body.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'center' }), [last === undefined]);
  return (
    <Dialog title="Lines around it" close={close} wide>
      <div class="dialog-body search-around" ref={body} tabIndex={0} role="region" aria-label="Lines around it">
        <Show of={shown}>
          {() => (
            <>
              <Button small busy={list.loading} disabled={own < before || before >= kMost} onClick={() => setBefore(Math.min(kMost, before * 2))}>{own < before ? 'The log begins here' : 'More before'}</Button>
              <Entries label="Lines around it" entries={entries} current={id} names={names} />
              <Button small busy={list.loading} disabled={entries.length - own - 1 < after || after >= kMost} onClick={() => setAfter(Math.min(kMost, after * 2))}>{entries.length - own - 1 < after ? 'The log ends here' : 'More after'}</Button>
            </>
          )}
        </Show>
      </div>
      <footer class="dialog-foot">
        <Button onClick={() => void copyText(entries.map(({ line }) => line).join('\n'), 'The lines were')}>Copy these lines</Button>
        <Button onClick={() => void copyText(location.href, 'The address was')}>Copy the address</Button>
      </footer>
    </Dialog>
  );
}
