// The search view: from typing a query to the lines around one; very many and hostile lines; the keyboard.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { accessFaults, browserTest, fill, overflows, until, withPage, withServer } from './page.mjs';

const query = (page) => page.getByRole('combobox', { name: 'Query' });
const grid = (page) => page.getByRole('grid', { name: 'Lines that match' });
const rows = (page) => page.locator('.log-row');
const texts = (page) => page.locator('.log-text').allTextContents();
const status = (page, text) => page.locator('.search-status [role=status]').filter({ hasText: text }).waitFor();
const params = (page) => new URLSearchParams(new URL(page.url()).hash.split('?')[1] ?? '');
const kMinute = 60_000;
const kBadQuery = [/status of 400/]; // the browser tells of it by itself

// A line a minute, the newest at `end`: JSON, pairs and plain text in turn.
function mixedLines(count, end = Date.now()) {
  return Array.from({ length: count }, (_, i) => ({
    host: `web${i % 2}`, log: 'app', time: end - (count - 1 - i) * kMinute, level: i % 10 === 0 ? 'error' : i % 10 === 1 ? 'warn' : 'info',
    message: i % 3 === 0 ? `{"msg":"request ${i}","user":{"name":"user${i % 5}"}}` : i % 3 === 1 ? `status=${i % 2 ? 200 : 404} took=${i} refused by peer` : `connection number${i} timeout`,
  }));
}

browserTest('from typing to the lines around one', () => withServer([], (server) => withPage(server, { address: '#/search' }, async (page) => {
  await fill(server, mixedLines(120));
  // Completion: the name of a source, then its values; by the keyboard.
  await query(page).pressSequentially('timeout cli');
  await page.getByRole('option', { name: 'client:' }).waitFor();
  await query(page).press('ArrowDown');
  await query(page).press('Enter');
  assert.equal(await query(page).inputValue(), 'timeout client:');
  await page.getByRole('option', { name: 'web1' }).waitFor();
  await query(page).press('ArrowDown');
  await query(page).press('ArrowDown');
  await query(page).press('Enter');
  assert.equal(await query(page).inputValue(), 'timeout client:web1 ');
  await query(page).press('Enter');
  await status(page, '20 lines');
  assert.equal(params(page).get('q'), 'timeout client:web1');
  assert.deepEqual(await page.locator('.log-text mark').allTextContents().then((all) => [...new Set(all)]), ['timeout']);
  await page.locator('.histogram-legend').getByText('warn').waitFor();

  // A word is clicked at and excluded; back undoes it.
  const first = rows(page).first().locator('.log-text');
  assert.equal(await first.textContent(), 'connection number119 timeout');
  await first.click({ position: { x: 90, y: 8 } });
  const menu = page.getByRole('menu', { name: 'number119' });
  await menu.getByRole('menuitem', { name: 'Exclude' }).click();
  await status(page, '19 lines');
  assert.equal(await query(page).inputValue(), 'timeout client:web1 -number119');
  await page.goBack();
  await status(page, '20 lines');

  // Fields and words of what was found.
  await page.getByRole('region', { name: 'Fields' }).getByRole('button', { name: /^info/ }).click();
  await page.getByRole('menuitem', { name: 'Add to the query' }).click();
  await status(page, '16 lines');
  assert.equal(params(page).get('q'), 'timeout client:web1 level:info');
  await page.getByRole('link', { name: 'Words' }).click();
  await page.getByRole('region', { name: 'Words' }).getByRole('button', { name: /^connection/ }).click();
  await page.getByRole('menuitem', { name: 'Search for it alone' }).click();
  await status(page, '40 lines');

  // The lines around one, at an address that can be sent.
  await rows(page).nth(1).hover();
  await rows(page).nth(1).getByRole('button', { name: 'Around' }).click();
  const dialog = page.getByRole('dialog', { name: 'Lines around it' });
  const current = dialog.locator('.entry[aria-current]');
  await current.filter({ hasText: 'connection number116 timeout' }).waitFor();
  assert.equal(await dialog.locator('.entry').count(), 22);
  await page.reload();
  await current.filter({ hasText: 'connection number116 timeout' }).waitFor();
  await dialog.getByRole('button', { name: 'More before' }).click();
  await until(async () => await dialog.locator('.entry').count() === 42, 'more lines before it');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  assert.equal(params(page).get('around'), null);
  assert.equal(params(page).get('q'), 'connection');

  // What was asked before is kept.
  await page.getByRole('button', { name: 'Queries before' }).click();
  const before = page.getByRole('listbox', { name: 'Queries before' }).getByRole('option');
  assert.deepEqual(await before.allTextContents(), ['timeout client:web1']);
})));

