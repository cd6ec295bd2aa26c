// Puts the caret where it is to be once a text that a program put in stands in its field: in the same turn, so that what is
// typed at once goes there, too.
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

export function usePlacedCaret(input: RefObject<HTMLInputElement>): (caret: number) => void {
  const wanted = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (wanted.current === null) return;
    input.current?.focus();
    input.current?.setSelectionRange(wanted.current, wanted.current);
    wanted.current = null;
  });
  return (caret) => { wanted.current = caret; };
}
