// What is measured. A new page is a line here.
//
// path      the address; role: whose session reads it; says: a text of the page, so that an error page is no good result
// everything  it shows or sums all that exists (its cost may grow with it)
// idle      most milliseconds that one idle client waits, at the median (30 when nothing is said)

const plan = '/plans/uca-iut-2021-2026';

export const PAGES = [
  { name: 'Accueil, direction', role: 'director', path: '/', says: 'Accueil' },
  { name: 'Accueil, directoire', role: 'directoire', path: '/', says: 'Accueil', everything: true, idle: 100 },
  { name: 'Contrat', role: 'director', path: plan, says: 'Contrat' },
  { name: 'Saisie', role: 'director', path: `${plan}/entry/2025`, says: 'Saisie 2025' },
  { name: 'Fiche', role: 'director', path: `${plan}/indicators/13`, says: '13' },
  { name: 'Jalons', role: 'director', path: `${plan}/jalons`, says: 'Jalons' },
  { name: 'Jalon', role: 'director', path: `${plan}/jalons/J16.a`, says: 'J16.a' },
  { name: 'Postes', role: 'director', path: `${plan}/posts`, says: 'Postes' },
  { name: 'Poste', role: 'rh', path: `${plan}/posts/P01`, says: 'P01' },
  { name: 'Engagements', role: 'director', path: `${plan}/commitments`, says: 'Engagements' },
  { name: 'Budget', role: 'director', path: `${plan}/budget`, says: 'Budget' },
  { name: 'Ligne budgétaire', role: 'finance', path: `${plan}/budget/B1`, says: 'B1' },
  { name: 'Contrôles', role: 'director', path: `${plan}/controls`, says: 'Contrôles' },
  { name: 'Dialogue', role: 'directoire', path: `${plan}/dialogues/2025`, says: 'Dialogue' },
  { name: 'Directoire', role: 'directoire', path: '/directoire', says: 'Directoire', everything: true, idle: 100 },
  { name: 'Finance', role: 'finance', path: '/finance', says: 'Finance', everything: true, idle: 100 },
  { name: 'Journal', role: 'director', path: `${plan}/journal`, says: 'Journal' },
  { name: 'Journal d’un chiffre', role: 'director', path: `${plan}/measures/13.a/cells/2024/journal`, says: '13.a' },
  { name: 'Comparaison', role: 'director', path: `${plan}/compare`, says: 'Comparaison', idle: 100 },
  { name: 'Avenants', role: 'director', path: `${plan}/avenants`, says: 'Avenants' },
  { name: 'Suites', role: 'director', path: '/followups', says: 'Suites' },
  { name: 'Comptes', role: 'admin', path: '/admin/accounts', says: 'Comptes', everything: true, idle: 100 },
  { name: 'Mon compte', role: 'director', path: '/account', says: 'Mon compte' },
];

// The same work by the database alone: every client of pgbench corrects its own cell, over and over. `statement` and
// the numbers of its parameters say which of the captured values differ from one client to the next.
export const SAVE = {
  name: 'Enregistrer une situation',
  role: 'pilotage',
  plan: 'uca-iut-2021-2026',
  year: 2025,
  idle: 30,
  script: [
    '\\set measure 20 + 2 * (:client_id % 9)',
    '\\set period 2021 + :client_id / 9',
    '\\set version :version + 1',
  ],
  vary: { statement: 'INSERT INTO cell', parameters: { 2: 'measure', 3: 'period', 4: 'version' } },
};

// The rows that other tools are asked for: half a hundred.
export const ROWS = 50;
