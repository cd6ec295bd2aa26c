// A cell's value for a person: agents post JSON, escaped once or twice.

const kMostTimes = 2; // as a search unescapes

function unescaped(text: string): string {
  // JavaScript's unescape() by hand, as the browser's is deprecated: %uXXXX and %XX.
  return text.replace(/%u([0-9a-fA-F]{4})|%([0-9a-fA-F]{2})/g, (_, wide: string | undefined, narrow: string | undefined) => String.fromCharCode(parseInt(wide ?? narrow ?? '', 16)));
}

// What was meant, or null where that is what stands there.
export function plainValue(value: string): string | null {
  let text = value;
  for (let i = 0; i < kMostTimes; ++i) {
    const next = unescaped(text);
    if (next === text) break;
    text = next;
  }
  try {
    const json = JSON.parse(text) as unknown;
    if (typeof json === 'object' && json !== null) text = JSON.stringify(json, null, 2);
  } catch {
    // no JSON: it stays as it is
  }
  return text === value ? null : text;
}

// The beginning of a value, on one line.
export function headOf(value: string, most: number): string {
  const line = value.slice(0, most + 1).replace(/\s+/g, ' ');
  return value.length > most ? `${line.slice(0, most)}…` : line;
}
