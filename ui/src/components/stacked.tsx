// A table whose rows become blocks where the window is narrow, for those with a text that must be read without scrolling sideways. The titles of
// its columns are then only read out: its cells must tell by themselves what they are, or have the class `stacked-titled`, which puts the title
// before them. With `sorted` the columns that it can be sorted by stand above it.
import type { ComponentChildren } from 'preact';
import './stacked.css';

export function Stacked({ children, sorted = false }: { children: ComponentChildren; sorted?: boolean }) {
  return <div class={sorted ? 'stacked stacked-sorted' : 'stacked'}>{children}</div>;
}
