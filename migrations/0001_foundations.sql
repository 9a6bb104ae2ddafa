-- The ground: accounts, the establishment and its framework, plans and their elements, the first campaign, the journal.
--
-- Two roles meet here. The owner runs this file; the application serves under `cpom_app` (created by `db.rs` before
-- any migration), which may read and add journal entries and never change or remove one.

-- J10 comes after J2, 13.a before 13.b: plain French sorting does not know numbers.
CREATE COLLATION french_natural (provider = icu, locale = 'fr-u-kn-true');

-- ───────────────────────────────────────────────────────────── accounts ──

CREATE TABLE account (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version       integer NOT NULL DEFAULT 1,
    email         text NOT NULL CONSTRAINT account_email_lowercase CHECK (email = lower(email)),
    -- The function, as the journal shows it (« Direction de l’IUT »). No agent's name is stored.
    function      text NOT NULL,
    -- argon2id, PHC string; NULL until the invitation is accepted.
    password_hash text,
    demo          boolean NOT NULL DEFAULT false,
    created_at    timestamptz NOT NULL,
    suspended_at  timestamptz,
    -- Lets an administrator see the accounts that nobody uses any more.
    last_sign_in_at timestamptz,
    CONSTRAINT account_email_key UNIQUE (email)
);

CREATE TABLE session (
    id           uuid PRIMARY KEY,
    account_id   bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    -- SHA-256 of the secret half of the cookie: a copy of the table opens no session.
    secret_hash  bytea NOT NULL,
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);
CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE invitation (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    token_hash bytea NOT NULL CONSTRAINT invitation_token_key UNIQUE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX invitation_account ON invitation (account_id);

CREATE TABLE signin_attempt (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- What was typed, hashed: the address may belong to nobody, and a password is sometimes typed here.
    email_hash bytea NOT NULL,
    -- An IPv4 address, or the /64 of an IPv6 one: a home or an attacker holds the whole of it.
    address    text NOT NULL,
    -- The server's own time, not the application's: a delay must run out even when a demo fixes the clock.
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    succeeded  boolean NOT NULL DEFAULT false
);
CREATE INDEX signin_attempt_email ON signin_attempt (email_hash, at);
CREATE INDEX signin_attempt_address ON signin_attempt (address, at);

-- ──────────────────────────────────────── the establishment and its framework ──

CREATE TABLE establishment (
    id      smallint PRIMARY KEY DEFAULT 1 CONSTRAINT establishment_single CHECK (id = 1),
    version integer NOT NULL DEFAULT 1,
    code    text NOT NULL,
    name    text NOT NULL,
    acronym text NOT NULL,
    -- Legal form, decree, flagship theme… : a list of {label, text}, in order.
    facts   json NOT NULL DEFAULT '[]',
    framework_title  text NOT NULL,
    framework_levels text[] NOT NULL
);

CREATE TABLE framework_row (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version    integer NOT NULL DEFAULT 1,
    position   integer NOT NULL,
    code       text NOT NULL CONSTRAINT framework_row_code_key UNIQUE,
    domain     text NOT NULL,
    theme      text NOT NULL,
    -- The theme as printed, when the reading retained differs (a shifted column of the synoptic table).
    theme_printed text,
    objective  text NOT NULL,
    -- The printed cell is cut short.
    truncated  boolean NOT NULL DEFAULT false,
    note       text
);

CREATE TABLE structure (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version  integer NOT NULL DEFAULT 1,
    position integer NOT NULL,
    code     text NOT NULL CONSTRAINT structure_code_key UNIQUE,
    kind     text NOT NULL CHECK (kind IN ('institut', 'composante', 'service')),
    label    text NOT NULL,
    acronym  text NOT NULL,
    -- Sites belong to their structure and have no life of their own: a list of {code, label}, in order.
    sites    json NOT NULL DEFAULT '[]'
);

-- ──────────────────────────────────────────────────────────────── plans ──

CREATE TABLE plan (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version      integer NOT NULL DEFAULT 1,
    code         text NOT NULL CONSTRAINT plan_code_key UNIQUE CHECK (code ~ '^[a-z0-9][a-z0-9-]{1,79}$'),
    kind         text NOT NULL CHECK (kind IN ('cpom', 'schema_directeur', 'contribution_regionale')),
    title        text NOT NULL,
    structure_id bigint NOT NULL REFERENCES structure,
    first_year   integer NOT NULL,
    last_year    integer NOT NULL,
    -- Level names of the tree, from the root: {Domaine, Thématique, Objectif}.
    levels       text[] NOT NULL CHECK (cardinality(levels) BETWEEN 1 AND 6),
    -- {label, text} pairs, in order: who concludes with whom, how often it is reviewed…
    parties      json NOT NULL DEFAULT '[]',
    annexes      json NOT NULL DEFAULT '[]',
    -- A sentence shown beside the title: « donnée fictive » for an invented contract.
    notice       text,
    -- Deviation that asks for an explanation, in percent of |target − reference| (docs/regles.md §9).
    deviation_threshold numeric NOT NULL DEFAULT 10 CHECK (deviation_threshold > 0),
    CONSTRAINT plan_years CHECK (first_year BETWEEN 1990 AND 2100 AND last_year BETWEEN first_year AND first_year + 20)
);
CREATE INDEX plan_structure ON plan (structure_id);

CREATE TABLE section (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version  integer NOT NULL DEFAULT 1,
    plan_id  bigint NOT NULL REFERENCES plan,
    position integer NOT NULL,
    code     text NOT NULL,
    title    text NOT NULL,
    body     text NOT NULL,
    CONSTRAINT section_code_key UNIQUE (plan_id, code)
);

CREATE TABLE adoption_step (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version        integer NOT NULL DEFAULT 1,
    plan_id        bigint NOT NULL REFERENCES plan,
    position       integer NOT NULL,
    code           text NOT NULL,
    body           text NOT NULL,
    act            text NOT NULL CHECK (act IN ('adoption', 'vote', 'avis', 'signature')),
    label          text NOT NULL,
    -- NULL: non renseignée.
    held_on        date,
    date_printed   text,
    reference      text,
    -- {in_office, present, represented, voters, in_favour, against, abstentions, no_part}; NULL: no vote recorded.
    vote           json,
    transmitted_on date,
    published_on   date,
    CONSTRAINT adoption_step_code_key UNIQUE (plan_id, code)
);

CREATE TABLE node (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version        integer NOT NULL DEFAULT 1,
    plan_id        bigint NOT NULL REFERENCES plan,
    position       integer NOT NULL,
    code           text NOT NULL,
    parent_id      bigint REFERENCES node,
    -- 1 is the root level.
    level          integer NOT NULL CHECK (level >= 1),
    label          text NOT NULL,
    -- Printed wording when the label retained differs.
    label_printed  text,
    statement      text,
    -- Codes of the framework rows this node declines.
    framework_rows text[] NOT NULL DEFAULT '{}',
    CONSTRAINT node_code_key UNIQUE (plan_id, code)
);
CREATE INDEX node_parent ON node (parent_id);

-- ──────────────────────────────────────────────────────────── indicators ──

CREATE TABLE indicator (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version         integer NOT NULL DEFAULT 1,
    plan_id         bigint NOT NULL REFERENCES plan,
    position        integer NOT NULL,
    -- The number, as in the URL.
    code            text NOT NULL,
    node_id         bigint NOT NULL REFERENCES node,
    label           text NOT NULL,
    -- A group has no value of its own: its measures have letters.
    is_group        boolean NOT NULL,
    unit            text NOT NULL,
    period_kind     text NOT NULL CHECK (period_kind IN ('civile', 'universitaire')),
    scope           text,
    calculation     text,
    source          text,
    availability    text NOT NULL,
    availability_printed text,
    origin          text NOT NULL CHECK (origin IN ('institut', 'sapcg', 'ippa', 'autre', 'non_precisee')),
    origin_printed  text,
    referents       text[] NOT NULL DEFAULT '{}',
    comment         text,
    -- Columns of the printed form; the contract may have others (docs/regles.md §3).
    columns_printed text[] NOT NULL DEFAULT '{}',
    CONSTRAINT indicator_code_key UNIQUE (plan_id, code)
);
CREATE INDEX indicator_node ON indicator (node_id);

CREATE TABLE measure (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version             integer NOT NULL DEFAULT 1,
    plan_id             bigint NOT NULL REFERENCES plan,
    position            integer NOT NULL,
    code                text NOT NULL,
    indicator_id        bigint NOT NULL REFERENCES indicator,
    label               text NOT NULL,
    unit                text NOT NULL,
    unit_kind           text NOT NULL CHECK (unit_kind IN ('nombre', 'taux', 'euros')),
    -- A rate entered as a numerator and a denominator: the value is their quotient, never typed.
    is_quotient         boolean NOT NULL DEFAULT false,
    scope               text,
    calculation         text,
    nature              text NOT NULL CHECK (nature IN ('stock', 'flux', 'cumul', 'a_confirmer')),
    nature_confirmed    boolean NOT NULL,
    direction           text NOT NULL CHECK (direction IN ('hausse', 'baisse', 'maintien', 'a_choisir')),
    direction_confirmed boolean NOT NULL,
    tolerance           numeric NOT NULL DEFAULT 0 CHECK (tolerance >= 0),
    better_side         text CHECK (better_side IN ('au_dessus', 'au_dessous')),
    reference_status    text CHECK (reference_status IN ('valeur', 'NR', 'NA')),
    reference_value     numeric,
    reference_printed   text,
    CONSTRAINT measure_code_key UNIQUE (plan_id, code),
    CONSTRAINT measure_reference_whole CHECK ((reference_status IS NOT DISTINCT FROM 'valeur') = (reference_value IS NOT NULL))
);
CREATE INDEX measure_indicator ON measure (indicator_id);

-- A ledger: the original target, then each avenant. Nothing is overwritten.
CREATE TABLE target (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version    integer NOT NULL DEFAULT 1,
    plan_id    bigint NOT NULL REFERENCES plan,
    measure_id bigint NOT NULL REFERENCES measure,
    -- 0 is the original.
    rank       integer NOT NULL CHECK (rank >= 0),
    status     text NOT NULL CHECK (status IN ('valeur', 'NR', 'NA')),
    value      numeric,
    printed    text,
    -- Yearly targets, when there are some: a list of {period, value}, in order.
    yearly     json NOT NULL DEFAULT '[]',
    decided_on date,
    reason     text,
    CONSTRAINT target_rank_key UNIQUE (measure_id, rank),
    CONSTRAINT target_whole CHECK ((status = 'valeur') = (value IS NOT NULL))
);

CREATE TABLE cell (
    measure_id     bigint NOT NULL REFERENCES measure,
    -- First calendar year of the period; its kind is the indicator's.
    period_start   integer NOT NULL,
    plan_id        bigint NOT NULL REFERENCES plan,
    version        integer NOT NULL CHECK (version >= 1),
    -- NULL: empty, nothing was answered.
    status         text CHECK (status IN ('valeur', 'NR', 'NA')),
    value          numeric,
    numerator      numeric,
    denominator    numeric,
    comment        text,
    -- What the signed document printed, kept beside whatever is entered later.
    printed_text   text,
    printed_status text CHECK (printed_status IN ('valeur', 'NR', 'NA')),
    printed_value  numeric,
    -- Where an invented or transcribed figure comes from (« donnée fictive »).
    provenance     text,
    -- Of the last change, also in the journal: the page shows it without reading the journal.
    changed_at     timestamptz NOT NULL,
    changed_by     text NOT NULL,
    PRIMARY KEY (measure_id, period_start),
    CONSTRAINT cell_whole CHECK ((status IS NOT DISTINCT FROM 'valeur') = (value IS NOT NULL)),
    CONSTRAINT cell_quotient CHECK ((numerator IS NULL) = (denominator IS NULL)),
    CONSTRAINT cell_printed_whole CHECK ((printed_status IS NOT DISTINCT FROM 'valeur') = (printed_value IS NOT NULL)
                                         AND (printed_status IS NULL OR printed_text IS NOT NULL))
);
CREATE INDEX cell_plan ON cell (plan_id);

-- ─────────────────────────────────────────────────────────────── grants ──

CREATE TABLE account_grant (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version      integer NOT NULL DEFAULT 1,
    account_id   bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    role         text NOT NULL CHECK (role IN ('director', 'contributor', 'directoire', 'finance', 'rh', 'pilotage', 'reader', 'admin')),
    -- A director's structure.
    structure_id bigint REFERENCES structure,
    -- A contributor's plan and the codes given there (indicators, measures, jalons).
    plan_id      bigint REFERENCES plan,
    items        text[] NOT NULL DEFAULT '{}',
    starts_on    date,
    ends_on      date,
    -- Given by a director on a plan of their structure, for dated periods (docs/regles.md §8).
    delegated    boolean NOT NULL DEFAULT false,
    granted_by   text NOT NULL,
    granted_at   timestamptz NOT NULL,
    revoked_at   timestamptz,
    CONSTRAINT account_grant_scope CHECK (
        (role = 'director') = (structure_id IS NOT NULL)
        AND (role = 'contributor') = (plan_id IS NOT NULL)
        AND (role = 'contributor') = (cardinality(items) > 0)),
    CONSTRAINT account_grant_dates CHECK (starts_on IS NULL OR ends_on IS NULL OR starts_on <= ends_on),
    CONSTRAINT account_grant_delegation CHECK (
        NOT delegated OR (role = 'contributor' AND starts_on IS NOT NULL AND ends_on IS NOT NULL))
);
CREATE INDEX account_grant_account ON account_grant (account_id);

-- ──────────────────────────────────────────────────── campaigns, dialogues ──

CREATE TABLE campaign (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version    integer NOT NULL DEFAULT 1,
    year       integer NOT NULL CONSTRAINT campaign_year_key UNIQUE,
    opens_on   date NOT NULL,
    closes_on  date NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT campaign_window CHECK (opens_on <= closes_on)
);

CREATE TABLE dialogue (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version     integer NOT NULL DEFAULT 1,
    campaign_id bigint NOT NULL REFERENCES campaign,
    plan_id     bigint NOT NULL REFERENCES plan,
    state       text NOT NULL CHECK (state IN ('a_ouvrir', 'saisie', 'soumis', 'en_revue', 'retourne', 'valide', 'clos')),
    state_since timestamptz NOT NULL,
    -- Why it came back, or why it was reopened.
    reason      text,
    CONSTRAINT dialogue_key UNIQUE (campaign_id, plan_id),
    CONSTRAINT dialogue_reason CHECK (state <> 'retourne' OR reason IS NOT NULL)
);
CREATE INDEX dialogue_plan ON dialogue (plan_id);

-- Canonical bytes: jsonb would reorder keys and rewrite numbers.
CREATE TABLE snapshot (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_id     bigint NOT NULL REFERENCES plan,
    dialogue_id bigint REFERENCES dialogue,
    occasion    text NOT NULL CHECK (occasion IN ('ouverture', 'soumission', 'validation', 'cloture')),
    document    bytea NOT NULL,
    sha256      bytea NOT NULL CHECK (octet_length(sha256) = 32),
    taken_at    timestamptz NOT NULL
);
CREATE INDEX snapshot_dialogue ON snapshot (dialogue_id);

-- The list a dialogue asks for, fixed at its opening (docs/regles.md §9).
CREATE TABLE expected_cell (
    dialogue_id  bigint NOT NULL REFERENCES dialogue,
    measure_code text NOT NULL,
    period_start integer NOT NULL,
    due_on       date NOT NULL,
    -- Set by a submission: what was received can no longer be changed outside a reopening.
    frozen       boolean NOT NULL DEFAULT false,
    PRIMARY KEY (dialogue_id, measure_code, period_start)
);

-- ────────────────────────────────────────────────────────────── journal ──

CREATE TABLE import_run (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_id bigint NOT NULL REFERENCES plan,
    at      timestamptz NOT NULL,
    actor   text NOT NULL,
    sha256  bytea NOT NULL CHECK (octet_length(sha256) = 32)
);

CREATE TABLE journal_entry (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- NULL: the establishment's own (framework, structures, campaigns).
    plan_id     bigint REFERENCES plan,
    kind        text NOT NULL,
    code        text NOT NULL,
    version     integer NOT NULL CHECK (version >= 1),
    -- Whole states, as the document writes them; `json` keeps their bytes. NULL: not there.
    before      json,
    after       json,
    -- Place among its kind after the change, for kinds that have one.
    position    integer,
    at          timestamptz NOT NULL,
    account_id  bigint REFERENCES account,
    -- The function at the time of the change.
    actor       text NOT NULL,
    source      text NOT NULL CHECK (source IN ('page', 'import', 'commande')),
    import_id   bigint REFERENCES import_run,
    reason      text
);
CREATE INDEX journal_entry_plan ON journal_entry (plan_id, id);
CREATE INDEX journal_entry_thing ON journal_entry (plan_id, kind, code, id);

-- ──────────────────────────────────────────────────────── what the application may do ──

GRANT USAGE ON SCHEMA public TO cpom_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO cpom_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO cpom_app;
-- Written once, for ever.
REVOKE UPDATE, DELETE, TRUNCATE ON journal_entry, import_run, snapshot FROM cpom_app;
-- sqlx's own bookkeeping belongs to the owner; the application only compares versions.
REVOKE INSERT, UPDATE, DELETE ON _sqlx_migrations FROM cpom_app;
