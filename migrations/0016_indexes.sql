-- What a contract's pages look for by contract: without these, each read the targets and snapshots of all.

CREATE INDEX target_plan ON target (plan_id);
CREATE INDEX snapshot_plan ON snapshot (plan_id, id);
-- An import is one batch of a journal: its entries, without those of all others.
CREATE INDEX journal_entry_import ON journal_entry (import_id, id) WHERE import_id IS NOT NULL;
