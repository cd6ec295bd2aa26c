import type { ComponentChildren, JSX } from 'preact';

type ButtonProps = Omit<JSX.IntrinsicElements['button'], 'icon'> & {
  kind?: 'plain' | 'primary' | 'danger' | 'quiet';
  busy?: boolean; // shows that it works, and cannot be pressed
  small?: boolean;
};

// A button that does something. What leads somewhere is a link: <a href={href(…)} class="button">.
export function Button({ kind = 'plain', busy = false, small = false, class: more, disabled, children, ...rest }: ButtonProps) {
  const names = ['button', `button-${kind}`, small && 'button-small', more].filter(Boolean).join(' ');
  return (
    <button type="button" {...rest} class={names} disabled={disabled || busy} aria-busy={busy || undefined}>
      {busy && <span class="spinner" aria-hidden="true" />}
      {children}
    </button>
  );
}

// For tables and bars: only a sign, with its name for those who cannot see it.
export function IconButton({ label, children, ...rest }: ButtonProps & { label: string; children: ComponentChildren }) {
  return (
    <Button kind="quiet" {...rest} class="icon-button" aria-label={label} title={label}>
      <span aria-hidden="true">{children}</span>
    </Button>
  );
}
