// Work on the store: compaction, backup, verify, reindex and retention.
import { useEffect, useRef } from 'preact/hooks';
import { backup, backups, compact, verify, type Backup } from '../../api';
import { useLoad } from '../../api/use';
import { Button, Panel, Show, Table, type Column } from '../../components';
import { bytes, number, time } from '../../format';
import { may } from '../../session';
import { isRunning, startJob } from './job_list';
import { JobPanel } from './job_panel';
import { OthersWork, useOthersWork } from './others_work';
import { Reindex } from './reindex';
import { Retention } from './retention';

const columns: Column<Backup>[] = [
  { name: 'id', title: 'Number', cell: (b) => number(b.id), sort: (b) => b.id, number: true },
  { name: 'time', title: 'Made at', cell: (b) => time(b.time), sort: (b) => b.time, class: 'nowrap' },
  { name: 'bytes', title: 'Size', cell: (b) => bytes(b.bytes), sort: (b) => b.bytes, number: true },
  { name: 'files', title: 'Files', cell: (b) => number(b.files), sort: (b) => b.files, number: true },
];

// runElsewhere: so many are made that were not begun on this page. When there are fewer, one may be in the list.
function Backups({ runElsewhere }: { runElsewhere: number }) {
  const allowed = may('admin');
  const list = useLoad(allowed ? backups : null, [allowed]);
  const before = useRef(runElsewhere);
  useEffect(() => {
    if (runElsewhere < before.current) list.reload();
    before.current = runElsewhere;
  }, [runElsewhere]);
  const make = async () => {
    if (await startJob('Backup', '', backup)) list.reload();
  };
  return (
    <Panel title="Backups" actions={<Button needs="admin" kind="primary" busy={isRunning('Backup')} onClick={() => void make()}>Back up now</Button>}>
      {!allowed && <p class="muted">Who may not make any is not told which there are.</p>}
      <Show of={list}>
        {(data) => (data.backups.length === 0
          ? <p class="muted">There are none yet. They lie below the server’s --backup-dir, and share unchanged files.</p>
          : <Table caption="All backups" columns={columns} rows={data.backups} rowKey={(b) => String(b.id)} sortBy="id" descending />)}
      </Show>
    </Panel>
  );
}

export function Jobs() {
  const others = useOthersWork();
  return (
    <>
      <OthersWork of={others} />
      <JobPanel />
      <div class="grid">
        <Panel title="Compaction" actions={<Button needs="admin" busy={isRunning('Compaction')} onClick={() => void startJob('Compaction', '', compact)}>Compact now</Button>}>
          <p class="muted">Seals what is new, and makes room that is not needed any more free. The server does most of it by itself.</p>
        </Panel>
        <Panel title="Verify" actions={<Button needs="admin" busy={isRunning('Verify')} onClick={() => void startJob('Verify', '', verify)}>Verify now</Button>}>
          <p class="muted">Reads all that is stored, and compares checksums, sums and indexes.</p>
        </Panel>
        <Backups runElsewhere={others.filter(({ what }) => what === 'backup').length} />
        <Reindex />
        <Retention />
      </div>
    </>
  );
}
