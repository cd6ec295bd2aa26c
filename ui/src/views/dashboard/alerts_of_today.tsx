// Alerts of today: those that are stored, and new ones as they come.
import { useEffect, useRef, useState } from 'preact/hooks';
import { alerts, firingAlerts, followTail, type Entry, type TailEvent } from '../../api';
import { useLoad } from '../../api/use';
import { Badge, dayOf, Empty, Entries, LiveState, Panel, Show, useLive, useNow, useVisible, type ClientNames } from '../../components';
import { alertOf } from '../../components/alert';
import { count, number } from '../../format';
import { href } from '../../router';

const kShown = 10;
const kMost = 1000; // counted; there are more: "1000 and more"

export function AlertsOfToday({ names }: { names: ClientNames }) {
  const day = dayOf(undefined, 0, useNow(30_000)); // another one from midnight on
  const stored = useLoad((options) => alerts({ from: day.from, to: day.to, limit: kMost }, options), [day.from], 60_000);
  const firing = useLoad(firingAlerts, [], 15_000);
  const [fresh, setFresh] = useState<readonly Entry[]>([]);
  useEffect(() => setFresh([]), [day.from]);
  // What came while the tab was hidden: the live stream may not know since when.
  const visible = useVisible();
  const wasVisible = useRef(visible);
  useEffect(() => {
    if (visible && !wasVisible.current) stored.reload();
    wasVisible.current = visible;
  }, [visible]);
  const live = useLive<TailEvent>((since, handlers) => followTail({ q: 'kind:alerts', since }, handlers), [], {
    event: (event) => setFresh((old) => [event, ...old.filter((entry) => entry.id !== event.id)].slice(0, kMost)),
  });
  return (
    <Panel title="Alerts of today" actions={<><LiveState of={live} paused={false} /><a href={href('alerts')}>All alerts</a></>}>
      {firing.data && firing.data.firing.length > 0 && (
        <p><Badge tone="bad">firing now: {number(firing.data.firing.length)}</Badge> {firing.data.firing.slice(0, 5).map((alert) => alert.rule).join(', ')}</p>
      )}
      <Show of={stored}>
        {(page) => {
          const known = new Set(page.alerts.map((entry) => entry.id));
          const all = [...fresh.filter((entry) => !known.has(entry.id) && entry.time >= day.from), ...page.alerts];
          if (all.length === 0) return <Empty title="There were no alerts today." />;
          return (
            <>
              <p>{page.next === null ? count(all.length, 'alert') : `${number(all.length)} alerts and more`} today{all.length > kShown && `, the newest ${kShown}:`}</p>
              <Entries label="Alerts of today" entries={all.slice(0, kShown).map((entry) => ({ ...entry, line: alertOf(entry).text }))} names={names.names} />
            </>
          );
        }}
      </Show>
    </Panel>
  );
}
