-- What a contract's pages look for by contract: without these, each read the targets and snapshots of all.

CREATE INDEX target_plan ON target (plan_id);
CREATE INDEX snapshot_plan ON snapshot (plan_id, id);
