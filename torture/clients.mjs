// People who save figures through the form of the page, and remember what they were told.

import { sleep } from '../bench/tools.mjs';

export const PLAN = 'uca-iut-2021-2026';

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#38': '&', '#60': '<', '#62': '>', '#34': '"' };
const plain = (html) => html.replaceAll(/&(amp|lt|gt|quot|#\d+);/g, (whole, name) => ENTITIES[name] ?? String.fromCodePoint(name.slice(1)));

/** What the form of each cell of the page would post. */
export function grid(html) {
  const cells = new Map();
  const cell = (key) => cells.get(key) ?? cells.set(key, { key }).get(key);
  for (const [tag, field, key] of html.matchAll(/<input[^>]* name="(version|was|wascomment|value|num|den)\/([^"]+)"[^>]*>/g)) {
    cell(key)[field] = plain(/ value="([^"]*)"/.exec(tag)?.[1] ?? '');
  }
  for (const [, key, text] of html.matchAll(/<textarea[^>]* name="comment\/([^"]+)"[^>]*>([^<]*)</g)) cell(key).comment = plain(text);
  for (const [, key, options] of html.matchAll(/<select[^>]* name="status\/([^"]+)"[^>]*>(.*?)<\/select>/gs)) {
    cell(key).status = / value="([^"]*)" selected/.exec(options)?.[1] ?? 'value';
  }
  return cells;
}

/** What everyone saw: answers by status, and what no promise allows. */
export class Tally {
  constructor() {
    this.statuses = {};
    this.silences = 0;
    this.acknowledged = [];
    this.doubtful = [];
    this.broken = [];
    this.waits = [];
    this.sessionsLost = 0;
  }

  answered(status) {
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
  }

  /** A session that was open stays so, whatever happened meanwhile. */
  moved(what, location) {
    if (!location?.startsWith('/session')) return;
    this.sessionsLost += 1;
    this.broken.push(`${what}: sent to sign in again`);
  }

  /** An answer that is neither the page nor a refusal that people understand is a broken promise. */
  judge(what, status, text, headers) {
    if (status < 500) return;
    if (status !== 503) this.broken.push(`${what}: ${status}`);
    else if (!text.includes('<html lang="fr">') || !text.includes('Service momentanément indisponible') || !headers.get('retry-after')) {
      this.broken.push(`${what}: a 503 that is no page: ${text.slice(0, 200)}`);
    }
  }
}

let names = 0;

export class Client {
  /** `apps`: the servers it knows, the first being the one it prefers. */
  constructor(apps, cookie, year, tally) {
    Object.assign(this, { apps, cookie, tally, turn: 0, name: `c${(names += 1)}`, cells: new Map(), keys: [] });
    this.path = `/plans/${PLAN}/entry/${year}`;
    this.saved = 0;
  }

  /** One request: status, text and headers; undefined when nobody answered. */
  async ask(what, path, options = {}) {
    const since = performance.now();
    try {
      const headers = { cookie: this.cookie, ...options.headers };
      const answer = await fetch(this.apps[0].origin + path, { redirect: 'manual', ...options, headers, signal: AbortSignal.timeout(40_000) });
      const text = await answer.text();
      const { status } = answer;
      this.tally.answered(status);
      this.tally.judge(what, status, text, answer.headers);
      this.tally.moved(what, answer.headers.get('location'));
      return { status, text, headers: answer.headers, wait: performance.now() - since };
    } catch (error) {
      if (error.name === 'TimeoutError') this.tally.broken.push(`${what}: no answer in 40 s`);
      this.tally.silences += 1;
      // Another server of the same house, if there is one.
      this.apps.push(this.apps.shift());
      return undefined;
    }
  }

  /** Reads the page; whether it could. */
  async read() {
    const answer = await this.ask('reading the grid', this.path);
    if (answer?.status !== 200) {
      if (answer && answer.status < 500) this.tally.broken.push(`reading the grid: ${answer.status}`);
      return false;
    }
    this.cells = grid(answer.text);
    return true;
  }

