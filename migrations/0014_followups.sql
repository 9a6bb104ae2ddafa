-- Suites (docs/regles.md §9): what a meeting of the annual dialogue asks someone to do by a day.

CREATE TABLE followup (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version    integer NOT NULL DEFAULT 1,
    plan_id    bigint NOT NULL REFERENCES plan,
    position   integer NOT NULL,
    code       text NOT NULL,
    -- The campaign of the meeting that wrote it.
    year       integer NOT NULL,
    body       text NOT NULL,
    -- A function or a service, never a person.
    owner      text NOT NULL,
    due_on     date NOT NULL,
    state      text NOT NULL CHECK (state IN ('a_faire', 'fait', 'abandonne')),
    -- When the state was said, and what was said then.
    said_on    date,
    note       text,
    provenance text,
    CONSTRAINT followup_code_key UNIQUE (plan_id, code),
    CONSTRAINT followup_dropped CHECK (state <> 'abandonne' OR note IS NOT NULL)
);
-- What is still to do, over many plans.
CREATE INDEX followup_open ON followup (plan_id, due_on) WHERE state = 'a_faire';

GRANT SELECT, INSERT, UPDATE, DELETE ON followup TO cpom_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO cpom_app;

-- A follow-up has a deadline: it is recalled as the others are.
ALTER TABLE reminder DROP CONSTRAINT reminder_kind_check;
ALTER TABLE reminder ADD CONSTRAINT reminder_kind_check CHECK (
    kind IN ('retour', 'relecture', 'soumission', 'saisie', 'explication', 'jalon', 'suite'));
