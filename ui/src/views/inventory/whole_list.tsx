// The whole list, typed or from a file, in place of what there is.
import { useState } from 'preact/hooks';
import { messageOf, setInventory, type Machine } from '../../api';
import { ask, Button, Dialog, tellDone, TextArea, TextField, valueOf } from '../../components';
import { count } from '../../format';
import { placed, readList } from './list';

const listText = (machines: readonly Machine[]) =>
  machines.filter((m) => m.expected).map((m) => [m.machine, m.name ?? '', m.group ?? ''].join(' ').trimEnd()).join('\n');
// Lines have blanks between their parts, so a list with other names cannot be edited as lines without losing something.
const fitsLines = (machines: readonly Machine[]) =>
  machines.every((m) => !m.expected || (!/[\s,;]|^[#[]/.test(m.machine) && !/[\s,;]/.test(m.name ?? '') && !/[\s,;]/.test(m.group ?? '') && (m.name !== null || m.group === null)));

const sure = (before: number) => ask({
  title: 'Empty the list?', text: <p>No machine is in it: <b>{count(before, 'machine')}</b> will no longer be expected.</p>, yes: 'Empty it', danger: true,
});

export function WholeList({ machines, close }: { machines: readonly Machine[]; close: (changed: boolean) => void }) {
  const [text, setText] = useState(() => (fitsLines(machines) ? listText(machines) : ''));
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const before = machines.filter((m) => m.expected).length;
  const save = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    let places: readonly string[] = [];
    try {
      const list = readList(text);
      if ('places' in list) places = list.places;
      const many = 'machines' in list ? list.machines.length : list.many;
      if (many === 0 && before > 0 && !await sure(before)) {
        setBusy(false);
        return;
      }
      const answer = await setInventory('machines' in list ? list.machines : list.lines);
      tellDone(`The list has ${count(answer.machines.filter((m) => m.expected).length, 'machine')} now.`);
      close(true);
    } catch (caught) {
      setError(placed(messageOf(caught), places));
      setBusy(false);
    }
  };
  const fromFile = async (event: Event) => {
    const file = (event.currentTarget as HTMLInputElement).files?.[0];
    if (file) setText(await file.text());
  };
  return (
    <Dialog title="The whole list" close={() => close(false)} wide>
      <form onSubmit={(event) => void save(event)}>
        <div class="dialog-body inventory-list">
          <p>A machine a line: address, name and group, with blanks between or as CSV; or a JSON list. It takes the place of what is there: <b>{count(before, 'machine')}</b>.</p>
          <TextField label="From a file" type="file" accept=".txt,.csv,.json,text/plain,application/json" onChange={(event) => void fromFile(event)} />
          <TextArea label="List" rows={12} value={text} error={error} placeholder={'10.0.0.1 web1 web\n10.0.0.2 db1 data'} onInput={(event) => setText(valueOf(event))} />
        </div>
        <footer class="dialog-foot">
          <Button onClick={() => close(false)}>Cancel</Button>
          <Button type="submit" kind="primary" busy={busy}>Set the list</Button>
        </footer>
      </form>
    </Dialog>
  );
}
