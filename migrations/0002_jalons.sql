-- Jalons: what must be done by a date, or once a condition holds (docs/regles.md §5).

CREATE TABLE jalon (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version      integer NOT NULL DEFAULT 1,
    plan_id      bigint NOT NULL REFERENCES plan,
    position     integer NOT NULL,
    -- J1, J16.a; a group and its leaves share the number.
    code         text NOT NULL,
    parent_id    bigint REFERENCES jalon,
    node_id      bigint NOT NULL REFERENCES node,
    -- NULL: the document prints a group's number alone.
    label        text,
    -- A group has neither due date nor state of its own: both are read from its leaves.
    is_group     boolean NOT NULL DEFAULT false,
    precision    text CHECK (precision IN ('mois', 'annee', 'condition')),
    -- The first date: it stays when the jalon is postponed.
    due_on       date,
    due_printed  text,
    condition    text,
    -- Services and functions, never persons.
    owners       text[] NOT NULL DEFAULT '{}',
    state        text CHECK (state IN ('a_venir', 'en_cours', 'atteint', 'abandonne', 'reporte')),
    reached_on   date,
    evidence     text,
    -- Why it was postponed or given up.
    reason       text,
    postponed_to date,
    comment      text,
    -- « donnée fictive », or where a transcribed state comes from.
    provenance   text,
    CONSTRAINT jalon_code_key UNIQUE (plan_id, code),
    CONSTRAINT jalon_group CHECK (is_group = (state IS NULL) AND is_group = (precision IS NULL)),
    CONSTRAINT jalon_due CHECK ((due_on IS NOT NULL) = (coalesce(precision, 'condition') <> 'condition')
                                AND (condition IS NOT NULL) = (precision IS NOT DISTINCT FROM 'condition')),
    CONSTRAINT jalon_reached CHECK ((state IS NOT DISTINCT FROM 'atteint') = (reached_on IS NOT NULL)
                                    AND (reached_on IS NULL) = (evidence IS NULL)),
    CONSTRAINT jalon_postponed CHECK (postponed_to IS NULL OR postponed_to > due_on),
    CONSTRAINT jalon_whole CHECK ((state <> 'reporte' OR postponed_to IS NOT NULL)
                                  AND (state NOT IN ('reporte', 'abandonne') OR reason IS NOT NULL))
);
CREATE INDEX jalon_parent ON jalon (parent_id);
CREATE INDEX jalon_node ON jalon (node_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON jalon TO cpom_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO cpom_app;
