// Writes the C++ source that holds the bundled page, each file as it is and packed with gzip.
//
//   node embed.mjs DIST OUT.cpp
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const [dist, out] = process.argv.slice(2);
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

// A C++ literal of any bytes. Octal escapes of three digits end by themselves, whatever follows.
function literal(bytes) {
  const parts = [];
  for (let begin = 0; begin < bytes.length; begin += 64) {
    let part = '';
    for (const byte of bytes.subarray(begin, begin + 64)) {
      const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c && byte !== 0x3f;
      part += plain ? String.fromCharCode(byte) : '\\' + byte.toString(8).padStart(3, '0');
    }
    parts.push(`    "${part}"`);
  }
  return parts.length === 0 ? '    ""' : parts.join('\n');
}

const names = ['index.html', ...readdirSync(path.join(dist, 'assets')).sort().map((name) => `assets/${name}`)];
let source = '// Made by ui/embed.mjs from the bundled page.\n#include "ui/page_files.h"\n\nnamespace nmstore::ui {\nnamespace {\n\n';
let table = '';
names.forEach((name, i) => {
  const type = TYPES[path.extname(name)];
  if (!type) throw new Error(`${name}: no content type is known for it`);
  const bytes = readFileSync(path.join(dist, name));
  const packed = gzipSync(bytes, { level: 9 });
  const tag = createHash('sha256').update(bytes).digest('hex').slice(0, 20);
  source += `constexpr char kBytes${i}[] =\n${literal(bytes)};\nconstexpr char kPacked${i}[] =\n${literal(packed)};\n`;
  table += `    {"${name}", "${type}", "${tag}", {kBytes${i}, sizeof kBytes${i} - 1}, {kPacked${i}, sizeof kPacked${i} - 1}},\n`;
});
source += `\nconstexpr PageFile kFiles[] = {\n${table}};\n\n}  // namespace\n\n`;
source += 'std::span<const PageFile> page_files() {\n    return kFiles;\n}\n\n}  // namespace nmstore::ui\n';
writeFileSync(out, source);
