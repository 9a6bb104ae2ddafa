import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sqlmapFinds, wapitiFinds } from './findings.mjs';

const found = { method: 'GET', path: '/a', parameter: 'b', info: 'c', level: 1 };

const said = Array.from({ length: 12 }, (_, it) => `[+] GET http://127.0.0.1:1/plans/a/jalons/J${it} (3)`).join('\n');

test('each of wapiti’s vulnerabilities and anomalies weighs, and so does a scan that saw nothing', () => {
  const report = { infos: { crawled_pages_nbr: 40 }, vulnerabilities: { Xss: [found], Sql: [] }, anomalies: { 500: [found] } };
  assert.deepEqual(wapitiFinds(report, said).finds, ['Xss : GET /a b — c', '500 : GET /a b — c']);
  assert.equal(wapitiFinds({ infos: { crawled_pages_nbr: 40 }, additionals: { Seen: [found] } }, said).finds.length, 0);
  assert.match(wapitiFinds({ infos: {} }, '[+] GET http://127.0.0.1:1/session?suite=/plans/a (1)').finds[0], /n’a pas servi/);
});

test('sqlmap’s injections weigh, and so does a test that did not run', () => {
  const tried = "[INFO] testing for SQL injection on GET parameter 'code'\n";
  const clean = sqlmapFinds('journal', `${tried}[CRITICAL] all tested parameters do not appear to be injectable.`);
  assert.deepEqual(clean, { tried: '1 paramètre(s)', finds: [] });
  const bad = `${tried}sqlmap identified the following injection point(s):\nParameter: code (GET)\n    Payload: code=1`;
  assert.equal(sqlmapFinds('journal', bad).finds.length, 1);
  assert.equal(sqlmapFinds('journal', `${tried}500 (Internal Server Error) - 3 times`).finds.length, 1);
  assert.match(sqlmapFinds('journal', 'unable to connect').finds[0], /rien essayé/);
});
