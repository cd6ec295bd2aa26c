import { Empty, ViewHead } from '../../components';
import type { ViewProps } from '..';

export function Tail(_: ViewProps) {
  return (
    <>
      <ViewHead title="Live tail" />
      <Empty title="There is nothing here yet." />
    </>
  );
}
