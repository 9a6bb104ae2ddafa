// `make bench`: what the pages cost, beside what the database alone could do (docs/proof.md).
//
//   node bench/run.mjs [--only=TEXT] [--seconds=3] [--growth=no] [--others=no|only] [--write=no]
//
// Everything runs on this machine's loopback, in a directory thrown away at the end.

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { compare } from './others.mjs';
import { PAGES, SAVE } from './pages.mjs';
import { beside, report, within } from './report.mjs';
import { pgbenchScript, statements } from './statements.mjs';
import { CLIENTS, Cpom, Postgres, ROOT, fromNothing, output, wrk } from './tools.mjs';

const { values: asked } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seconds: { type: 'string', default: '3' },
    growth: { type: 'string', default: 'yes' },
    others: { type: 'string', default: 'yes' },
    write: { type: 'string', default: 'yes' },
    binary: { type: 'string', default: join(ROOT, 'target/release/cpom') },
  },
});
const SECONDS = Number(asked.seconds);
const STRUCTURES = 200;
/** How much more there is when growth is measured. */
const MORE = 10;
const PORT = 18473;

const dir = mkdtempSync(join(os.tmpdir(), 'cpom-bench-'));
// PostgreSQL, which is never root, must pass through.
chmodSync(dir, 0o755);
const started = [];
const tell = (text) => process.stderr.write(`${text}\n`);

/** An application with so many structures, and its PostgreSQL. */
async function establishment(name, structures) {
  const app = new Cpom(asked.binary, join(dir, name), PORT);
  const since = performance.now();
  await app.command('bench-data', structures);
  tell(`${structures} structures in ${Math.round((performance.now() - since) / 1000)} s`);
  started.push(app);
  await app.start();
  const postgres = new Postgres(app.dir);
  await postgres.sql('VACUUM (ANALYZE)');
  return { app, postgres };
}

/** A session a role. */
async function sessions(app) {
  const cookies = {};
  for (const role of new Set([...PAGES, SAVE].map((it) => it.role))) cookies[role] = await app.signIn(role);
  return cookies;
}

/** The page as it answers now: undefined when it does not exist. */
async function visit(app, cookies, page) {
  const headers = { cookie: cookies[page.role], 'accept-encoding': 'identity' };
  const answer = await fetch(app.origin + page.path, { headers, redirect: 'manual' });
  const text = await answer.text();
  if (answer.status === 404) return undefined;
  if (answer.status !== 200 || !text.includes(page.says)) throw new Error(`${page.path}: ${answer.status}\n${text.slice(0, 300)}`);
  return text;
}

/** The cells that pilotage may correct, as save.lua reads them: address, key, version, value. */
async function correctable(postgres, where = 'true') {
  return postgres.sql(`
    SELECT format('/plans/%s/entry/${SAVE.year}', plan.code), measure.code || '/' || cell.period_start, cell.version, cell.value
    FROM expected_cell expected
         JOIN dialogue ON dialogue.id = expected.dialogue_id JOIN campaign ON campaign.id = dialogue.campaign_id
         JOIN plan ON plan.id = dialogue.plan_id
         JOIN measure ON measure.plan_id = plan.id AND measure.code = expected.measure_code
         JOIN indicator ON indicator.id = measure.indicator_id
         JOIN cell ON cell.measure_id = measure.id AND cell.period_start = expected.period_start
    WHERE campaign.year = ${SAVE.year} AND indicator.origin = 'sapcg' AND cell.status = 'valeur' AND ${where}
    ORDER BY md5(plan.code || measure.code || cell.period_start)`);
}

const HTMX = { 'hx-request': 'true', 'content-type': 'application/x-www-form-urlencoded' };

/** Corrects one cell of the list, as the page's script does. */
async function correct(app, cookies, line) {
  const [path, key, version, value] = line.split('\t');
  const fields = { status: 'value', value: Number(value) + 1, version, was: value, comment: '', wascomment: '' };
  const body = new URLSearchParams(Object.entries(fields).map(([name, text]) => [`${name}/${key}`, text]));
  const answer = await fetch(app.origin + path, { method: 'POST', headers: { ...HTMX, cookie: cookies[SAVE.role] }, body });
  const text = await answer.text();
  if (answer.status !== 200 || !text.includes('Enregistrée')) throw new Error(`saving ${key}: ${answer.status}\n${text.slice(0, 500)}`);
}

