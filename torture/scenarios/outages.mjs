// The database goes away and comes back, the server staying up: it says so in words, and recovers by itself.

import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { output, sleep } from '../../bench/tools.mjs';
import { faults } from '../check.mjs';
import { Tally, allSave, atWork, crowd } from '../clients.mjs';

const PEOPLE = 8;
/** The size of the disk that fills up: a cluster with the demo takes half of it. */
const DISK_MB = 320;

export const name = 'outages';
export const says = 'PostgreSQL restarts, is cut, has no disk, answers too slowly';

/** A server on a database of its own, and people at work in it. */
async function inhabited({ house, dir, year }, part) {
  const place = join(dir, part);
  mkdirSync(place, { recursive: true });
  const database = house.database(part === 'disk' ? join(place, 'disk') : join(place, 'db'));
  await database.create();
  const app = house.app(join(place, 'data'), 18_481, { DATABASE_URL: database.url });
  await app.command('demo');
  await app.start();
  const tally = new Tally();
  const clients = await crowd([app], PEOPLE, tally, year);
  return { app, database, tally, clients };
}

/** Does something to a house while people save in it, and says what they saw. */
async function outage(context, part, label, doing) {
  const it = await inhabited(context, part);
  const { app, database, tally, clients } = it;
  const pid = app.process.pid;
  const stop = atWork(clients);
  let recovery;
  let note = '';
  try {
    await allSave(clients);
    note = (await doing(it)) ?? '';
    recovery = await allSave(clients);
  } finally {
    await stop();
  }
  const { found, lost, kept } = await faults(database, tally);
  if (app.process?.pid !== pid) found.push('the server had to be started again');
  await app.stop();
  await database.stop();
  const told = Object.entries(tally.statuses).filter(([status]) => status >= 500).map(([status, count]) => `${count} × ${status}`).join(', ') || 'none';
  context.tell(`${label}: ${tally.acknowledged.length} saves, 5xx: ${told}, back in ${Math.round(recovery)} ms`);
  return {
    rows: [[label, `${tally.acknowledged.length} saves acknowledged, ${lost} lost; ${tally.doubtful.length} unanswered, ${kept} of them written; errors: ${told}; back in ${Math.round(recovery)} ms${note}`]],
    tally,
    broken: found.map((sentence) => `${label}: ${sentence}`),
  };
}

async function restarts({ database }) {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGQUIT']) {
    // A smart shutdown waits for sessions to end: with a pool it never does, so it is cut too.
    const slow = signal === 'SIGTERM' && sleep(1500).then(() => database.process?.kill('SIGINT'));
    await database.stop(signal);
    await slow;
    await sleep(400);
    await database.start();
    await sleep(700);
  }
}

async function cuts({ database }) {
  for (let turn = 0; turn < 30; turn += 1) {
    await database.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'cpom'");
    await sleep(100);
  }
}

async function fullDisk({ database, tally }) {
  const ballast = join(database.dir, 'ballast');
  const before = tally.statuses[503] ?? 0;
  const since = performance.now();
  // What is left is taken again and again: PostgreSQL frees a little as it fails.
  while (performance.now() - since < 8000) {
    const { bavail, bsize } = statfsSync(database.dir);
    if (bavail > 0) {
      try {
        writeFileSync(ballast, Buffer.alloc(Math.min(bavail * bsize, 1 << 25)), { flag: 'a' });
      } catch {
        // Full, which was the aim.
      }
    }
    await sleep(50);
  }
  const refused = (tally.statuses[503] ?? 0) - before;
  const fell = !database.process;
  rmSync(ballast);
  // As whoever runs the machine would, once there is room again.
  if (fell) await database.start();
  return `; full for 8 s, ${refused} × 503 meanwhile${fell ? ', PostgreSQL stopped and was started again' : ''}`;
}

async function slowQueries({ app, database, tally }) {
  // Whatever touches a cell waits: as many pages as there are connections soon hang on it.
  const lock = spawn(join(database.bin, 'psql'), [...database.place, '-X', '-U', 'postgres', '-d', 'cpom', '-c', 'BEGIN; LOCK TABLE cell IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(18); COMMIT'], { stdio: 'ignore' });
  const over = new Promise((resolve) => lock.once('exit', resolve));
  await sleep(200);
  const cookie = await app.signIn('directoire').catch(() => undefined);
  let longest = 0;
  let unhealthy = 0;
  const crowd = Array.from({ length: 60 }, async () => {
    const since = performance.now();
    const answer = await fetch(`${app.origin}/plans/uca-iut-2021-2026`, { redirect: 'manual', headers: { cookie: cookie ?? '' }, signal: AbortSignal.timeout(40_000) });
    tally.judge('reading the contract', answer.status, await answer.text(), answer.headers);
    tally.answered(answer.status);
    longest = Math.max(longest, performance.now() - since);
  });
  const pulse = (async () => {
    for (let turn = 0; turn < 30; turn += 1) {
      const answer = await fetch(`${app.origin}/healthz`).catch(() => undefined);
      if (answer?.status !== 200) unhealthy += 1;
      await sleep(300);
    }
  })();
  const done = await Promise.allSettled(crowd);
  await pulse;
  for (const it of done.filter((it) => it.status === 'rejected')) tally.broken.push(`reading the contract: ${it.reason.message}`);
  if (longest > 16_000) tally.broken.push(`a page kept its reader waiting ${Math.round(longest)} ms`);
  if (unhealthy > 0) tally.broken.push(`/healthz failed ${unhealthy} times while the pool was exhausted`);
  await over;
  return `; longest wait ${(longest / 1000).toFixed(1)} s, /healthz answering throughout`;
}

/** Mounts the small disk; the sentence that refuses it otherwise. */
async function mounted(path) {
  mkdirSync(path, { recursive: true });
  return output('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m,mode=755`, 'tmpfs', path]).then(() => undefined, (error) => error.message.split('\n').at(-1));
}

export async function run(context) {
  const { dir, short, tell } = context;
  const results = [await outage(context, 'restarts', 'Restarted 4 times', restarts)];
  if (!short) {
    results.push(await outage(context, 'cuts', 'Connections cut 30 times', cuts));
    const disk = join(dir, 'disk', 'disk');
    const refused = await mounted(disk);
    if (refused) {
      tell(`Full disk: skipped, this machine lets nobody mount a small one (${refused})`);
      results.push({ rows: [['Full disk', 'skipped: this machine lets nobody mount a small disk']], broken: [], skipped: 1 });
    } else {
      try {
        results.push(await outage(context, 'disk', 'Full disk', fullDisk));
      } finally {
        await output('umount', ['-l', disk]);
      }
    }
    results.push(await outage(context, 'slow', 'Every connection stuck for 18 s', slowQueries));
  }
  return {
    rows: results.flatMap((it) => it.rows),
    tally: results.map((it) => it.tally).filter(Boolean),
    broken: results.flatMap((it) => it.broken),
  };
}
