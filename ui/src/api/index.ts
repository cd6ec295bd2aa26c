// Every call of the server that the page may make, one function each. All throw ApiError.
import { call, callText, form, json, type CallOptions } from './http';
import { percentEncoded } from '../octets';
import { follow, type Follow, type FollowHandlers } from './follow';
import { readStream, work } from './stream';
import type * as T from './types';

export * from './types';
export { WorkError } from './stream';
export { ApiError, isAbort, lost, messageOf, type CallOptions } from './http';
export type { Follow, FollowHandlers, FollowState } from './follow';

const v1 = '/api/v1';
const get = <R>(path: string, query: object = {}, options?: CallOptions) => call<R>('GET', v1 + path, { ...query }, undefined, options);

// ---- What lines say ----
export const search = (query: T.LineQuery & T.PageQuery, options?: CallOptions) => get<T.SearchPage>('/search', query, options);
// All matching lines, each as it is found; gives what it cost. Throws if the search failed on the way.
export async function searchStream(query: T.LineQuery & { order?: 'desc' | 'asc'; limit?: number }, take: (entry: T.Entry) => void, signal?: AbortSignal): Promise<T.QueryStats | null> {
  let stats: T.QueryStats | null = null;
  await readStream('GET', `${v1}/search`, { ...query }, (value) => {
    const line = value as T.Entry | { stats: T.QueryStats; error?: { code: string; message: string } };
    if ('stats' in line) stats = line.stats;
    else take(line);
  }, signal);
  return stats;
}
export const histogram = (query: T.LineQuery & { step?: string | number; by?: string; within?: string }, options?: CallOptions) => get<T.Histogram>('/histogram', query, options);
export const words = (
  query: T.LineQuery & { row?: string; client?: string; log?: string; day?: string; limit?: number; prefix?: string; within?: string }, options?: CallOptions,
) => get<{ words: T.WordCount[]; stats: T.QueryStats }>('/words', query, options);
export const fields = (query: T.LineQuery & { values?: number; within?: string }, options?: CallOptions) =>
  get<{ fields: T.FieldCount[]; stats: T.QueryStats }>('/fields', query, options);
export const context = (query: { id: string; before?: number; after?: number }, options?: CallOptions) =>
  get<{ entries: T.Entry[]; stats: T.QueryStats }>('/context', query, options);
export const series = (query: T.TimeSpan & { client?: string[]; plugin?: string[]; field?: string[]; step?: string | number; last?: boolean }, options?: CallOptions) =>
  get<T.SeriesAnswer>('/series', query, options);
export const seriesFields = (query: T.TimeSpan & { client?: string[]; plugin?: string[] }, options?: CallOptions) =>
  get<{ plugins: T.PluginFields[]; stats: T.QueryStats }>('/series/fields', query, options);

// ---- Alerts ----
export const alerts = (query: T.TimeSpan & T.PageQuery, options?: CallOptions) => get<T.AlertPage>('/alerts', query, options);
export const firingAlerts = (options?: CallOptions) => get<{ firing: T.FiringAlert[] }>('/alerts/firing', {}, options);
export const alertRules = (options?: CallOptions) => get<{ rules: T.AlertRule[] }>('/alerts/rules', {}, options);
const rulePath = (id: string) => `${v1}/alerts/rules/${percentEncoded(id)}`;
export const alertRule = (id: string, options?: CallOptions) => call<T.AlertRule>('GET', rulePath(id), {}, undefined, options);
export const setAlertRule = (id: string, rule: T.AlertRule, options?: CallOptions) => call<T.AlertRule>('PUT', rulePath(id), {}, json(rule), options);
export const removeAlertRule = (id: string, options?: CallOptions) => call<{ removed: string }>('DELETE', rulePath(id), {}, undefined, options);
// What it would have told of what is stored; without `from` it looks back as far as the rule's own window.
export const testAlertRule = (id: string, query: T.TimeSpan = {}, options?: CallOptions) =>
  call<T.AlertTrial>('POST', `${rulePath(id)}/test`, { ...query }, undefined, options);
