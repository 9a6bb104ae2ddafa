// What must hold whatever happened: cells and journal tell the same, and whatever was acknowledged is there.

import { PLAN } from './clients.mjs';

const CELLS = `
  SELECT measure.code || '/' || cell.period_start || CASE indicator.period_kind WHEN 'civile' THEN '' ELSE '-' || cell.period_start + 1 END AS code,
         cell.version, cell.status, cell.value::text AS value, cell.comment
  FROM cell JOIN measure ON measure.id = cell.measure_id JOIN indicator ON indicator.id = measure.indicator_id
       JOIN plan ON plan.id = cell.plan_id WHERE plan.code = '${PLAN}'`;
const ENTRIES = `
  SELECT entry.id, entry.code, entry.version, entry.before::jsonb AS before, entry.after::jsonb AS after
  FROM journal_entry entry JOIN plan ON plan.id = entry.plan_id WHERE plan.code = '${PLAN}' AND entry.kind = 'situation'`;

/** Sentences about what does not hold; none when all does. `postgres` answers `sql`. */
export async function faults(postgres, tally) {
  const found = [];
  // People may still be saving: what is acknowledged after the reading below is not missing from it.
  const acknowledged = [...tally.acknowledged];
  const chains = await postgres.sql(`
    WITH entries AS (${ENTRIES}),
         linked AS (SELECT *, lag(version) OVER chain AS last_version, lag(after) OVER chain AS last_after
                    FROM entries WINDOW chain AS (PARTITION BY code ORDER BY id))
    SELECT code, version FROM linked
    WHERE version <> coalesce(last_version, 0) + 1 OR before IS DISTINCT FROM last_after ORDER BY id`);
  for (const line of chains) found.push(`the journal's chain breaks at ${line.replace('\t', ', version ')}`);
  const halves = await postgres.sql(`
    WITH cells AS (${CELLS}), entries AS (${ENTRIES}),
         last AS (SELECT DISTINCT ON (code) * FROM entries ORDER BY code, id DESC)
    SELECT coalesce(cells.code, last.code) FROM cells FULL JOIN last ON last.code = cells.code
    WHERE cells.version IS DISTINCT FROM last.version OR cells.status IS DISTINCT FROM last.after->>'status'
       OR cells.comment IS DISTINCT FROM last.after->>'comment'
       OR cells.value IS DISTINCT FROM (last.after->>'value')::numeric::text AND cells.value::numeric IS DISTINCT FROM (last.after->>'value')::numeric`);
  for (const code of halves) found.push(`the cell ${code} and its last journal entry differ`);
  const written = new Set((await postgres.sql(`SELECT code || '|' || version || '|' || (after->>'comment') FROM (${ENTRIES}) entry`)));
  const name = ({ key, version, comment }) => `${key}|${version}|${comment}`;
  const lost = acknowledged.filter((it) => !written.has(name(it)));
  for (const it of lost) found.push(`acknowledged and lost: ${name(it)}`);
  const mine = [...written].filter((it) => /\|c\d+-\d+$/.test(it));
  const sent = new Set([...tally.acknowledged, ...tally.doubtful].map(name));
  for (const it of mine.filter((it) => !sent.has(it))) found.push(`written and never sent: ${it}`);
  const kept = tally.doubtful.filter((it) => written.has(name(it))).length;
  return { found, lost: lost.length, kept, entries: written.size };
}
