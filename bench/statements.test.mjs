import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parameters, pgbenchScript, statements } from './statements.mjs';

const LOG = `2025-11-24 09:00:00.001 UTC [12] LOG:  statement: BEGIN
2025-11-24 09:00:00.002 UTC [12] LOG:  execute sqlx_s_1: SELECT code::text
\t  FROM plan WHERE id = $1 AND ($2::text IS NULL OR code = $2)
2025-11-24 09:00:00.002 UTC [12] DETAIL:  parameters: $1 = '7', $2 = NULL
2025-11-24 09:00:00.003 UTC [99] WARNING:  something else
2025-11-24 09:00:00.004 UTC [12] LOG:  execute sqlx_s_2: UPDATE cell SET comment = $1
2025-11-24 09:00:00.004 UTC [12] DETAIL:  parameters: $1 = 'l''an, $9 = ''x''
\tet la suite'
2025-11-24 09:00:00.005 UTC [12] LOG:  statement: COMMIT;
`;

test('a log gives its statements with their parameters', () => {
  const found = statements(LOG);
  assert.deepEqual(found.map((it) => it.sql.split(/\s/)[0]), ['BEGIN', 'SELECT', 'UPDATE', 'COMMIT;']);
  assert.deepEqual(found[1].values, ['7', null]);
  assert.deepEqual(found[2].values, ["l'an, $9 = 'x'\net la suite"]);
});

test('a script keeps values as parameters, and NULL as itself', () => {
  const { text, variables } = pgbenchScript(statements(LOG));
  assert.equal(
    text,
    `BEGIN;
SELECT code::text
  FROM plan WHERE id = :v1 AND (NULL::text IS NULL OR code = NULL);
UPDATE cell SET comment = :v2;
COMMIT;
`,
  );
  assert.deepEqual(variables, ['v1=7', "v2=l'an, $9 = 'x'\net la suite"]);
});

test('some values differ from one client to the next', () => {
  const options = { script: ['\\set n :n + 1'], vary: { statement: 'UPDATE cell', parameters: { 1: 'n' } } };
  const { text } = pgbenchScript(statements(LOG), options);
  assert.match(text, /^\\set n :n \+ 1\nBEGIN;/);
  assert.match(text, /SET comment = :n;/);
});

test('what cannot be replayed is said', () => {
  assert.throws(() => parameters("$1 = '7"), /do not read/);
  assert.throws(() => pgbenchScript([{ sql: 'SELECT $1', values: [] }]), /no value/);
  assert.throws(() => pgbenchScript([{ sql: "SELECT to_char(now(), 'HH24:MI')", values: [] }]), /variable/);
});
