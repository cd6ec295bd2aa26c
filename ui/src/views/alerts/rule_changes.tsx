// What is done to a rule with one press. Each gives whether it was done, and says what came of it.
import { alertRule, removeAlertRule, setAlertRule, type AlertRule } from '../../api';
import { ask, tellDone, tellFailed } from '../../components';

// Of the rule as it stands now, which somebody may have changed since it was shown.
export async function switchRule({ id = '', enabled }: AlertRule): Promise<boolean> {
  const on = enabled === false;
  try {
    const { id: _, ...rule } = await alertRule(id);
    await setAlertRule(id, { ...rule, enabled: on });
    tellDone(`${id} is ${on ? 'on' : 'off'}.`);
    return true;
  } catch (error) {
    tellFailed(`${id} could not be switched ${on ? 'on' : 'off'}`, error);
    return false;
  }
}

export async function removeRule(id: string): Promise<boolean> {
  const sure = await ask({
    title: 'Remove the rule?',
    text: <>What fires of <b>{id}</b> is resolved. Its alerts of the past stay.</>,
    yes: 'Remove',
    danger: true,
  });
  if (!sure) return false;
  try {
    await removeAlertRule(id);
    tellDone(`${id} is removed.`);
    return true;
  } catch (error) {
    tellFailed(`${id} could not be removed`, error);
    return false;
  }
}
