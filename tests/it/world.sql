-- A small house for the tests: one structure with one plan, another with another.

INSERT INTO establishment (code, name, acronym, framework_title, framework_levels)
VALUES ('uca', 'Université Clermont Auvergne', 'UCA', 'Cadre stratégique', '{Domaine,Thématique,Objectif}');

INSERT INTO structure (position, code, kind, label, acronym) VALUES
    (1, 'iut', 'institut', 'Institut universitaire de technologie', 'IUT'),
    (2, 'droit', 'composante', 'École de droit', 'Droit');

INSERT INTO plan (code, kind, title, structure_id, first_year, last_year, levels)
SELECT code || '-2021-2026', 'cpom', 'Contrat ' || acronym, id, 2021, 2026, '{Domaine,Thématique,Objectif}'
FROM (SELECT id, acronym, CASE code WHEN 'iut' THEN 'uca-iut' ELSE 'uca-droit' END AS code FROM structure) AS s
ORDER BY id;

INSERT INTO node (plan_id, position, code, level, label)
SELECT id, 1, 'D1', 1, 'Domaine' FROM plan;

INSERT INTO indicator (plan_id, position, code, node_id, label, is_group, unit, period_kind, availability, origin)
SELECT node.plan_id, place, number, node.id, 'Indicateur ' || number, number = '13', '%', 'civile', 'premier_trimestre_suivant', 'institut'
FROM node, (VALUES (1, '4'), (2, '13')) AS wanted (place, number);

INSERT INTO measure (plan_id, position, code, indicator_id, label, unit, unit_kind, nature, nature_confirmed, direction,
                     direction_confirmed)
SELECT indicator.plan_id, place, wanted.code, indicator.id, 'Mesure ' || wanted.code, '%', 'nombre', 'stock', true, 'hausse', true
FROM indicator JOIN (VALUES (1, '4', '4'), (2, '13', '13.a'), (3, '13', '13.b')) AS wanted (place, indicator, code)
     ON wanted.indicator = indicator.code;

INSERT INTO jalon (plan_id, position, code, node_id, label, is_group, precision, due_on, state)
SELECT plan_id, place, wanted.code, node.id, 'Jalon ' || wanted.code, wanted.code = 'J16',
       CASE WHEN wanted.code <> 'J16' THEN 'mois' END, CASE WHEN wanted.code <> 'J16' THEN '2026-12-31'::date END,
       CASE WHEN wanted.code <> 'J16' THEN 'a_venir' END
FROM node, (VALUES (1, 'J3'), (2, 'J16'), (3, 'J16.a')) AS wanted (place, code);

UPDATE jalon SET parent_id = above.id FROM jalon above
WHERE above.plan_id = jalon.plan_id AND above.code = 'J16' AND jalon.code = 'J16.a';

-- The campaign of the tests' year, open on the first plan: two cells are expected.
INSERT INTO campaign (year, opens_on, closes_on, created_at) VALUES (2025, '2025-09-01', '2025-09-30', '2025-09-01T08:00Z');

INSERT INTO dialogue (campaign_id, plan_id, state, state_since)
SELECT campaign.id, plan.id, 'saisie', created_at FROM campaign, plan WHERE plan.code = 'uca-iut-2021-2026';

INSERT INTO expected_cell (dialogue_id, measure_code, period_start, due_on)
SELECT dialogue.id, code, 2024, '2025-03-31' FROM dialogue, (VALUES ('4'), ('13.a')) AS wanted (code);