browserTest('a time is drawn on the histogram, by mouse and keyboard', () => withServer([], async (server) => {
  const end = Math.floor(Date.now() / kMinute) * kMinute;
  await fill(server, mixedLines(100, end));
  const span = `from=${encodeURIComponent(new Date(end - 100 * kMinute).toISOString())}&to=${encodeURIComponent(new Date(end).toISOString())}`;
  await withPage(server, { address: `#/search?${span}` }, async (page) => {
    await status(page, '99 lines');
    const area = page.locator('.histogram-area');
    const box = await area.boundingBox();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + 40, { steps: 4 });
    await page.mouse.up();
    await page.waitForFunction((before) => !location.hash.includes(before), span);
    const [from, to] = [Date.parse(params(page).get('from')), Date.parse(params(page).get('to'))];
    assert.ok(to - from >= 20 * kMinute && to - from <= 30 * kMinute, `${from} ${to}`);
    await status(page, `${(to - from) / kMinute} lines`);
    await page.getByLabel('From').waitFor();
    await page.goBack();
    await status(page, '99 lines');
    await area.focus();
    for (const key of ['Home', 'ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight']) await page.keyboard.press(key);
    assert.match(await area.getAttribute('aria-valuetext'), /lines/);
    await page.keyboard.press('Enter');
    await page.waitForFunction((before) => !location.hash.includes(before), span);
    assert.equal(Date.parse(params(page).get('to')) - Date.parse(params(page).get('from')), 3 * 2 * kMinute);
    await page.locator('.histogram-legend').getByRole('button').first().click();
    await page.waitForFunction(() => location.hash.includes('level'));
  });
}));

browserTest('values of fields are those of all lines, and words are completed that no line on the page has', () => withServer([], async (server) => {
  const end = Date.now() - 1000;
  // The first page has the newest 1000 lines: what is asked for stands behind it.
  await fill(server, Array.from({ length: 3000 }, (_, i) => ({ host: 'web', log: 'app', time: end - i * 1000, message: i < 1500 ? `status=200 quick` : `status=503 unreachable${i % 2}` })));
  await withPage(server, { address: '#/search?panel=fields' }, async (page) => {
    await status(page, '1,000 of 3,000 lines');
    const fields = page.getByRole('region', { name: 'Fields' });
    await fields.getByText('Of 3,000 lines').waitFor();
    await fields.getByRole('button', { name: /^503/ }).filter({ hasText: '1.5 k' }).waitFor();
    await query(page).pressSequentially('unrea');
    await page.getByRole('option', { name: 'unreachable0' }).filter({ hasText: '750 lines' }).waitFor();
    await page.getByRole('option', { name: 'unreachable1' }).waitFor();
    await query(page).press('ArrowDown');
    await query(page).press('Enter');
    await query(page).press('Enter');
    await status(page, '750 lines');
    await fields.getByText('Of 750 lines').waitFor();
    // Values are completed from all lines, too.
    await query(page).fill('status');
    await query(page).pressSequentially('=5');
    await page.getByRole('option', { name: '503' }).waitFor();
  });
}));

browserTest('100,000 lines are scrolled through to the end and back', () => withServer([], async (server) => {
  const end = Date.now() - 1000;
  const kLines = 100_000;
  for (let from = 0; from < kLines; from += 10_000) {
    await fill(server, Array.from({ length: 10_000 }, (_, i) => ({ host: 'web', log: 'app', time: end - kLines + from + i, message: `number ${from + i}${(from + i) % 7 === 0 ? ` ${'long '.repeat(60)}` : ''}` })));
  }
  await withPage(server, { address: '#/search?q=number&from=all&panel=off' }, async (page) => {
    await status(page, '1,000 of 100,000 lines');
    // As a reader would: again and again to the end of what is there, until that is all.
    let most = 0;
    await until(async () => {
      const [atEnd, inDocument] = await grid(page).evaluate((element) => {
        element.scrollTop = element.scrollHeight;
        return [document.querySelector('.search-end') !== null, document.querySelectorAll('.log-row').length];
      });
      most = Math.max(most, inDocument);
      return atEnd;
    }, 'the end of the lines');
    await status(page, '100,000 lines');
    await until(async () => (await texts(page)).at(-1)?.trim().startsWith('number 0'), 'the oldest line');
    assert.ok(most < 200, `${most} rows in the document`);
    // Somewhere in between rows follow each other without a gap, and what is measured late moves nothing away.
    await grid(page).evaluate((element) => { element.scrollTop = element.scrollHeight / 2; });
    await until(async () => {
      const shown = (await texts(page)).map((text) => Number(/\d+/.exec(text)[0]));
      return shown[0] > 40_000 && shown[0] < 60_000 && shown.every((n, i) => n === shown[0] - i);
    }, 'rows in the middle');
    await grid(page).focus();
    await page.keyboard.press('Home');
    await until(async () => (await texts(page))[0] === 'number 99999', 'the newest line');
    assert.ok(await rows(page).count() < 200);
    // Lines that came since are put before the first one.
    await fill(server, [{ host: 'web', log: 'app', time: Date.now(), message: 'number new' }]);
    await page.getByRole('button', { name: 'Newer lines' }).click();
    await until(async () => (await texts(page))[0] === 'number new', 'the line that came since');
    await page.getByRole('button', { name: 'Newer lines' }).click();
    await status(page, 'nothing came since');
  });
}));

