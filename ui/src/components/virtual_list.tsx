// A list of which only what can be seen is in the document, with rows of any height: they are measured as they appear.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Heights, type Seen } from './heights';

// What one may do to a list that is shown.
export interface ListHandle {
  show: (index: number) => void; // scrolls as far as is needed
  seen: () => Seen | null; // what is seen of the list now
  toEnd: () => void;
}

interface VirtualListProps<T extends object> {
  items: readonly T[]; // rows are known by their object: keep it while they do not change
  keyOf: (item: T) => string; // by which a row is found again whose object is another
  row: (item: T, index: number) => ComponentChildren; // one element, with a key
  layout: string; // changes when all heights may have changed
  rowHeight: number; // what is taken for a row's until it is measured
  stick?: boolean; // stays at the end while rows are added
  stuck?: (atEnd: boolean) => void; // the reader has scrolled away from the end, or to it
  nearBegin?: (() => void) | undefined; // the first rows are shown
  nearEnd?: (() => void) | undefined; // the last rows are shown
  handle?: { current: ListHandle | null };
  frame: Record<string, unknown>; // attributes of the element that scrolls
  frameRef: { current: HTMLDivElement | null };
}

const kBeyondPx = 400; // what is rendered above and below of what is seen
const kNearRows = 50;

export function VirtualList<T extends object>({ items, keyOf, row, layout, rowHeight, stick = false, stuck, nearBegin, nearEnd, handle, frame, frameRef }: VirtualListProps<T>) {
  const rows = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const [width, setWidth] = useState(0);
  const measured = useMemo(() => new WeakMap<T, number>(), [layout, width]);
  const heights = useMemo(() => new Heights(items.length, (i) => measured.get(items[i] as T) ?? rowHeight), [items, measured, rowHeight]);
  const [, remeasured] = useState(0);
  // The row at the top of the view, and how far it has been scrolled over: it stays there, whatever comes above it, and however wide
  // and high the rows become. It is another one only when somebody scrolls.
  const anchor = useRef<{ item: T; index: number; past: number } | null>(null);
  const lastTop = useRef(0); // where the list was put, or seen, last

  // Where the view begins by the anchor; null: by nothing.
  const anchoredTop = (): number | null => {
    const at = anchor.current;
    if (!at || stick) return null;
    if (items[at.index] !== at.item) {
      let now = items.indexOf(at.item);
      const key = keyOf(at.item);
      if (now < 0) now = items.findIndex((item) => keyOf(item) === key);
      // It was let go, with all before it.
      anchor.current = items.length === 0 ? null : { item: items[Math.max(now, 0)] as T, index: Math.max(now, 0), past: now < 0 ? 0 : at.past };
    }
    const { index, past } = anchor.current ?? { index: 0, past: 0 };
    return heights.before(index) + Math.min(past, heights.of(index));
  };
  const viewTop = anchoredTop() ?? view.top;
  const first = heights.at(viewTop - kBeyondPx);
  const last = items.length === 0 ? -1 : heights.at(viewTop + view.height + kBeyondPx);

  // Tells what is seen now; with `hold` the row at the top is the anchor from now on.
  const look = (hold: boolean) => {
    const element = frameRef.current;
    if (!element) return;
    const top = element.scrollTop;
    lastTop.current = top;
    if (hold) {
      const index = heights.at(top);
      const item = items[index];
      anchor.current = item ? { item, index, past: top - heights.before(index) } : null;
    }
    setView((old) => (old.top === top && old.height === element.clientHeight ? old : { top, height: element.clientHeight }));
  };
  const setTop = (top: number, hold: boolean) => {
    const element = frameRef.current;
    if (!element) return;
    if (Math.abs(element.scrollTop - top) >= 0.5) element.scrollTop = top;
    look(hold);
  };
  const onScroll = () => {
    const element = frameRef.current;
    if (!element) return;
    const atEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - 8;
    if (atEnd && !stick) stuck?.(true);
    else if (!atEnd && stick && element.scrollTop < lastTop.current - 1) stuck?.(false);
    look(Math.abs(element.scrollTop - lastTop.current) >= 0.5);
  };

  // Measures what is rendered, and keeps the anchor where it was.
  useLayoutEffect(() => {
    const element = frameRef.current;
    const holder = rows.current;
    if (!element || !holder) return;
    const scrolled = Math.abs(element.scrollTop - lastTop.current) >= 0.5; // of which the event is still to come
    let changed = false;
    for (let i = first; i <= last; ++i) {
      const item = items[i];
      const child = holder.children[i - first];
      if (!item || !child) break;
      const height = child.getBoundingClientRect().height;
      if (height > 0 && Math.abs(height - heights.of(i)) > 0.1) {
        heights.set(i, height);
        changed = true;
      }
      measured.set(item, height);
    }
    holder.parentElement?.style.setProperty('height', `${heights.before(items.length)}px`);
    holder.style.setProperty('top', `${heights.before(first)}px`);
    // Who follows the end holds its rows when he stops to; before there are rows there is nothing to hold.
    if (!scrolled && stick) setTop(element.scrollHeight - element.clientHeight, true);
    else if (!scrolled) setTop(anchoredTop() ?? element.scrollTop, anchor.current === null);
    if (changed) remeasured((n) => n + 1);
  });

  const latest = useRef({ heights, look, setTop });
  latest.current = { heights, look, setTop };
  useEffect(() => {
    const element = frameRef.current;
    if (!element) return;
    const resize = new ResizeObserver(() => {
      setWidth(element.clientWidth);
      latest.current.look(false);
    });
    resize.observe(element);
    return () => resize.disconnect();
  }, []);
  useEffect(() => {
    if (!handle) return;
    handle.current = {
      show: (index) => {
        const element = frameRef.current;
        if (!element) return;
        const { heights, setTop } = latest.current;
        const top = heights.before(index);
        const bottom = heights.before(index + 1);
        if (top < element.scrollTop) setTop(top, true);
        else if (bottom > element.scrollTop + element.clientHeight) setTop(Math.min(top, bottom - element.clientHeight), true);
      },
      seen: () => {
        const element = frameRef.current;
        return element ? latest.current.heights.within(element.scrollTop, element.scrollTop + element.clientHeight) : null;
      },
      toEnd: () => {
        const element = frameRef.current;
        if (element) latest.current.setTop(element.scrollHeight - element.clientHeight, true);
      },
    };
    return () => { handle.current = null; };
  }, []);

  useEffect(() => {
    if (items.length === 0) return;
    if (first < kNearRows) nearBegin?.();
    if (last >= items.length - kNearRows) nearEnd?.();
  }, [items, first, last, nearBegin, nearEnd]);

  const shown: ComponentChildren[] = [];
  for (let i = first; i <= last; ++i) shown.push(row(items[i] as T, i));
  return (
    <div {...frame} ref={frameRef} onScroll={onScroll}>
      <div class="virtual-space" role="presentation">
        <div class="virtual-rows" role="rowgroup" ref={rows}>{shown}</div>
      </div>
    </div>
  );
}
