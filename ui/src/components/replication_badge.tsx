// How a target of replication is, as a word in its colour.
import type { ReplicationState } from '../api/types';
import { Badge } from './panel';

const kTones = {
  live: 'good', connecting: 'info', copying: 'info', 'catching up': 'info', paused: 'warn', waiting: 'bad', 'needs copy': 'bad',
} as const;

export function ReplicationBadge({ state }: { state: ReplicationState }) {
  return <Badge tone={kTones[state]}>{state}</Badge>;
}
