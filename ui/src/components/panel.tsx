// The boxes that a view is made of.
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { lost } from '../api/http';
import type { Role } from '../api/types';
import { RoleNote } from './button';

export function Panel({ title, actions, children, class: more }: { title?: ComponentChildren; actions?: ComponentChildren; children: ComponentChildren; class?: string }) {
  const heading = useId();
  return (
    <section class={`panel ${more ?? ''}`} aria-labelledby={title ? heading : undefined}>
      {(title || actions) && (
        <header class="panel-head">
          {title && <h2 id={heading}>{title}</h2>}
          {actions && <div class="actions">{actions}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

// A number that is to be seen from afar.
export function Figure({ label, value, note, tone }: { label: string; value: ComponentChildren; note?: ComponentChildren; tone?: 'good' | 'warn' | 'bad' }) {
  return (
    <div class={`figure ${tone ? `tone-${tone}` : ''}`}>
      <div class="figure-label">{label}</div>
      <div class="figure-value">{value}</div>
      {note && <div class="figure-note">{note}</div>}
    </div>
  );
}

export function Badge({ tone, children }: { tone?: 'good' | 'warn' | 'bad' | 'info'; children: ComponentChildren }) {
  // What was well is not known to be so while the server cannot be reached.
  const shown = tone === 'good' && lost.value !== null ? undefined : tone;
  return <span class={`badge ${shown ? `tone-${shown}` : ''}`}>{children}</span>;
}

interface ViewHeadProps {
  title: ComponentChildren;
  trail?: readonly { text: string; href: string }[];
  actions?: ComponentChildren;
  changes?: Role | undefined; // what changes need that the view offers: who lacks it is told so
}

// The head of a view: each has one, with the only h1.
export function ViewHead({ title, trail, actions, changes }: ViewHeadProps) {
  return (
    <header class="view-head">
      {trail && trail.length > 0 && (
        <nav class="trail" aria-label="Where this is">
          <ol>{trail.map((step) => <li key={step.href}><a href={step.href}>{step.text}</a></li>)}</ol>
        </nav>
      )}
      <div class="view-title">
        <h1 tabIndex={-1}>{title}</h1>
        {actions && <div class="actions">{actions}</div>}
      </div>
      {changes && <RoleNote needs={changes} what="Changes" />}
    </header>
  );
}

// Tabs within a view are links: which one is shown stands in the address.
export function Tabs({ label, tabs, current }: { label: string; tabs: readonly { name: string; text: ComponentChildren; href: string }[]; current: string }) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map((tab) => <a key={tab.name} href={tab.href} aria-current={tab.name === current ? 'page' : undefined}>{tab.text}</a>)}
    </nav>
  );
}
