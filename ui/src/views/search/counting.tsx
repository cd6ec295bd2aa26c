// Below the histogram of a search: that its lines are being counted, of which they are, or that they were not.
import type { Histogram } from '../../api';
import type { Loaded } from '../../api/use';
import { Button, Loading } from '../../components';

interface CountingProps {
  bars: Loaded<Histogram>;
  searching: boolean; // what is stopped then is stopped with the search
  begun: boolean; // the server has understood the query
  countAll: () => void;
}

export function Counting({ bars: { data, error, loading, reload, stop }, searching, begun, countAll }: CountingProps) {
  const stopping = loading && !searching && <Button small onClick={stop}>Stop counting</Button>;
  if (!data) {
    if (loading || (searching && !begun)) return <><Loading label="Counting the lines over time…" />{stopping}</>;
    if (error) return null;
    return <p class="muted">The lines over time were not counted. {begun && <Button small onClick={reload}>Count them</Button>}</p>;
  }
  if (data.stats.complete) return null;
  const why = data.stats.stopped_by === 'within' ? 'to count all would take long' : data.stats.stopped_by;
  return (
    <p class="muted">
      Only the newest lines were counted: {why}{' '}
      {loading ? <><span class="spinner" aria-hidden="true" /> Counting all… {stopping}</> : data.stats.stopped_by === 'within' && <Button small onClick={countAll}>Count all</Button>}
    </p>
  );
}
