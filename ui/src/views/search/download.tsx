// All lines of a search as a file, read as a stream and kept within bounds.
import { useEffect, useRef, useState } from 'preact/hooks';
import { isAbort, searchStream, type ApiError, type Entry } from '../../api';
import { asApiError } from '../../api/use';
import { Button, Dialog, ErrorState, Select, tellDone, valueOf } from '../../components';
import { bytes, count, iso, number } from '../../format';
import type { LineSearch } from './loader';

type Format = 'text' | 'ndjson';
const kLinesAtMost = 1_000_000;
const kBytesAtMost = 256 * 1024 * 1024;
const kPartChars = 1024 * 1024;
const kShowMs = 200;

// The bytes of a text as they were stored: what was no UTF-8 came as the code units dc80 … dcff.
export function storedBytes(text: string): Uint8Array {
  if (!/[\udc80-\udcff]/.test(text)) return new TextEncoder().encode(text);
  const encoder = new TextEncoder();
  const parts = text.split(/((?<![\ud800-\udbff])[\udc80-\udcff])/).map((part) => (/^[\udc80-\udcff]$/.test(part) ? Uint8Array.of(part.charCodeAt(0) - 0xdc00) : encoder.encode(part)));
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function save(parts: Uint8Array[], format: Format): void {
  const url = URL.createObjectURL(new Blob(parts as BlobPart[], { type: format === 'text' ? 'text/plain' : 'application/x-ndjson' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `lines-${iso(Date.now()).slice(0, 19).replace(/[:T]/g, '-')}.${format === 'text' ? 'log' : 'ndjson'}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

class Full extends Error {}

export function Download({ search, close }: { search: LineSearch; close: () => void }) {
  const [format, setFormat] = useState<Format>('text');
  const [most, setMost] = useState('100000');
  const [done, setDone] = useState<{ lines: number; size: number } | null>(null); // while it runs
  const [error, setError] = useState<ApiError | null>(null);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);

  const run = async () => {
    const own = new AbortController();
    abort.current = own;
    setError(null);
    const parts: Uint8Array[] = [];
    let text = '';
    let lines = 0;
    let size = 0;
    let shown = 0;
    const flush = () => {
      const part = storedBytes(text);
      text = '';
      size += part.length;
      parts.push(part);
      if (size > kBytesAtMost) own.abort(new Full());
    };
    const take = (entry: Entry) => {
      if (own.signal.aborted) return;
      text += format === 'text' ? `${entry.line}\n` : `${JSON.stringify(entry)}\n`;
      lines += 1;
      if (text.length > kPartChars) flush();
      const now = performance.now();
      if (now - shown < kShowMs) return;
      shown = now;
      setDone({ lines, size });
    };
    let why = '';
    try {
      setDone({ lines, size });
      const stats = await searchStream({ q: search.q, from: search.from, to: search.to, order: search.order, limit: Number(most) }, take, own.signal);
      if (stats && !stats.complete) why = `; it ran into ${stats.stopped_by}`;
    } catch (caught) {
      setDone(null);
      if (caught instanceof Full) why = `; it ends at ${bytes(kBytesAtMost)}`;
      else {
        if (!isAbort(caught)) setError(asApiError(caught));
        return;
      }
    }
    flush();
    save(parts, format);
    tellDone(`${count(lines, 'line')} saved${why}`);
    close();
  };

  return (
    <Dialog title="Download" close={close}>
      <form onSubmit={(event) => { event.preventDefault(); void run(); }}>
        <div class="dialog-body form-row">
          <Select label="As" value={format} options={[['text', 'Text, a line each'], ['ndjson', 'NDJSON, with time, client, log and fields']]} onChange={(event) => setFormat(valueOf(event) as Format)} />
          <Select label="At most" value={most} options={[10_000, 100_000, kLinesAtMost].map((n) => [String(n), `${number(n)} lines`] as const)} onChange={(event) => setMost(valueOf(event))} />
          {done && <p role="status" class="search-progress">{count(done.lines, 'line')}, {bytes(done.size)}</p>}
          {error && <ErrorState error={error} />}
        </div>
        <footer class="dialog-foot">
          <Button onClick={() => { if (done) abort.current?.abort(); else close(); }}>Cancel</Button>
          <Button type="submit" kind="primary" busy={done !== null}>Save</Button>
        </footer>
      </form>
    </Dialog>
  );
}
