// A job: how far it is, and what came of it.
import type { Json, Progress, WorkResult } from '../../api';
import { Badge, Button, type Column, Facts, Panel, Table } from '../../components';
import { bytes, duration, number, time } from '../../format';
import { jobs, stopJob, type Job } from './job_list';

const kTones = { running: 'info', done: 'good', failed: 'bad', stopped: 'warn' } as const;
const kMostProblems = 100;

function amount(n: number, unit: string): string {
  return unit === 'bytes' ? bytes(n) : `${number(n)} ${unit}`;
}

export function WorkProgress({ label, at }: { label: string; at: Progress | null }) {
  if (at === null) return <progress class="admin-progress" aria-label={label} />;
  return (
    <>
      {at.total > 0 ? <progress class="admin-progress" aria-label={label} value={at.done} max={at.total} /> : <progress class="admin-progress" aria-label={label} />}
      <p class="muted">{at.stage}: {amount(at.done, at.unit)}{at.total > 0 && ` of ${amount(at.total, at.unit)}`}</p>
    </>
  );
}

interface DoomedRow {
  family: string;
  row: string;
  bytes: number;
  why: string;
}
const doomedColumns: Column<DoomedRow>[] = [
  { name: 'row', title: 'Row', cell: (r) => r.row, sort: (r) => r.row, class: 'admin-name' },
  { name: 'family', title: 'Family', cell: (r) => r.family, sort: (r) => r.family },
  { name: 'bytes', title: 'Size', cell: (r) => bytes(r.bytes), sort: (r) => r.bytes, number: true },
  { name: 'why', title: 'Why', cell: (r) => (r.why === 'age' ? 'too old' : 'too much'), sort: (r) => r.why },
];

function factOf(name: string, value: Json): string {
  if (typeof value === 'number') return name === 'bytes' || name.endsWith('_bytes') ? bytes(value) : name === 'time' ? time(value) : number(value);
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}

function Result({ of }: { of: WorkResult }) {
  const facts = Object.entries(of)
    .filter(([name, value]) => !['result', 'code', 'message'].includes(name) && value !== undefined && (typeof value !== 'object' || value === null))
    .map(([name, value]) => [name.replaceAll('_', ' '), factOf(name, value as Json)] as const);
  const rows = Array.isArray(of.rows) ? (of.rows as unknown as DoomedRow[]) : [];
  const problems = Array.isArray(of.problems) ? of.problems.map(String).slice(0, kMostProblems) : [];
  return (
    <>
      <Facts of={facts} />
      {problems.length > 0 && <ul class="admin-problems" aria-label="Problems">{problems.map((problem, i) => <li key={i}>{problem}</li>)}</ul>}
      {rows.length > 0 && <Table caption={of.dry_run === true ? 'Rows that would go' : 'Rows that went'} columns={doomedColumns} rows={rows} rowKey={(r) => `${r.family}\n${r.row}`} />}
    </>
  );
}

function OneJob({ job }: { job: Job }) {
  return (
    <li class="admin-job">
      <div class="admin-job-head">
        <h3>{job.name}</h3>
        <Badge tone={kTones[job.state]}>{job.state}</Badge>
        <span class="muted">{job.note}{job.tookMs !== null && ` ${duration(job.tookMs)}`}</span>
        {job.state === 'running' && <Button small aria-label={`Stop ${job.name}`} onClick={() => stopJob(job.id)}>Stop</Button>}
      </div>
      {job.state === 'running' && <WorkProgress label={`Progress of ${job.name}`} at={job.progress} />}
      {job.error !== null && <p class="admin-error">{job.error}</p>}
      {job.state === 'stopped' && <p>The server was told to stop. What was done until then stays done.</p>}
      {job.result && <Result of={job.result} />}
    </li>
  );
}

export function JobPanel() {
  return (
    <Panel title="Running and done">
      <div aria-live="polite" class="visually-hidden">{jobs.value[0] && `${jobs.value[0].name}: ${jobs.value[0].state}`}</div>
      {jobs.value.length === 0
        ? <p class="muted">Nothing has been started from this page.</p>
        : <ol class="admin-jobs">{jobs.value.map((job) => <OneJob key={job.id} job={job} />)}</ol>}
    </Panel>
  );
}
