-- Avenants: what changes a signed contract, agreed by its two parties, in force from the next campaign opened
-- (docs/regles.md §9).

CREATE TABLE avenant (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version          integer NOT NULL DEFAULT 1,
    plan_id          bigint NOT NULL REFERENCES plan,
    position         integer NOT NULL,
    -- 1, 2, 3… as it is called: « avenant 1 ».
    code             text NOT NULL,
    reference        text,
    dated_on         date,
    reason           text NOT NULL,
    deliberation     text,
    -- What it changes: a list of {kind, code, before, after}, in order.
    changes          json NOT NULL DEFAULT '[]',
    -- The two accords: a day and a function each.
    director_on      date,
    director_by      text,
    directoire_on    date,
    directoire_by    text,
    -- The campaign since which it is in force.
    since            integer,
    abandoned_on     date,
    abandoned_by     text,
    abandoned_reason text,
    CONSTRAINT avenant_code_key UNIQUE (plan_id, code),
    CONSTRAINT avenant_accords CHECK ((director_on IS NULL) = (director_by IS NULL)
                                      AND (directoire_on IS NULL) = (directoire_by IS NULL)),
    CONSTRAINT avenant_abandoned CHECK (num_nonnulls(abandoned_on, abandoned_by, abandoned_reason) IN (0, 3)),
    -- In force: agreed by both, and never abandoned.
    CONSTRAINT avenant_in_force CHECK (since IS NULL
                                       OR director_on IS NOT NULL AND directoire_on IS NOT NULL AND abandoned_on IS NULL)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON avenant TO cpom_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO cpom_app;

-- What an avenant changed says so itself, and what it said before: snapshots and exports are read alone.
ALTER TABLE target ADD COLUMN avenant text, ADD COLUMN since integer;
ALTER TABLE target ADD CONSTRAINT target_avenant CHECK ((avenant IS NULL) = (since IS NULL));
ALTER TABLE indicator ADD COLUMN amended json NOT NULL DEFAULT '[]';
ALTER TABLE measure ADD COLUMN amended json NOT NULL DEFAULT '[]';
ALTER TABLE jalon ADD COLUMN redated json NOT NULL DEFAULT '[]';

-- A jalon that an avenant dated may be put off, even if the document gave it no date.
ALTER TABLE jalon DROP CONSTRAINT jalon_postponed;
ALTER TABLE jalon ADD CONSTRAINT jalon_postponed
    CHECK (postponed_to IS NULL OR due_on IS NOT NULL OR json_array_length(redated) > 0);

-- Steps of an avenant's adoption stand among the plan's.
ALTER TABLE adoption_step ADD COLUMN avenant text;
