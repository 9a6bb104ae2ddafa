-- The states of the annual dialogue: what moved it, what a submission received, what was asked otherwise than by the
-- rule (docs/regles.md §9).

-- NULL: each contract's own threshold.
ALTER TABLE campaign ADD COLUMN deviation_threshold numeric CHECK (deviation_threshold > 0);

ALTER TABLE dialogue
    -- Its closing closes the contract.
    ADD COLUMN is_final         boolean NOT NULL DEFAULT false,
    -- The séance that validated it; none while it is not validated.
    ADD COLUMN session_on       date,
    -- More time for one structure.
    ADD COLUMN extended_to      date,
    ADD COLUMN extension_reason text,
    ADD COLUMN extended_by      text,
    ADD CONSTRAINT dialogue_extension CHECK (num_nonnulls(extended_to, extension_reason, extended_by) IN (0, 3));

-- The campaign whose closing closed the contract: nothing is entered in it any more.
ALTER TABLE plan ADD COLUMN closed_year integer;

-- Everything that ever moved a dialogue; a reopening stays visible.
CREATE TABLE dialogue_transition (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dialogue_id   bigint NOT NULL REFERENCES dialogue,
    kind          text NOT NULL CHECK (kind IN ('ouverture', 'soumission', 'rappel', 'revue', 'retour', 'reprise',
                                                'validation', 'reouverture', 'cloture')),
    to_state      text NOT NULL CHECK (to_state IN ('saisie', 'soumis', 'en_revue', 'retourne', 'valide', 'clos')),
    at            timestamptz NOT NULL,
    account_id    bigint REFERENCES account,
    -- The function at the time.
    actor         text NOT NULL,
    reason        text,
    -- The séance of a validation.
    session_on    date,
    -- Answers entered by others that the submission took over.
    countersigned integer,
    CONSTRAINT dialogue_transition_reason CHECK (kind NOT IN ('retour', 'reouverture') OR reason IS NOT NULL),
    CONSTRAINT dialogue_transition_session CHECK ((kind = 'validation') = (session_on IS NOT NULL)),
    CONSTRAINT dialogue_transition_countersigned CHECK ((kind = 'soumission') = (countersigned IS NOT NULL))
);
CREATE INDEX dialogue_transition_dialogue ON dialogue_transition (dialogue_id, id);

INSERT INTO dialogue_transition (dialogue_id, kind, to_state, at, account_id, actor)
SELECT dialogue.id, 'ouverture', 'saisie', coalesce(opened.at, campaign.created_at), opened.account_id,
       coalesce(opened.actor, 'commande')
FROM dialogue
JOIN campaign ON campaign.id = dialogue.campaign_id
LEFT JOIN journal_entry opened ON opened.plan_id = dialogue.plan_id AND opened.kind = 'dialogue'
      AND opened.code = campaign.year::text AND opened.before IS NULL;

-- Jalons and actions that a submission received, as `expected_cell.frozen` says it of the cells.
CREATE TABLE received (
    dialogue_id bigint NOT NULL REFERENCES dialogue,
    kind        text NOT NULL CHECK (kind IN ('jalon', 'action')),
    code        text NOT NULL,
    PRIMARY KEY (dialogue_id, kind, code)
);

-- Cells asked, or not asked, otherwise than by the rule.
CREATE TABLE expected_adjustment (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dialogue_id  bigint NOT NULL REFERENCES dialogue,
    measure_code text NOT NULL,
    period_start integer NOT NULL,
    -- As shown: « 2023-2024 ».
    period       text NOT NULL,
    is_added     boolean NOT NULL,
    reason       text NOT NULL,
    actor        text NOT NULL,
    at           timestamptz NOT NULL
);
CREATE INDEX expected_adjustment_dialogue ON expected_adjustment (dialogue_id, id);

GRANT SELECT, INSERT ON dialogue_transition, expected_adjustment TO cpom_app;
GRANT SELECT, INSERT, DELETE ON received TO cpom_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO cpom_app;
