// Serves the page while it is written: bundled anew, and loaded anew, whenever a source changes. What is no file of the
// page is asked of a running nm-stored.
//
//   npm run dev [-- http://127.0.0.1:8001 [PORT]]      PORT: 8002
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { context } from 'esbuild';
import { bundle, here } from './bundle.mjs';

const hub = new URL(process.argv[2] ?? 'http://127.0.0.1:8001');
const port = Number(process.argv[3] ?? 8002);
const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

let files = new Map();
const readers = new Set();
const builder = await context({
  ...bundle,
  sourcemap: 'inline',
  banner: { js: "new EventSource('/dev-reload').onmessage = () => location.reload();" },
  plugins: [{
    name: 'reload',
    setup: (build) => build.onEnd(({ outputFiles = [] }) => {
      if (outputFiles.length === 0) return; // it does not build, and has said why
      files = new Map(outputFiles.map((file) => [path.basename(file.path), file.contents]));
      for (const reader of readers) reader.write('data: changed\n\n');
    }),
  }],
});
await builder.watch();

http.createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname === '/dev-reload') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    readers.add(response);
    request.on('close', () => readers.delete(response));
  } else if (pathname === '/') {
    response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
    response.end(readFileSync(path.join(here, 'index.html'), 'utf8').replace(/\{\{(.*?)\}\}/g, '$1'));
  } else if (pathname.startsWith('/assets/')) {
    const name = path.basename(pathname);
    const body = name === 'favicon.svg' ? readFileSync(path.join(here, 'src/favicon.svg')) : files.get(name);
    response.writeHead(body ? 200 : 404, { 'Content-Type': TYPES[path.extname(name)] ?? 'text/plain' });
    response.end(body);
  } else {
    const onward = http.request(new URL(request.url, hub), { method: request.method, headers: { ...request.headers, host: hub.host } }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', (error) => {
      if (!response.headersSent) response.writeHead(502, { 'Content-Type': 'text/plain' });
      response.end(String(error));
    });
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }
}).listen(port, '127.0.0.1', () => console.log(`the page: http://127.0.0.1:${port}/, its server: ${hub.href}`));
