// The numbers at the top: clients, rate, disk, and for how long what comes is kept.
import { retentionSettings, type Client, type RetentionSettings, type StoreStats } from '../../api';
import { useLoad, type Loaded } from '../../api/use';
import { ErrorState, Figure } from '../../components';
import { bytes, duration, number, percent, shortNumber } from '../../format';

function keptFor(settings: RetentionSettings): string {
  const parts = [settings.keep_ms !== null ? `kept for ${duration(settings.keep_ms)}` : 'kept for ever'];
  if (settings.rules > 0) parts.push(`${number(settings.rules)} ${settings.rules === 1 ? 'rule' : 'rules'} for some`);
  if (settings.max_bytes !== null) parts.push(`at most ${bytes(settings.max_bytes)}`);
  return parts.join(', ');
}

export function StoreFigures({ of: store, rate, clients }: { of: Loaded<StoreStats>; rate: number | null; clients: Loaded<{ clients: Client[] }> }) {
  const settings = useLoad(retentionSettings, [], 300_000);
  const now = store.data;
  const all = clients.data?.clients;
  const silent = all?.filter((client) => client.down).length ?? 0;
  const low = now !== undefined && now.disk_free_bytes < now.disk_bytes / 10;
  const gone = Number(now?.rows_dropped_by_age ?? 0) + Number(now?.rows_dropped_by_bytes ?? 0);
  return (
    <>
      {store.error && !now && <ErrorState error={store.error} retry={store.reload} />}
      <div class="figures">
        <Figure label="Clients reporting" value={all ? `${number(all.length - silent)} of ${number(all.length)}` : '–'} note={all && (all.length === 0 ? 'none has reported yet' : silent > 0 ? `${number(silent)} silent for 10 minutes` : 'all of them')} {...(silent > 0 ? { tone: 'bad' as const } : {})} />
        <Figure label="Lines a second" value={rate === null ? '–' : shortNumber(rate)} note={now && `${shortNumber(now.lines_written)} since the start`} />
        <Figure label="Stored" value={now ? bytes(now.disk_bytes) : '–'} note={settings.data && keptFor(settings.data)} />
        <Figure label="Free on disk" value={now ? bytes(now.disk_free_bytes) : '–'} note={now && `${percent(now.disk_free_bytes, now.disk_free_bytes + now.disk_bytes)} of stored and free`} {...(low ? { tone: 'bad' as const } : {})} />
        <Figure label="Rows" value={now ? shortNumber(now.rows) : '–'} note={now && `a day of a log or plugin each; ${number(gone)} dropped since the start`} />
      </div>
    </>
  );
}
