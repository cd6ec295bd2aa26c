// A machine is added to the list, alone, so that what others change meanwhile stays.
import { useState } from 'preact/hooks';
import { inventory, messageOf, setCell } from '../../api';
import { ask, Button, Panel, tellDone, TextField, valueOf } from '../../components';

export const kMachinesFamily = 'CFUTF8Type';
export const kMachinesRow = 'instances';

// Who reads the row unescapes %XX: a text keeps its % in JSON's way.
export const addMachine = (machine: string, name: string, group: string) =>
  setCell(kMachinesFamily, kMachinesRow, machine, JSON.stringify({ name, group }).replaceAll('%', '\\u0025'));

const said = ([name, group]: readonly (string | null)[]) => `name ${name || '–'}, group ${group || '–'}`;
function Change({ was, is }: { was: readonly (string | null)[]; is: readonly (string | null)[] }) {
  return <p>It is in the list already: {said(was)}. It will have: <b>{said(is)}</b>.</p>;
}

export function AddMachine({ done }: { done: () => void }) {
  const [typed, setTyped] = useState({ machine: '', name: '', group: '' });
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const field = (part: keyof typeof typed) => ({ value: typed[part], onInput: (event: Event) => setTyped({ ...typed, [part]: valueOf(event) }) });
  const save = async (event: Event) => {
    event.preventDefault();
    const machine = typed.machine.trim();
    if (machine === '') {
      setError('The address or name by which it reports is needed');
      return;
    }
    setBusy(true);
    try {
      // Of one that is listed what is not typed stays.
      const listed = (await inventory()).machines.find((each) => each.expected && each.machine === machine);
      const name = typed.name.trim() || (listed?.name ?? '');
      const group = typed.group.trim() || (listed?.group ?? '');
      if (listed && name === (listed.name ?? '') && group === (listed.group ?? '')) {
        setError(`${machine} is in the list already`);
        return;
      }
      if (listed && !await ask({ title: `Change ${machine}?`, text: <Change was={[listed.name, listed.group]} is={[name, group]} />, yes: 'Change it' })) return;
      await addMachine(machine, name, group);
      tellDone(listed ? `${machine} is changed.` : `${machine} is in the list now.`);
      setTyped({ machine: '', name: '', group: typed.group });
      setError(undefined);
      done();
    } catch (caught) {
      setError(messageOf(caught));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel title="Add a machine">
      <form class="form-row" onSubmit={(event) => void save(event)}>
        <TextField label="Machine" placeholder="10.0.0.1" error={error} maxLength={256} {...field('machine')} />
        <TextField label="Name" maxLength={256} {...field('name')} />
        <TextField label="Group" maxLength={256} {...field('group')} />
        <Button needs="ingest" type="submit" kind="primary" busy={busy}>Add</Button>
      </form>
    </Panel>
  );
}

