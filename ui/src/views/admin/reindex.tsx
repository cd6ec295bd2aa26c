// Blocks are made anew in which something derived from their lines is wrong.
import { useState } from 'preact/hooks';
import { reindex, type Kind } from '../../api';
import { Button, Checkbox, checkedOf, Panel, Select, TextField, valueOf } from '../../components';
import { isRunning, startJob } from './job_list';

export function Reindex() {
  const [all, setAll] = useState(false);
  const [wanted, setWanted] = useState({ client: '', log: '', kind: '', from: '', to: '' });
  const field = (name: keyof typeof wanted) => ({ value: wanted[name], onInput: (event: Event) => setWanted({ ...wanted, [name]: valueOf(event) }) });
  const start = () => {
    const { kind, ...rest } = wanted;
    const note = [all && 'all blocks', ...Object.entries(wanted).filter(([, value]) => value !== '').map(([name, value]) => `${name} ${value}`)].filter(Boolean).join(', ');
    void startJob('Reindex', note, (progress, signal) => reindex({ ...rest, all: all || undefined, kind: kind === '' ? undefined : (kind as Kind) }, progress, signal));
  };
  return (
    <Panel title="Reindex">
      <form class="admin-form" onSubmit={(event) => { event.preventDefault(); start(); }}>
        <p class="muted">Makes blocks anew in which something derived from their lines is wrong: after a verify that found such.</p>
        <div class="form-row">
          <TextField label="Client" placeholder="all, or a glob" {...field('client')} />
          <TextField label="Log or plugin" placeholder="all, or a glob" {...field('log')} />
          <Select
            label="Kind" options={[['', 'all'], ['logs', 'logs'], ['plugins', 'plugins'], ['alerts', 'alerts'], ['other', 'other']]} value={wanted.kind}
            onChange={(event) => setWanted({ ...wanted, kind: valueOf(event) })}
          />
          <TextField label="From" placeholder="-30d, 2026-01-31" {...field('from')} />
          <TextField label="To" placeholder="now" {...field('to')} />
        </div>
        <Checkbox label="All blocks, also those without a fault" checked={all} onChange={(event) => setAll(checkedOf(event))} />
        <div class="actions"><Button needs="admin" type="submit" busy={isRunning('Reindex')}>Reindex</Button></div>
      </form>
    </Panel>
  );
}
