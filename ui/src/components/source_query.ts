// Queries for what one client or log has written, whatever stands in their names.

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

// client:"…" log:"…" kind:…, of what is given. In the language `*` and `?` are wildcards also within quotes: a name that has
// them may find others beside itself.
export function sourceQuery({ client, log, kind }: { client?: string | undefined; log?: string | undefined; kind?: 'logs' | 'plugins' | undefined }): string {
  return [client !== undefined && `client:${quoted(client)}`, log !== undefined && `log:${quoted(log)}`, kind && `kind:${kind}`].filter(Boolean).join(' ');
}

// A text that somebody looks for, as it stands.
export const phraseQuery = (text: string): string => quoted(text);
// Its parts of words, too.
export const partQuery = (text: string): string => `*${quoted(text)}*`;
