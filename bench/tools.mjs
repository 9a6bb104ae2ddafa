// The programs the bench and the torture run: ours, PostgreSQL's, wrk.

import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, readdirSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const HERE = dirname(fileURLToPath(import.meta.url));
export const ROOT = dirname(HERE);
export const CLIENTS = 32;

/** The instant at which everything happens: the synthetic campaign is then open. */
export const NOW = '2025-11-24T09:00:00Z';
export const PASSWORD = 'banc-d-essai';

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A program's standard output; its last words when it fails. */
export async function output(program, parameters, options = {}) {
  try {
    const { stdout } = await run(program, parameters, { maxBuffer: 1 << 28, ...options });
    return stdout;
  } catch (error) {
    throw new Error(`${program} ${parameters[0] ?? ''}: ${(error.stderr || error.message).trim().split('\n').slice(-5).join('\n')}`);
  }
}

/** An application in a data directory of its own, on the loopback; what `more` says of its environment wins. */
export class Cpom {
  constructor(binary, dir, port, more = {}) {
    Object.assign(this, { binary, dir, port });
    this.origin = `http://127.0.0.1:${port}`;
    this.environment = {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      CPOM_DATA_DIR: dir,
      CPOM_LISTEN: `127.0.0.1:${port}`,
      CPOM_METRICS_LISTEN: 'non',
      CPOM_NOW: NOW,
      CPOM_DEMO_PASSWORD: PASSWORD,
      ...(process.env.CPOM_PG_BINDIR && { CPOM_PG_BINDIR: process.env.CPOM_PG_BINDIR }),
      ...more,
    };
  }

  command(...parameters) {
    return output(this.binary, parameters, { env: this.environment });
  }

  /** Starts, and returns the milliseconds until it answers. */
  async start() {
    const log = openSync(join(this.dir, '..', 'cpom.log'), 'a');
    const since = performance.now();
    const started = spawn(this.binary, ['serve'], { env: this.environment, stdio: ['ignore', log, log] });
    this.process = started;
    closeSync(log);
    // One that was killed may be told over after the next has started.
    started.on('exit', () => this.process === started && (this.process = undefined));
    for (;;) {
      const answer = await fetch(`${this.origin}/readyz`).catch(() => undefined);
      if (answer?.ok) return performance.now() - since;
      if (!this.process) throw new Error(`cpom serve stopped:\n${readFileSync(join(this.dir, '..', 'cpom.log'), 'utf8').slice(-2000)}`);
      await sleep(2);
    }
  }

  async stop() {
    const { process } = this;
    if (!process) return;
    process.kill('SIGTERM');
    await new Promise((resolve) => process.once('exit', resolve));
  }

  /** Kills the server alone, at once. */
  kill() {
    this.process?.kill('SIGKILL');
    this.process = undefined;
  }

  /** The cookie of a demo account. */
  async signIn(role) {
    const answer = await fetch(`${this.origin}/session`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ email: `${role}@demo.invalid`, password: PASSWORD }),
    });
    const cookie = answer.headers.getSetCookie().find((it) => /^(__Host-)?cpom_session=/.test(it));
    if (answer.status !== 303 || !cookie) throw new Error(`${role} cannot sign in: ${answer.status}`);
    return cookie.split(';')[0];
  }

  /** Resident megabytes of the server alone. */
  resident() {
    return resident(this.process.pid);
  }
}

/** Resident megabytes of a process. */
export function resident(pid) {
  const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
  return kilobytes / 1024;
}

/** A process and those it started. */
export function family(pid) {
  const parents = readdirSync('/proc').filter((it) => /^\d+$/.test(it)).flatMap((it) => {
    try {
      return [[Number(it), Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${it}/status`, 'utf8'))[1])]];
    } catch {
      return [];
    }
  });
  const found = [pid];
  for (const one of found) found.push(...parents.filter(([, parent]) => parent === one).map(([child]) => child));
  return found;
}

/** The PostgreSQL that an application runs, spoken to through its own socket. */
export class Postgres {
  constructor(dir) {
    this.dir = dir;
    const [pid, , , port, socket] = readFileSync(join(dir, 'pg', 'postmaster.pid'), 'utf8').split('\n');
    this.bin = dirname(readlinkSync(`/proc/${pid}/exe`));
    this.place = ['-h', socket, '-p', port];
    this.log = join(dir, 'postgresql.log');
  }

  /** The answer of a query, as lines. */
  async sql(text, { user = 'postgres', database = 'cpom' } = {}) {
    const flags = ['-X', '-q', '-At', '-F', '\t', '-v', 'ON_ERROR_STOP=1', '-U', user, '-d', database, '-c', text];
    return (await output(join(this.bin, 'psql'), [...this.place, ...flags])).split('\n').slice(0, -1);
  }

  /** Transactions a second of a script, run by as many clients as the pages have. */
  async pgbench({ text, variables }, seconds) {
    const file = join(this.dir, '..', 'page.sql');
    writeFileSync(file, text);
    const flags = ['-n', '-M', 'prepared', '-c', CLIENTS, '-j', 2, '-T', seconds, '-f', file, '-U', 'cpom'];
    const given = variables.flatMap((it) => ['-D', it]);
    const env = { PATH: process.env.PATH, PGOPTIONS: '-c role=cpom_app -c timezone=UTC', LC_ALL: 'C' };
    const said = await output(join(this.bin, 'pgbench'), [...this.place, ...flags, ...given, 'cpom'].map(String), { env });
    const failed = /number of failed transactions: (\d+)/.exec(said);
    if (failed && Number(failed[1]) > 0) throw new Error(`pgbench: ${failed[1]} transactions failed`);
    return {
      rate: Number(/tps = ([\d.]+)/.exec(said)[1]),
      done: Number(/number of transactions actually processed: (\d+)/.exec(said)[1]),
    };
  }

  /** What is written in the log while something is done. */
  async logged(work) {
    const before = statSync(this.log).size;
    await work();
    await sleep(20);
    return readFileSync(this.log).subarray(before).toString('utf8');
  }
}

/** Requests a second, and how long they took, in milliseconds. */
export async function wrk(address, { clients = CLIENTS, seconds, headers = {}, script = 'wrk.lua', parameters = [] }) {
  const sent = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const flags = ['-t', 1, '-c', clients, '-d', `${seconds}s`, '--timeout', '10s', '-s', join(HERE, script), ...sent];
  const said = await output('wrk', [...flags, address, '--', ...parameters].map(String));
  const result = JSON.parse(/^RESULT (.*)$/m.exec(said)[1]);
  if (result.errors > 0) throw new Error(`${address}: ${result.errors} errors\n${said}`);
  return { rate: result.requests / (result.microseconds / 1e6), p50: result.p50 / 1000, p99: result.p99 / 1000, done: result.requests };
}

/** Milliseconds until `make run` answers, from an empty data directory and a built binary. */
export async function fromNothing(dir, port) {
  const app = new Cpom('make', dir, port);
  const since = performance.now();
  // A group of its own: make and what it runs are stopped together.
  const process = spawn('make', ['run'], { cwd: ROOT, env: app.environment, stdio: 'ignore', detached: true });
  let over = false;
  process.on('exit', () => (over = true));
  try {
    for (;;) {
      const answer = await fetch(`${app.origin}/readyz`).catch(() => undefined);
      if (answer?.ok) return performance.now() - since;
      if (over) throw new Error('make run stopped');
      await sleep(10);
    }
  } finally {
    if (!over) {
      globalThis.process.kill(-process.pid, 'SIGTERM');
      await new Promise((resolve) => process.once('exit', resolve));
    }
  }
}
