// What the calls of /api/v1 answer: docs/api.md and docs/openapi.yaml say more. Times are milliseconds since the epoch.

export type Kind = 'logs' | 'plugins' | 'alerts' | 'other';
export type Level = 'fatal' | 'error' | 'warn' | 'notice' | 'info' | 'debug' | 'trace';
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export interface Entry {
  time: number;
  client: string;
  log: string;
  kind: Kind;
  level?: Level;
  line: string;
  fields?: Record<string, Json>;
  id: string;
}
export interface QueryStats {
  rows_opened: number;
  lines_scanned: number;
  lines_matched: number;
  bytes_scanned: number;
  elapsed_ms: number;
  complete: boolean;
  stopped_by: string | null;
}
export interface SearchPage {
  entries: Entry[];
  next: string | null;
  prev: string | null;
  stats: QueryStats;
}
export interface AlertPage {
  alerts: Entry[];
  next: string | null;
  prev: string | null;
  stats: QueryStats;
}
export interface Bucket {
  time: number;
  count: number;
}
export interface Histogram {
  step: number;
  buckets?: Bucket[]; // without `by`
  by?: string;
  series?: { value: string; buckets: Bucket[] }[]; // with `by`
  total: number;
  stats: QueryStats;
}
export interface WordCount {
  word: string;
  count: number;
  may_miss?: number;
}
export interface FieldCount {
  name: string;
  lines: number; // that have it
  distinct: number;
  complete: boolean; // false: there were more or longer values than are counted
  values: { value: string; count: number }[]; // the most frequent first
}
export type Role = 'ingest' | 'read' | 'admin';
export interface Session {
  token: string | null; // null: the server has no credentials
  roles: Role[];
}
export type SeriesPoint = [time: number, min: number, mean: number, max: number, count: number];
export interface Series {
  client: string;
  plugin: string;
  field: string;
  points: SeriesPoint[];
  last?: [time: number, value: number]; // with last: true, where one of the newest 500 values has it
}
export interface SeriesAnswer {
  step: number;
  series: Series[];
  stats: QueryStats;
}
export interface PluginFields {
  client: string;
  plugin: string;
  fields: string[];
}

export interface Client {
  client: string;
  tag: string | null;
  external: string | null;
  last_seen: number | null;
  down: boolean;
}
export interface LogInfo {
  client: string;
  log: string;
  display: string; // as its lines name it: "/var/log/x" where `log` is "_var_log_x"
  last_seen: number | null;
}
export interface PluginInfo {
  client: string;
  plugin: string;
  last_seen: number | null;
}
export interface User {
  user: string;
  since: number | null;
}
// Open connections of one program on one machine.
export interface Connection {
  address: string;
  token: string | null;
  agent: string | null;
  connections: number;
  since: number;
  asked: number;
  following: string[]; // calls whose answers stay open
}
export interface Tag {
  client: string;
  tag: string | null;
}
// Of the inventory, or, with `expected` false, a client that is not in it.
export interface Machine {
  machine: string;
  name: string | null;
  group: string | null;
  expected: boolean;
  client: string | null;
  external: string | null;
  last_seen: number | null;
  reports: boolean;
}
// What the server lets go by itself. null: no such limit.
export interface RetentionSettings {
  keep_ms: number | null;
  max_bytes: number | null;
  rules: number;
  forget_names: boolean;
  interval_ms: number;
}

export interface FiringAlert {
  rule: string;
  kind: string;
  client: string | null;
  log: string | null;
  field: string | null;
  since: number;
  count: number;
  line: string;
}
// docs/operations.md, "Alerts", tells what a rule of each kind has.
export interface AlertRule {
  id?: string;
  kind?: 'lines' | 'reading' | 'silent' | 'severe'; // severe: the rule of that name, which is there without being set
  enabled?: boolean;
  description?: string;
  webhook?: { url: string; secret?: string };
  query?: string;
  count?: number;
  within?: string | number;
  by?: 'client' | 'log';
  client?: string;
  plugin?: string;
  field?: string;
  above?: number;
  below?: number;
  for?: string | number;
  clear_for?: string | number;
  stale_after?: string | number;
  after?: string | number;
  overrides?: { client: string; after: string | number }[];
}
export interface AlertTrial {
  fires: boolean;
  groups: AlertGroup[]; // at the end of the time
  from?: number;
  to?: number;
  alerts?: Json[]; // as they would have been written, oldest first
  alerts_left_out?: number;
  stats?: QueryStats;
}
export interface AlertGroup {
  client?: string | null;
  log?: string | null;
  field?: string | null;
  count?: number;
  reading?: number;
  last_seen?: number;
  fires: boolean;
}

