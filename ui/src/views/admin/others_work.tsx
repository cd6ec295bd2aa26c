// What runs on the server and was not begun on this page: by somebody else, by nm-tool, or by the server itself.
import { runningWork, type RunningWork } from '../../api';
import { useLoad } from '../../api/use';
import { Panel, useNow } from '../../components';
import { ago, time } from '../../format';
import { may } from '../../session';
import { jobs } from './job_list';
import { WorkProgress } from './job_panel';

const kLookMs = 2000;
const kNames = { compact: 'Compaction', verify: 'Verify', backup: 'Backup', reindex: 'Reindex', retention: 'Retention' } as const;

// Only known to who may begin such work.
export function useOthersWork(): readonly RunningWork[] {
  const allowed = may('admin');
  const { data } = useLoad(allowed ? runningWork : null, [allowed], kLookMs);
  const mine = new Set(jobs.value.map((job) => job.progress?.work));
  // What has just been begun here does not know its number yet.
  const begun = new Set(jobs.value.filter((job) => job.state === 'running' && job.progress === null).map((job) => job.name));
  return (data?.work ?? []).filter(({ id, what }) => !mine.has(id) && !begun.has(kNames[what]));
}

function beganIt({ token, address }: RunningWork): string {
  if (address === null) return 'by the server itself';
  return token === null ? `from ${address}` : `by ${token}, from ${address}`;
}

export function OthersWork({ of }: { of: readonly RunningWork[] }) {
  const now = useNow(1000);
  if (of.length === 0) return null;
  return (
    <Panel title="Begun elsewhere">
      <ol class="admin-jobs">
        {of.map((work) => (
          <li key={work.id} class="admin-job">
            <div class="admin-job-head">
              <h3>{kNames[work.what]}</h3>
              <span class="muted" title={time(work.begun)}>begun {ago(work.begun, now)} {beganIt(work)}</span>
            </div>
            <WorkProgress label={`Progress of ${kNames[work.what]}, begun elsewhere`} at={work.stage === null ? null : { ...work, stage: work.stage, unit: work.unit ?? '' }} />
          </li>
        ))}
      </ol>
    </Panel>
  );
}
