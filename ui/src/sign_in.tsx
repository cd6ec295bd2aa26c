// Asks for credentials when the server wants some, and tries them before they are kept.
import { useState } from 'preact/hooks';
import { decodeError } from './api/http';
import { Button, Checkbox, checkedOf, TextField, valueOf, ViewHead } from './components';
import { basic, signIn } from './session';

async function attempt(credential: string): Promise<string | null> {
  let response: Response;
  try {
    response = await fetch('api/v1/stats', { headers: { Authorization: basic(credential) }, credentials: 'omit', cache: 'no-store' });
  } catch {
    return 'The server cannot be reached.';
  }
  if (response.ok) return null;
  if (response.status === 401) return 'The server does not know this token and account.';
  if (response.status === 403) return 'These credentials may not read, which this page needs.';
  return decodeError(response.status, await response.text()).message;
}

export function SignIn() {
  const [token, setToken] = useState('');
  const [account, setAccount] = useState('');
  const [remember, setRemember] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    const wrong = await attempt(`${token}:${account}`);
    setBusy(false);
    setError(wrong);
    if (wrong === null) signIn({ token, account }, remember);
  };
  return (
    <div class="sign-in">
      <ViewHead title="Sign in" />
      <form class="panel" onSubmit={(event) => void submit(event)}>
        <TextField label="Token" name="username" autocomplete="username" value={token} required onInput={(event) => setToken(valueOf(event))} />
        <TextField label="Account" name="password" type="password" autocomplete="current-password" value={account} onInput={(event) => setAccount(valueOf(event))} />
        <Checkbox label="Remember in this browser" checked={remember} onChange={(event) => setRemember(checkedOf(event))} />
        {error && <p class="field-error" role="alert">{error}</p>}
        <Button kind="primary" type="submit" busy={busy}>Sign in</Button>
      </form>
    </div>
  );
}
