-- Réserves de lecture: what the document says in two ways, and the reading in use (docs/regles.md §7).

CREATE TABLE reserve (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version        integer NOT NULL DEFAULT 1,
    plan_id        bigint NOT NULL REFERENCES plan,
    position       integer NOT NULL,
    code           text NOT NULL,
    origin         text NOT NULL CHECK (origin IN ('document', 'conversion', 'indeterminee')),
    label          text NOT NULL,
    -- Lists in order: {subject, code}; {code, text, place, dates}.
    touches        json NOT NULL,
    lines          integer[] NOT NULL DEFAULT '{}',
    readings       json NOT NULL,
    -- The reading that serves while nobody settled the réserve.
    in_use         text NOT NULL,
    why            text,
    settled_reading text,
    settled_reason text,
    settled_on     date,
    -- A function, never a person.
    settled_by     text,
    CONSTRAINT reserve_code_key UNIQUE (plan_id, code),
    CONSTRAINT reserve_settled CHECK (num_nulls(settled_reading, settled_reason, settled_on, settled_by) IN (0, 4))
);

-- A settled reading may give a jalon an earlier first date than the one transcribed: that a new date follows it is
-- checked where both are known.
ALTER TABLE jalon DROP CONSTRAINT jalon_postponed;
ALTER TABLE jalon ADD CONSTRAINT jalon_postponed CHECK (postponed_to IS NULL OR due_on IS NOT NULL);

GRANT SELECT, INSERT, UPDATE, DELETE ON reserve TO cpom_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO cpom_app;
