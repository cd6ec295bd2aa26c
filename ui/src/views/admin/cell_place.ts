// Where in a row somebody wants to look: the name of a cell as it is typed, or, where names are times, a time as the page shows them.
export function cellPlace(typed: string, timed: boolean, utc: boolean): string | null {
  const text = typed.trim();
  if (!timed || /^-?\d+$/.test(text)) return text;
  const iso = text.replace(/^(\d{4}-\d\d-\d\d) /, '$1T');
  // A day alone is midnight of the zone that is shown, too.
  const whole = /^\d{4}-\d\d-\d\d$/.test(iso) ? `${iso}T00:00` : iso;
  const ms = Date.parse(utc && !/(?:Z|[+-]\d\d:?\d\d)$/i.test(whole) ? `${whole}Z` : whole);
  return Number.isNaN(ms) ? null : String(ms);
}
