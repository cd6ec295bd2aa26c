// Fields of forms, each with its label, a hint, and what is wrong with it.
import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  label: string;
  hint?: ComponentChildren;
  error?: string | undefined;
  hideLabel?: boolean; // it is read out, and not shown
  class?: string;
}

function Frame({ id, label, hint, error, hideLabel, class: more, children }: FieldProps & { id: string; children: ComponentChildren }) {
  return (
    <div class={`field ${more ?? ''}`}>
      <label for={id} class={hideLabel ? 'visually-hidden' : undefined}>{label}</label>
      {children}
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {error && <p class="field-error" id={`${id}-error`}>{error}</p>}
    </div>
  );
}

const describedBy = (id: string, { hint, error }: FieldProps) => [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;

type Native<N extends keyof JSX.IntrinsicElements> = Omit<JSX.IntrinsicElements[N], 'id' | 'class' | 'label'>;

export function TextField({ label, hint, error, hideLabel, class: more, ...rest }: FieldProps & Native<'input'>) {
  const id = useId();
  const props = { label, hint, error, hideLabel, class: more };
  return (
    <Frame id={id} {...props}>
      <input type="text" autocomplete="off" spellcheck={false} {...rest} id={id} aria-invalid={error ? true : undefined} aria-describedby={describedBy(id, props)} />
    </Frame>
  );
}

export function TextArea({ label, hint, error, hideLabel, class: more, ...rest }: FieldProps & Native<'textarea'>) {
  const id = useId();
  const props = { label, hint, error, hideLabel, class: more };
  return (
    <Frame id={id} {...props}>
      <textarea spellcheck={false} {...rest} id={id} aria-invalid={error ? true : undefined} aria-describedby={describedBy(id, props)} />
    </Frame>
  );
}

export function Select({ label, hint, error, hideLabel, class: more, options, ...rest }: FieldProps & Native<'select'> & { options: readonly (readonly [value: string, text: string])[] }) {
  const id = useId();
  const props = { label, hint, error, hideLabel, class: more };
  return (
    <Frame id={id} {...props}>
      <select {...rest} id={id} aria-describedby={describedBy(id, props)}>
        {options.map(([value, text]) => <option key={value} value={value} selected={value === rest.value}>{text}</option>)}
      </select>
    </Frame>
  );
}

export function Checkbox({ label, class: more, ...rest }: { label: ComponentChildren; class?: string } & Native<'input'>) {
  return (
    <label class={`checkbox ${more ?? ''}`}>
      <input {...rest} type="checkbox" />
      <span>{label}</span>
    </label>
  );
}

export const valueOf = (event: Event): string => (event.currentTarget as HTMLInputElement).value;
export const checkedOf = (event: Event): boolean => (event.currentTarget as HTMLInputElement).checked;
