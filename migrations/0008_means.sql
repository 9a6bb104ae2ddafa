-- What is asked for, whatever its table: what decisions, avis and amendments name by a subject and a code
-- (docs/regles.md §6).

CREATE VIEW means WITH (security_invoker = true) AS
SELECT request.plan_id, 'demande' AS subject, request.code, request.label, request.position, heading.code AS heading
FROM request LEFT JOIN heading ON heading.id = request.heading_id
UNION ALL
SELECT plan_id, 'volet', code, title, position, NULL FROM heading
UNION ALL
-- A line that asks nothing of the establishment has nothing to decide.
SELECT plan_id, 'ligne_budgetaire', code, label, position, NULL FROM budget_line WHERE participation IS NOT NULL
UNION ALL
SELECT plan_id, 'poste', code, count || ' ' || replace(corps, 'CAT_', 'catégorie ') || coalesce(', ' || year, ''),
       position, NULL
FROM post_line;

GRANT SELECT ON means TO cpom_app;
