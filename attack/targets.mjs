// What sqlmap is pointed at: every way by which a text of a director's browser meets a query. A star marks a place that
// is no parameter for it: a part of an address.

const PLAN = '/plans/uca-iut-2021-2026';

export const TARGETS = [
  { name: 'connexion', path: '/session', data: 'email=director@demo.invalid&password=x&suite=/', signedIn: false },
  { name: 'invitation', path: '/invitations/inconnu*', signedIn: false },
  { name: 'contrat', path: '/plans/uca-iut-2021-2026*' },
  { name: 'jalons', path: `${PLAN}/jalons?vue=retard` },
  { name: 'jalon', path: `${PLAN}/jalons/J3*` },
  { name: 'avancement d’un jalon', path: `${PLAN}/jalons/J3/progress`, data: 'state=en_cours&comment=a&version=1' },
  { name: 'indicateur', path: `${PLAN}/indicators/13*` },
  { name: 'historique d’une situation', path: `${PLAN}/measures/13.a*/cells/2024-2025*/journal` },
  { name: 'saisie', path: `${PLAN}/entry/2025`, data: 'status/4/2024=value&value/4/2024=3&version/4/2024=0&comment/4/2024=a' },
  { name: 'journal', path: `${PLAN}/journal?kind=poste&code=P02&page=1` },
  { name: 'comparaison', path: `${PLAN}/compare?from=1&to=2` },
  { name: 'postes', path: `${PLAN}/posts?origin=vacance&corps=pr&year=2022` },
  { name: 'poste', path: `${PLAN}/posts/P02*` },
  { name: 'demande de poste', path: `${PLAN}/demands/posts`, data: 'count=1&corps=pr&year=2026&part=part_20&qualifier=a&funding=b&reason=c' },
  { name: 'demande', path: `${PLAN}/requests/M5.2*` },
  { name: 'réserve', path: `${PLAN}/reserves/R02*` },
  { name: 'ligne budgétaire', path: `${PLAN}/budget/B1*` },
  { name: 'décisions', path: '/decisions?state=favorable&subject=demande&plan=uca-iut-2021-2026' },
  { name: 'délégation', path: '/delegations', data: 'email=reader@demo.invalid&place=uca-iut-2021-2026&items=13&starts_on=2025-11-24&ends_on=2025-11-30' },
];
