// Alerts: what fires, what there was day by day, and the rules for them.
import { useState } from 'preact/hooks';
import { firingAlerts, followTail, tags, type TailEvent } from '../../api';
import { useFollow, useLoad } from '../../api/use';
import { Tabs, useNames, ViewHead } from '../../components';
import { href } from '../../router';
import type { ViewProps } from '..';
import './alerts.css';
import { Firing, Names } from './firing';
import { History } from './history';
import { RuleForm } from './rule_form';
import { RulePage } from './rule_page';
import { Rules } from './rules';

const kFiringMs = 15_000; // what fires is also told of at once, by the alerts themselves

export function Alerts({ params }: ViewProps) {
  const tab = params.tab === 'rules' ? 'rules' : 'alerts';
  // Counts alerts as they are written: whoever shows them loads anew.
  const [told, setTold] = useState(0);
  const live = useFollow<TailEvent>((handlers) => followTail({ q: 'kind:alerts' }, handlers), [], {
    event: () => setTold((n) => n + 1),
    missed: () => setTold((n) => n + 1),
  });
  const firing = useLoad(firingAlerts, [], kFiringMs);
  // Without tags clients are shown by their addresses.
  const tagged = useLoad(tags, []);
  const names = useNames(tagged.data?.tags);
  const tabs = [
    { name: 'alerts', text: 'Firing and history', href: href('alerts') },
    { name: 'rules', text: 'Rules', href: href('alerts', { tab: 'rules' }) },
  ];
  return (
    <Names.Provider value={names}>
      <ViewHead title="Alerts" changes={tab === 'rules' ? 'admin' : undefined} />
      <Tabs label="Parts of this view" tabs={tabs} current={tab} />
      {tab === 'alerts' && (
        <>
          <Firing of={firing} live={live} told={told} />
          <History params={params} told={told} />
        </>
      )}
      {tab === 'rules' && params.edit !== undefined && <RuleForm key={params.edit} id={params.edit} />}
      {tab === 'rules' && params.edit === undefined && params.new !== undefined && <RuleForm key="new" id={null} />}
      {tab === 'rules' && params.edit === undefined && params.new === undefined && (
        params.rule !== undefined ? <RulePage key={params.rule} id={params.rule} firing={firing.data?.firing} /> : <Rules firing={firing.data?.firing} />
      )}
    </Names.Provider>
  );
}
