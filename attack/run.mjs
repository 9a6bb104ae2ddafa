// `make attack`: two scanners that others wrote, over the pages and forms of a signed-in director of the demo
// (docs/proof.md). Fails when one of them finds something of weight.
//
//   node attack/run.mjs [--binary=PATH] [--minutes=12] [--only=wapiti|sqlmap]
//
// The target is this program alone, started for it on this machine's loopback, in a directory thrown away at the end.

import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { Cpom, ROOT, output } from '../bench/tools.mjs';
import { sqlmapFinds, wapitiFinds } from './findings.mjs';
import { TARGETS } from './targets.mjs';

const { values: asked } = parseArgs({
  options: {
    binary: { type: 'string', default: join(ROOT, 'target/release/cpom') },
    minutes: { type: 'string', default: '12' },
    only: { type: 'string', default: '' },
  },
});
const PORT = 18475;
const VENV = join(ROOT, 'target/attack');
const SAID = join(VENV, 'reports');
const tell = (text) => process.stderr.write(`${text}\n`);

/** Wapiti's modules that look at one application by itself. Left out: those that ask a service elsewhere (ssrf, xxe,
 * log4shell, takeover), read a list from elsewhere (nikto, wapp, cms, htp), guess passwords or names for the sake of
 * guessing (brute_login_form, buster), need TLS (ssl, https_redirect), and csrf, which looks for a token in forms: this
 * program refuses other sites' acts by the headers browsers send, and its own tests try that on every act. */
const MODULES = [
  'backup', 'cookieflags', 'crlf', 'csp', 'exec', 'file', 'htaccess', 'http_headers', 'ldap', 'methods', 'permanentxss',
  'redirect', 'shellshock', 'sql', 'timesql', 'upload', 'xss',
];
/** What would end the session that is tried, or change its password. */
const LEFT_ALONE = ['/session/end', '/account/sessions/end', '/account/password', '/session'];

/** The scanners; undefined when they cannot be had. */
async function scanners() {
  try {
    await output('python3', ['-m', 'venv', VENV]);
    await output(join(VENV, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', '-r', join(ROOT, 'attack/requirements.txt')]);
    return { wapiti: join(VENV, 'bin/wapiti'), sqlmap: join(VENV, 'bin/sqlmap') };
  } catch (error) {
    tell(`wapiti et sqlmap ne s’installent pas ici : l’attaque est sautée.\n${error.message}`);
    return undefined;
  }
}

/** Runs a scanner to its end, or to ours: what it said. */
function scan(program, parameters, seconds) {
  return new Promise((resolve, reject) => {
    let said = '';
    // Nothing of the user's own: no proxy, no settings.
    const env = { PATH: process.env.PATH, HOME: VENV, LANG: 'C.UTF-8', PYTHONUNBUFFERED: '1' };
    const child = spawn(program, parameters.map(String), { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const timer = setTimeout(() => child.kill('SIGINT'), seconds * 1000);
    const last = setTimeout(() => child.kill('SIGKILL'), (seconds + 60) * 1000);
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += bytes));
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(timer);
      clearTimeout(last);
      resolve(said);
    });
  });
}

async function wapiti(program, app, cookie, seconds) {
  const file = join(SAID, 'wapiti.json');
  rmSync(file, { force: true });
  const parameters = [
    '-u', `${app.origin}/`, '-s', `${app.origin}/plans/uca-iut-2021-2026`, '--scope', 'folder', '-m', MODULES.join(','),
    '-C', cookie, '-d', 4, '--max-links-per-page', 60, '--max-files-per-dir', 12,
    '--max-parameters', 40, '--max-scan-time', seconds / 2, '--max-attack-time', Math.max(10, seconds / 2 / MODULES.length),
    '-S', 'polite', '-t', 20, '--flush-session', '--store-session', join(VENV, 'session'), '--store-config', join(VENV, 'config'),
    '--no-bugreport', '-v', 1, '-f', 'json', '-o', file, ...LEFT_ALONE.flatMap((path) => ['-x', app.origin + path]),
  ];
  const said = await scan(program, parameters, seconds * 2);
  writeFileSync(join(SAID, 'wapiti.log'), said);
  return wapitiFinds(JSON.parse(readFileSync(file, 'utf8')), said);
}

async function sqlmap(program, app, cookie, target, seconds) {
  const parameters = [
    '-u', app.origin + target.path, ...(target.data ? ['--data', target.data] : []),
    ...(target.signedIn === false ? [] : ['--cookie', cookie]), '--batch', '--flush-session', '--level', 1, '--risk', 1,
    '--technique', 'BEUQS', '--dbms', 'PostgreSQL', '--threads', 1, '--timeout', 20, '--retries', 0, '--skip-waf', '--drop-set-cookie',
    '--ignore-code', '*', '--ignore-proxy', '--disable-coloring', '--output-dir', join(VENV, 'sqlmap'), '--time-limit', seconds,
  ];
  const said = await scan(program, parameters, seconds + 30);
  writeFileSync(join(SAID, `sqlmap-${TARGETS.indexOf(target) + 1}.log`), said);
  return sqlmapFinds(target.name, said);
}

const tools = await scanners();
if (!tools) process.exit(0);
mkdirSync(SAID, { recursive: true });
const dir = mkdtempSync(join(os.tmpdir(), 'cpom-attack-'));
// PostgreSQL, which is never root, must pass through.
chmodSync(dir, 0o755);
const app = new Cpom(asked.binary, join(dir, 'data'), PORT);
// As it is served for real: cookies are Secure, and browsers are told to stay with TLS.
app.environment.CPOM_PUBLIC_URL = 'https://cpom.example';
let failed = false;
try {
  await app.command('demo');
  await app.start();
  const cookie = await app.signIn('director');
  const seconds = Number(asked.minutes) * 60;
  const found = [];
  const report = (name, { tried, finds }) => {
    tell(`${finds.length === 0 ? 'rien' : `${finds.length} TROUVAILLE(S)`} — ${name}${tried ? ` : ${tried}` : ''}`);
    for (const find of finds) tell(`    ${find}`);
    found.push(...finds);
  };
  if (!asked.only || asked.only === 'wapiti') {
    tell('wapiti parcourt puis attaque…');
    report('wapiti', await wapiti(tools.wapiti, app, cookie, seconds / 2));
  }
  if (!asked.only || asked.only === 'sqlmap') {
    for (const target of TARGETS) {
      report(`sqlmap, ${target.name}`, await sqlmap(tools.sqlmap, app, cookie, target, seconds / 2 / TARGETS.length));
    }
  }
  const still = await fetch(`${app.origin}/account`, { headers: { cookie }, redirect: 'manual' });
  if (still.status !== 200) found.push(`la session essayée ne tient plus : ${still.status}`);
  failed = found.length > 0;
  tell(failed ? `${found.length} trouvaille(s) ; les rapports sont dans target/attack/reports.` : 'Rien de grave n’a été trouvé.');
} finally {
  await app.stop();
  rmSync(dir, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
