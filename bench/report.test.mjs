import assert from 'node:assert/strict';
import { test } from 'node:test';

import { report, within } from './report.mjs';

const result = (share, growth, page = {}) => ({
  page: { name: 'Fiche', ...page },
  statements: 7,
  idle: { p50: 2.4 },
  busy: { rate: 1000 * share, p50: 20.04, p99: 41 },
  alone: { rate: 1000 },
  gzip: { rate: 300 },
  growth,
});
const facts = {
  cores: 2, memory: 8 * 2 ** 30, postgres: '15.1', clients: 32, structures: 200, more: 10, resident: 40, start: 300,
  nothing: 4000, counts: [200, 48000, 2000, 4000, 250000], absent: ['Directoire'],
};

test('what misses its aim is in bold', () => {
  const text = report([result(0.5, 1.02), result(0.39, 1.5), result(0.5, 6, { everything: true })], facts, []);
  assert.match(text, /\| Fiche \| 7 \| 500 \| 1 000 \| 0\.50 \| 0\.30 \| 20 \| 41 \| 2\.4 \| 1\.02 \|/);
  assert.match(text, /\| \*\*0\.39\*\* \|.*\| \*\*1\.50\*\* \|/);
  assert.match(text, /\| \(6\.00\) \|/);
  assert.match(text, /48 000 cells/);
  assert.match(text, /not measured: Directoire/);
});

test('other tools are told as ratios, or why they are not', () => {
  const ours = { name: 'cpom', rate: 800, p99: 50, resident: 30 };
  const others = [ours, { name: 'Django', rate: 80, p99: 500, resident: 120 }, { name: 'Directus', skipped: 'Node 22 is missing' }];
  const text = report([], facts, others);
  assert.match(text, /\| Django \| × 10\.00 \| ÷ 10\.00 \| ÷ 4\.00 \|/);
  assert.match(text, /Directus \| Node 22 is missing/);
});

test('the tables take the place of the former ones', () => {
  assert.equal(within('a\n<!-- bench -->\nold\n<!-- /bench -->\nb', 'new'), 'a\n<!-- bench -->\n\nnew\n\n<!-- /bench -->\nb');
  assert.throws(() => within('no marks', 'new'), /missing/);
});
