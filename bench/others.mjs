// What a university would take instead: Django or Directus over the same rows, on the same PostgreSQL, in the same run.
// Their own set-ups are in `django/` and `directus/`; where one cannot be installed, the table says so.

import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { dirname, join } from 'node:path';

import { ROWS, SAVE } from './pages.mjs';
import { HERE, PASSWORD, ROOT, family, output, resident, sleep, wrk } from './tools.mjs';

const PORT = 18474;
const ORIGIN = `http://127.0.0.1:${PORT}`;
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

/** A server of the others, its words in a file: it answers, or they are the reason why not. */
async function served(program, flags, { ready, dir, ...options }) {
  const file = join(dir, 'other.log');
  const log = openSync(file, 'w');
  const server = spawn(program, flags.map(String), { cwd: dir, ...options, stdio: ['ignore', log, log] });
  closeSync(log);
  let over = false;
  const gone = new Promise((resolve) => {
    server.once('error', resolve);
    server.once('exit', resolve);
  }).then(() => (over = true));
  const stop = () => (server.kill('SIGTERM'), gone);
  for (let turn = 0; turn < 600 && !over; turn += 1) {
    const answer = await fetch(ORIGIN + ready, { redirect: 'manual' }).catch(() => undefined);
    if (answer) return { server, stop };
    await sleep(100);
  }
  await stop();
  throw new Error(`${readFileSync(file, 'utf8').trim().slice(-2000)}\nit does not answer`);
}

/** Django with its rows, served by gunicorn. */
async function django(postgres, dir, list) {
  const home = join(ROOT, 'target/bench/django');
  const python = join(home, 'bin/python');
  const database = 'bench_django';
  if (!existsSync(join(home, 'bin/gunicorn'))) {
    await output('python3', ['-m', 'venv', home]);
    await output(python, ['-m', 'pip', 'install', '--quiet', '-r', join(HERE, 'django/requirements.txt')]);
  }
  await postgres.sql(`CREATE DATABASE ${database}`, { database: 'postgres' });
  const env = {
    PATH: process.env.PATH,
    PYTHONPATH: join(HERE, 'django'),
    PYTHONDONTWRITEBYTECODE: '1',
    DJANGO_SETTINGS_MODULE: 'settings',
    DJANGO_SUPERUSER_PASSWORD: PASSWORD,
    BENCH_DATABASE: database,
    BENCH_SOCKET: postgres.place[1],
    BENCH_PORT: postgres.place[3],
  };
  const admin = (...parameters) => output(python, ['-m', 'django', ...parameters], { env });
  await admin('migrate', '--run-syncdb', '--verbosity=0');
  await admin('createsuperuser', '--noinput', '--username=bench', '--email=bench@demo.invalid');
  const fixture = join(dir, 'rows.json');
  writeFileSync(fixture, JSON.stringify(list.map((fields, rank) => ({ model: 'rows.row', pk: rank + 1, fields }))));
  await admin('loaddata', fixture, '--verbosity=0');
  await postgres.sql('VACUUM (ANALYZE)', { database });
  const flags = ['--bind', `127.0.0.1:${PORT}`, '--workers', os.cpus().length, '--threads', 16, 'django.core.wsgi:get_wsgi_application()'];
  return served(join(home, 'bin/gunicorn'), flags, { ready: '/admin/login/', dir, env });
}

/** The cookies of a signed-in administrator of Django. */
async function signedIn() {
  const form = await fetch(`${ORIGIN}/admin/login/`);
  const cookies = (answer) => answer.headers.getSetCookie().map((it) => it.split(';')[0]);
  const [token] = cookies(form).filter((it) => it.startsWith('csrftoken='));
  const body = new URLSearchParams({ username: 'bench', password: PASSWORD, csrfmiddlewaretoken: token.split('=')[1] });
  const answer = await fetch(`${ORIGIN}/admin/login/`, { method: 'POST', body, headers: { cookie: token, referer: ORIGIN }, redirect: 'manual' });
  if (answer.status !== 302) throw new Error(`Django refuses to sign in: ${answer.status}`);
  return { cookie: cookies(answer).join('; ') };
}

/** What fails ends with a sentence for the table, under what the program said. */
const because = (why, work) => work.catch((error) => {
  throw new Error(`${error.message}\n${why}`);
});

/** The Node that Directus needs, installed with it; what was installed is not asked for again. */
async function directusNode(home, tell) {
  const [asked, installed] = [join(HERE, 'directus/package.json'), join(home, 'installed.json')];
  const wanted = readFileSync(asked, 'utf8');
  const node = join(home, 'node_modules/.bin/node');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return node;
  tell('Installing Directus, which takes minutes');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), wanted);
  const npm = (why, parameters, env = {}) => {
    const options = { cwd: home, env: { ...process.env, ...env } };
    return because(why, output('npm', [...parameters, '--loglevel=error'], options));
  };
  // Of all the scripts that packages would run, one is needed: it builds isolated-vm for that Node, with that Node's headers.
  await npm('npm could not install it here', ['install', '--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund', '--no-progress']);
  if (!existsSync(node)) throw new Error('there is no package of Node 22 for this machine');
  const from = dirname(realpathSync(node));
  await npm('its isolated-vm could neither be downloaded nor built here', ['rebuild', 'isolated-vm'], {
    PATH: `${from}:${process.env.PATH}`,
    npm_config_nodedir: dirname(from),
  });
  writeFileSync(installed, wanted);
  return node;
}

