// Dialogs: the browser's own, which keeps the focus inside and gives it back.
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Button } from './button';

interface DialogProps {
  title: string;
  close: () => void; // the reader wants it gone: Escape, or its cross
  children: ComponentChildren;
  wide?: boolean;
}

// Open as long as it is rendered.
export function Dialog({ title, close, children, wide = false }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog ref={element} class={wide ? 'dialog dialog-wide' : 'dialog'} aria-labelledby={heading} onCancel={(event) => { event.preventDefault(); close(); }}>
      <header class="dialog-head">
        <h2 id={heading}>{title}</h2>
        <Button kind="quiet" class="icon-button" aria-label="Close" onClick={close}><span aria-hidden="true">✕</span></Button>
      </header>
      {children}
    </dialog>
  );
}

interface Question {
  title: string;
  text: ComponentChildren;
  yes?: string; // what the button says that does it
  danger?: boolean;
}
const asked = signal<(Question & { answer: (yes: boolean) => void }) | null>(null);

// Asks before something is done that cannot be taken back: if (await ask({…})) remove();
export function ask(question: Question): Promise<boolean> {
  asked.peek()?.answer(false);
  return new Promise((resolve) => {
    asked.value = {
      ...question,
      answer: (yes) => {
        asked.value = null;
        resolve(yes);
      },
    };
  });
}

// Where ask() shows itself; once in the page.
export function Questions() {
  const question = asked.value;
  if (!question) return null;
  return (
    <Dialog key={question.title} title={question.title} close={() => question.answer(false)}>
      <div class="dialog-body">{question.text}</div>
      <footer class="dialog-foot">
        <Button onClick={() => question.answer(false)} autofocus>Cancel</Button>
        <Button kind={question.danger ? 'danger' : 'primary'} onClick={() => question.answer(true)}>{question.yes ?? 'OK'}</Button>
      </footer>
    </Dialog>
  );
}
