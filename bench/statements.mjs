// What a page asks of the database, read in the server's own log: the SQL-only rate can then never drift from the code.

/** The entries of a PostgreSQL log written with the prefix `%m [%p] `: a first line, and those that begin with a tab. */
function entries(log) {
  const found = [];
  for (const line of log.split('\n')) {
    const head = /^\d{4}-\d\d-\d\d [\d:.]+ \w+ \[(\d+)\] (\w+):  (.*)$/.exec(line);
    if (head) found.push({ process: head[1], level: head[2], text: head[3] });
    else if (found.length > 0 && line.startsWith('\t')) found.at(-1).text += `\n${line.slice(1)}`;
  }
  return found;
}

/** `$1 = 'it''s', $2 = NULL` as a list; null stands for NULL. */
export function parameters(detail) {
  const values = [];
  const pattern = /\$(\d+) = (NULL|'((?:[^']|'')*)')(?:, |$)/gy;
  let end = 0;
  for (let match; (match = pattern.exec(detail)); end = pattern.lastIndex) {
    values[Number(match[1]) - 1] = match[2] === 'NULL' ? null : match[3].replaceAll("''", "'");
  }
  if (end !== detail.length) throw new Error(`these parameters do not read: ${detail.slice(end, end + 80)}`);
  return values;
}

/** The statements of a log, in order, each with its parameters. */
export function statements(log) {
  const found = [];
  for (const { level, text } of entries(log)) {
    const ran = /^(?:statement|execute [^:]+): ([\s\S]*)$/.exec(text);
    if (level === 'LOG' && ran) found.push({ sql: ran[1].trim(), values: [] });
    const given = /^parameters: ([\s\S]*)$/.exec(text);
    if (level === 'DETAIL' && given && found.length > 0) found.at(-1).values = parameters(given[1]);
  }
  return found;
}

/**
 * The script that runs them in pgbench, and the variables to give it. Values stay parameters, so that its plans are
 * made as the application's are; a NULL stands as it is, which can only make a plan better.
 *
 * `vary` names the variables of the script that replace captured values (see SAVE in pages.mjs).
 */
export function pgbenchScript(list, { script = [], vary } = {}) {
  const variables = new Map();
  const name = (value) => {
    if (!variables.has(value)) variables.set(value, `v${variables.size + 1}`);
    return variables.get(value);
  };
  const lines = list.map(({ sql, values }) => {
    if (/(?<!:):\w/.test(sql)) throw new Error(`pgbench would take a word of this statement for a variable: ${sql}`);
    const varied = vary && sql.includes(vary.statement) ? vary.parameters : {};
    const filled = sql.replace(/\$(\d+)/g, (_, number) => {
      if (varied[number]) return `:${varied[number]}`;
      const value = values[Number(number) - 1];
      if (value === undefined) throw new Error(`no value for $${number} of: ${sql}`);
      return value === null ? 'NULL' : `:${name(value)}`;
    });
    return `${filled.replace(/;\s*$/, '')};`;
  });
  return {
    text: `${[...script, ...lines].join('\n')}\n`,
    variables: [...variables].map(([value, variable]) => `${variable}=${value}`),
  };
}
