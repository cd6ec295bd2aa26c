import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentName, isBrowser } from '../src/components/agent_name';

test('a browser is told by its name and system, another program by its own name', () => {
  for (const [agent, name] of [
    ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox 128 on Linux'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0', 'Edge 126 on Windows'],
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36', 'Chrome 120 on Linux'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1', 'Safari 17 on iOS'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15', 'Safari 17 on macOS'],
    ['Mozilla/5.0 (compatible)', 'a browser'],
    ['curl/7.88.1', 'curl/7.88.1'],
    ['node-monitor', 'node-monitor'],
    [null, 'without a name'],
  ] as const) assert.equal(agentName(agent), name);
  assert.deepEqual([isBrowser('Mozilla/5.0'), isBrowser('curl/7'), isBrowser(null)], [true, false, false]);
});
