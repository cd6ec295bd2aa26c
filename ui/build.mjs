// Bundles the page into a folder: index.html, and below assets/ files whose names hold a hash of their content.
//
//   node build.mjs [OUT]      OUT: dist
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { bundle, here } from './bundle.mjs';

const out = path.resolve(process.argv[2] ?? path.join(here, 'dist'));

// "app.js" -> "app-1a2b3c4d5e.js"
function hashedName(name, bytes) {
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 10);
  return name.replace(/(\.[a-z]+)$/, `-${hash}$1`);
}

const { outputFiles } = await build({ ...bundle, minify: true });
const assets = new Map(outputFiles.map((file) => [path.basename(file.path), Buffer.from(file.contents)]));
assets.set('favicon.svg', readFileSync(path.join(here, 'src/favicon.svg')));

rmSync(out, { recursive: true, force: true });
mkdirSync(path.join(out, 'assets'), { recursive: true });
let index = readFileSync(path.join(here, 'index.html'), 'utf8');
for (const [name, bytes] of assets) {
  const hashed = hashedName(name, bytes);
  writeFileSync(path.join(out, 'assets', hashed), bytes);
  index = index.replace(`{{${name}}}`, hashed);
}
const left = /\{\{.*?\}\}/.exec(index);
if (left) throw new Error(`index.html asks for ${left[0]}, which the bundle does not have`);
writeFileSync(path.join(out, 'index.html'), index);
