// The components by themselves, under the policy that the server sends.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { accessFaults, browserTest, overflows, pageTool, withPage, withServer } from './page.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

async function withGallery(options, body) {
  const { outputFiles } = await pageTool('esbuild').build({
    stdin: { contents: readFileSync(path.join(here, 'gallery.tsx'), 'utf8'), resolveDir: pageTool.sources, loader: 'tsx' },
    bundle: true, write: false, format: 'esm', outdir: 'out', jsx: 'automatic', jsxImportSource: 'preact', logLevel: 'error',
  });
  const built = (ending) => outputFiles.find((file) => file.path.endsWith(ending)).text;
  const routes = {
    '**/assets/app-*.js': { contentType: 'text/javascript', body: built('.js') },
    '**/assets/app-*.css': { contentType: 'text/css', body: built('.css') },
  };
  await withServer([], (server) => withPage(server, { ...options, routes }, body));
}

for (const width of [1280, 380]) {
  browserTest(`all components are accessible, ${width} px wide`, () => withGallery({ width }, async (page) => {
    assert.deepEqual(await accessFaults(page), []);
    assert.equal(await overflows(page), false);
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByRole('dialog', { name: 'Remove it?' }).waitFor();
    assert.deepEqual(await accessFaults(page), [], 'with a dialog');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Fail' }).click();
    await page.getByText('It could not be saved: disk is full').waitFor();
    assert.deepEqual(await accessFaults(page), [], 'with a message');
  }));
}

browserTest('a table is sorted by its columns, and shows markup as text', () => withGallery({}, async (page) => {
  const names = () => page.locator('tbody tr td:first-child').allTextContents();
  assert.deepEqual(await names(), ['<img src=x onerror=alert(1)>', 'b9', 'b10']);
  await page.getByRole('button', { name: 'Size' }).click();
  assert.deepEqual(await names(), ['b10', '<img src=x onerror=alert(1)>', 'b9']);
  await page.getByRole('button', { name: 'Size' }).click();
  assert.deepEqual(await names(), ['<img src=x onerror=alert(1)>', 'b10', 'b9'], 'what is not known goes last');
  assert.equal(await page.locator('th').nth(1).getAttribute('aria-sort'), 'descending');
  assert.equal(await page.locator('tbody img').count(), 0);
}));

browserTest('a question is answered by its buttons, and by Escape with no', () => withGallery({}, async (page) => {
  const answer = async () => page.locator('#answer').textContent();
  const ask = page.getByRole('button', { name: 'Ask' });
  await ask.click();
  await page.getByRole('button', { name: 'Remove', exact: true }).last().click();
  await page.locator('#answer:text-is("true")').waitFor();
  await ask.click();
  await page.getByRole('dialog', { name: 'Remove it?' }).waitFor();
  await page.keyboard.press('Escape');
  await page.locator('#answer:text-is("false")').waitFor();
  assert.equal(await answer(), 'false');
  assert.equal(await page.getByRole('dialog').count(), 0);
  assert.ok(await ask.evaluate((element) => element === document.activeElement), 'the focus is back where it was');
}));

browserTest('a chart draws, follows the window, and tells of a time that is drawn over it', () => withGallery({}, async (page) => {
  const canvas = page.locator('.chart canvas').first();
  const painted = () => canvas.evaluate((element) => element.getContext('2d').getImageData(0, 0, element.width, element.height).data.some((byte) => byte > 0));
  assert.ok(await painted());
  const before = (await canvas.boundingBox()).width;
  await page.setViewportSize({ width: 600, height: 900 });
  await page.waitForFunction((width) => document.querySelector('.chart canvas').getBoundingClientRect().width < width, before);
  const over = page.locator('.chart .u-over').nth(1);
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  await page.mouse.move(box.x + 20, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + 120, box.y + 20, { steps: 5 });
  await page.mouse.up();
  await page.locator('#drawn:text-is("true")').waitFor();
}));

browserTest('a time is chosen from usual ones, or typed', () => withGallery({}, async (page) => {
  const range = (text) => page.locator('#range').filter({ hasText: text }).waitFor();
  await page.getByLabel('Time').selectOption('-7d');
  await range('{"from":"-7d","to":""}');
  await page.getByLabel('Time').selectOption('custom');
  await page.getByLabel('From').fill('2011-11-21');
  await page.getByLabel('To').fill('2011-11-22');
  await page.getByLabel('To').press('Enter');
  await range('{"from":"2011-11-21T00:00:00.000Z","to":"2011-11-22T00:00:00.000Z"}'); // of the zone that is shown
}));
