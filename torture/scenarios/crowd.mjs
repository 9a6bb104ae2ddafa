// Sixty-four people: on different cells they lose nothing and do not wait for each other; on one cell, one wins and
// each of the others gets a conflict page that holds their own text.

import { mkdirSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { NOW, sleep } from '../../bench/tools.mjs';
import { faults } from '../check.mjs';
import { Client, Tally, atWork, crowd } from '../clients.mjs';

const CROWD = 64;
/** As many as there are connections: the short run says what is right, not how much is borne. */
const CROWD_SHORT = 16;
/** Seconds for which a cell is held; a statement of the application waits at most 10. */
const HELD = 8;

export const name = 'crowd';
export const says = 'A crowd on different cells, then on one';

const quantile = (list, part) => list.toSorted((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * part))];

/** One of them saves a cell that somebody holds; the 63 others must not notice. */
async function oneWaits(database, clients) {
  const [held, ...others] = clients;
  const [measure] = held.keys[0].split('/');
  const lock = spawn(join(database.bin, 'psql'), [...database.place, '-X', '-U', 'postgres', '-d', 'cpom', '-c',
    `BEGIN; SELECT FROM cell JOIN measure ON measure.id = cell.measure_id WHERE measure.code = '${measure}' FOR UPDATE OF cell; SELECT pg_sleep(${HELD}); COMMIT`], { stdio: 'ignore' });
  const released = new Promise((resolve) => lock.once('exit', resolve));
  await sleep(500);
  const since = performance.now();
  const stuck = held.save(held.keys[0]).then((outcome) => ({ outcome, after: performance.now() - since }));
  const free = others.filter((it) => it.keys[0].split('/')[0] !== measure);
  const outcomes = await Promise.all(free.map((it) => it.save(it.keys[0])));
  const after = performance.now() - since;
  const last = await stuck;
  await released;
  return { free: free.length, saved: outcomes.filter((it) => it === 'saved').length, after, last };
}

export async function run({ house, dir, year, short, tell }) {
  const people = short ? CROWD_SHORT : CROWD;
  const seconds = short ? 1 : 15;
  const rounds = short ? 1 : 10;
  const place = join(dir, 'crowd');
  mkdirSync(place, { recursive: true });
  const database = house.database(join(place, 'db'));
  await database.create();
  // The demo's campaign asks for fewer figures than there are people here; the synthetic contract's for some hundred.
  const app = house.app(join(place, 'data'), 18_482, { DATABASE_URL: database.url, CPOM_NOW: NOW });
  await app.command('bench-data', 1);
  await app.start();
  const tally = new Tally();
  const broken = [];
  const clients = await crowd([app], people, tally, year);

  const stop = atWork(clients);
  await sleep(seconds * 1000);
  await stop();
  const apart = { saves: tally.acknowledged.length, waits: tally.waits.slice(), conflicts: tally.statuses[409] ?? 0 };
  if (apart.conflicts > 0) broken.push(`${apart.conflicts} conflicts between different cells`);
  if (tally.doubtful.length > 0) broken.push(`${tally.doubtful.length} saves without a clear answer, with nothing broken`);
  const least = Math.min(...clients.map((it) => it.saved));
  if (least === 0) broken.push('somebody saved nothing');
  tell(`${apart.saves} saves on different cells`);

  const waits = await oneWaits(database, clients);
  if (waits.saved !== waits.free || waits.after > waits.last.after) broken.push(`${waits.saved} of ${waits.free} saved in ${Math.round(waits.after)} ms while one cell was held`);
  if (waits.last.outcome !== 'saved') broken.push(`the one who waited: ${waits.last.outcome}`);

  let losers = 0;
  for (let round = 0; round < rounds; round += 1) {
    const [first] = clients;
    const key = first.keys[0];
    const same = Array.from({ length: people }, () => new Client([app], first.cookie, year, tally));
    await first.read();
    for (const it of same) it.cells = new Map([[key, { ...first.cells.get(key) }]]);
    const outcomes = await Promise.all(same.map((it) => it.save(key)));
    const won = outcomes.filter((it) => it === 'saved').length;
    losers += outcomes.filter((it) => it === 'conflict').length;
    if (won !== 1) broken.push(`${won} winners on one cell`);
  }
  if (losers !== rounds * (people - 1)) broken.push(`${losers} conflict pages for ${rounds * (people - 1)} losers`);
  const { found, lost } = await faults(database, tally);
  // The check itself is tried, on a base thrown away: a figure written behind the journal, an entry that vanished.
  const last = tally.acknowledged.at(-1);
  await database.sql(`UPDATE cell SET comment = 'autre' WHERE comment = '${last.comment}'`);
  await database.sql(`DELETE FROM journal_entry WHERE id = (SELECT max(id) FROM journal_entry WHERE after->>'comment' = '${tally.acknowledged[0].comment}')`);
  const tampered = await faults(database, tally);
  if (tampered.lost !== 1 || tampered.found.length < 3) broken.push(`the check does not see what was broken on purpose: ${tampered.found}`);
  await app.stop();
  await database.stop();
  return {
    rows: [
      [`${people} on different cells, ${seconds} s`, `${apart.saves} saves, ${lost} lost, ${apart.conflicts} conflicts; wait p50 ${Math.round(quantile(apart.waits, 0.5))} ms, p99 ${Math.round(quantile(apart.waits, 0.99))} ms; the least served saved ${least}`],
      [`One cell held for ${HELD} s by somebody else`, `its own waits ${(waits.last.after / 1000).toFixed(1)} s; ${waits.saved} of ${waits.free} others saved within ${Math.round(waits.after)} ms`],
      [`${people} on one cell, ${rounds} times`, `${rounds} winners, ${losers} conflict pages, each with its own text`],
    ],
    tally,
    broken: [...broken, ...found],
  };
}
