// What can be done with a word of a line, or a value of a field: a small menu where it stands.
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

export interface WordAction {
  text: string;
  run: () => void;
}
export interface WordMenuAt {
  x: number; // of the window
  y: number;
  title: string; // the word
  actions: readonly WordAction[];
}

export function WordMenu({ at: { x, y, title, actions }, close }: { at: WordMenuAt; close: () => void }) {
  const menu = useRef<HTMLDivElement>(null);
  // What had the focus gets it back.
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    menu.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
    return () => before?.focus({ preventScroll: true });
  }, []);
  useLayoutEffect(() => {
    const element = menu.current;
    if (!element) return;
    const { width, height } = element.getBoundingClientRect();
    element.style.left = `${Math.max(4, Math.min(x, innerWidth - width - 4))}px`;
    element.style.top = `${Math.max(4, y + height + 8 > innerHeight ? y - height - 8 : y + 8)}px`;
  }, [x, y]);
  useEffect(() => {
    const outside = (event: Event) => {
      if (!menu.current?.contains(event.target as Node)) close();
    };
    // Only what the reader does: a list to which lines are added scrolls by itself.
    const kinds = ['pointerdown', 'wheel', 'touchmove'] as const;
    for (const kind of kinds) document.addEventListener(kind, outside, { passive: true });
    return () => { for (const kind of kinds) document.removeEventListener(kind, outside); };
  }, [close]);

  const onKeyDown = (event: KeyboardEvent) => {
    const items = [...(menu.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
    const now = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: (now + 1) % items.length, ArrowUp: (now + items.length - 1) % items.length, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) items[to]?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="word-menu" role="menu" aria-label={title.slice(0, 100)} ref={menu} onKeyDown={onKeyDown}>
      <div class="word-menu-title" aria-hidden="true">{title.slice(0, 100)}</div>
      {actions.map(({ text, run }) => (
        <button key={text} type="button" class="bare-button" role="menuitem" tabIndex={-1} onClick={() => { close(); run(); }}>{text}</button>
      ))}
    </div>
  );
}
