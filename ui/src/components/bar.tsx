// Bars made of boxes, for a share or a length beside its number. They repeat what stands there as text.

type Tone = 'good' | 'warn' | 'bad' | 'info';
const percentOf = (part: number, whole: number) => `${whole <= 0 ? 0 : Math.min(100, Math.max(0, (100 * part) / whole))}%`;

export function Bar({ value, of, tone = 'info' }: { value: number; of: number; tone?: Tone }) {
  return <div class="bar" aria-hidden="true"><div class={`bar-part bar-${tone}`} style={{ width: percentOf(value, of) }} /></div>;
}

// Parts of one whole beside each other.
export function ShareBar({ parts }: { parts: readonly { value: number; tone: Tone }[] }) {
  const whole = parts.reduce((sum, part) => sum + part.value, 0);
  return (
    <div class="bar share-bar" aria-hidden="true">
      {parts.map((part, i) => <div key={i} class={`bar-part bar-${part.tone}`} style={{ width: percentOf(part.value, whole) }} />)}
    </div>
  );
}
