-- The only contract, `bench.copies` times more: every row that hangs from it, `stride` numbers further each time. A table
-- added later is copied too; one that belongs to no contract is refused by its own keys until it is named here.

DO $$
DECLARE
    copies constant bigint := current_setting('bench.copies')::bigint;
    -- More than one contract has rows of any kind.
    stride constant bigint := 10000;
    shared constant text[] :=
        '{_sqlx_migrations, establishment, framework_row, campaign, session, invitation, signin_attempt}';
    -- Rows of other tables that belong to no contract. A director's account follows each structure.
    apart constant jsonb := jsonb_build_object(
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
    done text[] := '{}';
    next text;
    columns text;
    selected text;
    numbered boolean;
BEGIN
    LOOP
        -- One whose rows refer only to what is there.
        SELECT relname INTO next FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> ALL (shared || done)
          AND NOT EXISTS (SELECT FROM pg_constraint link
                          WHERE link.conrelid = pg_class.oid AND link.contype = 'f' AND link.confrelid <> link.conrelid
                            AND link.confrelid::regclass::text <> ALL (shared || done))
        ORDER BY relname LIMIT 1;
        EXIT WHEN NOT FOUND;
        done := done || next;
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum),
               string_agg(
                   CASE
                       WHEN renamed ? (next || '.' || attname) THEN renamed ->> (next || '.' || attname)
                       WHEN attname = 'id' OR EXISTS (
                           SELECT FROM pg_constraint link
                           WHERE link.conrelid = attrelid AND link.contype = 'f' AND link.conkey = ARRAY[attnum]
                             AND link.confrelid::regclass::text = ANY (done))
                       THEN format('row.%I + copy * %s', attname, stride)
                       ELSE format('row.%I', attname)
                   END, ', ' ORDER BY attnum),
               bool_or(attidentity <> '')
        INTO columns, selected, numbered
        FROM pg_attribute
        WHERE attrelid = next::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
        EXECUTE format(
            'INSERT INTO %I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s WHERE NOT (%s)',
            next, columns, selected,
            -- People save in turn: the entries of a journal lie among those of others, not side by side.
            CASE next
                WHEN 'journal_entry' THEN format(
                    '(SELECT * FROM journal_entry ORDER BY id) row, LATERAL generate_series(1, %s + 0 * row.id) copy', copies)
                ELSE format('generate_series(1, %s) copy, %I row', copies, next)
            END,
            coalesce(apart ->> next, 'false'));
        IF numbered THEN
            EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, ''id''), max(id)) FROM %I', next, next);
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
