-- A plan is written before it is signed (docs/regles.md §9). The plans that are there were signed, whether or not the
-- record of their signature kept its date: a draft is said, never guessed.
ALTER TABLE plan ADD COLUMN draft boolean NOT NULL DEFAULT false;
