// What a search does and has cost, in one line; with what can be done about it.
import { useEffect, useState } from 'preact/hooks';
import { Button } from '../../components';
import { count, duration, number } from '../../format';
import type { Lines } from './use_lines';

const kTickMs = 200;

// While it runs. Not a live region: it would speak all the time.
function Running({ lines }: { lines: Lines }) {
  const [now, setNow] = useState(performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), kTickMs);
    return () => clearInterval(timer);
  }, []);
  const elapsed = Math.max(0, now - lines.since);
  return (
    <>
      <span class="search-progress">
        <span class="spinner" aria-hidden="true" /> {duration(elapsed)}
        {lines.progress && ` · ${count(lines.progress.lines_scanned, 'line')} looked at · ${number(lines.progress.lines_matched)} found`}
      </span>
      <Button small onClick={lines.stop}>Stop</Button>
    </>
  );
}

export function Status({ lines, total, again }: { lines: Lines; total: number | null; again: () => void }) {
  const { entries, loading, stats, stopped, cutShort, newer } = lines;
  const loaded = total !== null && total > entries.length ? `${number(entries.length)} of ${count(total, 'line')}` : count(entries.length, 'line');
  return (
    <div class="search-status">
      <p role="status">
        {loading === 'first' ? 'Searching…' : `${loaded}${stats ? ` · ${duration(stats.elapsed_ms)} · ${number(stats.lines_scanned)} looked at` : ''}${stopped ? ' · stopped' : ''}${newer === 'none' ? ' · nothing came since' : ''}`}
      </p>
      {loading && <Running lines={lines} />}
      {stopped && lines.next && <Button small onClick={lines.loadNext}>Go on</Button>}
      {stopped && <Button small onClick={again}>Search again</Button>}
      {!loading && cutShort && (
        <span class="search-cut">
          {`It ran into the limit ${cutShort} before the page was full.`} {lines.next && <Button small onClick={lines.loadNext}>Go on</Button>}
        </span>
      )}
    </div>
  );
}
