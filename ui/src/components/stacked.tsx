// A table whose rows become blocks where the window is narrow, for those with a text that must be read without scrolling sideways. The titles of
// its columns are then only read out: its cells must tell by themselves what they are.
import type { ComponentChildren } from 'preact';
import './stacked.css';

export function Stacked({ children }: { children: ComponentChildren }) {
  return <div class="stacked">{children}</div>;
}
