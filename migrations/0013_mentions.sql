-- Mentions: where the document signed says a thing, and the figure that it gives for it (docs/regles.md §7, §11). The
-- controls compare it with what is computed.

CREATE TABLE mention (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version    integer NOT NULL DEFAULT 1,
    plan_id    bigint NOT NULL REFERENCES plan,
    position   integer NOT NULL,
    code       text NOT NULL,
    -- What it counts or adds up; `lieu` only says where.
    says       text NOT NULL,
    -- Lists in order: {subject, code}; {label, value}.
    about      json NOT NULL,
    body       text,
    value      numeric,
    terms      json NOT NULL,
    lines      integer[] NOT NULL DEFAULT '{}',
    CONSTRAINT mention_code_key UNIQUE (plan_id, code)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON mention TO cpom_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO cpom_app;
