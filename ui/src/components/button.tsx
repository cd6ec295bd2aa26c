import type { ComponentChildren, JSX } from 'preact';
import type { Role } from '../api/types';
import { may, roles } from '../session';

type ButtonProps = Omit<JSX.IntrinsicElements['button'], 'icon'> & {
  kind?: 'plain' | 'primary' | 'danger' | 'quiet';
  busy?: boolean; // shows that it works, and cannot be pressed
  small?: boolean;
  needs?: Role; // without it the button cannot be pressed; a RoleNote in the view says why
};

// A button that does something. What leads somewhere is a link: <a href={href(…)} class="button">.
export function Button({ kind = 'plain', busy = false, small = false, needs, class: more, disabled, title, children, ...rest }: ButtonProps) {
  const names = ['button', `button-${kind}`, small && 'button-small', more].filter(Boolean).join(' ');
  const forbidden = needs !== undefined && !may(needs);
  return (
    <button type="button" {...rest} title={!forbidden ? title : roles.value === undefined ? 'The server has not told yet what these credentials may do' : `This needs the role ${needs}`} class={names} disabled={disabled || busy || forbidden} aria-busy={busy || undefined}>
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

// Says that what a view offers cannot be done with these credentials: `what`, "Changes".
export function RoleNote({ needs, what }: { needs: Role; what: string }) {
  if (may(needs) || roles.value === undefined) return null;
  return <p class="role-note">{what} {what.endsWith('s') ? 'need' : 'needs'} the role {needs}. These credentials have {roles.value?.join(' and ') || 'none'}.</p>;
}
