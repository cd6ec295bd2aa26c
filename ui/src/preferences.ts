// What a reader has chosen for this browser: colours, and the zone in which times are shown.
import { effect, signal } from '@preact/signals';

export type Theme = 'auto' | 'dark' | 'light';
export type Zone = 'local' | 'utc';

// A choice that is kept in this browser. allowed null: any text.
export function kept<V extends string>(name: string, allowed: readonly V[] | null, otherwise: V) {
  const key = `nm-store.${name}`;
  const allowedOf = (text: string | null): V => (allowed ? allowed.find((value) => value === text) : (text as V | null)) ?? otherwise;
  const choice = signal<V>(otherwise);
  try {
    choice.value = allowedOf(localStorage.getItem(key));
    // Another tab has changed it: else this one would write over what that has kept.
    addEventListener('storage', (event) => {
      if (event.key === key) choice.value = allowedOf(event.newValue);
    });
  } catch {
    // no storage: the choice lasts as long as the page
  }
  effect(() => {
    const value = choice.value;
    try {
      localStorage.setItem(key, value);
    } catch {
      // as above
    }
  });
  return choice;
}

export const theme = kept<Theme>('theme', ['auto', 'dark', 'light'], 'auto');
export const zone = kept<Zone>('zone', ['local', 'utc'], 'local');

// Whether the page is dark now. Charts, whose colours are not the style sheet's, look here.
export const isDark = signal(true);

// Keeps <html data-theme> at the choice, or at what the system says. Call once.
export function applyTheme(): void {
  const system = matchMedia('(prefers-color-scheme: light)');
  const apply = () => {
    const dark = theme.value === 'auto' ? !system.matches : theme.value === 'dark';
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    isDark.value = dark;
  };
  effect(apply);
  system.addEventListener('change', apply);
}