export interface LineReport {
  accepted: number;
  rejected: number;
  repeated?: boolean;
  errors: { line: number; reason: string }[];
}
export interface Family {
  name: string;
  comparator: string;
  time_family: boolean;
  columns: { name: string; type: string; indexed: boolean }[];
}
export interface RowPage {
  rows: string[];
  next: string | null;
}
export interface Cell {
  column: string;
  value: string;
  expires?: number;
}
export interface CellPage {
  cells: Cell[];
  next: string | null;
}
export interface CounterPage {
  counters: { column: string; value: number }[];
  next: string | null;
}
export interface DropReport {
  dropped: number;
  dry_run?: boolean;
  rows: string[];
}
export interface Backup {
  id: number;
  time: number;
  bytes: number;
  files: number;
}
// Numbers of the store by name, beside these.
export interface StoreStats {
  version: string;
  time: number;
  disk_bytes: number;
  log_bytes: number;
  memory_bytes: number;
  rows: number;
  lines_written: number;
  cells_written: number;
  disk_free_bytes: number;
  writable: boolean;
  why_not_writable: string | null;
  last_sealing_error?: string | null;
  [name: string]: number | string | boolean | null | undefined;
}
export interface Health {
  status: string;
  reason?: string;
  version: string;
  uptime_s: number;
  writable: boolean;
  damaged?: boolean;
  replication?: { standby: boolean; targets: number; state?: ReplicationState; lag_seconds?: number }; // the worst of all targets
}

// ---- Other hubs: docs/operations.md, "Replication" ----
export type ReplicationState = 'connecting' | 'live' | 'catching up' | 'waiting' | 'paused' | 'copying' | 'needs copy';
export interface ReplicationTarget {
  name: string;
  url: string;
  kind: 'hub' | 'cloudsandra' | null; // null: not known yet
  state: ReplicationState;
  why: string | null;
  next_try_ms: number; // of waiting: when it is tried again
  position: number | null;
  lag_records: number; // commits that are not there, about
  lag_seconds: number; // how long ago the first of them was
  sent_records: number;
  sent_bytes: number;
  errors: number;
  refused: number; // values that are set aside
  refused_dropped: number;
  copied: boolean; // false: what was written before it was a target has not been sent
  target_is_standby: boolean;
  copy: { rows_done: number; rows_total: number } | null;
}
export interface ReplicationSource {
  hub: string;
  stream: string; // "": all that is written there
  position: number | null;
  last_ms: number; // 0: not heard of since the start
  credentials: string | null; // whose they are that speak for it
}
export interface Replication {
  hub: string;
  standby: boolean;
  journal: { on: boolean; first: number; end: number; bytes: number; limit: number };
  targets: ReplicationTarget[];
  sources: ReplicationSource[];
}
export interface RefusedValue {
  time: number;
  number: number;
  what: string;
  why: string;
  value: string; // its beginning
}

// Lines of a long work: some of progress, and the result last.
export interface Progress {
  stage: string;
  done: number;
  total: number; // 0: not known
  unit: string;
  work?: number; // its number among what runs
}
// What runs on the server, whoever began it.
export interface RunningWork {
  id: number;
  what: 'compact' | 'verify' | 'backup' | 'reindex' | 'retention';
  token: string | null;
  address: string | null; // null: the server by itself
  begun: number;
  stage: string | null; // null: it has told nothing yet
  done: number;
  total: number;
  unit: string | null;
}
export interface WorkResult {
  result: 'ok' | 'error';
  code?: string;
  message?: string;
  [name: string]: Json | undefined;
}

// What /tail, /channel and /messages tell; `event` is the place to go on from.
export interface TailEvent extends Entry {
  event: string;
  partial?: boolean;
}
export interface ChannelEvent {
  event: string;
  rowkey: string;
  columnname: string;
  columnvalue: string;
  line?: string;
  fields?: Record<string, Json>;
}
export interface MessageEvent {
  event: string;
  name: string;
  key: string;
  date: number;
  data: string;
  origin: string;
}

// The parameters that many calls have. Times as text: "-1h", RFC 3339, or milliseconds.
export interface TimeSpan {
  from?: string | number;
  to?: string | number;
}
export interface LineQuery extends TimeSpan {
  q?: string;
  family?: string;
}
export interface PageQuery {
  order?: 'desc' | 'asc';
  limit?: number;
  cursor?: string | null;
}
