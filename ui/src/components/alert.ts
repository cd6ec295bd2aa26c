// Alerts as the store has them: a line of the row of their day, mostly JSON that a rule has written, else what an agent of old has posted.
import type { Entry, Json } from '../api';

export interface Alert {
  id: string;
  time: number;
  text: string; // for a person
  state: 'firing' | 'resolved' | 'reset' | null; // null: it does not say
  rule: string | null;
  since: number | null;
  client: string | null;
  log: string | null;
  field: string | null;
  count: number | null;
  reading: number | null;
  line: string | null; // one of the lines that it is about
}

type JsonObject = { [name: string]: Json };
const textOf = (value: Json | undefined): string | null => (typeof value === 'string' && value !== '' ? value : null);
const numberOf = (value: Json | undefined): number | null => (typeof value === 'number' ? value : null);
const kStates = ['firing', 'resolved', 'reset'] as const;

function objectOf(text: string): JsonObject | null {
  try {
    const json = JSON.parse(text) as Json;
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : null;
  } catch {
    return null;
  }
}

// `otherwise`: what is shown of an object without a text.
export function alertOfObject(object: JsonObject, id: string, time: number, otherwise: string): Alert {
  return {
    id,
    time,
    text: textOf(object.value) ?? textOf(object.returned) ?? otherwise,
    state: kStates.find((state) => state === object.state) ?? null,
    rule: textOf(object.rule),
    since: numberOf(object.since),
    client: textOf(object.client),
    log: textOf(object.log),
    field: textOf(object.field),
    count: numberOf(object.count),
    reading: numberOf(object.reading),
    line: textOf(object.line),
  };
}

export function alertOf(entry: Entry): Alert {
  return alertOfObject(objectOf(entry.line) ?? {}, entry.id, entry.time, entry.line);
}

// Those that a preview tells, which have no place in the store.
export function alertsOfTrial(alerts: readonly Json[]): Alert[] {
  return alerts.flatMap((each, i) => {
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return [];
    return [alertOfObject(each, `${i}`, numberOf(each.date) ?? 0, JSON.stringify(each))];
  });
}

// What it says beside its text: the line, unless that stands in the text already.
export const sampleOf = (alert: Alert): string | null => (alert.line !== null && !alert.text.includes(alert.line) ? alert.line : null);
