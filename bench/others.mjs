// What a university would take instead: Django's admin over the same rows, on the same PostgreSQL, in the same run.
// Its own set-up is in `django/`; where it cannot be installed, the table says so.

import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';

import { ROWS, SAVE } from './pages.mjs';
import { HERE, PASSWORD, ROOT, family, output, resident, sleep, wrk } from './tools.mjs';

const PORT = 18474;
const DATABASE = 'bench_django';
/** Another contract than the one the pages show: its campaign expects as many cells as there are rows. */
const PLAN = `${SAVE.plan}-1`;

/** Keeps so many expected cells of the contract, and returns them as the grid shows them. */
async function rows(postgres) {
  await postgres.sql(`
    DELETE FROM expected_cell USING dialogue, plan
    WHERE dialogue.id = expected_cell.dialogue_id AND plan.id = dialogue.plan_id AND plan.code = '${PLAN}'
      AND (measure_code, period_start) NOT IN (
          SELECT measure_code, period_start FROM expected_cell JOIN dialogue ON dialogue.id = dialogue_id
               JOIN plan ON plan.id = dialogue.plan_id
          WHERE plan.code = '${PLAN}' ORDER BY measure_code COLLATE french_natural, period_start LIMIT ${ROWS})`);
  const lines = await postgres.sql(`
    SELECT json_build_object('group', node.label, 'measure', measure.label, 'period', cell.period_start::text,
             'before', coalesce(before.value::text, ''), 'status', coalesce(cell.status, 'NR'), 'value', cell.value,
             'comment', coalesce(cell.comment, ''), 'expected', coalesce(target.value::text, ''))
    FROM expected_cell expected JOIN dialogue ON dialogue.id = expected.dialogue_id
         JOIN plan ON plan.id = dialogue.plan_id
         JOIN measure ON measure.plan_id = plan.id AND measure.code = expected.measure_code
         JOIN indicator ON indicator.id = measure.indicator_id JOIN node ON node.id = indicator.node_id
         JOIN cell ON cell.measure_id = measure.id AND cell.period_start = expected.period_start
         LEFT JOIN cell before ON before.measure_id = measure.id AND before.period_start = cell.period_start - 1
         LEFT JOIN target ON target.measure_id = measure.id AND target.rank = 0
    WHERE plan.code = '${PLAN}'`);
  if (lines.length !== ROWS) throw new Error(`${lines.length} rows instead of ${ROWS}`);
  return lines.map((line) => JSON.parse(line));
}

/** This application's grid of these rows, all of them editable. */
async function grid(app, seconds) {
  const headers = { cookie: await app.signIn('director-1') };
  const address = `${app.origin}/plans/${PLAN}/entry/${SAVE.year}`;
  const text = await (await fetch(address, { headers })).text();
  const inputs = text.split('name="version/').length - 1;
  if (inputs !== ROWS) throw new Error(`${inputs} editable rows instead of ${ROWS}`);
  await wrk(address, { seconds: 1, headers });
  return { name: 'cpom', ...(await wrk(address, { seconds, headers })), resident: app.resident() };
}

/** Django with its rows, served by gunicorn; the function that stops it comes with it. */
async function django(postgres, dir, list) {
  const home = join(ROOT, 'target/bench/django');
  const python = join(home, 'bin/python');
  if (!existsSync(join(home, 'bin/gunicorn'))) {
    await output('python3', ['-m', 'venv', home]);
    await output(python, ['-m', 'pip', 'install', '--quiet', '-r', join(HERE, 'django/requirements.txt')]);
  }
  await postgres.sql(`CREATE DATABASE ${DATABASE}`, { database: 'postgres' });
  const env = {
    PATH: process.env.PATH,
    PYTHONPATH: join(HERE, 'django'),
    PYTHONDONTWRITEBYTECODE: '1',
    DJANGO_SETTINGS_MODULE: 'settings',
    DJANGO_SUPERUSER_PASSWORD: PASSWORD,
    BENCH_DATABASE: DATABASE,
    BENCH_SOCKET: postgres.place[1],
    BENCH_PORT: postgres.place[3],
  };
  const admin = (...parameters) => output(python, ['-m', 'django', ...parameters], { env });
  await admin('migrate', '--run-syncdb', '--verbosity=0');
  await admin('createsuperuser', '--noinput', '--username=bench', '--email=bench@demo.invalid');
  const fixture = join(dir, 'rows.json');
  writeFileSync(fixture, JSON.stringify(list.map((fields, rank) => ({ model: 'rows.row', pk: rank + 1, fields }))));
  await admin('loaddata', fixture, '--verbosity=0');
  await postgres.sql('VACUUM (ANALYZE)', { database: DATABASE });
  const log = openSync(join(dir, 'django.log'), 'a');
  const flags = ['--bind', `127.0.0.1:${PORT}`, '--workers', os.cpus().length, '--threads', 16, 'django.core.wsgi:get_wsgi_application()'];
  const server = spawn(join(home, 'bin/gunicorn'), flags.map(String), { env, cwd: dir, stdio: ['ignore', log, log] });
  closeSync(log);
  const gone = new Promise((resolve) => server.once('exit', resolve));
  return { server, stop: () => (server.kill('SIGTERM'), gone) };
}

async function answering(address) {
  for (let turn = 0; turn < 200; turn += 1) {
    const answer = await fetch(address, { redirect: 'manual' }).catch(() => undefined);
    if (answer) return answer;
    await sleep(100);
  }
  throw new Error('Django does not answer');
}

/** The cookies of a signed-in administrator. */
async function signedIn(origin) {
  const form = await answering(`${origin}/admin/login/`);
  const cookies = (answer) => answer.headers.getSetCookie().map((it) => it.split(';')[0]);
  const [token] = cookies(form).filter((it) => it.startsWith('csrftoken='));
  const body = new URLSearchParams({ username: 'bench', password: PASSWORD, csrfmiddlewaretoken: token.split('=')[1] });
  const answer = await fetch(`${origin}/admin/login/`, { method: 'POST', body, headers: { cookie: token, referer: origin }, redirect: 'manual' });
  if (answer.status !== 302) throw new Error(`Django refuses to sign in: ${answer.status}`);
  return cookies(answer).join('; ');
}

/** This application first, then the others: rate, p99, resident memory; or why one is skipped. */
export async function compare({ app, postgres, dir, seconds, tell }) {
  const list = await rows(postgres);
  const results = [await grid(app, seconds)];
  let running;
  try {
    running = await django(postgres, dir, list);
    const origin = `http://127.0.0.1:${PORT}`;
    const headers = { cookie: await signedIn(origin) };
    for (const [name, path, sign] of [
      [`Django admin, the same ${ROWS} rows, editable`, '/admin/rows/row/', 'name="form-49-value"'],
      [`Django REST, reading the same ${ROWS} rows`, '/api/rows', '"measure"'],
    ]) {
      const answer = await fetch(origin + path, { headers });
      const text = await answer.text();
      if (!answer.ok || !text.includes(sign)) throw new Error(`${path}: ${answer.status} is not the list`);
      await wrk(origin + path, { seconds: 1, headers });
      const measured = await wrk(origin + path, { seconds, headers });
      results.push({ name, ...measured, resident: family(running.server.pid).map(resident).reduce((a, b) => a + b) });
      tell(`${name}: ${Math.round(measured.rate)}/s beside ${Math.round(results[0].rate)}/s`);
    }
  } catch (error) {
    tell(`Django is skipped: ${error.message}`);
    results.push({ name: 'Django', skipped: `skipped: ${error.message.split('\n').at(-1)}` });
  } finally {
    await running?.stop();
  }
  return results;
}
