// `make torture`: what is promised when things break, tried (docs/proof.md).
//
//   node torture/run.mjs [--only=kills] [--short] [--seed=N] [--write] [--binary=PATH] [--json=PATH]
//
// Everything runs on this machine's loopback, in a directory thrown away at the end. Ends with 1 when a promise is broken.

import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

import { within } from '../bench/report.mjs';
import { Cpom, ROOT, sleep } from '../bench/tools.mjs';
import { Database } from './database.mjs';
import { table } from './report.mjs';
import * as backups from './scenarios/backups.mjs';
import * as crowd from './scenarios/crowd.mjs';
import * as kills from './scenarios/kills.mjs';
import * as outages from './scenarios/outages.mjs';
import * as pair from './scenarios/pair.mjs';

const SCENARIOS = [kills, outages, crowd, backups, pair];
/** The campaign in which people save: that of the year the clock stands in. */
const YEAR = 2025;

const { values: asked } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    short: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    write: { type: 'boolean', default: false },
    binary: { type: 'string', default: join(ROOT, 'target/release/cpom') },
    json: { type: 'string', default: join(ROOT, 'target/torture.json') },
  },
});

/** Mulberry32: the same instants for the same seed. */
function randomness(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Every server and database of the scenario in hand, so that none outlives it. */
const house = {
  started: [],
  app(dir, port, more) {
    const app = new Cpom(asked.binary, dir, port, { CPOM_NOW: `${YEAR}-09-12T08:00:00Z`, ...more });
    this.started.push(app);
    return app;
  },
  database(dir) {
    const database = new Database(dir);
    this.started.push(database);
    return database;
  },
  /** A server's own PostgreSQL ends with it. */
  async end() {
    for (const it of this.started.splice(0).reverse()) {
      it.process?.kill('SIGKILL');
    }
    await sleep(500);
  },
};

const tell = (text) => process.stderr.write(`${text}\n`);

async function main() {
  const chosen = SCENARIOS.filter((it) => asked.only === '' || asked.only.split(',').includes(it.name));
  if (chosen.length === 0) throw new Error(`--only: one of ${SCENARIOS.map((it) => it.name).join(', ')}`);
  if (!existsSync(asked.binary)) throw new Error(`${asked.binary} is not built`);
  tell(`seed ${asked.seed}`);
  const began = Date.now();
  const results = [];
  for (const scenario of chosen) {
    const dir = mkdtempSync(join(os.tmpdir(), 'cpom-torture-'));
    // PostgreSQL, which is never root, must pass through.
    chmodSync(dir, 0o755);
    const since = Date.now();
    tell(`── ${scenario.says}`);
    let result;
    try {
      const random = randomness(Number(asked.seed));
      const { rows, tally, broken } = await scenario.run({ house, dir, year: YEAR, random, tell, short: asked.short });
      const seen = [tally].flat();
      result = { name: scenario.name, says: scenario.says, rows, broken: [...broken, ...seen.flatMap((it) => it.broken)], statuses: seen.map((it) => it.statuses) };
    } catch (error) {
      result = { name: scenario.name, says: scenario.says, rows: [], broken: [`it could not be run to its end: ${error.stack}`], statuses: [] };
    }
    result.seconds = Math.round((Date.now() - since) / 1000);
    results.push(result);
    await house.end();
    rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
    for (const sentence of result.broken.slice(0, 20)) tell(`BROKEN ${sentence}`);
  }
  const text = table(results);
  process.stdout.write(`${text}\n`);
  const facts = { seed: Number(asked.seed), short: asked.short, cores: os.cpus().length, memory: os.totalmem(), seconds: Math.round((Date.now() - began) / 1000) };
  mkdirSync(dirname(asked.json), { recursive: true });
  writeFileSync(asked.json, `${JSON.stringify({ ...facts, results }, null, 2)}\n`);
  if (asked.write) {
    const file = join(ROOT, 'docs/proof.md');
    const machine = `${facts.cores} cores, ${Math.round(facts.memory / 2 ** 30)} GB of memory; ${facts.seconds} s in all, seed ${facts.seed}.`;
    writeFileSync(file, within(readFileSync(file, 'utf8'), `${machine}\n\n${text}`, 'torture'));
  }
  if (results.some((it) => it.broken.length > 0)) process.exitCode = 1;
}

process.on('SIGINT', () => house.end().then(() => process.exit(130)));
await main();