  /** What would be posted to write a new comment on a cell. */
  posted(cell, comment) {
    const fields = { version: cell.version, was: cell.was, wascomment: cell.wascomment, status: cell.status, comment };
    for (const part of ['value', 'num', 'den']) if (cell[part] !== undefined) fields[part] = cell[part];
    return new URLSearchParams(Object.entries(fields).map(([name, text]) => [`${name}/${cell.key}`, text]));
  }

  /** Saves one cell: `saved`, `conflict`, `refused` or `unknown`. */
  async save(key) {
    const cell = this.cells.get(key);
    const comment = `${this.name}-${(this.turn += 1)}`;
    const sent = { key, version: Number(cell.version) + 1, comment };
    const answer = await this.ask('saving', this.path, { method: 'POST', body: this.posted(cell, comment) });
    if (answer?.status === 303 && /[?&]saved=1\b/.test(answer.headers.get('location'))) {
      this.tally.acknowledged.push(sent);
      this.tally.waits.push(answer.wait);
      this.saved += 1;
      Object.assign(cell, { version: sent.version, comment, wascomment: comment });
      return 'saved';
    }
    if (answer?.status === 409) {
      const mine = answer.text.includes(`>${comment}<`) && answer.text.includes(`id="conflict-${key}"`);
      if (!mine) this.tally.broken.push(`a conflict page without the text ${comment}`);
      return 'conflict';
    }
    // Nobody said whether it is saved: it may be, whole, or not be.
    this.tally.doubtful.push(sent);
    if (answer && answer.status < 500) {
      this.tally.broken.push(`saving ${key}: ${answer.status} ${answer.headers.get('location') ?? answer.text.slice(0, 200)}`);
      return 'refused';
    }
    return 'unknown';
  }

  /** Saves its own cells in turn until told to stop; after an answer it did not get, it reads again. */
  async work(stop) {
    let known = this.cells.size > 0;
    while (!stop.now) {
      if (!known) known = await this.read();
      if (known) known = (await this.save(this.keys[this.turn % this.keys.length])) === 'saved';
      if (!known) await sleep(40);
    }
  }
}

/** So many people with cells of their own: a quarter of them are pilotage's, who has fewer cells, if it has that many. */
export async function crowd(apps, count, tally, year) {
  const taken = new Set();
  const clients = [];
  for (const [role, share] of [['pilotage', Math.floor(count / 4)], ['director', count]]) {
    const first = new Client([...apps], await apps[0].signIn(role), year, tally);
    if (!(await first.read())) throw new Error('the grid cannot be read');
    const keys = [...first.cells.values()].filter((it) => it.version !== undefined && !taken.has(it.key)).map((it) => it.key);
    const people = Math.min(share - (role === 'director' ? clients.length : 0), keys.length);
    for (let one = 0; one < people; one += 1) {
      const client = new Client([...apps], first.cookie, year, tally);
      client.keys = keys.filter((_, place) => place % people === one);
      client.cells = new Map([...first.cells].map(([key, cell]) => [key, { ...cell }]));
      client.keys.forEach((key) => taken.add(key));
      clients.push(client);
    }
  }
  if (clients.length < count) throw new Error(`cells for ${clients.length} people, not ${count}`);
  return clients;
}

/** Sets people to work; the function returned stops them and waits for their last answers. */
export function atWork(clients) {
  const stop = { now: false };
  const all = Promise.all(clients.map((it) => it.work(stop)));
  return async () => {
    stop.now = true;
    await all;
  };
}

/** Milliseconds until each of them saved something more; throws past a minute. */
export async function allSave(clients) {
  const since = performance.now();
  const before = clients.map((it) => it.saved);
  while (!clients.every((it, rank) => it.saved > before[rank])) {
    if (performance.now() - since > 60_000) throw new Error('no recovery in a minute');
    await sleep(10);
  }
  return performance.now() - since;
}
