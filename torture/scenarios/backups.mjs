// A backup taken while people save holds everything acknowledged before it began, and what it restores exports the very
// bytes of its source at that point.

import { join } from 'node:path';

import { Postgres, output, sleep } from '../../bench/tools.mjs';
import { faults } from '../check.mjs';
import { PLAN, Tally, atWork, crowd } from '../clients.mjs';

const PEOPLE = 8;

export const name = 'backups';
export const says = 'Backups while 8 people save, restored elsewhere';

const exported = async (app) => output(app.binary, ['export', PLAN], { env: app.environment });

/** The journal's entries on figures: number, code, state after. */
async function entries(postgres) {
  const lines = await postgres.sql(`SELECT entry.id, entry.code, entry.after FROM journal_entry entry JOIN plan ON plan.id = entry.plan_id
    WHERE plan.code = '${PLAN}' AND entry.kind = 'situation' ORDER BY entry.id`);
  return lines.map((line) => {
    const [id, code, after] = line.split('\t');
    return { id, code, after: after ? JSON.parse(after) : null };
  });
}

/** The source's document with each figure as some entries of its journal left it. */
function rolledBack(document, all, kept) {
  const then = new Map();
  for (const { id, code, after } of all) if (kept.has(id)) then.set(code, after);
  const rebuilt = JSON.parse(document);
  rebuilt.cells = rebuilt.cells.map((cell) => then.get(`${cell.measure}/${cell.period}`)).filter(Boolean);
  return `${JSON.stringify(rebuilt, null, 2)}\n`;
}

export async function run({ house, dir, year, short, tell }) {
  const times = short ? 1 : 5;
  const source = house.app(join(dir, 'source'), 18_483);
  await source.command('demo');
  await source.start();
  const postgres = new Postgres(source.dir);
  const tally = new Tally();
  const clients = await crowd([source], PEOPLE, tally, year);
  const stop = atWork(clients);
  const backups = [];
  try {
    for (let turn = 0; turn < times; turn += 1) {
      await sleep(700);
      const before = tally.acknowledged.slice();
      const file = join(dir, `backup-${turn}`);
      await source.command('backup', file);
      backups.push({ file, before, meanwhile: tally.acknowledged.length - before.length });
    }
    await sleep(300);
  } finally {
    await stop();
  }
  const quiet = join(dir, 'backup-quiet');
  await source.command('backup', quiet);
  backups.push({ file: quiet, before: tally.acknowledged.slice(), meanwhile: 0, quiet: true });
  const now = await exported(source);
  const all = await entries(postgres);
  const broken = (await faults(postgres, tally)).found;
  if (`${JSON.stringify(JSON.parse(now), null, 2)}\n` !== now) broken.push('the export does not read and write back to its own bytes');
  for (const [rank, { file, before, quiet: still }] of backups.entries()) {
    const copy = house.app(join(dir, `restored-${rank}`), 18_484);
    await copy.command('restore', file);
    await copy.start();
    const there = new Postgres(copy.dir);
    const kept = new Set((await entries(there)).map((it) => it.id));
    const seen = { acknowledged: before, doubtful: tally.doubtful.concat(tally.acknowledged) };
    broken.push(...(await faults(there, seen)).found.map((it) => `backup ${rank}: ${it}`));
    const bytes = await exported(copy);
    if (bytes !== rolledBack(now, all, kept)) broken.push(`backup ${rank}: the export differs from its source's`);
    if (still && bytes !== now) broken.push('the backup of a quiet base exports other bytes');
    await copy.stop();
    tell(`backup ${rank}: ${before.length} saves acknowledged before, ${kept.size} entries in it, of ${all.length}`);
  }
  await source.stop();
  const during = backups.reduce((sum, it) => sum + it.meanwhile, 0);
  return {
    rows: [
      ['Backups while saving, restored elsewhere', `${times}, with ${during} saves acknowledged while they were taken; one more of the quiet base`],
      ['Saves acknowledged before a backup, and missing in it', `${backups.reduce((sum, it) => sum + it.before.length, 0)}, ${broken.filter((it) => it.includes('lost')).length}`],
      ['Exports byte-identical to the source at that point', `${backups.length - broken.filter((it) => it.includes('differs')).length} of ${backups.length}`],
    ],
    tally,
    broken,
  };
}
