// The targets of replication: how each is, how far behind, and what is to be done about it.
import { useMemo } from 'preact/hooks';
import { steerReplication, type ReplicationTarget as Target } from '../../api';
import { ask, Button, ReplicationBadge, Stacked, Table, tellDone, tellFailed, useNow, type Column } from '../../components';
import { bytes, count, duration, number } from '../../format';
import { href } from '../../router';

const kKinds = { hub: 'an nm-stored', cloudsandra: 'a v0.3 server' } as const;
// What is asked of a target: the call, and what is told of it afterwards.
const kSteps = {
  pause: { call: 'pause', done: 'is paused', failed: 'could not be paused' },
  resume: { call: 'resume', done: 'goes on', failed: 'could not go on' },
  tryNow: { call: 'resume', done: 'is tried', failed: 'could not be tried' },
  resync: { call: 'resync', done: 'gets a full copy', failed: 'gets no full copy' },
} as const;

async function steer({ name }: Target, step: keyof typeof kSteps, reload: () => void): Promise<void> {
  const { call, done, failed } = kSteps[step];
  try {
    await steerReplication(name, call);
    tellDone(`${name} ${done}.`);
  } catch (error) {
    tellFailed(`${name} ${failed}`, error);
  }
  reload();
}

async function resync(target: Target, reload: () => void): Promise<void> {
  const sure = await ask({
    title: `Send a full copy to ${target.name}?`, yes: 'Send it', danger: true,
    text: (
      <>
        <p>All that is stored here is sent to <b>{target.url}</b>, and then what is written meanwhile. That may take long.</p>
        {target.kind === 'cloudsandra'
          ? <p>What is there and not here stays there.</p>
          : <p>It replaces what the target has: each row becomes what it is here, and rows that are not here go there. With patterns that is so of what they send.</p>}
        {target.state === 'paused' && <p>It is paused: the copy begins when it is resumed.</p>}
      </>
    ),
  });
  if (sure) await steer(target, 'resync', reload);
}

function Where({ of }: { of: Target }) {
  return (
    <>
      <b>{of.name}</b>
      <div class="muted">{of.url}</div>
      <div class="muted">{of.kind === null ? 'not reached yet' : kKinds[of.kind]}{of.target_is_standby && ', a standby'}</div>
    </>
  );
}

function nextTry(of: Target, now: number): string {
  return of.next_try_ms > now ? `It is tried again in ${duration(Math.ceil((of.next_try_ms - now) / 1000) * 1000)}.` : 'It is tried now.';
}

function How({ of, now }: { of: Target; now: number }) {
  return (
    <div class="admin-how">
      <ReplicationBadge state={of.state} />
      {of.why !== null && <div class="admin-error">{of.why}</div>}
      {of.state === 'waiting' && <div class="muted">{nextTry(of, now)}</div>}
      {of.copy && (
        <>
          {of.copy.rows_total > 0
            ? <progress class="admin-progress" aria-label={`Copy to ${of.name}`} value={of.copy.rows_done} max={of.copy.rows_total} />
            : <progress class="admin-progress" aria-label={`Copy to ${of.name}`} />}
          <div class="muted">copy: {number(of.copy.rows_done)} of {count(of.copy.rows_total, 'row')}</div>
        </>
      )}
      {!of.copied && <div class="admin-warning">What was written before it was a target was not sent; a full copy sends it.</div>}
    </div>
  );
}

function behind({ lag_records, lag_seconds }: Target): string {
  if (lag_records === 0 && lag_seconds === 0) return 'not behind';
  return `${count(lag_records, 'commit')}, ${duration(lag_seconds * 1000)} behind`;
}

function SetAside({ of }: { of: Target }) {
  if (of.refused === 0) return <>none set aside</>;
  return <a href={href('admin', { tab: 'replication', refused: of.name })}>{number(of.refused)} set aside</a>;
}

function Actions({ of, reload }: { of: Target; reload: () => void }) {
  return (
    <div class="actions">
      {of.state === 'waiting' && <Button needs="admin" small aria-label={`Try now: ${of.name}`} onClick={() => void steer(of, 'tryNow', reload)}>Try now</Button>}
      {of.state === 'paused'
        ? <Button needs="admin" small aria-label={`Resume ${of.name}`} onClick={() => void steer(of, 'resume', reload)}>Resume</Button>
        : <Button needs="admin" small aria-label={`Pause ${of.name}`} onClick={() => void steer(of, 'pause', reload)}>Pause</Button>}
      <Button needs="admin" small aria-label={`Resync ${of.name}`} onClick={() => void resync(of, reload)}>Resync…</Button>
    </div>
  );
}

export function Targets({ of, reload }: { of: readonly Target[]; reload: () => void }) {
  const now = useNow(1000);
  const columns = useMemo<Column<Target>[]>(() => [
    { name: 'target', title: 'Target', cell: (t) => <Where of={t} />, sort: (t) => t.name, class: 'admin-name admin-target stacked-whole' },
    { name: 'state', title: 'State', cell: (t) => <How of={t} now={now} />, sort: (t) => t.state, class: 'stacked-whole' },
    { name: 'behind', title: 'Behind', cell: behind, sort: (t) => t.lag_seconds },
    { name: 'sent', title: 'Sent since the start', cell: (t) => `${count(t.sent_records, 'record')}, ${bytes(t.sent_bytes)} sent`, sort: (t) => t.sent_bytes },
    { name: 'errors', title: 'Errors', cell: (t) => (t.errors === 0 ? 'no errors' : count(t.errors, 'error')), sort: (t) => t.errors, class: 'nowrap' },
    { name: 'refused', title: 'Set aside', cell: (t) => <SetAside of={t} />, sort: (t) => t.refused },
    { name: 'do', title: 'Change', cell: (t) => <Actions of={t} reload={reload} />, class: 'stacked-whole' },
  ], [now, reload]);
  return <Stacked><Table caption="Targets of replication" columns={columns} rows={of} rowKey={(t) => t.name} sortBy="target" /></Stacked>;
}
