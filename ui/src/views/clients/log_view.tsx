// One log of a client: a day at a time, as it is written, and how often a text stands in it.
import { useMemo, useState } from 'preact/hooks';
import { histogram, logs, search, tags, words, type Entry, type WordCount } from '../../api';
import { useLoad } from '../../api/use';
import { askRemoval, Badge, Button, Chart, dayOf, DayPicker, Empty, LiveLines, Pages, Panel, partQuery, phraseQuery, Select, Show, sourceQuery, Table, Tabs, TextField, useNames, valueOf, ViewHead, type Column } from '../../components';
import { toneOf } from '../../components/entries';
import { count, number, time } from '../../format';
import type { Params } from '../../router';
import { href, navigate, setParams } from '../../router';

const kPage = 1000;
const kLogsOffered = 500; // to change to
const kLiveMs = 10_000;
const kSizes = ['10', '25', '50', '100'] as const;
const kPeriods = [['-1d', 'Past day'], ['-7d', 'Past week'], ['-30d', 'Past month']] as const;
const kWordsWithin = '5s';
const kTabs = [['', 'A day'], ['live', 'Realtime'], ['count', 'Count']] as const;

const kLineColumns: Column<Entry>[] = [
  { name: 'time', title: 'Time', class: 'nowrap', cell: (e) => time(e.time, true), sort: (e) => e.time },
  { name: 'level', title: 'Level', cell: (e) => (e.level ? <Badge {...(toneOf(e.level) ? { tone: toneOf(e.level) } : {})}>{e.level}</Badge> : null), sort: (e) => e.level ?? null },
  { name: 'line', title: 'Text', class: 'line', cell: (e) => e.line, sort: (e) => e.line },
];

function DayOfLog({ q, params }: { q: string; params: Params }) {
  const day = dayOf(params.day);
  const today = day.text === dayOf(undefined).text;
  const here = params.at; // where the page begins; undefined: with the newest line
  const page = useLoad((options) => search({ q, ...(here === undefined ? { from: day.from, to: day.to } : { cursor: here }), limit: kPage }, options), [q, day.from, day.to, here], today && here === undefined ? kLiveMs : 0);
  const text = (params.text ?? '').toLowerCase();
  const entries = page.data?.entries;
  const rows = useMemo(() => (entries ?? []).filter((entry) => text === '' || entry.line.toLowerCase().includes(text)), [entries, text]);
  const size = kSizes.find((each) => each === params.rows) ?? '25';
  return (
    <Panel title={`Lines of ${day.text}`} actions={<a href={href('search', { q, from: day.from, to: day.to })}>Search the day</a>}>
      <div class="form-row clients-filter">
        <DayPicker day={day} change={(text) => setParams({ day: text, at: '' })} />
        <TextField label="Filter what is loaded" class="grow" type="search" value={params.text ?? ''} onInput={(event) => setParams({ text: valueOf(event) }, true)} />
        <Select label="Rows" options={kSizes.map((each) => [each, each] as const)} value={size} onChange={(event) => setParams({ rows: valueOf(event) })} />
      </div>
      <Show of={page}>
        {(answer) => (answer.entries.length === 0 && here === undefined
          ? <Empty title="There are no lines of this day." />
          : (
            <>
              <p class="muted" role="status">{number(rows.length)} of {count(answer.entries.length, 'line')} that are loaded{answer.next !== null && '; there are older ones'}</p>
              {rows.length > 0 && <Table key={`${day.text} ${here ?? ''} ${text} ${size}`} caption="Lines" columns={kLineColumns} rows={rows} rowKey={(e) => e.id} sortBy="time" descending pageSize={Number(size)} />}
              <Pages
                label="Pages of the day"
                links={[
                  { text: 'Newest', href: here !== undefined && href('clients', { ...params, at: '' }) },
                  { text: `Newer ${number(kPage)}`, href: here !== undefined && answer.entries.length > 0 && answer.prev !== null && href('clients', { ...params, at: answer.prev }) },
                  { text: `Older ${number(kPage)}`, href: answer.next !== null && href('clients', { ...params, at: answer.next }) },
                ]}
              />
            </>
          ))}
      </Show>
    </Panel>
  );
}

