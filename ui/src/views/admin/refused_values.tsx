// Values that a target of replication does not take, which were set aside.
import { clearRefusedValues, refusedValues, type RefusedValue } from '../../api';
import { useLoad } from '../../api/use';
import { ask, Button, Empty, Panel, Show, Stacked, Table, tellDone, tellFailed, type Column } from '../../components';
import { count, number, time } from '../../format';
import { href } from '../../router';

const kEveryMs = 5000;
const kPage = 50;

const columns: Column<RefusedValue>[] = [
  { name: 'time', title: 'Set aside at', cell: (v) => time(v.time), sort: (v) => v.time, class: 'nowrap' },
  { name: 'what', title: 'What', cell: (v) => v.what, sort: (v) => v.what, class: 'admin-name stacked-whole' },
  { name: 'why', title: 'Why', cell: (v) => <span class="admin-error">{v.why}</span>, sort: (v) => v.why, class: 'admin-name stacked-whole' },
  { name: 'value', title: 'Value', cell: (v) => v.value, class: 'line' },
];

export function RefusedValues({ target, reload }: { target: string; reload: () => void }) {
  const list = useLoad((options) => refusedValues(target, options), [target], kEveryMs);
  const clear = async () => {
    const sure = await ask({ title: 'Forget the values that were set aside?', text: <p>The list of what <b>{target}</b> does not take is emptied. The values stay stored here; they are not sent again.</p>, yes: 'Forget them', danger: true });
    if (!sure) return;
    try {
      const { cleared } = await clearRefusedValues(target);
      tellDone(`${count(cleared, 'value is', 'values are')} forgotten.`);
    } catch (error) {
      tellFailed('The values could not be forgotten', error);
    }
    list.reload();
    reload();
  };
  return (
    <Panel
      title={<span class="admin-name">Set aside, of {target}</span>}
      actions={<><Button needs="admin" disabled={!list.data?.refused.length} onClick={() => void clear()}>Forget them…</Button><a class="button" href={href('admin', { tab: 'replication' })}>Close</a></>}
    >
      <Show of={list}>
        {({ refused, dropped }) => (
          <>
            {refused.length === 0
              ? <Empty title="No value is set aside." />
              : <Stacked><Table caption="Values set aside" columns={columns} rows={refused} rowKey={(v) => `${v.number}\n${v.what}\n${v.value}`} sortBy="time" descending pageSize={kPage} /></Stacked>}
            {dropped > 0 && <p class="muted">{number(dropped)} older ones had to make room, and are not known any more.</p>}
          </>
        )}
      </Show>
    </Panel>
  );
}
