// Asks for the name of what is to go for ever: for what a slip of the hand must not do.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from './button';
import { Dialog } from './dialog';
import { TextField, valueOf } from './field';

interface ConfirmNameProps {
  title: string;
  name: string; // to be typed
  children: ComponentChildren; // what happens
  yes: string;
  confirm: () => void;
  close: () => void;
}

// As it is shown, in which several blanks look like one, and an accent like a part of its letter.
const looks = (name: string) => name.normalize('NFC').replace(/\s+/gu, ' ').trim();

// Open as long as it is rendered.
export function ConfirmName({ title, name, children, yes, confirm, close }: ConfirmNameProps) {
  const [typed, setTyped] = useState('');
  const right = typed === name || looks(typed) === looks(name);
  return (
    <Dialog title={title} close={close}>
      <form onSubmit={(event) => { event.preventDefault(); if (right) confirm(); }}>
        <div class="dialog-body">
          <div>{children}</div>
          <TextField label={`Type its name, ${name}`} value={typed} onInput={(event) => setTyped(valueOf(event))} autofocus />
        </div>
        <footer class="dialog-foot">
          <Button onClick={close}>Cancel</Button>
          <Button type="submit" kind="danger" disabled={!right}>{yes}</Button>
        </footer>
      </form>
    </Dialog>
  );
}