// The same of a rule that is not set.
export const testNewAlertRule = (rule: T.AlertRule, query: T.TimeSpan = {}, options?: CallOptions) =>
  call<T.AlertTrial>('POST', `${v1}/alerts/test`, { ...query }, json(rule), options);

// ---- Who writes here ----
export const clients = (options?: CallOptions) => get<{ clients: T.Client[] }>('/clients', {}, options);
export const logs = (client?: string, options?: CallOptions) => get<{ logs: T.LogInfo[] }>('/logs', { client }, options);
export const plugins = (client?: string, options?: CallOptions) => get<{ plugins: T.PluginInfo[] }>('/plugins', { client }, options);
export const users = (options?: CallOptions) => get<{ users: T.User[] }>('/users', {}, options);
export const connections = (options?: CallOptions) => get<{ connections: T.Connection[] }>('/connections', {}, options);
export const tags = (options?: CallOptions) => get<{ tags: T.Tag[] }>('/tags', {}, options);
export const setTag = (client: string, tag: string, options?: CallOptions) => call<T.Tag>('POST', `${v1}/tags`, { client, tag }, undefined, options);
export const removeTag = (client: string, options?: CallOptions) => call<T.Tag>('DELETE', `${v1}/tags`, { client }, undefined, options);
export const inventory = (options?: CallOptions) => get<{ machines: T.Machine[] }>('/inventory', {}, options);
// The whole list, in place of the one before; as text a machine a line: MACHINE NAME GROUP.
export const setInventory = (list: string | readonly { machine: string; name?: string; group?: string }[], options?: CallOptions) =>
  call<{ machines: T.Machine[] }>('PUT', `${v1}/inventory`, {}, typeof list === 'string' ? { type: 'text/plain', text: list } : json(list), options);

// ---- What is stored ----
export const families = (options?: CallOptions) => get<{ families: T.Family[] }>('/families', {}, options);
export const rows = (query: { family?: string; from?: string; prefix?: string; limit?: number }, options?: CallOptions) => get<T.RowPage>('/rows', query, options);
export const row = (query: { family?: string; row: string; from?: string; to?: string; reverse?: boolean; limit?: number }, options?: CallOptions) =>
  get<T.CellPage>('/row', query, options);
export const counters = (query: { row: string; from?: string; limit?: number }, options?: CallOptions) => get<T.CounterPage>('/counters', query, options);
export const counterRows = (query: { prefix?: string; from?: string; limit?: number }, options?: CallOptions) => get<T.RowPage>('/counters', query, options);
export const retentionSettings = (options?: CallOptions) => get<T.RetentionSettings>('/retention', {}, options);
export const session = (options?: CallOptions) => get<T.Session>('/session', {}, options);
export const stats = (options?: CallOptions) => get<T.StoreStats>('/stats', {}, options);
export const health = (options?: CallOptions) => call<T.Health>('GET', '/health', {}, undefined, options);
export const metrics = (options?: CallOptions) => callText('GET', '/metrics', {}, undefined, options);

// ---- Changes ----
export const postLogs = (text: string | Blob, type: 'application/x-ndjson' | 'text/plain', query: { client?: string; log?: string; time?: string } = {}, options?: CallOptions) =>
  call<T.LineReport>('POST', `${v1}/logs`, { ...query }, { type, text }, options);
export const dropRows = (
  query: T.TimeSpan & { family?: string; row?: string; client?: string; log?: string; kind?: 'logs' | 'plugins' | 'alerts'; dry_run?: boolean },
  options?: CallOptions,
) => call<T.DropReport>('DELETE', `${v1}/rows`, { ...query }, undefined, { timeoutMs: 0, ...options });
const cellPath = (family: string, rowkey: string, column: string) =>
  `/v0.3/DATA/${[family, rowkey, column].map(percentEncoded).join('/')}`;
// Of index rows (`clients`, `IP:logs`, `IP:config` …) in CFUTF8Type.
export const removeCell = (family: string, rowkey: string, column: string, options?: CallOptions) =>
  call<unknown>('DELETE', cellPath(family, rowkey, column), {}, undefined, options);
export const removeRow = (family: string, rowkey: string, options?: CallOptions) =>
  call<unknown>('DELETE', `/v0.3/DATA/${encodeURIComponent(family)}/${encodeURIComponent(rowkey)}`, {}, undefined, options);
