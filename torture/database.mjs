// A PostgreSQL that no program of ours keeps up: stopped, cut and filled at will.

import { spawn } from 'node:child_process';
import { chmodSync, chownSync, closeSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { output, sleep } from '../bench/tools.mjs';

/** Where Debian keeps PostgreSQL's programs, the newest first; or where CPOM_PG_BINDIR says. */
function programs() {
  if (process.env.CPOM_PG_BINDIR) return process.env.CPOM_PG_BINDIR;
  const base = '/usr/lib/postgresql';
  const newest = readdirSync(base).sort((a, b) => b - a)[0];
  return join(base, newest, 'bin');
}

/** The account that PostgreSQL runs as: never root. */
async function account() {
  if (process.getuid() !== 0) return undefined;
  const [uid, gid] = await Promise.all([output('id', ['-u', 'postgres']), output('id', ['-g', 'postgres'])]);
  return { uid: Number(uid), gid: Number(gid) };
}

export class Database {
  constructor(dir) {
    this.dir = dir;
    this.bin = programs();
    this.data = join(dir, 'pg');
    this.place = ['-h', dir, '-p', '5432'];
    this.url = `postgres://cpom@localhost:5432/cpom?host=${encodeURIComponent(dir)}`;
  }

  /** A cluster, its application's role and an empty database. */
  async create() {
    mkdirSync(this.dir, { recursive: true });
    this.account = await account();
    if (this.account) chownSync(this.dir, this.account.uid, this.account.gid);
    chmodSync(this.dir, 0o755);
    await this.run('initdb', ['-D', this.data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-instructions']);
    await this.start();
    // One that owns its database and may create roles, as the README asks.
    await this.sql('CREATE ROLE cpom LOGIN CREATEROLE', { database: 'postgres' });
    await this.sql('CREATE DATABASE cpom OWNER cpom', { database: 'postgres' });
  }

  run(program, parameters) {
    return output(join(this.bin, program), parameters.map(String), { ...this.account, cwd: '/', env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' } });
  }

  async start() {
    // A little journal on disk: a full disk is reached soon, and a crash is replayed quickly.
    const settings = ['listen_addresses=', `unix_socket_directories=${this.dir}`, 'max_connections=100', 'shared_buffers=64MB', 'max_wal_size=128MB', 'min_wal_size=32MB', 'jit=off'];
    const log = openSync(join(this.dir, '..', 'postgresql.log'), 'a');
    const flags = settings.flatMap((it) => ['-c', it]);
    this.process = spawn(join(this.bin, 'postgres'), ['-D', this.data, ...flags], {
      ...this.account,
      cwd: '/',
      env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const started = this.process;
    this.gone = new Promise((resolve) => started.once('exit', resolve));
    started.once('exit', () => this.process === started && (this.process = undefined));
    for (let turn = 0; turn < 3000; turn += 1) {
      if (!this.process) throw new Error('PostgreSQL stopped while starting');
      if (await this.answers()) return;
      await sleep(20);
    }
    throw new Error('PostgreSQL did not start');
  }

  async answers() {
    return this.run('pg_isready', ['-q', ...this.place]).then(() => true, () => false);
  }

  /** `SIGINT` cuts sessions and closes in order, `SIGQUIT` drops everything, `SIGKILL` is no stop at all. */
  async stop(signal = 'SIGINT') {
    if (!this.process) return;
    this.process.kill(signal);
    await this.gone;
  }

  /** The answer of a query, as lines. */
  async sql(text, { user = 'postgres', database = 'cpom' } = {}) {
    const flags = ['-X', '-q', '-At', '-F', '\t', '-v', 'ON_ERROR_STOP=1', '-U', user, '-d', database, '-c', text];
    return (await this.run('psql', [...this.place, ...flags])).split('\n').slice(0, -1);
  }
}
