import { Empty, ViewHead } from '../../components';
import type { ViewProps } from '..';

export function Dashboard(_: ViewProps) {
  return (
    <>
      <ViewHead title="Dashboard" />
      <Empty title="There is nothing here yet." />
    </>
  );
}
