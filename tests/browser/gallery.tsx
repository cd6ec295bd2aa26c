// All components on one page, for components.test.mjs, which bundles it in place of the page's main.tsx.
import { render } from 'preact';
import { useState } from 'preact/hooks';
import { ApiError, type Entry } from './api';
import {
  ask, Badge, Button, Chart, Checkbox, Dialog, Empty, Entries, ErrorState, Figure, IconButton, Loading, Panel, Select, Table, Tabs, tellDone, tellFailed, TextArea,
  TextField, TimeRange, ViewHead, type Column,
} from './components';
import { Questions } from './components/dialog';
import { Toasts } from './components/toast';
import { applyTheme } from './preferences';
import './styles/index.css';

interface Row {
  name: string;
  size: number | null;
}
const rows: Row[] = [{ name: 'b10', size: 2 }, { name: 'b9', size: null }, { name: '<img src=x onerror=alert(1)>', size: 10 }];
const columns: Column<Row>[] = [
  { name: 'name', title: 'Name', cell: (row) => row.name, sort: (row) => row.name },
  { name: 'size', title: 'Size', cell: (row) => row.size ?? '–', sort: (row) => row.size, number: true },
  { name: 'more', title: 'More', cell: () => <Badge tone="warn">late</Badge> },
];
const times = Array.from({ length: 60 }, (_, i) => 1_321_900_000_000 + i * 60_000);
const lines = [
  { label: 'least', values: times.map((_, i) => (i % 9 === 4 ? null : i)) },
  { label: 'greatest', values: times.map((_, i) => 90 - i), fill: true },
];
const bars = [{ label: 'lines', values: times.map((_, i) => i % 7), bars: true }];

const entries: Entry[] = (['error', 'warn', 'notice', 'debug', undefined] as const).map((level, i) => ({
  time: 1_321_900_000_000 + i, client: '10.0.0.1', log: '/var/log/syslog', kind: 'logs', ...(level ? { level } : {}), id: String(i),
  line: `sshd[71]: Failed password for <b>root</b> ${'x'.repeat(300)}`,
}));

function Gallery() {
  const [answer, setAnswer] = useState('');
  const [open, setOpen] = useState(false);
  const [range, setRange] = useState({ from: '-1h', to: '' });
  const [drawn, setDrawn] = useState('');
  return (
    <>
      <main>
        <ViewHead title="Gallery" trail={[{ text: 'Start', href: '#/' }]} actions={<Badge tone="good">well</Badge>} />
        <Tabs label="Parts" current="a" tabs={[{ name: 'a', text: 'First', href: '#/a' }, { name: 'b', text: 'Second', href: '#/b' }]} />
        <div class="figures">
          <Figure label="Clients" value="12" note="2 are silent" tone="warn" />
          <Figure label="Errors" value="7" tone="bad" />
          <Figure label="Lines" value="1.2 M" tone="good" />
        </div>
        <Panel title="Table"><Table caption="Sizes" columns={columns} rows={rows} rowKey={(row) => row.name} sortBy="name" /></Panel>
        <Panel title="Lines">
          <Entries label="Lines" entries={entries} terms={['failed']} current="3" names={{ '10.0.0.1': 'web' }} actions={() => <a href="#/search">Around it</a>} />
        </Panel>
        <Panel title="Charts">
          <Chart label="Least and greatest of an hour" times={times} lines={lines} />
          <Chart label="Lines of an hour" times={times} lines={bars} height={120} select={(from, to) => setDrawn(`${from < to}`)} />
          <p id="drawn">{drawn}</p>
        </Panel>
        <Panel title="Form">
          <div class="form-row">
            <TextField label="Name" hint="Any text" class="grow" />
            <TextField label="Count" error="expected a whole number" />
            <Select label="Kind" options={[['a', 'First'], ['b', 'Second']]} value="b" />
            <Checkbox label="Enabled" checked />
            <Button kind="primary">Save</Button>
            <Button busy>Busy</Button>
            <IconButton label="Remove">✕</IconButton>
          </div>
          <TextArea label="Text" placeholder="lines" />
          <TimeRange value={range} change={setRange} />
          <p id="range">{JSON.stringify(range)}</p>
        </Panel>
        <Panel title="Messages">
          <div class="actions">
            <Button kind="danger" onClick={() => void ask({ title: 'Remove it?', text: <p>It is gone then.</p>, yes: 'Remove', danger: true }).then((yes) => setAnswer(String(yes)))}>Ask</Button>
            <Button onClick={() => setOpen(true)}>Open</Button>
            <Button onClick={() => tellDone('It was saved')}>Done</Button>
            <Button onClick={() => tellFailed('It could not be saved', new Error('disk is full'))}>Fail</Button>
          </div>
          <p id="answer">{answer}</p>
        </Panel>
        <Loading />
        <Empty title="Nothing matches." />
        <ErrorState error={new ApiError(400, 'invalid_argument', 'column 4: expected a word', 4)} retry={() => undefined} />
      </main>
      {open && <Dialog title="Settings" close={() => setOpen(false)}><div class="dialog-body">Text</div></Dialog>}
      <Questions />
      <Toasts />
    </>
  );
}

applyTheme();
const place = document.getElementById('app');
if (place) {
  place.replaceChildren();
  render(<Gallery />, place);
}