export const setCell = (family: string, rowkey: string, column: string, value: string, realtime = false, options?: CallOptions) =>
  call<unknown>(
    'POST', `/v0.3/DATA/${percentEncoded(family)}/${percentEncoded(rowkey)}`, { realtime: realtime || undefined },
    form({ [column]: value }), options,
  );
// A counter, or without `column` all of the row.
export const removeCounters = (rowkey: string, column?: string, options?: CallOptions) =>
  call<unknown>('DELETE', `/v0.3/COUNTER/${[rowkey, ...(column === undefined ? [] : [column])].map(percentEncoded).join('/')}`, {}, undefined, options);
export const dropFamily = (family: string, options?: CallOptions) =>
  call<unknown>('DELETE', `/v0.3/COLUMNFAMILY/${percentEncoded(family)}`, {}, undefined, options);

// ---- Long work: progress as it comes, the result at the end ----
type ProgressOf = (state: T.Progress) => void;
export const compact = (progress: ProgressOf, signal?: AbortSignal) => work(`${v1}/admin/compact`, {}, progress, signal);
export const verify = (progress: ProgressOf, signal?: AbortSignal) => work(`${v1}/admin/verify`, {}, progress, signal);
export const backup = (progress: ProgressOf, signal?: AbortSignal) => work(`${v1}/admin/backup`, {}, progress, signal);
export const retention = (
  query: { dry_run?: boolean; keep?: string; rules?: string; max_bytes?: string; forget_names?: boolean }, progress: ProgressOf, signal?: AbortSignal,
) => work(`${v1}/admin/retention`, { ...query }, progress, signal);
export const reindex = (
  query: T.TimeSpan & { all?: boolean; family?: string; row?: string; client?: string; log?: string; kind?: T.Kind }, progress: ProgressOf, signal?: AbortSignal,
) => work(`${v1}/admin/reindex`, { ...query }, progress, signal);
export const runningWork = (options?: CallOptions) => get<{ work: T.RunningWork[] }>('/admin/work', {}, options);
export const backups = (options?: CallOptions) => get<{ backups: T.Backup[] }>('/admin/backups', {}, options);

// ---- Other hubs ----
export const replication = (options?: CallOptions) => get<T.Replication>('/replication', {}, options);
const targetPath = (name: string, what: string) => `${v1}/replication/targets/${percentEncoded(name)}/${what}`;
export const steerReplication = (name: string, how: 'pause' | 'resume' | 'resync', options?: CallOptions) =>
  call<unknown>('POST', targetPath(name, how), {}, undefined, options);
export const refusedValues = (name: string, options?: CallOptions) =>
  call<{ dropped: number; refused: T.RefusedValue[] }>('GET', targetPath(name, 'refused'), {}, undefined, options);
export const clearRefusedValues = (name: string, options?: CallOptions) =>
  call<{ cleared: number }>('DELETE', targetPath(name, 'refused'), {}, undefined, options);
export const setStandby = (standby: boolean, options?: CallOptions) =>
  call<{ standby: boolean }>('POST', `${v1}/replication/standby`, {}, json({ standby }), options);

// ---- As it is written ----
export type Slow = 'catchup' | 'drop';
export const followTail = (query: { q?: string; since?: string; slow?: Slow }, handlers: FollowHandlers<T.TailEvent>): Follow =>
  follow(`${v1}/tail`, { ...query }, handlers);
// Where those who follow stand now, to go on from later.
export const followPlace = async (options?: CallOptions): Promise<string> =>
  (await get<{ next: string }>('/tail', { transport: 'poll', wait: 0, since: 'now' }, options)).next;
// channel: TOKEN/FAMILY/ROW; the token may be left empty: "/CFLongType/10.0.0.1:logs:*".
export const followChannel = (query: { channel: string; since?: string; slow?: Slow }, handlers: FollowHandlers<T.ChannelEvent>): Follow =>
  follow(`${v1}/channel`, { ...query }, handlers);
export const followMessages = (query: { since?: string; slow?: Slow }, handlers: FollowHandlers<T.MessageEvent>): Follow =>
  follow(`${v1}/messages`, { ...query }, handlers);
