// Which fields the panel shows: those that the server has told, or those of the lines that are loaded.
import type { FieldCount, QueryStats } from '../../api';

interface Told {
  fields: readonly FieldCount[];
  stats: QueryStats;
}

// The server's answer, unless it was cut short before it has seen as many lines as are loaded.
export function toldIsBetter(told: Told | undefined, loadedLines: number): told is Told {
  return told !== undefined && (told.stats.complete || told.stats.lines_matched >= Math.max(1, loadedLines));
}
