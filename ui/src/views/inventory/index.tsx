import { Empty, ViewHead } from '../../components';
import type { ViewProps } from '..';

export function Inventory(_: ViewProps) {
  return (
    <>
      <ViewHead title="Inventory" />
      <Empty title="There is nothing here yet." />
    </>
  );
}
