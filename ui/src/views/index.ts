// The views, in the order of the navigation. A view is a folder here, and a row of this table.
import type { ComponentType } from 'preact';
import type { Params } from '../router';
import { Admin } from './admin';
import { Alerts } from './alerts';
import { Clients } from './clients';
import { Dashboard } from './dashboard';
import { Inventory } from './inventory';
import { Plugins } from './plugins';
import { Search } from './search';
import { Tail } from './tail';

export interface ViewProps {
  params: Params; // of the address
}
export interface View {
  name: string; // in the address: "#/name"
  title: string;
  component: ComponentType<ViewProps>;
}

export const views: readonly View[] = [
  { name: 'dashboard', title: 'Dashboard', component: Dashboard },
  { name: 'clients', title: 'Clients', component: Clients },
  { name: 'search', title: 'Search', component: Search },
  { name: 'tail', title: 'Live tail', component: Tail },
  { name: 'plugins', title: 'Plugins', component: Plugins },
  { name: 'alerts', title: 'Alerts', component: Alerts },
  { name: 'inventory', title: 'Inventory', component: Inventory },
  { name: 'admin', title: 'Admin', component: Admin },
];
// What is shown at "/".
export const startView = 'dashboard';
