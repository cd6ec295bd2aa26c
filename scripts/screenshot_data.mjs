// Invented data for scripts/screenshots: a shop's machines, with logs, readings, alerts and rules of the last day.

const kMinute = 60_000;
const kHour = 60 * kMinute;
const kDay = 24 * kHour;

const kMachines = [
  ['10.0.4.11', 'web-1', 'web'], ['10.0.4.12', 'web-2', 'web'], ['10.0.4.13', 'web-3', 'web'],
  ['10.0.4.21', 'checkout-1', 'shop'], ['10.0.4.22', 'checkout-2', 'shop'],
  ['10.0.4.31', 'db-1', 'data'], ['10.0.4.32', 'db-2', 'data'], ['10.0.4.41', 'queue-1', 'data'],
  ['10.0.4.51', 'mail-1', 'office'], ['10.0.4.52', 'backup-1', 'office'],
];
const kSilent = ['10.0.4.52', '10.0.4.51']; // the last of them for longer
const kMissing = [['10.0.4.61', 'web-4', 'web']]; // in the inventory, and never heard of

// For how long the machine has been silent.
const quietMsOf = ([client]) => (kSilent.includes(client) ? (1 + 2 * kSilent.indexOf(client)) * kHour : 0);

// The same numbers each time.
function chance(seed) {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

const kPaths = ['/', '/cart', '/checkout', '/api/items', '/api/items/4711', '/login', '/search?q=lamp', '/images/lamp.jpg'];
const kNames = ['anna', 'bela', 'chen', 'dora', 'emil', 'fatima'];

function webLine(random) {
  const status = random() < 0.03 ? 500 : random() < 0.06 ? 404 : 200;
  const took = Math.round(8 + random() ** 4 * 900);
  return {
    level: status === 500 ? 'error' : status === 404 ? 'warn' : 'info', status, took_ms: took,
    message: `GET ${kPaths[Math.floor(random() * kPaths.length)]} ${status} ${took} ms`,
  };
}
function shopLine(random) {
  const order = 100_000 + Math.floor(random() * 9000);
  if (random() < 0.04) return { level: 'error', order, message: `order ${order}: payment failed: timeout after 3000 ms from psp.example.com` };
  if (random() < 0.06) return { level: 'warn', order, message: `order ${order}: payment is slow, 1 retry` };
  return { level: 'info', order, message: `order ${order} paid by ${kNames[Math.floor(random() * kNames.length)]}, ${(random() * 200).toFixed(2)} EUR` };
}
function systemLine(random) {
  const user = kNames[Math.floor(random() * kNames.length)];
  const pid = 1000 + Math.floor(random() * 30_000);
  const lines = [
    { level: 'info', message: `CRON[${pid}]: (root) CMD (run-parts /etc/cron.hourly)` },
    { level: 'info', message: `sshd[${pid}]: Accepted publickey for ${user} from 10.0.9.7 port ${pid}` },
    { level: 'warn', message: `kernel: TCP: request_sock_TCP: Possible SYN flooding on port 443` },
    { level: 'notice', message: `systemd[1]: Starting Daily apt download activities` },
    { level: 'error', message: `sshd[${pid}]: error: maximum authentication attempts exceeded for invalid user admin from 203.0.113.9` },
  ];
  return lines[Math.min(lines.length - 1, Math.floor(random() ** 1.6 * lines.length))];
}

function logsOf([, name, group]) {
  const logs = [['/var/log/syslog', systemLine, 4 * kMinute]];
  if (group === 'web') logs.push(['/var/log/nginx/access.log', webLine, 40_000]);
  if (group === 'shop') logs.push(['checkout', shopLine, 50_000]);
  if (name.startsWith('db')) logs.push(['/var/log/postgresql.log', (random) => ({ level: random() < 0.05 ? 'error' : 'info', message: random() < 0.05 ? 'ERROR: deadlock detected' : `LOG: checkpoint complete: wrote ${Math.round(random() * 900)} buffers` }), 3 * kMinute]);
  return logs;
}

function linesOf(machine, at, now, random) {
  const lines = [];
  for (const [log, line, everyMs] of logsOf(machine)) {
    for (let time = at; time < now; time += Math.round(everyMs * (0.3 + 1.4 * random()))) {
      lines.push({ host: machine[0], log, time, ...line(random) });
    }
  }
  return lines;
}

const dayRow = (head, time) => {
  const day = new Date(time);
  return `${head}:${day.getUTCFullYear()}:${day.getUTCMonth()}:${day.getUTCDate()}`;
};

function readingsOf([client], now, random) {
  const rows = new Map();
  const add = (plugin, time, value) => {
    const key = dayRow(`${client}:plugins:${plugin}`, time);
    if (!rows.has(key)) rows.set(key, []);
    rows.get(key).push({ columnname: time, columnvalue: JSON.stringify({ date: time, ...value }) });
  };
  const base = 20 + random() * 30;
  const disk = 40 + random() * 45;
  for (let time = now - kDay; time <= now; time += 5 * kMinute) {
    const hour = ((time % kDay) / kHour) * (Math.PI / 12);
    const busy = Math.max(1, base - 15 * Math.cos(hour) + 8 * random());
    add('uptime', time, { value: (busy / 20).toFixed(2) });
    add('cpu', time, { user: Math.round(busy), system: Math.round(busy / 4), wait: Math.round(random() * 6) });
    add('free', time, { memory: { used: Math.round(3000 + busy * 60), free: Math.round(5000 - busy * 60) } });
    add('df', time, { value: (disk + ((time - now + kDay) / kDay) * 4).toFixed(1) });
  }
  return [...rows].map(([rowkey, columns]) => ({ rowkey, columns }));
}

const kRules = {
  'checkout-errors': { kind: 'lines', query: 'level:error "payment failed"', count: 3, within: '10m', by: 'client', description: 'Customers cannot pay', webhook: { url: 'https://chat.example.com/hooks/shop', secret: 'invented' } },
  'login-attempts': { kind: 'lines', query: '"maximum authentication attempts exceeded"', count: 2, within: '1h', by: 'client', description: 'Somebody tries passwords' },
  'disk-full': { kind: 'reading', client: '*', plugin: 'df', field: 'value', above: 90, for: '10m', clear_for: '5m' },
  'slow-load': { kind: 'reading', client: 'web*', plugin: 'uptime', field: 'value', above: 8, for: '5m', enabled: false },
  silent: { kind: 'silent', client: '*', after: '15m', overrides: [{ client: 'backup*', after: '1d' }] },
};

function pastAlerts(now, random) {
  const rows = new Map();
  for (let i = 0; i < 46; ++i) {
    const time = now - Math.round(random() ** 1.5 * 2.5 * kDay) - kMinute;
    const [client] = kMachines[3 + Math.floor(random() * 2)];
    const lasted = Math.round(kMinute * (2 + random() * 20));
    const fires = i % 2 === 0;
    const line = `order ${100_000 + i}: payment failed: timeout after 3000 ms from psp.example.com`;
    const alert = {
      date: time, value: fires ? `checkout-errors: 3 lines of ${client} within 10m: ${line}` : `checkout-errors: resolved of ${client}, 0 lines within 10m`,
      rule: 'checkout-errors', state: fires ? 'firing' : 'resolved', since: fires ? time : time - lasted, client, ...(fires ? { count: 3 } : {}), line, id: `invented-${i}`,
    };
    const key = dayRow('alerts', time);
    if (!rows.has(key)) rows.set(key, []);
    rows.get(key).push({ columnname: time, columnvalue: JSON.stringify(alert) });
  }
  return [...rows].map(([rowkey, columns]) => ({ rowkey, columns }));
}

// What a hub with targets would tell at `now` of its replication.
export function replication(now) {
  const target = {
    kind: 'hub', state: 'live', why: null, next_try_ms: 0, position: 1_099_511_640_021, lag_records: 0, lag_seconds: 0, sent_records: 48_211, sent_bytes: 96_400_000,
    errors: 0, refused: 0, refused_dropped: 0, copied: true, target_is_standby: false, copy: null,
  };
  const named = (name, more) => ({ ...target, name, url: `https://${name}.example:8001`, ...more });
  return {
    hub: '5f2c81d09b7e4a63a1d4c0e87b96f2d3', standby: false,
    journal: { on: true, first: 1_099_511_627_776, end: 1_099_511_640_021, bytes: 1_310_000_000, limit: 8_589_934_592 },
    targets: [
      named('hub2', { target_is_standby: true }),
      named('office', { state: 'copying', copy: { rows_done: 1840, rows_total: 5210 }, lag_records: 312, lag_seconds: 41, sent_records: 1840, sent_bytes: 12_100_000 }),
      named('reports', { kind: 'cloudsandra', state: 'waiting', why: 'it cannot be reached: connection refused', next_try_ms: now + 12_000, lag_records: 5120, lag_seconds: 1260, errors: 46, refused: 3, copied: false }),
      named('old-hub', { state: 'needs copy', why: 'it was away for longer than the journal reaches back', sent_records: 0, sent_bytes: 0, lag_records: 12_245, lag_seconds: 93_000 }),
    ],
    sources: [{ hub: 'c07d5e9ab2f14c8893e6d1f0a4b7582c', stream: '', position: 2_199_023_255_640, last_ms: now - 800 }],
  };
}

// Fills the server at `url`. Lines go on being written until the function that it gives is called.
export async function invent(url) {
  const random = chance(42);
  const now = Date.now();
  const send = async (method, target, body, type = 'application/json', optional = false) => {
    const answer = await fetch(url + target, { method, body, headers: { 'Content-Type': type } });
    const text = await answer.text();
    if (!answer.ok && !optional) throw new Error(`${method} ${target}: ${answer.status} ${text}`);
  };
  const rows = (family, rowkeys) => send('POST', `v0.3/DATA/${family}`, JSON.stringify({ rowkeys }));
  const post = (lines) => send('POST', 'api/v1/logs', lines.map((line) => `${JSON.stringify(line)}\n`).join(''), 'application/x-ndjson');

  for (const [client, tag] of kMachines) await send('POST', `api/v1/tags?client=${client}&tag=${tag}`);
  // Not there in every server: without it the view says that there is none.
  await send('PUT', 'api/v1/inventory', JSON.stringify([...kMachines, ...kMissing].map(([machine, name, group]) => ({ machine, name, group }))), undefined, true);
  for (const machine of kMachines) {
    await post(linesOf(machine, now - kDay, now - quietMsOf(machine), random));
  }
  await rows('CFLongType', pastAlerts(now, random));
  for (const [id, rule] of Object.entries(kRules)) await send('PUT', `api/v1/alerts/rules/${id}`, JSON.stringify(rule));
  for (const machine of kMachines) await rows('CFLongType', readingsOf(machine, now - quietMsOf(machine), random));
  await rows('CFUTF8Type', kMachines.flatMap(([client]) => [
    { rowkey: `${client}:plugins`, columns: ['cpu', 'df', 'free', 'uptime'].map((columnname) => ({ columnname, columnvalue: String(now) })) },
    { rowkey: `${client}:config`, columns: [{ columnname: 'tail', columnvalue: '/var/log/syslog' }] },
  ]));
  await rows('CFUTF8Type', [{ rowkey: 'clients', columns: kSilent.map((columnname, i) => ({ columnname, columnvalue: String(now - (1 + 2 * i) * kHour) })) }]);
  for (const [column, value] of [['connections-total', 3120], ['connections-live', 4]]) {
    await send('POST', `v0.3/COUNTER/connections/${column}`, `increment=${value}`, 'application/x-www-form-urlencoded');
  }
  // What fires now.
  const host = kMachines[3][0];
  await post(Array.from({ length: 5 }, (_, i) => ({ host, log: 'checkout', level: 'error', message: `order ${104_200 + i}: payment failed: timeout after 3000 ms from psp.example.com` })));

  let going = true;
  const live = (async () => {
    const reporting = kMachines.filter(([client]) => !kSilent.includes(client));
    while (going) {
      const machine = reporting[Math.floor(random() * reporting.length)];
      const logs = logsOf(machine);
      const [log, line] = logs[logs.length - 1];
      await post([{ host: machine[0], log, ...line(random) }]);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  })();
  return async () => {
    going = false;
    await live.catch(() => undefined);
  };
}
