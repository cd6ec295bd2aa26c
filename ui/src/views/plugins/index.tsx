import { useEffect, useMemo } from 'preact/hooks';
import { lost, plugins, series, tags, type PluginInfo } from '../../api';
import { useLoad } from '../../api/use';
import { Badge, dayOf, DayPicker, Empty, FieldChoice, fieldPattern, Panel, Readings, readTime, Select, Show, Tabs, TimeRange, useKnownFields, useNames, valueOf, ViewHead } from '../../components';
import { count, date, duration, time } from '../../format';
import { zone } from '../../preferences';
import { href, setParams } from '../../router';
import type { ViewProps } from '..';
import { Chosen, readList, writeList } from './chosen';
import './plugins.css';

const kLiveMs = 10_000;
const kListMs = 60_000;
const kFirstClients = 8; // chosen without a word

const kNothing: readonly PluginInfo[] = [];

export function Plugins({ params }: ViewProps) {
  const list = useLoad((options) => plugins(undefined, options), [], kListMs);
  const tagged = useLoad(tags, [], kListMs);
  const { nameOf } = useNames(tagged.data?.tags);
  const all = list.data?.plugins ?? kNothing;
  const names = useMemo(() => [...new Set(all.map((p) => p.plugin))].sort(), [all]);
  const plugin = params.plugin ?? names[0] ?? '';
  const having = useMemo(() => all.filter((p) => p.plugin === plugin).map((p) => p.client), [all, plugin]);
  const wanted = params.clients === undefined ? having.slice(0, kFirstClients) : readList(params.clients);
  const wantedText = writeList(wanted);

  const byDay = params.mode !== 'range';
  const day = dayOf(params.day);
  const range = { from: params.from ?? (byDay ? '' : '-1h'), to: params.to ?? '' };
  const query = byDay ? { from: day.from, to: day.to } : range;
  const open = byDay ? day.text === date(Date.now()) : range.to === '' || range.to === 'now';
  const field = params.field ?? '';
  const known = useKnownFields(wanted, plugin);
  const pattern = fieldPattern(field, known);

  // Names of clients are globs to the server: answers are those that were asked for, and no others.
  const loaded = useLoad(
    plugin === '' || wanted.length === 0 ? null
      : async (options) => {
          const answer = await series({ client: [...wanted], plugin: [plugin], ...(pattern ? { field: pattern } : {}), ...query, last: true }, options);
          const mine = new Set(wanted);
          return { ...answer, at: Date.now(), series: answer.series.filter((one) => mine.has(one.client) && one.plugin === plugin) };
        },
    [plugin, wantedText, pattern?.[0], query.from, query.to, zone.value], open ? kLiveMs : 0,
  );
  const spanFrom = byDay ? day.from : readTime(range.from, loaded.data?.at);
  const spanTo = byDay ? day.to : (readTime(range.to, loaded.data?.at) ?? loaded.data?.at ?? null);
  const span = useMemo(() => (spanFrom !== null && spanTo !== null && spanFrom < spanTo ? { from: spanFrom, to: spanTo } : undefined), [spanFrom, spanTo]);

  // Which plugin is shown stands in the address, so that it stays when others come.
  useEffect(() => {
    if (params.plugin === undefined && plugin !== '') setParams({ plugin }, true);
  }, [params.plugin, plugin]);

  const select = (from: number, to: number) => setParams({ mode: 'range', from: String(from), to: String(to), day: '' });
  const readings = loaded.data?.series.reduce((sum, one) => sum + one.points.reduce((n, point) => n + point[4], 0), 0) ?? 0;
  return (
    <>
      <ViewHead title="Plugins" />
      <Show of={list}>
        {() => (all.length === 0 ? <Empty title="No plugin has reported yet." /> : (
          <>
            <Panel>
              <div class="plugins-choice">
                <div class="form-row">
                  <Select
                    label="Plugin" value={plugin} options={(names.includes(plugin) ? names : [plugin, ...names]).map((name) => [name, name] as const)}
                    onChange={(event) => setParams({ plugin: valueOf(event), clients: '', field: '' })}
                  />
                  <FieldChoice value={field} known={known} change={(to) => setParams({ field: to })} />
                </div>
                <Chosen all={having} chosen={wanted} nameOf={nameOf} />
              </div>
            </Panel>
            <Tabs
              label="Time" current={byDay ? 'day' : 'range'}
              tabs={[
                { name: 'day', text: 'A day', href: href('plugins', { ...params, mode: '', from: '', to: '' }) },
                { name: 'range', text: 'Any time', href: href('plugins', { ...params, mode: 'range', day: '' }) },
              ]}
            />
            <div class="form-row plugins-time">
              {byDay ? <DayPicker day={day} change={(text) => setParams({ day: text })} /> : <TimeRange value={range} change={(value) => setParams({ from: value.from, to: value.to })} />}
              <p class="muted">
                {!open ? <Badge>past</Badge> : lost.value !== null || loaded.error ? <Badge tone="warn">not up to date</Badge> : <Badge tone="good">live</Badge>}{' '}
                {loaded.data && <>{count(readings, 'reading')} · steps of {duration(loaded.data.step)} · {time(loaded.data.at)}</>}
              </p>
            </div>
            {wanted.length === 0
              ? <Empty title="No client is chosen." />
              : (
                <Show of={loaded}>
                  {(answer) => (answer.series.length === 0
                    ? <Empty title="There are no readings in this time." />
                    : <Readings series={answer.series} nameOf={nameOf} select={select} {...(span ? { span } : {})} />)}
                </Show>
              )}
          </>
        ))}
      </Show>
    </>
  );
}
