import { Empty, ViewHead } from '../../components';
import type { ViewProps } from '..';

export function Search(_: ViewProps) {
  return (
    <>
      <ViewHead title="Search" />
      <Empty title="There is nothing here yet." />
    </>
  );
}
