// Killed at random instants: the server, the database, or both, while people save.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Postgres, family, sleep } from '../../bench/tools.mjs';
import { faults } from '../check.mjs';
import { Tally, allSave, atWork, crowd } from '../clients.mjs';

const PEOPLE = 8;

/** PostgreSQL and all its children. */
function postmaster(dir) {
  const pid = Number(readFileSync(join(dir, 'pg', 'postmaster.pid'), 'utf8').split('\n')[0]);
  return family(pid);
}

const strike = (pids) => {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
};

/** What dies in a round; the database alone may lose its head only, or one of the processes that serve it. */
const TARGETS = ['server', 'database', 'postmaster', 'backend', 'both'];

export const name = 'kills';
export const says = 'SIGKILL at random instants while 8 people save';

export async function run({ house, dir, year, random, tell, short }) {
  const times = short ? 5 : 100;
  const app = house.app(join(dir, 'kills'), 18_480);
  await app.command('demo');
  await app.start();
  const tally = new Tally();
  const clients = await crowd([app], PEOPLE, tally, year);
  const stop = atWork(clients);
  const killed = Object.fromEntries(TARGETS.map((it) => [it, 0]));
  const recoveries = Object.fromEntries(TARGETS.map((it) => [it, []]));
  const found = [];
  try {
    for (let turn = 0; turn < times; turn += 1) {
      await sleep(50 + random() * 500);
      const target = TARGETS[Math.floor(random() * TARGETS.length)];
      killed[target] += 1;
      const since = performance.now();
      const [head, ...children] = postmaster(app.dir);
      if (target === 'server' || target === 'both') app.kill();
      if (target === 'database' || target === 'both') strike([head, ...children]);
      if (target === 'postmaster') strike([head]);
      if (target === 'backend') strike([children[Math.floor(random() * children.length)]]);
      if (!app.process) await app.start();
      await allSave(clients);
      recoveries[target].push(performance.now() - since);
      if (turn % 20 === 19) {
        const now = await faults(new Postgres(app.dir), tally).catch(() => undefined);
        if (now?.lost) found.push(...now.found);
        tell(`${turn + 1} kills, ${tally.acknowledged.length} saves acknowledged`);
      }
    }
  } finally {
    await stop();
  }
  const last = await faults(new Postgres(app.dir), tally);
  await app.stop();
  const median = (list) => (list.length === 0 ? '–' : Math.round(list.sort((a, b) => a - b)[list.length >> 1]));
  const longest = Math.max(...Object.values(recoveries).flat());
  return {
    rows: [
      ['Kills', `${times}: ${TARGETS.map((it) => `${it} ${killed[it]}`).join(', ')}`],
      ['Saves acknowledged, and lost', `${tally.acknowledged.length}, ${last.lost}`],
      ['Saves without an answer, of which written whole', `${tally.doubtful.length}, ${last.kept}`],
      [`Until all ${PEOPLE} save again, in ms`, `median ${TARGETS.map((it) => `${it} ${median(recoveries[it])}`).join(', ')}; longest ${Math.round(longest)}`],
      ['Sessions lost', String(tally.sessionsLost)],
    ],
    tally,
    broken: [...found, ...last.found],
  };
}
