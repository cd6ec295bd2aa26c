import { Empty, ViewHead } from '../../components';
import type { ViewProps } from '..';

export function Clients(_: ViewProps) {
  return (
    <>
      <ViewHead title="Clients" />
      <Empty title="There is nothing here yet." />
    </>
  );
}
