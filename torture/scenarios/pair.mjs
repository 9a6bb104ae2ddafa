// Two servers on one database: one is killed, sessions and edits go on with the other.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { sleep } from '../../bench/tools.mjs';
import { faults } from '../check.mjs';
import { Tally, allSave, atWork, crowd } from '../clients.mjs';

const PEOPLE = 8;

export const name = 'pair';
export const says = 'Two servers on one database, one killed';

export async function run({ house, dir, year, random, short, tell }) {
  const times = short ? 2 : 12;
  const place = join(dir, 'pair');
  mkdirSync(place, { recursive: true });
  const database = house.database(join(place, 'db'));
  await database.create();
  const servers = [18_485, 18_486].map((port, rank) => house.app(join(place, `data-${rank}`), port, { DATABASE_URL: database.url }));
  await servers[0].command('demo');
  // Both at once: each brings the schema up to date, or waits for the other.
  await Promise.all(servers.map((it) => it.start()));
  const tally = new Tally();
  const clients = await crowd(servers, PEOPLE, tally, year);
  // Half of them begin with the other server, where they never signed in.
  for (const client of clients.slice(PEOPLE / 2)) client.apps.reverse();
  const stop = atWork(clients);
  let longest = 0;
  try {
    await allSave(clients);
    for (let turn = 0; turn < times; turn += 1) {
      const one = servers[turn % 2];
      await sleep(100 + random() * 400);
      one.kill();
      longest = Math.max(longest, await allSave(clients));
      await one.start();
    }
  } finally {
    await stop();
  }
  const errors = Object.entries(tally.statuses).filter(([status]) => status >= 500);
  const broken = errors.map(([status, count]) => `${count} answers ${status} from the server that stayed`);
  const { found, lost, kept } = await faults(database, tally);
  for (const it of servers) await it.stop();
  await database.stop();
  tell(`${times} servers killed, ${tally.acknowledged.length} saves acknowledged`);
  return {
    rows: [
      ['Servers killed in turn', `${times}; until all ${PEOPLE} save again through the other, at most ${Math.round(longest)} ms`],
      ['Saves acknowledged, and lost', `${tally.acknowledged.length}, ${lost}`],
      ['Saves without an answer, of which written whole', `${tally.doubtful.length}, ${kept}`],
      ['Sessions lost', String(tally.sessionsLost)],
    ],
    tally,
    broken: [...broken, ...found],
  };
}
