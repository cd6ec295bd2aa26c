import { Empty, ViewHead } from '../../components';
import type { ViewProps } from '..';

export function Alerts(_: ViewProps) {
  return (
    <>
      <ViewHead title="Alerts" />
      <Empty title="There is nothing here yet." />
    </>
  );
}
