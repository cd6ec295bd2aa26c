// What a preview comes to, in a word: whether the rule would have told something in the time, and whether it does at the end of it.
import type { AlertTrial } from '../../api';
import { alertsOfTrial } from '../../components/alert';
import { number } from '../../format';

export interface Verdict {
  tone: 'good' | 'warn' | 'bad';
  text: string;
  end: string; // what is known at the end; "" where that is said already
}

export function verdictOf(trial: AlertTrial): Verdict {
  // A rule for silent clients is tested as of now, and writes nothing.
  if (trial.alerts === undefined) return { tone: trial.fires ? 'bad' : 'good', text: trial.fires ? 'It would fire' : 'It would not fire', end: '' };
  const told = alertsOfTrial(trial.alerts).filter(({ state }) => state === 'firing' || state === null);
  if (told.length === 0 && !trial.fires) return { tone: 'good', text: 'It would not have fired', end: '' };
  const times = `${(trial.alerts_left_out ?? 0) > 0 ? 'at least ' : ''}${told.length === 1 ? 'once' : `${number(told.length)} times`}`;
  // SEVERE lines are alerts of no group, which nothing resolves: they fire at no end.
  const ends = told.length > 0 && !(trial.fires && trial.groups.length === 0);
  return {
    tone: trial.fires ? 'bad' : 'warn',
    text: told.length === 0 ? 'It would fire' : `It would have fired ${times}`,
    end: !ends ? '' : trial.fires ? 'At the end it fires.' : 'At the end it does not fire.',
  };
}
