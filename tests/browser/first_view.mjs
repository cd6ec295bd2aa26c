// How much the first view takes, and how long: the bytes that come for it, and the time from the call of the address until
// the dashboard shows figures, each time in a browser profile that has nothing of it.
//
//   NM_STORED=…/nm-stored NM_PAGE_MODULES=…/ui/page/node_modules node tests/browser/first_view.mjs
import { fleet } from './agents.mjs';
import { browserTest, withPage, withServer } from './page.mjs';

const kTimes = 5;

browserTest('the first view', () => withServer([], async (server) => {
  await fleet(server);
  let bytes = 0;
  const took = [];
  for (let i = 0; i < kTimes; ++i) {
    await withPage(server, {}, async (page) => {
      const network = await page.context().newCDPSession(page);
      await network.send('Network.enable');
      await network.send('Network.setCacheDisabled', { cacheDisabled: true });
      let arrived = 0;
      network.on('Network.loadingFinished', ({ encodedDataLength }) => { arrived += encodedDataLength; });
      const begin = performance.now();
      await page.reload({ waitUntil: 'commit' });
      await page.getByText('3 of 5', { exact: true }).first().waitFor();
      took.push(Math.round(performance.now() - begin));
      bytes = arrived;
    });
  }
  console.log(`${Math.round(bytes / 1000)} kB; ${took.join(', ')} ms`);
}));
