// Which clients stand in the charts.
import { useState } from 'preact/hooks';
import { Button, Checkbox, TextField, valueOf } from '../../components';
import { count } from '../../format';
import { setParams } from '../../router';

const kMostChosen = 20;
const kMostListed = 60;

// In the address: names with commas between, each percent-encoded so that it may have any sign. "," is none.
export const writeList = (names: readonly string[]): string => (names.length === 0 ? ',' : names.map(encodeURIComponent).join(','));
export function readList(text: string): string[] {
  return text.split(',').filter((part) => part !== '').flatMap((part) => {
    try {
      return [decodeURIComponent(part)];
    } catch {
      return [];
    }
  }).slice(0, kMostChosen);
}

export function Chosen({ all, chosen, nameOf }: { all: readonly string[]; chosen: readonly string[]; nameOf: (client: string) => string }) {
  const [filter, setFilter] = useState('');
  const names = [...new Set([...chosen, ...all])];
  const text = filter.toLowerCase();
  const found = names.filter((client) => text === '' || client.toLowerCase().includes(text) || nameOf(client).toLowerCase().includes(text));
  const set = (clients: readonly string[]) => setParams({ clients: writeList(clients) });
  const full = chosen.length >= kMostChosen;
  return (
    <fieldset class="plugins-clients">
      <legend>Clients <span class="muted">({count(chosen.length, 'client')} of {all.length} chosen, at most {kMostChosen})</span></legend>
      {names.length > 12 && <TextField label="Filter clients" hideLabel placeholder="Filter" type="search" value={filter} onInput={(event) => setFilter(valueOf(event))} />}
      <div class="plugins-boxes">
        {found.slice(0, kMostListed).map((client) => {
          const on = chosen.includes(client);
          return (
            <Checkbox
              key={client} label={nameOf(client)} checked={on} disabled={!on && full}
              onChange={() => set(on ? chosen.filter((other) => other !== client) : [...chosen, client])}
            />
          );
        })}
        {found.length > kMostListed && <span class="muted">and {found.length - kMostListed} more: filter</span>}
      </div>
      <div class="actions">
        <Button small onClick={() => set(found.slice(0, kMostChosen))}>All</Button>
        <Button small onClick={() => set([])}>None</Button>
      </div>
    </fieldset>
  );
}
