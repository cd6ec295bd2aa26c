import { Removals } from '../../components';
import type { ViewProps } from '..';
import './clients.css';
import { ClientList } from './client_list';
import { LogView } from './log_view';
import { OneClient } from './one_client';

export function Clients({ params }: ViewProps) {
  const { client, log } = params;
  return (
    <>
      {client === undefined ? <ClientList params={params} />
        : log === undefined ? <OneClient key={client} client={client} params={params} />
        : <LogView key={JSON.stringify([client, log])} client={client} log={log} params={params} />}
      <Removals />
    </>
  );
}
