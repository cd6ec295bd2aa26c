import { Empty, ViewHead } from '../../components';
import type { ViewProps } from '..';

export function Admin(_: ViewProps) {
  return (
    <>
      <ViewHead title="Admin" />
      <Empty title="There is nothing here yet." />
    </>
  );
}
