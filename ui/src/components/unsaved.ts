// What is typed and not saved is not lost without a question: by another view, by going back, or by leaving the page.
import { useEffect, useRef } from 'preact/hooks';
import { guardLeaving } from '../router';
import { ask } from './dialog';

// While `unsaved` gives true. It is asked when somebody wants to go.
export function useUnsaved(unsaved: () => boolean, what: string): void {
  const newest = useRef(unsaved);
  newest.current = unsaved;
  useEffect(() => {
    const stay = guardLeaving({
      holds: () => newest.current(),
      ask: () => ask({ title: 'Leave without saving?', text: `${what} is not saved, and what you have typed will be lost.`, yes: 'Leave', danger: true }),
    });
    const onUnload = (event: BeforeUnloadEvent) => { if (newest.current()) event.preventDefault(); };
    addEventListener('beforeunload', onUnload);
    return () => {
      stay();
      removeEventListener('beforeunload', onUnload);
    };
  }, [what]);
}
