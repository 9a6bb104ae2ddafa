-- The only contract, `bench.copies` times more: every row that hangs from it, `stride` numbers further each time.

DO $$
DECLARE
    copies constant bigint := current_setting('bench.copies')::bigint;
    -- More than one contract has rows of any kind.
    stride constant bigint := 10000;
    -- What is copied, what a row refers to before it. A director's account follows each structure.
    tables constant text[] := '{structure, plan, section, adoption_step, node, indicator, measure, target, cell, jalon,
        condition, arbitrage, budget_line, budget_totals, post_line, post_table, recruitment_potential, heading, action,
        request, envelope, commitment, dialogue, snapshot, expected_cell, import_run, journal_entry, account,
        account_grant}';
    -- Rows of these tables that belong to no contract.
    others constant jsonb := jsonb_build_object(
        'account', 'row.email NOT LIKE ''director@%''',
        'account_grant', 'row.role <> ''director''',
        'journal_entry', 'row.plan_id IS NULL AND row.kind <> ''structure''');
    -- Names that must differ.
    renamed constant jsonb := jsonb_build_object(
        'structure.code', 'row.code || ''-'' || copy',
        'structure.position', 'row.position + copy',
        'structure.label', 'row.label || '' '' || copy',
        'structure.acronym', 'row.acronym || '' '' || copy',
        'plan.code', 'row.code || ''-'' || copy',
        'account.email', 'replace(row.email, ''@'', ''-'' || copy || ''@'')',
        'journal_entry.code',
            'CASE WHEN row.kind IN (''contrat'', ''structure'') THEN row.code || ''-'' || copy ELSE row.code END',
        'journal_entry.after',
            'CASE WHEN row.kind IN (''contrat'', ''structure'') THEN replace(row.after::text,
                 format(''"code":"%s"'', row.code), format(''"code":"%s-%s"'', row.code, copy))::json ELSE row.after END');
    table_name text;
    columns text;
    selected text;
    numbered boolean;
BEGIN
    FOREACH table_name IN ARRAY tables LOOP
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum),
               string_agg(
                   CASE
                       WHEN renamed ? (table_name || '.' || attname) THEN renamed ->> (table_name || '.' || attname)
                       WHEN attname = 'id' OR EXISTS (
                           SELECT FROM pg_constraint link
                           WHERE link.conrelid = attrelid AND link.contype = 'f' AND link.conkey = ARRAY[attnum]
                             AND link.confrelid::regclass::text = ANY (tables))
                       THEN format('row.%I + copy * %s', attname, stride)
                       ELSE format('row.%I', attname)
                   END, ', ' ORDER BY attnum),
               bool_or(attidentity <> '')
        INTO columns, selected, numbered
        FROM pg_attribute
        WHERE attrelid = table_name::regclass AND attnum > 0 AND NOT attisdropped;
        EXECUTE format(
            'INSERT INTO %I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s WHERE NOT (%s)',
            table_name, columns, selected,
            -- People save in turn: the entries of a journal lie among those of others, not side by side.
            CASE table_name
                WHEN 'journal_entry' THEN format(
                    '(SELECT * FROM journal_entry ORDER BY id) row, LATERAL generate_series(1, %s + 0 * row.id) copy', copies)
                ELSE format('generate_series(1, %s) copy, %I row', copies, table_name)
            END,
            coalesce(others ->> table_name, 'false'));
        IF numbered THEN
            EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, ''id''), (SELECT max(id) FROM %I))',
                           table_name, table_name);
        END IF;
    END LOOP;
    -- A snapshot is that of its own contract.
    UPDATE snapshot SET document = own.document, sha256 = sha256(own.document)
    FROM (SELECT plan.id, convert_to(replace(convert_from(model.document, 'UTF8'), first.code, plan.code), 'UTF8')
                              AS document
          FROM plan first JOIN snapshot model ON model.plan_id = first.id JOIN plan ON plan.id > first.id
          WHERE first.id = (SELECT min(id) FROM plan)) own
    WHERE own.id = snapshot.plan_id;
END $$;
