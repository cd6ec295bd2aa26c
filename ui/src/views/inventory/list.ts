// A whole inventory as somebody types it or has it in a file: lines with blanks between, CSV, or JSON.
export interface Listed {
  machine: string;
  name?: string;
  group?: string;
}
// Lines go to the server as they are, which says best what is wrong with them; else machines, each with the place that it stands at.
export type ReadList = { lines: string; many: number } | { machines: readonly Listed[]; places: readonly string[] };

export class ListFault extends Error {}

const kParts = ['machine', 'name', 'group'] as const;
// How the first line of a CSV may call its columns.
const kTitles: Readonly<Record<string, keyof Listed>> = {
  machine: 'machine', address: 'machine', ip: 'machine', host: 'machine', hostname: 'machine', name: 'name', group: 'group',
};

// The cells of a line of CSV: quoted ones may have separators and doubled quotes in them, but no ends of lines.
function cellsOf(line: string, separator: string, place: string): string[] {
  const cells: string[] = [];
  let rest = line;
  for (;;) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*/.exec(rest);
    if (!quoted && /^\s*"/.test(rest)) throw new ListFault(`${place}: a quote is not closed`);
    const plain = rest.split(separator, 1)[0] ?? '';
    const taken = quoted ? quoted[0].length : plain.length;
    cells.push(quoted ? (quoted[1] ?? '').replaceAll('""', '"') : plain.trim());
    rest = rest.slice(taken);
    if (rest === '') return cells;
    if (!rest.startsWith(separator)) throw new ListFault(`${place}: expected "${separator}" behind a quoted text`);
    rest = rest.slice(1);
  }
}

function readCsv(lines: readonly (readonly [number: number, text: string])[], separator: string): ReadList {
  const machines: Listed[] = [];
  const places: string[] = [];
  let order: readonly (keyof Listed | undefined)[] = kParts;
  for (const [number, text] of lines) {
    const place = `line ${number}`;
    const cells = cellsOf(text, separator, place);
    const titles = cells.map((cell) => kTitles[cell.toLowerCase()]);
    if (machines.length === 0 && order === kParts && titles.every((title) => title !== undefined) && titles.includes('machine')) {
      order = titles;
      continue;
    }
    while (cells.length > order.length && cells[cells.length - 1] === '') cells.pop();
    if (cells.length > order.length) throw new ListFault(`${place}: expected ${kParts.join(separator)}, and found ${cells.length} parts`);
    const machine: Listed = { machine: '' };
    cells.forEach((cell, i) => { if (cell !== '') machine[order[i] ?? 'machine'] = cell; });
    if (machine.machine === '') throw new ListFault(`${place}: it has no machine`);
    if (/\s/.test(machine.machine)) throw new ListFault(`${place}: "${machine.machine}" is no address or name: expected ${kParts.join(separator)}`);
    machines.push(machine);
    places.push(place);
  }
  return { machines, places };
}

function readJson(text: string): ReadList {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (error) {
    throw new ListFault(`the list is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const machines = list as Listed[];
  return { machines, places: machines.map((_, i) => `machine ${i + 1}`) };
}

// Throws ListFault, which names the line. The first line tells whether it is CSV, with commas or semicolons.
export function readList(text: string): ReadList {
  const whole = text.replace(/^\ufeff/, '');
  if (whole.trimStart().startsWith('[')) return readJson(whole);
  const lines = whole.split(/\r?\n/).map((line, i) => [i + 1, line] as const).filter(([, line]) => !/^\s*(#|$)/.test(line));
  const separator = /[,;]/.exec(lines[0]?.[1] ?? '')?.[0];
  if (separator !== undefined) return readCsv(lines, separator);
  const wrong = lines.find(([, line]) => /[,;]/.test(line));
  if (wrong) throw new ListFault(`line ${wrong[0]}: the lines before it have blanks between their parts, and this one has "${/[,;]/.exec(wrong[1])?.[0]}"`);
  return { lines: whole, many: lines.length };
}

// What the server says of machine number n, told of the line that it stands in.
export const placed = (message: string, places: readonly string[]): string =>
  message.replace(/^machine (\d+)/, (said, n: string) => places[Number(n) - 1] ?? said);
