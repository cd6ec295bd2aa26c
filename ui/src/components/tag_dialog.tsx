// The name that a client goes by: set, changed, or taken away.
import { useState } from 'preact/hooks';
import { removeTag, setTag } from '../api';
import { Button } from './button';
import { Dialog } from './dialog';
import { TextField, valueOf } from './field';
import { tellDone, tellFailed } from './toast';

export function TagDialog({ client, tag, close }: { client: string; tag: string | null; close: (changed: boolean) => void }) {
  const [text, setText] = useState(tag ?? '');
  const [busy, setBusy] = useState(false);
  const save = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const wanted = text.trim();
    try {
      if (wanted === '') await removeTag(client);
      else await setTag(client, wanted);
      tellDone(wanted === '' ? `${client} has no tag now.` : `${client} is called ${wanted} now.`);
      close(true);
    } catch (error) {
      tellFailed('The tag could not be set', error);
      setBusy(false);
    }
  };
  return (
    <Dialog title={`Tag of ${client}`} close={() => close(false)}>
      <form onSubmit={(event) => void save(event)}>
        <div class="dialog-body">
          <TextField label="Tag" hint="A name for the client, which also works in searches. Empty: none." value={text} maxLength={256} autofocus onInput={(event) => setText(valueOf(event))} />
        </div>
        <footer class="dialog-foot">
          <Button onClick={() => close(false)}>Cancel</Button>
          <Button type="submit" kind="primary" busy={busy}>Save</Button>
        </footer>
      </form>
    </Dialog>
  );
}
