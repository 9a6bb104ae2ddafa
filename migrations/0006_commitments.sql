-- Engagements: headings, actions, requests, envelopes of the structure; commitments of the establishment.

CREATE TABLE heading (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version  integer NOT NULL DEFAULT 1,
    plan_id  bigint NOT NULL REFERENCES plan,
    position integer NOT NULL,
    code     text NOT NULL,
    title    text NOT NULL,
    CONSTRAINT heading_code_key UNIQUE (plan_id, code)
);

CREATE TABLE action (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version    integer NOT NULL DEFAULT 1,
    plan_id    bigint NOT NULL REFERENCES plan,
    position   integer NOT NULL,
    code       text NOT NULL,
    heading_id bigint NOT NULL REFERENCES heading,
    label      text NOT NULL,
    owner      text,
    state      text NOT NULL CHECK (state IN ('prevue', 'en_cours', 'faite', 'abandonnee')),
    note       text,
    provenance text,
    CONSTRAINT action_code_key UNIQUE (plan_id, code)
);
CREATE INDEX action_heading ON action (heading_id);

CREATE TABLE request (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version    integer NOT NULL DEFAULT 1,
    plan_id    bigint NOT NULL REFERENCES plan,
    position   integer NOT NULL,
    code       text NOT NULL,
    heading_id bigint REFERENCES heading,
    node_id    bigint REFERENCES node,
    label      text NOT NULL,
    -- A list of {value, printed, unit, role}, in order.
    quantities json NOT NULL DEFAULT '[]',
    CONSTRAINT request_code_key UNIQUE (plan_id, code)
);
CREATE INDEX request_heading ON request (heading_id);

CREATE TABLE envelope (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version    integer NOT NULL DEFAULT 1,
    plan_id    bigint NOT NULL REFERENCES plan,
    position   integer NOT NULL,
    code       text NOT NULL,
    request_id bigint NOT NULL REFERENCES request,
    label      text NOT NULL,
    ceiling    numeric NOT NULL CHECK (ceiling >= 0),
    unit       text NOT NULL,
    baseline   text,
    revision   text,
    -- A list of {year, amount}, in order.
    used       json NOT NULL DEFAULT '[]',
    CONSTRAINT envelope_code_key UNIQUE (plan_id, code)
);

CREATE TABLE commitment (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version  integer NOT NULL DEFAULT 1,
    plan_id  bigint NOT NULL REFERENCES plan,
    position integer NOT NULL,
    code     text NOT NULL,
    volet    text NOT NULL,
    body     text NOT NULL,
    -- {value, printed, unit, role}; NULL: NR.
    quantity json,
    baseline text,
    owner    text,
    -- A list of {year, kept, note}, in order.
    years    json NOT NULL DEFAULT '[]',
    CONSTRAINT commitment_code_key UNIQUE (plan_id, code)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON heading, action, request, envelope, commitment TO cpom_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO cpom_app;
