-- What is asked for, whatever its table: how it changed, and what finance and human resources say of it
-- (docs/regles.md §6, §8).

-- A ledger of what became of a demand: the original stays where it is. Nothing is overwritten.
CREATE TABLE amendment (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version  integer NOT NULL DEFAULT 1,
    plan_id  bigint NOT NULL REFERENCES plan,
    -- A thing of another table, named by its code, as in arbitrage.
    subject  text NOT NULL CHECK (subject IN ('demande', 'poste', 'ligne_budgetaire')),
    code     text NOT NULL,
    rank     integer NOT NULL CHECK (rank >= 1),
    step     text NOT NULL CHECK (step IN ('ajout', 'amendement', 'retrait', 'chiffrage')),
    dated_on date NOT NULL,
    reason   text,
    -- Rank of the decision in force when it was written: a later one has answered it.
    answers  integer,
    -- What is asked, or costed, from then on: the one of the subject.
    request  json,
    money    json,
    post     json,
    CONSTRAINT amendment_rank_key UNIQUE (plan_id, subject, code, rank),
    CONSTRAINT amendment_whole CHECK (num_nonnulls(request, money, post) = (step IN ('amendement', 'chiffrage'))::int)
);

-- A dated text, which changes nothing by itself.
CREATE TABLE opinion (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version  integer NOT NULL DEFAULT 1,
    plan_id  bigint NOT NULL REFERENCES plan,
    subject  text NOT NULL CHECK (subject IN ('demande', 'poste', 'ligne_budgetaire')),
    code     text NOT NULL,
    rank     integer NOT NULL CHECK (rank >= 1),
    author   text NOT NULL CHECK (author IN ('finances', 'ressources_humaines')),
    dated_on date NOT NULL,
    body     text NOT NULL,
    CONSTRAINT opinion_rank_key UNIQUE (plan_id, subject, code, rank)
);

-- Everything that is asked for, as it is asked now: what decisions, avis and amendments name by a subject and a code.
CREATE VIEW means WITH (security_invoker = true) AS
WITH asked AS (
    SELECT request.plan_id, 'demande' AS subject, request.code, request.label, request.position,
           heading.code AS heading, true AS asks
    FROM request LEFT JOIN heading ON heading.id = request.heading_id
    UNION ALL
    SELECT plan_id, 'volet', code, title, position, NULL, false FROM heading
    UNION ALL
    SELECT plan_id, 'ligne_budgetaire', code, label, position, NULL, participation IS NOT NULL FROM budget_line
    UNION ALL
    SELECT plan_id, 'poste', code, count || ' ' || replace(corps, 'CAT_', 'catégorie ') || coalesce(', ' || year, ''),
           position, NULL, false
    FROM post_line
), course AS (
    SELECT plan_id, subject, code, bool_or(step = 'retrait') AS withdrawn,
           bool_or(step IN ('ajout', 'amendement')) AS moved,
           (array_agg(answers ORDER BY rank DESC) FILTER (WHERE step IN ('ajout', 'amendement')))[1] AS answers,
           (array_agg(coalesce(request ->> 'label', money ->> 'label') ORDER BY rank DESC)
                FILTER (WHERE step = 'amendement'))[1] AS label
    FROM amendment GROUP BY plan_id, subject, code
)
SELECT asked.plan_id, asked.subject, asked.code, coalesce(course.label, asked.label) AS label, asked.position,
       asked.heading,
       -- A line that asks nothing of the establishment has nothing to decide, nor has a post that the signed document
       -- lists: its signature decided it.
       asked.asks OR coalesce(course.moved, false) AS asks,
       -- The director asked for it, or changed it, under this decision.
       coalesce(course.moved, false) AS moved, course.answers,
       coalesce(course.withdrawn, false) AS withdrawn
FROM asked LEFT JOIN course USING (plan_id, subject, code);

GRANT SELECT, INSERT, UPDATE, DELETE ON amendment, opinion TO cpom_app;
GRANT SELECT ON means TO cpom_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO cpom_app;
