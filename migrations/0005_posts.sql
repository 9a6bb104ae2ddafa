-- Posts: anonymous lines from which the printed tables are computed, those tables as printed, the recruitment
-- potential; and, apart, the confidential fields of a line, which the database itself shows to some people only
-- (docs/regles.md §6, §8).

CREATE TABLE post_line (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version         integer NOT NULL DEFAULT 1,
    plan_id         bigint NOT NULL REFERENCES plan,
    position        integer NOT NULL,
    code            text NOT NULL,
    origin          text NOT NULL CHECK (origin IN ('vacance', 'creation', 'stabilisation')),
    -- NULL: non connue.
    year            integer CHECK (year BETWEEN 1990 AND 2100),
    -- As printed, when it says more than the year.
    year_printed    text,
    part            text NOT NULL CHECK (part IN ('part_20', 'part_80', 'hors_part')),
    corps           text NOT NULL CHECK (corps IN ('PR', 'MCF', 'ESD', 'CAT_A', 'CAT_B', 'CAT_C')),
    count           integer NOT NULL CHECK (count BETWEEN 1 AND 999),
    qualifier       text,
    funding         text,
    -- Codes of the nodes it serves.
    objectives      text[] NOT NULL DEFAULT '{}',
    structuring     boolean NOT NULL DEFAULT false,
    also_printed_in text,
    realisation     text NOT NULL CHECK (realisation IN ('arbitre', 'publie', 'pourvu', 'abandonne')),
    provenance      text,
    CONSTRAINT post_line_code_key UNIQUE (plan_id, code)
);

-- A table as the signed document prints it: its rows, its cells' texts, its totals.
CREATE TABLE post_table (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version  integer NOT NULL DEFAULT 1,
    plan_id  bigint NOT NULL REFERENCES plan,
    position integer NOT NULL,
    code     text NOT NULL,
    title    text NOT NULL,
    -- The origins whose lines it counts.
    origins  text[] NOT NULL,
    rows     json NOT NULL,
    totals   json NOT NULL,
    CONSTRAINT post_table_code_key UNIQUE (plan_id, code)
);

CREATE TABLE recruitment_potential (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version  integer NOT NULL DEFAULT 1,
    plan_id  bigint NOT NULL REFERENCES plan,
    position integer NOT NULL,
    code     text NOT NULL,
    family   text NOT NULL CHECK (family IN ('EEC', 'BIATSS')),
    title    text NOT NULL,
    -- Departures: certain ones, and possible ones, of which half are counted.
    certain  numeric NOT NULL CHECK (certain >= 0),
    possible numeric NOT NULL CHECK (possible >= 0),
    printed  json NOT NULL,
    CONSTRAINT recruitment_potential_code_key UNIQUE (plan_id, code)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON post_line, post_table, recruitment_potential TO cpom_app;

-- ─────────────────────────────────────────────────── confidential fields ──

CREATE TABLE post_confidential (
    post_line_id     bigint PRIMARY KEY REFERENCES post_line ON DELETE CASCADE,
    version          integer NOT NULL DEFAULT 1,
    support_number   text,
    departure_reason text,
    departure_on     date
);

-- Every state it had. By plan and code, not by line: it outlives a line that an import takes away.
CREATE TABLE post_confidential_history (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_id          bigint NOT NULL REFERENCES plan,
    post_code        text NOT NULL,
    version          integer NOT NULL,
    support_number   text,
    departure_reason text,
    departure_on     date,
    at               timestamptz NOT NULL,
    account_id       bigint NOT NULL REFERENCES account,
    -- The function at the time of the change.
    actor            text NOT NULL
);
CREATE INDEX post_confidential_history_post ON post_confidential_history (plan_id, post_code, id);

-- Who is asking: `cpom.user`, set for one transaction. After the first transaction of a connection the setting is ''
-- and not NULL; unset, nobody is asking, and nobody sees anything.
CREATE FUNCTION asking_account() RETURNS bigint LANGUAGE sql STABLE
    RETURN nullif(current_setting('cpom.user', true), '')::bigint;

-- The day of the question: the application's, which a demonstration may hold still; the server's otherwise.
CREATE FUNCTION asking_day() RETURNS date LANGUAGE sql STABLE
    RETURN coalesce(nullif(current_setting('cpom.today', true), '')::date, (now() AT TIME ZONE 'Europe/Paris')::date);

-- Holds one of these roles today, for the whole establishment or for the structure of this plan. An account that is
-- suspended holds none.
CREATE FUNCTION asking_holds(roles text[], plan bigint) RETURNS boolean LANGUAGE sql STABLE
    RETURN EXISTS (
        SELECT FROM account_grant g JOIN account a ON a.id = g.account_id
        WHERE g.account_id = asking_account() AND a.suspended_at IS NULL AND g.revoked_at IS NULL
          AND (g.starts_on IS NULL OR g.starts_on <= asking_day()) AND (g.ends_on IS NULL OR g.ends_on >= asking_day())
          AND g.role = ANY (roles)
          AND (g.role <> 'director' OR g.structure_id = (SELECT p.structure_id FROM plan p WHERE p.id = plan)));

ALTER TABLE post_confidential ENABLE ROW LEVEL SECURITY;
ALTER TABLE post_confidential_history ENABLE ROW LEVEL SECURITY;

-- Not FORCE: the owner backs up what it does not show.
CREATE POLICY post_confidential_read ON post_confidential FOR SELECT TO cpom_app
    USING (asking_holds('{rh,directoire,director}', (SELECT l.plan_id FROM post_line l WHERE l.id = post_line_id)));
CREATE POLICY post_confidential_add ON post_confidential FOR INSERT TO cpom_app
    WITH CHECK (asking_holds('{rh}', (SELECT l.plan_id FROM post_line l WHERE l.id = post_line_id)));
CREATE POLICY post_confidential_change ON post_confidential FOR UPDATE TO cpom_app
    USING (asking_holds('{rh}', (SELECT l.plan_id FROM post_line l WHERE l.id = post_line_id)));
CREATE POLICY post_confidential_history_read ON post_confidential_history FOR SELECT TO cpom_app
    USING (asking_holds('{rh,directoire,director}', plan_id));
-- Signed by whoever writes.
CREATE POLICY post_confidential_history_add ON post_confidential_history FOR INSERT TO cpom_app
    WITH CHECK (asking_holds('{rh}', plan_id) AND account_id = asking_account());

-- Emptied, never removed; the history is written once, for ever.
GRANT SELECT, INSERT, UPDATE ON post_confidential TO cpom_app;
GRANT SELECT, INSERT ON post_confidential_history TO cpom_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO cpom_app;
