// A cell that is edited here may have been saved by somebody else since it was read: that is seen before it is written over.
import { row } from '../../api';
import { ask } from '../../components';

const shown = (value: string) => (value === '' ? <p class="muted">Nothing</p> : <pre class="clients-value">{value}</pre>);

// Whether `typed` may be saved: yes where the cell is as it was when it was read (`known`; "" where it was not there), else as somebody
// who sees both says. Throws ApiError.
export async function mayBeSaved(place: { family: string; row: string; column: string }, known: string, typed: string): Promise<boolean> {
  const { cells } = await row({ family: place.family, row: place.row, from: place.column, limit: 1 });
  const stored = cells[0]?.column === place.column ? cells[0].value : '';
  if (stored === known || stored === typed) return true;
  return ask({
    title: 'Save over what somebody else has saved?',
    text: (
      <div class="clients-form">
        <p>It was changed since it was read here.</p>
        <h3>Saved meanwhile</h3>
        {shown(stored)}
        <h3>Typed here</h3>
        {shown(typed)}
      </div>
    ),
    yes: 'Save over it',
    danger: true,
  });
}
