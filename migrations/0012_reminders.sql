-- Rappels (docs/regles.md §9): who wants none, what was taken in hand for whom, how the last round went.

-- Chosen by its holder; true: deadlines are recalled by mail.
ALTER TABLE account ADD COLUMN reminders boolean NOT NULL DEFAULT true;

-- One message a person and a day. Written and committed before anything is sent: whoever writes the row sends it.
CREATE TABLE reminder_mail (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    day        date NOT NULL,
    -- en_cours: in the hands of a server; incertain: those hands are gone, or the mail server never answered.
    state      text NOT NULL CHECK (state IN ('en_cours', 'envoye', 'a_reprendre', 'echec', 'incertain', 'sans_objet')),
    -- How often it was tried since it was taken in hand, or since an administrator sent it again.
    tries      integer NOT NULL CHECK (tries >= 0),
    taken_at   timestamptz NOT NULL,
    next_at    timestamptz,
    sent_at    timestamptz,
    -- What the mail server answered, on one line.
    failure    text CHECK (char_length(failure) <= 300),
    CONSTRAINT reminder_mail_key UNIQUE (account_id, day),
    CONSTRAINT reminder_mail_next CHECK ((state = 'a_reprendre') = (next_at IS NOT NULL)),
    CONSTRAINT reminder_mail_sent CHECK ((state = 'envoye') = (sent_at IS NOT NULL))
);
CREATE INDEX reminder_mail_unsent ON reminder_mail (state, next_at) WHERE state IN ('en_cours', 'a_reprendre', 'echec', 'incertain');

-- What a message recalls: each thing once a person, a deadline and a stage.
CREATE TABLE reminder (
    mail_id    bigint NOT NULL REFERENCES reminder_mail ON DELETE CASCADE,
    account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
    kind       text NOT NULL CHECK (kind IN ('retour', 'relecture', 'soumission', 'saisie', 'explication', 'jalon')),
    -- Code of the plan, then the campaign's year or the jalon's code.
    subject    text NOT NULL,
    deadline   date NOT NULL,
    stage      text NOT NULL CHECK (stage IN ('avant_14', 'avant_3', 'jour', 'apres_7')),
    CONSTRAINT reminder_key UNIQUE (account_id, kind, subject, deadline, stage)
);
CREATE INDEX reminder_mail_of ON reminder (mail_id);

-- The last round of any server.
CREATE TABLE reminder_round (
    id      smallint PRIMARY KEY DEFAULT 1 CONSTRAINT reminder_round_single CHECK (id = 1),
    at      timestamptz NOT NULL,
    sent    integer NOT NULL,
    failed  integer NOT NULL,
    -- Why it stopped short.
    problem text CHECK (char_length(problem) <= 400)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON reminder_mail, reminder, reminder_round TO cpom_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO cpom_app;
