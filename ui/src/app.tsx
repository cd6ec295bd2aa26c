// The frame around the views: header, navigation, sign-in, messages.
import type { ComponentChildren } from 'preact';
import { useEffect, useErrorBoundary, useRef } from 'preact/hooks';
import { session, stats, type StoreStats } from './api';
import { lost } from './api/http';
import { useLoad, type Loaded } from './api/use';
import { Questions } from './components/dialog';
import { Button, Empty } from './components';
import { Toasts } from './components/toast';
import { zoneName } from './format';
import { theme, zone, type Theme } from './preferences';
import { href, route } from './router';
import { refused, roles, signedInAs, signOut } from './session';
import { SignIn } from './sign_in';
import { startView, views, type View } from './views';

const kStoreMs = 30_000;
const kRetryMs = 3000; // while the server does not answer
const kNextTheme: Readonly<Record<Theme, Theme>> = { auto: 'dark', dark: 'light', light: 'auto' };
const kThemeName: Readonly<Record<Theme, string>> = { auto: 'Auto', dark: 'Dark', light: 'Light' };

function Header({ current }: { current: string }) {
  return (
    <header class="top">
      <a class="brand" href={href('')}>nm-store</a>
      <nav class="main-nav" aria-label="Views">
        <ul>
          {views.map((view) => (
            <li key={view.name}>
              <a href={href(view.name)} aria-current={view.name === current ? 'page' : undefined}>{view.title}</a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="top-actions">
        <Button kind="quiet" small title="Times are shown in this zone" aria-label={`Times: ${zone.value === 'utc' ? 'UTC' : 'local'}`} onClick={() => { zone.value = zone.value === 'utc' ? 'local' : 'utc'; }}>
          {zone.value === 'utc' ? 'UTC' : 'Local'}
        </Button>
        <Button kind="quiet" small title="Colours" aria-label={`Colours: ${kThemeName[theme.value]}`} onClick={() => { theme.value = kNextTheme[theme.value]; }}>
          {kThemeName[theme.value]}
        </Button>
        {signedInAs.value !== null && (
          <Button kind="quiet" small title={`Signed in as ${signedInAs.value}${roles.value ? `, with the roles ${roles.value.join(', ')}` : ''}`} onClick={signOut}>Sign out</Button>
        )}
      </div>
    </header>
  );
}

// What concerns every view: nobody answers, or nothing can be written.
function Banner({ of: { data, error: ofStore } }: { of: Loaded<StoreStats> }) {
  // Any call finds out that the server is gone, or back.
  const error = lost.value ?? (ofStore?.code === 'unreachable' ? undefined : ofStore);
  if (error && error.status !== 401) return <p class="banner banner-bad" role="alert">{error.message}</p>;
  if (data && !data.writable) return <p class="banner" role="alert">The store is read-only: {data.why_not_writable}</p>;
  return null;
}

// A view that throws must not take the page with it.
function Guard({ children }: { children: ComponentChildren }) {
  const [error, reset] = useErrorBoundary();
  if (!error) return <>{children}</>;
  return (
    <Empty title="This view failed.">
      <p>{error instanceof Error ? error.message : String(error)}</p>
      <Button onClick={reset}>Show it again</Button>
    </Empty>
  );
}

export function App() {
  const name = route.value.view === '' ? startView : route.value.view;
  const view: View | undefined = views.find((each) => each.name === name);
  // Also finds out, at the start, whether somebody must sign in.
  const store = useLoad(refused.value ? null : stats, [signedInAs.value], kStoreMs, kRetryMs);
  const who = useLoad(refused.value ? null : session, [signedInAs.value], 0, kRetryMs);
  useEffect(() => { roles.value = who.data?.roles ?? (who.error && !who.error.passing ? null : undefined); }, [who.data, who.error]);
  // What another call did not reach, this one tries soon: perhaps that was all.
  const unreached = lost.value !== null;
  useEffect(() => {
    if (!unreached) return undefined;
    const timer = setTimeout(store.reload, kRetryMs);
    return () => clearTimeout(timer);
  }, [unreached, store.reload]);
  const main = useRef<HTMLElement>(null);
  const before = useRef(name);

  useEffect(() => {
    document.title = `${refused.value ? 'Sign in' : (view?.title ?? 'Not found')} – nm-store`;
    // A reader of the screen is told of the new view by its heading. Not at the first: nobody has moved.
    if (before.current !== name) main.current?.querySelector<HTMLElement>('h1')?.focus();
    before.current = name;
  }, [name, refused.value]);

  const Shown = view?.component;
  return (
    <>
      <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>Skip to the content</a>
      <Header current={name} />
      {!refused.value && <Banner of={store} />}
      <main id="main" ref={main} tabIndex={-1}>
        {refused.value ? (
          <SignIn />
        ) : Shown ? (
          <Guard key={name}><Shown params={route.value.params} /></Guard>
        ) : (
          <Empty title="There is no such view."><h1 class="visually-hidden">Not found</h1><p><a href={href('')}>To the start</a></p></Empty>
        )}
      </main>
      <footer class="bottom">nm-store{store.data && ` ${store.data.version}`} · times are {zoneName()}</footer>
      <Questions />
      <Toasts />
    </>
  );
}
