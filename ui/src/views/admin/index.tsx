// The server itself: its figures, what is stored as it is, other hubs, and work on the store.
import { Tabs, ViewHead } from '../../components';
import { href } from '../../router';
import type { ViewProps } from '..';
import './admin.css';
import { Counters } from './counters';
import { Data } from './data';
import { Jobs } from './jobs';
import { Replication } from './replication';
import { Server } from './server';

const kTabs = [['server', 'Server'], ['data', 'Data'], ['counters', 'Counters'], ['replication', 'Replication'], ['work', 'Maintenance']] as const;

export function Admin({ params }: ViewProps) {
  const tab = kTabs.find(([name]) => name === params.tab)?.[0] ?? 'server';
  const tabs = kTabs.map(([name, text]) => ({ name, text, href: href('admin', { tab: name === 'server' ? null : name }) }));
  return (
    <>
      <ViewHead title="Admin" changes={tab === 'server' ? undefined : tab === 'counters' ? 'ingest' : 'admin'} />
      <Tabs label="Parts of this view" tabs={tabs} current={tab} />
      {tab === 'server' && <Server />}
      {tab === 'data' && <Data params={params} />}
      {tab === 'counters' && <Counters params={params} />}
      {tab === 'replication' && <Replication params={params} />}
      {tab === 'work' && <Jobs />}
    </>
  );
}
