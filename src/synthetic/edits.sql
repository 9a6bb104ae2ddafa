-- Corrections of the only plan's cells, in turn, until its journal holds `bench.entries` entries: each raises a value by
-- one, under the hand of the direction, between `bench.from` and `bench.until`. Replaying them gives the cells.

WITH told AS (
    SELECT max(plan_id) AS plan_id, count(*) AS entries FROM journal_entry WHERE plan_id IS NOT NULL
), imported AS (
    SELECT code, after::text AS state, (after ->> 'value')::numeric AS value, row_number() OVER (ORDER BY id) - 1 AS nth,
           count(*) OVER () AS cells
    FROM journal_entry
    WHERE kind = 'situation' AND source = 'import' AND after ->> 'status' = 'valeur'
), done AS (
    SELECT count(*) AS edits FROM journal_entry WHERE kind = 'situation' AND source = 'page'
), edit AS (
    SELECT imported.*, told.plan_id, rank, done.edits + rank AS number, (done.edits + rank) / imported.cells + 1 AS round,
           current_setting('bench.entries')::bigint - told.entries AS many
    FROM told CROSS JOIN done
         CROSS JOIN LATERAL generate_series(0, current_setting('bench.entries')::bigint - told.entries - 1) rank
         JOIN imported ON imported.nth = (done.edits + rank) % imported.cells
)
INSERT INTO journal_entry (plan_id, kind, code, version, before, after, at, actor, source)
SELECT plan_id, 'situation', code, round + 1,
       regexp_replace(state, '"value":"[^"]*"', format('"value":"%s"', value + round - 1))::json,
       regexp_replace(state, '"value":"[^"]*"', format('"value":"%s"', value + round))::json,
       current_setting('bench.from')::timestamptz
           + (current_setting('bench.until')::timestamptz - current_setting('bench.from')::timestamptz) * rank / many,
       'Direction de l’IUT', 'page'
FROM edit ORDER BY number;

UPDATE cell SET version = last.version, value = (last.after ->> 'value')::numeric, changed_at = last.at,
                changed_by = last.actor
FROM (SELECT DISTINCT ON (code) * FROM journal_entry WHERE kind = 'situation' ORDER BY code, id DESC) last, measure
WHERE measure.id = cell.measure_id AND measure.code || '/' || cell.period_start = last.code AND last.source = 'page';
