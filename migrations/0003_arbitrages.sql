-- Decisions and the conditions they are under (docs/regles.md §6).

CREATE TABLE condition (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version  integer NOT NULL DEFAULT 1,
    plan_id  bigint NOT NULL REFERENCES plan,
    position integer NOT NULL,
    code     text NOT NULL,
    text     text NOT NULL,
    scope    text NOT NULL CHECK (scope IN ('decision', 'creations')),
    state    text NOT NULL CHECK (state IN ('en_attente', 'levee', 'non_realisee')),
    dated_on date,
    note     text,
    CONSTRAINT condition_code_key UNIQUE (plan_id, code)
);

-- A ledger: the signed document's decision, then each revision. Nothing is overwritten.
CREATE TABLE arbitrage (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version      integer NOT NULL DEFAULT 1,
    plan_id      bigint NOT NULL REFERENCES plan,
    -- What is decided on: a thing of another table, named by its code; the document's checks keep the link sound.
    subject      text NOT NULL CHECK (subject IN ('demande', 'poste', 'ligne_budgetaire', 'volet')),
    code         text NOT NULL,
    -- 0 is the signed document's.
    rank         integer NOT NULL CHECK (rank >= 0),
    state        text NOT NULL CHECK (state IN ('favorable', 'favorable_en_partie', 'favorable_sous_condition',
                     'defavorable', 'a_retravailler', 'a_revoir', 'reporte', 'renvoi_etablissement', 'renvoi_aap',
                     'sans_objet', 'non_arbitre')),
    wording      text,
    set_aside    text,
    funding      text,
    condition_id bigint REFERENCES condition,
    -- Exact euros, and k€ as printed: two figures, never mixed.
    granted      numeric CHECK (granted >= 0),
    granted_printed_keur numeric CHECK (granted_printed_keur >= 0),
    decided_by   text,
    session_on   date,
    reason       text,
    CONSTRAINT arbitrage_rank_key UNIQUE (plan_id, subject, code, rank)
);
CREATE INDEX arbitrage_condition ON arbitrage (condition_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON condition, arbitrage TO cpom_app;