/**
 * Directus with its rows. It introspects the database it is given and adds its own tables to it: it has one of its own,
 * as Django has, with a copy of the rows in a table whose columns are those of Django's.
 */
async function directus(postgres, dir, list, tell) {
  const home = join(ROOT, 'target/bench/directus');
  const node = await directusNode(home, tell);
  const database = 'bench_directus';
  await postgres.sql(`CREATE DATABASE ${database}`, { database: 'postgres' });
  await postgres.sql(
    `CREATE TABLE rows (
       id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, "group" text NOT NULL, measure text NOT NULL, period text NOT NULL,
       before text NOT NULL, status varchar(6) NOT NULL, value numeric(14, 4), comment text NOT NULL, expected text NOT NULL);
     INSERT INTO rows
     SELECT rank, given.* FROM json_array_elements($rows$${JSON.stringify(list)}$rows$) WITH ORDINALITY list (line, rank),
          json_to_record(line) given ("group" text, measure text, period text, before text, status text, value numeric, comment text, expected text)`,
    { database },
  );
  const env = {
    PATH: process.env.PATH,
    HOST: '127.0.0.1',
    PORT: String(PORT),
    DB_CLIENT: 'pg',
    DB_HOST: postgres.place[1],
    DB_PORT: postgres.place[3],
    DB_DATABASE: database,
    DB_USER: 'postgres',
    SECRET: 'thrown away with the bench',
    // Its validation wants a domain that may exist.
    ADMIN_EMAIL: 'bench@example.com',
    ADMIN_PASSWORD: PASSWORD,
    ADMIN_TOKEN: PASSWORD,
    TELEMETRY: 'false',
    // A line a request would be written otherwise; gunicorn writes none.
    LOG_LEVEL: 'warn',
    // It refuses requests when it is busy, which is what is measured.
    PRESSURE_LIMITER_ENABLED: 'false',
  };
  // Not its own cli.js, which asks the Internet for a newer version before it does anything.
  const command = join(home, 'node_modules/@directus/api/dist/cli/run.js');
  await because('it could not make its tables', output(node, [command, 'bootstrap'], { cwd: dir, env }));
  await postgres.sql('VACUUM (ANALYZE)', { database });
  return served(node, [join(HERE, 'directus/serve.mjs'), command], { ready: '/server/ping', dir, env });
}

/** How each is started and asked, and what shows that the answer is the list. */
const OTHERS = [
  {
    name: 'Django',
    start: django,
    sign: signedIn,
    pages: [
      [`Django admin, the same ${ROWS} rows, editable`, '/admin/rows/row/', 'name="form-49-value"'],
      [`Django REST, reading the same ${ROWS} rows`, '/api/rows', '"measure"'],
    ],
  },
  {
    name: 'Directus',
    start: directus,
    sign: () => ({ authorization: `Bearer ${PASSWORD}` }),
    pages: [[`Directus, reading the same ${ROWS} rows`, '/items/rows', `"id":${ROWS},`]],
  },
];

/** This application first, then the others: rate, p99, resident memory; or why one is skipped. */
export async function compare({ app, postgres, dir, seconds, tell }) {
  const list = await rows(postgres);
  const results = [await grid(app, seconds)];
  for (const other of OTHERS) {
    let running;
    try {
      running = await other.start(postgres, dir, list, tell);
      const headers = await other.sign();
      for (const [name, path, sign] of other.pages) {
        // Kept open, it would be closed by the server during the measure, and the next one would fail.
        const answer = await fetch(ORIGIN + path, { headers: { ...headers, connection: 'close' } });
        const text = await answer.text();
        if (!answer.ok || !text.includes(sign)) throw new Error(`${path}: ${answer.status} is not the list`);
        await wrk(ORIGIN + path, { seconds: 1, headers });
        const measured = await wrk(ORIGIN + path, { seconds, headers });
        results.push({ name, ...measured, resident: family(running.server.pid).map(resident).reduce((a, b) => a + b) });
        tell(`${name}: ${Math.round(measured.rate)}/s beside ${Math.round(results[0].rate)}/s`);
      }
    } catch (error) {
      tell(`${other.name} is skipped: ${error.message}`);
      results.push({ name: other.name, skipped: `skipped: ${error.message.split('\n').at(-1)}` });
    } finally {
      await running?.stop();
    }
  }
  return results;
}