/** What every page asks of the database, out of the log. */
async function capture({ app, postgres }) {
  await postgres.sql("ALTER ROLE cpom SET log_statement = 'all'");
  await app.stop();
  await app.start();
  const cookies = await sessions(app);
  const found = new Map();
  for (const page of PAGES.filter((it) => it.name.includes(asked.only))) {
    // Twice before: connections are open, and every statement is known to them.
    await visit(app, cookies, page);
    if ((await visit(app, cookies, page)) === undefined) continue;
    found.set(page, statements(await postgres.logged(() => visit(app, cookies, page))));
  }
  if (SAVE.name.includes(asked.only)) {
    const [first, second] = await correctable(postgres, `plan.code = '${SAVE.plan}'`);
    await correct(app, cookies, first);
    found.set(SAVE, statements(await postgres.logged(() => correct(app, cookies, second))));
  }
  await postgres.sql('ALTER ROLE cpom RESET log_statement');
  await app.stop();
  await app.start();
  return found;
}

const isWork = ({ sql }) => !/^(BEGIN|COMMIT|ROLLBACK|SET)\b/i.test(sql) && !sql.includes('set_config(');

/** Rates and times of a page, and the rate of its statements alone. */
async function measure({ app, postgres }, cookies, page, list) {
  const headers = { cookie: cookies[page.role] };
  const address = app.origin + page.path;
  const text = await visit(app, cookies, page);
  await wrk(address, { seconds: 1, headers });
  const idle = await wrk(address, { clients: 1, seconds: Math.min(2, SECONDS), headers });
  const busy = await wrk(address, { seconds: SECONDS, headers });
  const alone = await postgres.pgbench(pgbenchScript(list), SECONDS);
  const gzip = await wrk(address, { seconds: Math.min(2, SECONDS), headers: { ...headers, 'accept-encoding': 'gzip' } });
  await visit(app, cookies, page);
  return { page, statements: list.filter(isWork).length, bytes: Buffer.byteLength(text), idle, busy, alone, gzip };
}

/** The same for saving one cell; every save is checked to have been one. */
async function measureSave({ app, postgres }, cookies, list) {
  const file = join(dir, 'cells.tsv');
  const saves = async (options) => {
    writeFileSync(file, `${(await correctable(postgres)).join('\n')}\n`);
    const [before] = await postgres.sql('SELECT count(*) FROM journal_entry');
    const headers = { ...HTMX, cookie: cookies[SAVE.role] };
    const result = await wrk(app.origin, { ...options, headers: { ...headers, ...options.headers }, script: 'save.lua', parameters: [file] });
    const [after] = await postgres.sql('SELECT count(*) FROM journal_entry');
    if (after - before < result.done) throw new Error(`${result.done} answers, ${after - before} cells saved`);
    return result;
  };
  await saves({ seconds: 1 });
  const idle = await saves({ clients: 1, seconds: Math.min(2, SECONDS) });
  const busy = await saves({ seconds: SECONDS });
  const cells = `plan_id = (SELECT id FROM plan WHERE code = '${SAVE.plan}')`;
  await postgres.sql(`UPDATE cell SET version = 1 WHERE ${cells}`);
  const script = pgbenchScript(list, SAVE);
  const alone = await postgres.pgbench({ ...script, variables: [...script.variables, 'version=0'] }, SECONDS);
  const [written] = await postgres.sql(`SELECT sum(version - 1) FROM cell WHERE ${cells}`);
  if (Number(written) !== alone.done) throw new Error(`pgbench saved ${written} cells in ${alone.done} transactions`);
  const gzip = await saves({ seconds: Math.min(2, SECONDS), headers: { 'accept-encoding': 'gzip' } });
  return { page: SAVE, statements: list.filter(isWork).length, idle, busy, alone, gzip };
}

