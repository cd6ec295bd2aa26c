// Old days go: by the server's own policy, or by another, once. What would go can be seen first.
import { useState } from 'preact/hooks';
import { retention } from '../../api';
import { ask, Button, Checkbox, checkedOf, Panel, TextArea, TextField, valueOf } from '../../components';
import { isRunning, startJob } from './job_list';

export function Retention() {
  const [wanted, setWanted] = useState({ keep: '', rules: '', max_bytes: '' });
  const [forget, setForget] = useState(false);
  const field = (name: keyof typeof wanted) => ({ value: wanted[name], onInput: (event: Event) => setWanted({ ...wanted, [name]: valueOf(event) }) });
  const policy = [wanted.keep !== '' && `keep ${wanted.keep}`, wanted.rules.trim() !== '' && wanted.rules.trim().split(/\s*\n\s*/).join(', '), wanted.max_bytes !== '' && `at most ${wanted.max_bytes}`].filter(Boolean).join(', ') || 'the server’s own policy';
  const run = (dry: boolean) => startJob('Retention', `${dry ? 'only told: ' : ''}${policy}`, (progress, signal) =>
    retention({ ...wanted, dry_run: dry || undefined, forget_names: forget || undefined }, progress, signal));
  const drop = async () => {
    const sure = await ask({ title: 'Drop old days?', text: <p>What is not kept by {policy} goes, for ever.</p>, yes: 'Drop', danger: true });
    if (sure) await run(false);
  };
  return (
    <Panel title="Retention">
      <form class="admin-form" onSubmit={(event) => { event.preventDefault(); void run(true); }}>
        <p class="muted">Drops days that are not kept any longer. Empty fields: as the server was started.</p>
        <div class="form-row">
          <TextField label="Keep" placeholder="30d" {...field('keep')} />
          <TextField label="At most" placeholder="50GB" {...field('max_bytes')} />
        </div>
        <TextArea label="Rules" rows={2} placeholder="web*/*=7d" hint="One a line: CLIENT/LOG=TIME" {...field('rules')} />
        <Checkbox label="Forget the names of what has nothing left" checked={forget} onChange={(event) => setForget(checkedOf(event))} />
        <div class="actions">
          <Button needs="admin" type="submit" busy={isRunning('Retention')}>What would go</Button>
          <Button needs="admin" kind="danger" disabled={isRunning('Retention')} onClick={() => void drop()}>Drop it</Button>
        </div>
      </form>
    </Panel>
  );
}
