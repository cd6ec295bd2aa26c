import { Empty, ViewHead } from '../../components';
import type { ViewProps } from '..';

export function Plugins(_: ViewProps) {
  return (
    <>
      <ViewHead title="Plugins" />
      <Empty title="There is nothing here yet." />
    </>
  );
}