const kHostile = [
  '<img src=x onerror="document.title=\'pwned\'"><script>document.title="pwned"</script>',
  '</span></div>{{constructor.constructor("document.title=1")()}} javascript:alert(1) &lt;b&gt;',
  'red \u001b[31mtext\u001b[0m null \u0000 bell \u0007 delete \u007f tab\tend',
  'turned \u202egpj.exe\u202c around, \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 mixed',
  `${'longword '.repeat(22_223)}end`,
  '"quoted" (a|b) \\ back*slash AND',
];

browserTest('hostile lines are shown as text, and unharmed', () => withServer([], async (server) => {
  await fill(server, kHostile.map((message, i) => ({ host: '<b>web</b>', log: '"><script>1</script>', time: Date.now() - i * 1000, level: 'info', message })));
  await withPage(server, { address: '#/search' }, async (page) => {
    await status(page, `${kHostile.length} lines`);
    assert.equal(await page.title(), 'Search – nm-store');
    assert.equal(await page.locator('main :is(img, script, b)').count(), 0);
    const shown = await texts(page);
    assert.equal(shown[0], kHostile[0]);
    assert.equal(shown[1], kHostile[1]);
    assert.equal(shown[2], 'red \u241b[31mtext\u241b[0m null \u2400 bell \u2407 delete \u2421 tab\tend');
    assert.equal(shown[3], 'turned \u2194gpj.exe\u2194 around, \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 mixed');
    assert.ok(kHostile[4].startsWith(shown[4]) && shown[4].length < 2000, `${shown[4].length} characters of a very long line`);
    assert.ok((await rows(page).nth(4).boundingBox()).height < 300, 'it leaves room for others');
    assert.equal(await overflows(page), false);
    assert.deepEqual(await accessFaults(page), []);
    await page.getByRole('button', { name: '… all 200,010 characters' }).click();
    await until(async () => (await texts(page)).includes(kHostile[4]), 'the whole of the long line');
    await page.getByLabel('Wrap').uncheck();
    await until(async () => (await rows(page).nth(4).boundingBox())?.height < 40, 'a line in one row');
    assert.equal(await overflows(page), false);

    // They are saved as they were.
    await page.getByRole('button', { name: 'Download' }).click();
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save' }).click();
    assert.equal(readFileSync(await (await saved).path(), 'utf8'), kHostile.map((line) => `${line}\n`).join(''));
    await page.getByText('6 lines saved').waitFor();
    await page.getByRole('button', { name: 'Download' }).click();
    await page.getByLabel('As').selectOption('ndjson');
    const second = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save' }).click();
    const entries = readFileSync(await (await second).path(), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(entries.map(({ line }) => line), kHostile);

    // Their words and fields are terms that find them again.
    await page.getByRole('region', { name: 'Fields' }).getByRole('button', { name: /script/ }).click();
    await page.getByRole('menuitem', { name: 'Add to the query' }).click();
    await status(page, `${kHostile.length} lines`);
    assert.match(params(page).get('q'), /^log:"/);
  });
}));

browserTest('a bad query marks its place; no result and a limit say what can be done', () => withServer(['--query-max-lines', '50'], async (server) => {
  await fill(server, mixedLines(120));
  await withPage(server, { address: `#/search?q=${encodeURIComponent('grün (timeout OR) x')}`, expected: kBadQuery }, async (page) => {
    const alert = page.getByRole('alert').filter({ hasText: 'column' });
    await alert.filter({ hasText: 'column 17' }).waitFor();
    assert.equal(await alert.locator('mark').textContent(), ')');
    assert.equal(await query(page).getAttribute('aria-invalid'), 'true');
    assert.deepEqual(await accessFaults(page), []);
    await query(page).fill('error | count');
    await query(page).press('Enter');
    await alert.filter({ hasText: 'column 7' }).waitFor();
    assert.equal(await alert.locator('mark').textContent(), '|');

    await query(page).fill('nosuchword');
    await query(page).press('Enter');
    await alert.waitFor({ state: 'detached' });
    // The page ran into the limit: what was found is there, and one can go on, to the end.
    const goOn = page.getByRole('button', { name: 'Go on' });
    await page.getByText('It ran into the limit query_max_lines').waitFor();
    await until(async () => {
      if (await page.getByText('Nothing matches.').isVisible()) return true;
      if (await goOn.isVisible()) await goOn.click();
      return false;
    }, 'the end of the search');
    await page.getByRole('link', { name: 'search all' }).waitFor();
    assert.deepEqual(await accessFaults(page), []);
  });
}));

browserTest('a search that takes long can be stopped', () => withServer([], async (server) => {
  await fill(server, mixedLines(20));
  await withPage(server, { address: '#/clients' }, async (page) => {
    let held = 0;
    await page.route('**/api/v1/search?**', (route) => { if (held++ > 0) void route.continue(); });
    await page.goto(`${server.url}#/search?q=timeout`);
    await page.getByText('Searching…').waitFor();
    await page.locator('.search-progress').filter({ hasText: /\d s/ }).waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await status(page, 'stopped');
    await page.getByRole('button', { name: 'Search again' }).click();
    await status(page, '6 lines');
  });
}));

browserTest('everything is done with the keyboard alone', () => withServer([], async (server) => {
  await fill(server, mixedLines(60));
  await withPage(server, { address: '#/search' }, async (page) => {
    await status(page, '60 lines');
    const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
    const currentText = () => page.locator('.log-row[aria-selected=true] .log-text').textContent();
    await press('/');
    await page.keyboard.type('timeout');
    await press('Enter');
    await status(page, '20 lines');
    await grid(page).focus();
    await press('j', 'ArrowDown', 'k');
    assert.equal(await currentText(), 'connection number59 timeout');
    assert.equal(await page.evaluate(() => document.getElementById(document.activeElement.getAttribute('aria-activedescendant')).getAttribute('aria-rowindex')), '1');
    await press('G');
    assert.equal(await currentText(), 'connection number2 timeout');
    await press('g');
    // A word, its menu, and back to the line.
    await press('ArrowRight', 'ArrowRight');
    assert.equal(await page.locator('.word-chosen').textContent(), 'number59');
    await press('Enter');
    await page.getByRole('menu', { name: 'number59' }).waitFor();
    await press('Escape');
    await page.getByRole('menu').waitFor({ state: 'detached' });
    assert.ok(await grid(page).evaluate((element) => element === document.activeElement));
    await press('Enter');
    await page.locator('[role=menu] :focus').waitFor(); // until it is there, keys go to the line
    await press('ArrowDown', 'Enter');
    await status(page, '19 lines');
    assert.equal(params(page).get('q'), 'timeout -number59');
    await grid(page).focus();
    // The line in full.
    await press('j', 'Enter');
    await page.getByRole('dialog', { name: 'Line' }).getByRole('button', { name: 'Exclude number56' }).press('Enter');
    await status(page, '18 lines');
    await grid(page).focus();
    await press('j', 'c');
    await page.getByRole('dialog', { name: 'Lines around it' }).locator('[aria-current]').waitFor();
    await press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await press('w');
    assert.equal(await page.getByLabel('Wrap').isChecked(), false);
    await press('p');
    await page.getByRole('complementary').waitFor({ state: 'detached' });
    await press('d');
    await page.getByRole('dialog', { name: 'Download' }).waitFor();
    await press('Escape');
    await press('?');
    const help = page.getByRole('dialog', { name: 'Keys and queries' });
    await help.getByLabel('Single letters are keys').press('Space');
    await press('Escape');
    await help.waitFor({ state: 'detached' });
    await press('w');
    assert.equal(await page.getByLabel('Wrap').isChecked(), false, 'letters are no keys any more');
  });
}));

for (const width of [1280, 380]) {
  browserTest(`the search is accessible, ${width} px wide`, () => withServer([], async (server) => {
    await fill(server, mixedLines(200));
    await withPage(server, { width, address: '#/search?q=timeout OR refused OR request&panel=words' }, async (page) => {
      const well = async (what) => {
        assert.deepEqual(await accessFaults(page), [], what);
        assert.equal(await overflows(page), false, what);
      };
      await status(page, '200 lines');
      await page.locator('.histogram-area').waitFor();
      await page.getByRole('region', { name: 'Words' }).getByRole('button').first().waitFor();
      await well('words');
      await page.getByRole('link', { name: 'Fields' }).click();
      await page.getByRole('region', { name: 'Fields' }).waitFor();
      await grid(page).focus();
      await page.keyboard.press('j');
      await well('fields, and a current line');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Enter');
      await page.getByRole('menu').waitFor();
      await well('a menu');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      for (const [key, name] of [['o', 'Line'], ['c', 'Lines around it'], ['d', 'Download'], ['?', 'Keys and queries']]) {
        await page.keyboard.press(key);
        await page.getByRole('dialog', { name, exact: true }).waitFor();
        if (key === 'c') await page.locator('.entry').first().waitFor();
        await well(name);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
      }
      await query(page).click();
      await query(page).press('ArrowDown');
      await page.keyboard.type(' c');
      await page.getByRole('option').first().waitFor();
      await well('completions');
    });
  }));
}
