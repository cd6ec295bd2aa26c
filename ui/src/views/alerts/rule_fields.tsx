// The fields that rules of each kind have.
import { QueryField, Select, TextArea, TextField, valueOf } from '../../components';
import type { RuleDraft } from './rule';

export interface Fault {
  field: keyof RuleDraft | null;
  text: string;
  column?: number | undefined; // of the query
}
// What a field of the form needs: its name, value, error, and what to do with what is typed.
export type FieldOf = (name: keyof RuleDraft) => { name: string; value: string; error: string | undefined; onInput: (event: Event) => void };

const kDurations = 'Such as 30s, 10m, 1h, 1d';
const kGlob = 'A name, a tag, or a glob such as web*';

interface KindFieldsProps {
  draft: RuleDraft;
  field: FieldOf;
  change: (some: Partial<RuleDraft>) => void;
  column: number | undefined; // that is wrong in the query
}

export function KindFields({ draft, field, change, column }: KindFieldsProps) {
  if (draft.kind === 'lines') {
    return (
      <>
        <QueryField
          label="Query" name="query" placeholder="level:error payment" hint="As in a search, without pipes." value={draft.query}
          error={field('query').error} column={column} change={(query) => change({ query })}
        />
        <div class="form-row">
          <TextField label="At least so many lines" inputMode="numeric" placeholder="1" {...field('count')} />
          <TextField label="Within" placeholder="5m" hint={kDurations} {...field('within')} />
          <Select
            label="Counted" name="by" options={[['', 'all together'], ['client', 'for each client'], ['log', 'for each log']]} value={draft.by}
            error={field('by').error} onChange={(event) => change({ by: valueOf(event) })}
          />
        </div>
      </>
    );
  }
  if (draft.kind === 'reading') {
    return (
      <>
        <div class="form-row">
          <TextField label="Client" placeholder="*" hint={kGlob} {...field('client')} />
          <TextField label="Plugin" placeholder="df" {...field('plugin')} />
          <TextField label="Field" placeholder="*" hint="Such as value, disk.used, or a glob" {...field('field')} />
        </div>
        <div class="form-row">
          <Select
            label="Fires" options={[['above', 'above'], ['below', 'below']]} value={draft.side}
            onChange={(event) => change({ side: valueOf(event) === 'below' ? 'below' : 'above' })}
          />
          <TextField label="Limit" inputMode="decimal" placeholder="90" {...field('limit')} />
          <TextField label="For" placeholder="0" hint={kDurations} {...field('for')} />
          <TextField label="Resolved after" placeholder="as “For”" {...field('clear_for')} />
          <TextField label="Stale after" placeholder="10m" hint="Resolved without readings" {...field('stale_after')} />
        </div>
      </>
    );
  }
  if (draft.kind === 'silent') {
    return (
      <>
        <div class="form-row">
          <TextField label="Client" placeholder="*" hint={kGlob} {...field('client')} />
          <TextField label="Silent for" placeholder="10m" hint={kDurations} {...field('after')} />
        </div>
        <TextArea label="Others" rows={3} placeholder="laptop*=1d" hint="Clients with another time, one a line: CLIENT=TIME. The first that fits decides." {...field('overrides')} />
      </>
    );
  }
  return null;
}
