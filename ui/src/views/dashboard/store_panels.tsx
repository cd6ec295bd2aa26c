// The numbers at the top, and how fast lines come in: by what the store's own count says from one look to the next.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { retentionSettings, stats, type Client, type RetentionSettings, type StoreStats } from '../../api';
import { useLoad, type Loaded } from '../../api/use';
import { Chart, Empty, ErrorState, Figure, Panel } from '../../components';
import { bytes, duration, number, percent, shortNumber } from '../../format';

const kLookMs = 3000;
const kMostLooks = 200; // ten minutes

interface Look {
  time: number;
  rate: number | null; // lines a second since the look before; null: not known (the first, or the server began anew)
}

// Lines and cells alike, as agents' entries are cells.
const written = (now: StoreStats) => now.lines_written;

function useRates(now: StoreStats | undefined): readonly Look[] {
  const [kept, setKept] = useState<{ looks: readonly Look[]; last?: StoreStats }>({ looks: [] });
  useEffect(() => {
    if (!now) return;
    setKept(({ looks, last }) => {
      if (last && now.time === last.time) return { looks, last };
      const took = last ? now.time - last.time : 0;
      const came = last ? written(now) - written(last) : 0;
      // After a pause (the tab was hidden) the mean of that time would look like a reading.
      const known = last !== undefined && came >= 0 && took > 0 && took < 5 * kLookMs;
      return { looks: [...looks, { time: now.time, rate: known ? (came * 1000) / took : null }].slice(-kMostLooks), last: now };
    });
  }, [now]);
  return kept.looks;
}

function keptFor(settings: RetentionSettings): string {
  const parts = [settings.keep_ms !== null ? `kept for ${duration(settings.keep_ms)}` : 'kept for ever'];
  if (settings.rules > 0) parts.push(`${number(settings.rules)} ${settings.rules === 1 ? 'rule' : 'rules'} for some`);
  if (settings.max_bytes !== null) parts.push(`at most ${bytes(settings.max_bytes)}`);
  return parts.join(', ');
}

function Rate({ looks }: { looks: readonly Look[] }) {
  const times = useMemo(() => looks.map((look) => look.time), [looks]);
  const lines = useMemo(() => [{ label: 'lines a second', values: looks.map((look) => look.rate), fill: true }], [looks]);
  const known = looks.filter((look) => look.rate !== null);
  const most = known.reduce((rate, look) => Math.max(rate, look.rate ?? 0), 0);
  return (
    <Panel title="Lines coming in">
      {known.length < 2
        ? <Empty title="Counting…" />
        : (
          <>
            <Chart label={`Lines a second since this page looks, at most ${shortNumber(most)}`} times={times} lines={lines} height={120} />
            <p class="muted">Lines a second, since this page looks; at most {shortNumber(most)}.</p>
          </>
        )}
    </Panel>
  );
}

export function StorePanels({ clients }: { clients: Loaded<{ clients: Client[] }> }) {
  const store = useLoad(stats, [], kLookMs);
  const settings = useLoad(retentionSettings, [], 300_000);
  const looks = useRates(store.data);
  const rate = [...looks].reverse().find((look) => look.rate !== null)?.rate ?? null;
  const now = store.data;
  const all = clients.data?.clients;
  const silent = all?.filter((client) => client.down).length ?? 0;
  const low = now !== undefined && now.disk_free_bytes < now.disk_bytes / 10;
  const gone = Number(now?.rows_dropped_by_age ?? 0) + Number(now?.rows_dropped_by_bytes ?? 0);
  return (
    <>
      {store.error && !now && <ErrorState error={store.error} retry={store.reload} />}
      <div class="figures">
        <Figure label="Clients reporting" value={all ? `${number(all.length - silent)} of ${number(all.length)}` : '–'} note={all && (silent > 0 ? `${number(silent)} silent for 10 minutes` : 'all of them')} {...(silent > 0 ? { tone: 'bad' as const } : {})} />
        <Figure label="Lines a second" value={rate === null ? '–' : shortNumber(rate)} note={now && `${shortNumber(written(now))} since the start`} />
        <Figure label="Stored" value={now ? bytes(now.disk_bytes) : '–'} note={settings.data && keptFor(settings.data)} />
        <Figure label="Free on disk" value={now ? bytes(now.disk_free_bytes) : '–'} note={now && `${percent(now.disk_free_bytes, now.disk_free_bytes + now.disk_bytes)} of what is stored and free`} {...(low ? { tone: 'bad' as const } : {})} />
        <Figure label="Logs' days" value={now ? shortNumber(now.rows) : '–'} note={now && `${number(gone)} dropped since the start`} />
      </div>
      <Rate looks={looks} />
    </>
  );
}
