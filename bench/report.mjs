// The results as the tables of docs/proof.md.

/** The text of a file with what stands between the marks of this name replaced. */
export function within(file, text, name = 'bench') {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [head, rest] = file.split(begin);
  const tail = rest?.split(end)[1];
  if (tail === undefined) throw new Error(`the marks ${begin} and ${end} are missing`);
  return `${head}${begin}\n\n${text}\n\n${end}${tail}`;
}

const number = (value) => Math.round(value).toLocaleString('en').replaceAll(',', ' ');
const short = (value) => (value < 10 ? value.toFixed(1) : number(value));
const ratio = (value) => (value === undefined ? '–' : value.toFixed(2));

/** A result that misses what is aimed at is marked, never hidden. */
const judged = (text, reached) => (reached ? text : `**${text}**`);

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** Least share of the SQL-only rate, most milliseconds of an idle client, most growth with ten times the data. */
const AIMS = { share: 0.4, idle: 30, growth: 1.3, resident: 64, start: 1000, nothing: 10000 };

function pages(results, { more }) {
  return table(
    ['Page', 'SQL statements', 'Requests/s', 'SQL alone/s', 'Share', 'Share, gzip', 'p50', 'p99', 'p50 idle', `× ${more} data`],
    results.map(({ page, statements, idle, busy, alone, gzip, growth }) => [
      page.name,
      statements,
      number(busy.rate),
      number(alone.rate),
      judged(ratio(busy.rate / alone.rate), busy.rate / alone.rate >= AIMS.share),
      ratio(gzip.rate / alone.rate),
      short(busy.p50),
      short(busy.p99),
      judged(short(idle.p50), idle.p50 < (page.idle ?? AIMS.idle)),
      page.everything ? `(${ratio(growth)})` : judged(ratio(growth), growth === undefined || growth <= AIMS.growth),
    ]),
  );
}

function around({ resident, start, nothing }) {
  return table(
    ['', 'Measured', 'Aim'],
    [
      ['Server’s resident memory after the run', judged(`${Math.round(resident)} MB`, resident < AIMS.resident), `< ${AIMS.resident} MB`],
      ['Start on an existing cluster, until it answers', judged(`${(start / 1000).toFixed(2)} s`, start < AIMS.start), '< 1 s'],
      ['`make run` with an empty data directory, program built', judged(`${(nothing / 1000).toFixed(1)} s`, nothing < AIMS.nothing), '< 10 s'],
    ],
  );
}

/** The comparison alone. */
export function beside(others) {
  if (others.length === 0) return 'Not compared in this run.';
  const [ours, ...rest] = others;
  const rows = rest.map((other) => (other.skipped
    ? [other.name, other.skipped, '', '']
    : [other.name, `× ${ratio(ours.rate / other.rate)}`, `÷ ${ratio(other.p99 / ours.p99)}`, `÷ ${ratio(other.resident / ours.resident)}`]));
  return table(['This application, compared with', 'Requests/s', 'p99', 'Resident memory'], rows);
}

/** All of it. */
export function report(results, facts, others) {
  const [plans, cells, lines, jalons, entries] = facts.counts.map(number);
  const absent = facts.absent.length > 0 ? `\n\nNot there yet, hence not measured: ${facts.absent.join(', ')}.` : '';
  return `Machine: ${facts.cores} cores, ${Math.round(facts.memory / 2 ** 30)} GB of memory, PostgreSQL ${facts.postgres}, all programs of the run on it.
Data: ${number(facts.structures)} structures, ${plans} plans, ${cells} cells, ${lines} budget lines, ${jalons} jalons, ${entries} journal entries.
${facts.clients} clients; times in milliseconds; what misses its aim is in bold.

${pages(results, facts)}${absent}

${around(facts)}

${beside(others)}`;
}
