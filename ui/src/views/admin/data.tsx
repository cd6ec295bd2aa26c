// What is stored, as it is: families, their rows, and the cells of a row.
import { useMemo, useState } from 'preact/hooks';
import { dropFamily, families, rows, type Family } from '../../api';
import { useLoad } from '../../api/use';
import { Button, type Column, ConfirmName, Facts, Panel, Show, Table, tellDone, tellFailed } from '../../components';
import { href, navigate, type Params } from '../../router';
import { Cells } from './cells';
import { RowList } from './row_list';

const toFamily = (family: string) => href('admin', { tab: 'data', family });

function Families({ drop }: { drop: (family: string) => void }) {
  const all = useLoad(families, []);
  const columns = useMemo<Column<Family>[]>(() => [
    { name: 'name', title: 'Family', cell: (f) => <a href={toFamily(f.name)}>{f.name}</a>, sort: (f) => f.name },
    { name: 'comparator', title: 'Names are', cell: (f) => f.comparator, sort: (f) => f.comparator },
    { name: 'time', title: 'Searched', cell: (f) => (f.time_family ? 'yes: its names are times' : 'no'), sort: (f) => Number(f.time_family) },
    { name: 'columns', title: 'Declared columns', cell: (f) => f.columns.map((c) => `${c.name} ${c.type}${c.indexed ? ' (indexed)' : ''}`).join(', ') },
    { name: 'drop', title: 'Change', cell: (f) => <Button needs="admin" small aria-label={`Drop ${f.name}`} onClick={() => drop(f.name)}>Drop</Button> },
  ], [drop]);
  return (
    <Panel title="Families">
      <Show of={all}>{(data) => <Table caption="All families" columns={columns} rows={data.families} rowKey={(f) => f.name} sortBy="name" />}</Show>
    </Panel>
  );
}

function Rows({ params, family }: { params: Params; family: string }) {
  return (
    <RowList
      title={`Rows of ${family}`} actions={<a class="button" href={href('admin', { tab: 'data' })}>All families</a>} params={params}
      load={(query, options) => rows({ family, ...query }, options)} none="The family has no rows." noneLike="No row begins so."
    />
  );
}

export function Data({ params }: { params: Params }) {
  const [doomed, setDoomed] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  const drop = async (family: string) => {
    setDoomed(null);
    try {
      await dropFamily(family);
      tellDone(`${family} is dropped.`);
      setRound((n) => n + 1);
      navigate('admin', { tab: 'data' });
    } catch (error) {
      tellFailed(`${family} could not be dropped`, error);
    }
  };
  const { family, row } = params;
  return (
    <>
      {family === undefined ? <Families key={round} drop={setDoomed} /> : row === undefined ? <Rows key={family} params={params} family={family} /> : <Cells key={`${family}\n${row}`} params={params} family={family} row={row} />}
      {doomed !== null && (
        <ConfirmName title="Drop the family?" name={doomed} yes="Drop it" confirm={() => void drop(doomed)} close={() => setDoomed(null)}>
          <p>All rows of it go, for ever. A backup that was made before still has them.</p>
          <Facts of={[['Family', doomed]]} />
        </ConfirmName>
      )}
    </>
  );
}
