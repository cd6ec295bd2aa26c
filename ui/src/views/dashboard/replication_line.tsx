// How replication goes, in a line, where there is any: the worst of all targets, and whether this hub is a standby.
import { health, type Health } from '../../api';
import { useLoad } from '../../api/use';
import { Badge, ReplicationBadge } from '../../components';
import { duration, number } from '../../format';
import { href } from '../../router';

const kEveryMs = 5000;

function lagOf({ targets, lag_seconds = 0 }: NonNullable<Health['replication']>): string {
  const of = targets === 1 ? '1 target' : `the worst of ${number(targets)} targets`;
  return `${of}, ${lag_seconds > 0 ? `${targets > 1 ? 'at most ' : ''}${duration(lag_seconds * 1000)} behind` : 'not behind'}`;
}

export function ReplicationLine() {
  const how = useLoad(health, [], kEveryMs).data?.replication;
  if (!how || (how.targets === 0 && !how.standby)) return null;
  return (
    <section class="panel dashboard-line" aria-labelledby="dashboard-replication">
      <h2 id="dashboard-replication">Replication</h2>
      {how.standby && <span><Badge tone="warn">standby</Badge> this hub takes writes of other hubs only</span>}
      {how.state !== undefined && <span><ReplicationBadge state={how.state} /> {lagOf(how)}</span>}
      <a href={href('admin', { tab: 'replication' })}>Details</a>
    </section>
  );
}
