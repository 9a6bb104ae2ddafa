-- Requests in money (Annexe 3), and the totals the document prints under them (docs/regles.md §6).

CREATE TABLE budget_line (
    id                     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version                integer NOT NULL DEFAULT 1,
    plan_id                bigint NOT NULL REFERENCES plan,
    position               integer NOT NULL,
    code                   text NOT NULL,
    objective_printed      text,
    objective_inherited    boolean NOT NULL DEFAULT false,
    -- Codes of the nodes it serves: none is « non rattaché ».
    nodes                  text[] NOT NULL DEFAULT '{}',
    nature                 text NOT NULL CHECK (nature IN ('fonctionnement', 'investissement', 'non_precisee')),
    category               text NOT NULL,
    subcategory            text,
    label                  text NOT NULL,
    site                   text,
    years                  integer[] NOT NULL DEFAULT '{}',
    years_printed          text,
    -- NULL: « estimation en cours », listed and counted outside the sums.
    cost                   numeric CHECK (cost >= 0),
    cost_printed           text,
    participation          numeric CHECK (participation >= 0),
    participation_of       text,
    participation_printed  text,
    -- Lists in order: {year, amount}; {year, kind, amount, source, dated_on, provenance}.
    self_financing         json NOT NULL DEFAULT '[]',
    self_financing_printed text,
    schedule               json NOT NULL DEFAULT '[]',
    provenance             text,
    CONSTRAINT budget_line_code_key UNIQUE (plan_id, code)
);

-- What the document prints under its table: one a plan, as the document writes it.
CREATE TABLE budget_totals (
    plan_id bigint PRIMARY KEY REFERENCES plan,
    version integer NOT NULL DEFAULT 1,
    content json NOT NULL
);

-- An exact grant is known by a dated decision only.
ALTER TABLE arbitrage ADD CONSTRAINT arbitrage_granted_dated CHECK (granted IS NULL OR session_on IS NOT NULL);

GRANT SELECT, INSERT, UPDATE, DELETE ON budget_line, budget_totals TO cpom_app;
