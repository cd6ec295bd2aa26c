// A list of which only what can be seen is in the document, with rows of any height: they are measured as they appear.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Heights } from './heights';

// What one may do to a list that is shown.
export interface ListHandle {
  show: (index: number) => void; // scrolls as far as is needed
  toEnd: () => void;
}

interface VirtualListProps<T extends object> {
  items: readonly T[]; // rows are known by their object: keep it while they do not change
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

export function VirtualList<T extends object>({ items, row, layout, rowHeight, stick = false, stuck, nearBegin, nearEnd, handle, frame, frameRef }: VirtualListProps<T>) {
  const rows = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  const [width, setWidth] = useState(0);
  const measured = useMemo(() => new WeakMap<T, number>(), [layout, width]);
  const heights = useMemo(() => new Heights(items.length, (i) => measured.get(items[i] as T) ?? rowHeight), [items, measured, rowHeight]);
  const [, remeasured] = useState(0);
  // The row at the top of the view, and how far it has been scrolled over: it stays there, whatever comes above it.
  const anchor = useRef<{ item: T; index: number; past: number } | null>(null);
  const lastTop = useRef(0);

  const first = heights.at(view.top - kBeyondPx);
  const last = items.length === 0 ? -1 : heights.at(view.top + view.height + kBeyondPx);

  const setTop = (top: number) => {
    const element = frameRef.current;
    if (!element || Math.abs(element.scrollTop - top) < 0.5) return;
    element.scrollTop = top;
    lastTop.current = element.scrollTop;
    look();
  };
  const look = () => {
    const element = frameRef.current;
    if (!element) return;
    const top = element.scrollTop;
    const index = heights.at(top);
    const item = items[index];
    anchor.current = item ? { item, index, past: top - heights.before(index) } : null;
    setView((old) => (old.top === top && old.height === element.clientHeight ? old : { top, height: element.clientHeight }));
  };
  const onScroll = () => {
    const element = frameRef.current;
    if (!element) return;
    const atEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - 8;
    if (atEnd && !stick) stuck?.(true);
    else if (!atEnd && stick && element.scrollTop < lastTop.current - 1) stuck?.(false);
    lastTop.current = element.scrollTop;
    look();
  };

  // Measures what is rendered, and keeps the anchor where it was.
  useLayoutEffect(() => {
    const element = frameRef.current;
    const holder = rows.current;
    if (!element || !holder) return;
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
    if (stick) {
      setTop(element.scrollHeight - element.clientHeight);
    } else if (anchor.current) {
      const { item, index, past } = anchor.current;
      const now = items[index] === item ? index : items.indexOf(item);
      if (now >= 0) setTop(heights.before(now) + past);
    }
    look();
    if (changed) remeasured((n) => n + 1);
  });

  useEffect(() => {
    const element = frameRef.current;
    if (!element) return;
    const resize = new ResizeObserver(() => {
      setWidth(element.clientWidth);
      look();
    });
    resize.observe(element);
    return () => resize.disconnect();
  }, []);

  const latest = useRef({ heights, items, look, setTop });
  latest.current = { heights, items, look, setTop };
  useEffect(() => {
    if (!handle) return;
    handle.current = {
      show: (index) => {
        const element = frameRef.current;
        if (!element) return;
        const { heights, setTop } = latest.current;
        const top = heights.before(index);
        const bottom = heights.before(index + 1);
        if (top < element.scrollTop) setTop(top);
        else if (bottom > element.scrollTop + element.clientHeight) setTop(Math.min(top, bottom - element.clientHeight));
      },
      toEnd: () => {
        const element = frameRef.current;
        if (element) latest.current.setTop(element.scrollHeight - element.clientHeight);
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
