-- Rows as the first release could leave them: what later migrations must carry over. Never changed again.

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
SELECT node.plan_id, place, number, node.id, 'Indicateur ' || number, number = '13', '%', 'civile', 'fin_annee_universitaire', 'institut'
FROM node, (VALUES (1, '4'), (2, '13')) AS wanted (place, number);

INSERT INTO measure (plan_id, position, code, indicator_id, label, unit, unit_kind, nature, nature_confirmed, direction,
                     direction_confirmed)
SELECT indicator.plan_id, place, wanted.code, indicator.id, 'Mesure ' || wanted.code, '%', 'nombre', 'stock', true, 'hausse', true
FROM indicator JOIN (VALUES (1, '4', '4'), (2, '13', '13.a'), (3, '13', '13.b')) AS wanted (place, indicator, code)
     ON wanted.indicator = indicator.code;
