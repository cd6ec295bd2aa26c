// Text to the clipboard, also where the page came by plain HTTP, to which browsers do not give the newer way.
import { tellDone, tellFailed } from './toast';

export async function copyText(text: string, what: string): Promise<void> {
  try {
    if (isSecureContext) await navigator.clipboard.writeText(text);
    else if (!copyTheOldWay(text)) throw new Error('the browser does not allow it');
    tellDone(`${what} copied`);
  } catch (error) {
    tellFailed(`${what} could not be copied`, error);
  }
}

function copyTheOldWay(text: string): boolean {
  const before = document.activeElement as HTMLElement | null;
  const area = document.createElement('textarea');
  area.value = text;
  area.setAttribute('aria-hidden', 'true');
  // In an open dialog nothing outside of it can be selected.
  (before?.closest('dialog') ?? document.body).append(area);
  area.select();
  try {
    return document.execCommand('copy');
  } finally {
    area.remove();
    before?.focus();
  }
}