/** The median wait of one client when there is ten times more, over what it is now. */
async function growth(results) {
  const place = await establishment('more', STRUCTURES * MORE);
  // The journal of the contract that is shown is ten times longer too, in texts that no other page tells.
  await place.postgres.sql(`
    INSERT INTO journal_entry (plan_id, kind, code, version, before, after, at, actor, source)
    SELECT plan_id, kind, code, version + turn, after, after, at + turn * interval '1 minute', 'Direction', 'page'
    FROM (SELECT * FROM journal_entry WHERE kind = 'section' AND plan_id = (SELECT min(id) FROM plan) ORDER BY id LIMIT 4) text,
         generate_series(1, ${(1250 * (MORE - 1)) / 4}) turn
    ORDER BY turn`);
  await place.postgres.sql('VACUUM (ANALYZE) journal_entry');
  const cookies = await sessions(place.app);
  for (const result of results) {
    const { page } = result;
    const wait = async (options) => (await wrk(place.app.origin + (page.path ?? ''), { clients: 1, seconds: 2, ...options })).p50;
    if (page === SAVE) {
      const file = join(dir, 'cells.tsv');
      writeFileSync(file, `${(await correctable(place.postgres)).join('\n')}\n`);
      result.growth = (await wait({ headers: { ...HTMX, cookie: cookies[page.role] }, script: 'save.lua', parameters: [file] })) / result.idle.p50;
    } else {
      try {
        await visit(place.app, cookies, page);
        result.growth = (await wait({ headers: { cookie: cookies[page.role] } })) / result.idle.p50;
      } catch (error) {
        // A page that shows everything may outlast the time a request has, with so much more of it: the table says « – ».
        if (!page.everything) throw error;
        tell(`${page.name}: ${error.message.split('\n')[0]}`);
        continue;
      }
    }
    tell(`${page.name}: × ${result.growth.toFixed(2)} with ${MORE} times the data`);
  }
  await place.app.stop();
}

async function main() {
  const place = await establishment('one', STRUCTURES);
  const { app, postgres } = place;
  if (asked.others === 'only') {
    process.stdout.write(`${beside(await compare({ app, postgres, dir, seconds: SECONDS, tell }))}\n`);
    return;
  }
  const starts = [];
  for (let turn = 0; turn < 3; turn += 1) {
    await app.stop();
    starts.push(await app.start());
  }
  const captured = await capture(place);
  const cookies = await sessions(app);
  const results = [];
  for (const [page, list] of captured) {
    const result = page === SAVE ? await measureSave(place, cookies, list) : await measure(place, cookies, page, list);
    results.push(result);
    tell(`${page.name}: ${Math.round(result.busy.rate)}/s, ${(result.busy.rate / result.alone.rate).toFixed(2)} of ${Math.round(result.alone.rate)}/s, idle ${result.idle.p50.toFixed(1)} ms`);
  }
  const facts = {
    cores: os.cpus().length,
    memory: os.totalmem(),
    postgres: (await postgres.sql('SHOW server_version'))[0].split(' ')[0],
    clients: CLIENTS,
    structures: STRUCTURES,
    more: MORE,
    resident: app.resident(),
    start: starts.sort((a, b) => a - b)[1],
    counts: (await postgres.sql(`SELECT (SELECT count(*) FROM plan), (SELECT count(*) FROM cell), (SELECT count(*) FROM budget_line),
      (SELECT count(*) FROM jalon), (SELECT count(*) FROM journal_entry WHERE plan_id IS NOT NULL)`))[0].split('\t').map(Number),
    absent: PAGES.filter((page) => page.name.includes(asked.only) && !captured.has(page)).map((page) => page.name),
  };
  const others = asked.others === 'no' ? [] : await compare({ app, postgres, dir, seconds: SECONDS, tell });
  await app.stop();
  if (asked.growth !== 'no') await growth(results);
  facts.nothing = await fromNothing(join(dir, 'nothing'), PORT);
  const text = report(results, facts, others);
  process.stdout.write(`${text}\n`);
  if (asked.write !== 'no') {
    const file = join(ROOT, 'docs/proof.md');
    writeFileSync(file, within(readFileSync(file, 'utf8'), text));
  }
}

const stop = async () => {
  for (const app of started) await app.stop();
  rmSync(dir, { recursive: true, force: true });
};
process.on('SIGINT', () => stop().then(() => process.exit(130)));
try {
  await main();
} catch (error) {
  tell(error.stack);
  process.exitCode = 1;
} finally {
  await stop();
}