function HowOften({ q, params }: { q: string; params: Params }) {
  const [typed, setTyped] = useState(params.find ?? '');
  const from = kPeriods.find(([value]) => value === params.from)?.[0] ?? '-1d';
  const find = params.find ?? '';
  const wanted = find === '' ? q : `${q} ${partQuery(find)}`;
  const found = useLoad((options) => histogram({ q: wanted, from, to: 'now' }, options), [wanted, from]);
  const times = useMemo(() => (found.data?.buckets ?? []).map((bucket) => bucket.time), [found.data]);
  const lines = useMemo(() => [{ label: 'lines', values: (found.data?.buckets ?? []).map((bucket) => bucket.count), bars: true }], [found.data]);
  return (
    <Panel title="How often" actions={<a href={href('search', { q: wanted, from })}>Search them</a>}>
      <form class="form-row clients-filter" onSubmit={(event) => { event.preventDefault(); setParams({ find: typed.trim() }); }}>
        <TextField label="Text to find" class="grow" type="search" value={typed} placeholder="all lines" onInput={(event) => setTyped(valueOf(event))} />
        <Select label="Within" options={kPeriods} value={from} onChange={(event) => setParams({ from: valueOf(event) })} />
        <Button type="submit" kind="primary">Count</Button>
      </form>
      <Show of={found}>
        {(answer) => (
          <>
            <p role="status"><b>{count(answer.total, 'line')}</b>{find !== '' && <> with {find}</>}{!answer.stats.complete && `, and not all were looked at (${answer.stats.stopped_by})`}</p>
            {answer.total > 0 && <Chart label={`${count(answer.total, 'line')} over time`} times={times} lines={lines} select={(from, to) => navigate('search', { q: wanted, from, to })} />}
          </>
        )}
      </Show>
    </Panel>
  );
}

function Words({ q, client, log }: { q: string; client: string; log: string }) {
  const found = useLoad((options) => words({ client, log, day: 'now', limit: 50, within: kWordsWithin }, options), [client, log]);
  const columns = useMemo((): Column<WordCount>[] => [
    { name: 'word', title: 'Word', class: 'name-cell', cell: (w) => <a href={href('search', { q: `${q} ${phraseQuery(w.word)}`, from: '-1d' })}>{w.word}</a>, sort: (w) => w.word },
    { name: 'count', title: 'Lines', number: true, cell: (w) => number(w.count), sort: (w) => w.count },
  ], [q]);
  return (
    <Panel title="Words of today (UTC)">
      <Show of={found}>
        {(answer) => (answer.words.length === 0 && answer.stats.complete ? <Empty title="There are no lines of today." /> : (
          <>
            {!answer.stats.complete && <p class="muted">Of the newest lines only: to count all would take long</p>}
            <Table caption="Words of today" columns={columns} rows={answer.words} rowKey={(w) => w.word} sortBy="count" descending pageSize={20} />
          </>
        ))}
      </Show>
    </Panel>
  );
}

export function LogView({ client, log, params }: { client: string; log: string; params: Params }) {
  const tagged = useLoad(tags, []);
  const { names, nameOf } = useNames(tagged.data?.tags);
  const q = sourceQuery({ client, log, kind: 'logs' });
  const tab = kTabs.some(([name]) => name === params.tab) ? (params.tab ?? '') : '';
  const all = useLoad((options) => logs(client, options), [client]).data?.logs;
  // As its lines call it; in the address and in queries "_" is as good as "/".
  const called = useMemo(() => new Map([[log, log], ...(all ?? []).map((each) => [each.log, each.display] as const)]), [all, log]);
  const others = useMemo(() => [...called.keys()].sort().slice(0, kLogsOffered), [called]);
  const title = called.get(log) ?? log;
  return (
    <>
      <ViewHead
        changes="ingest"
        title={title}
        trail={[{ text: 'Clients', href: href('clients') }, { text: nameOf(client), href: href('clients', { client }) }]}
        actions={
          <>
            {others.length > 1 && (
              <Select
                label="Log of this client" hideLabel class="clients-logs" value={log} options={others.map((each) => [each, called.get(each) ?? each] as const)}
                onChange={(event) => navigate('clients', { client, log: valueOf(event), tab })}
              />
            )}
            <Button needs="ingest" onClick={() => void askRemoval({ client, kind: 'logs', name: log, display: title }).then((gone) => { if (gone) navigate('clients', { client }); })}>Remove…</Button>
          </>
        }
      />
      <Tabs label="Of the log" current={tab} tabs={kTabs.map(([name, text]) => ({ name, text, href: href('clients', { client, log, tab: name }) }))} />
      {tab === '' && <DayOfLog q={q} params={params} />}
      {tab === 'live' && <Panel title="As it is written"><LiveLines q={q} label={`Lines of ${log} as they come`} names={names} /></Panel>}
      {tab === 'count' && (
        <div class="grid">
          <HowOften q={q} params={params} />
          <Words q={q} client={client} log={log} />
        </div>
      )}
    </>
  );
}
