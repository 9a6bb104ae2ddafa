// What the scanners' reports say, and how much of it weighs.

/** Wapiti: every vulnerability and anomaly weighs, whatever its level; what it merely noticed does not. */
export function wapitiFinds(report, said) {
  const finds = [];
  for (const [part, weighs] of [['vulnerabilities', true], ['anomalies', true], ['additionals', false]]) {
    for (const [category, list] of Object.entries(report[part] ?? {})) {
      for (const it of list) {
        if (weighs) finds.push(`${category} : ${it.method} ${it.path} ${it.parameter ?? ''} — ${it.info}`.trim());
      }
    }
  }
  const { crawled_pages_nbr: pages } = report.infos ?? {};
  // A scan that saw nothing found nothing.
  const inside = new Set([...said.matchAll(/^\[\+\] \w+ \S+(\/plans\/[^\s/?]+\/\S+)/gm)].map((it) => it[1]));
  if (inside.size < 10) finds.push(`wapiti n’a attaqué que ${inside.size} adresse(s) de contrat : sa session n’a pas servi`);
  return { tried: `${pages} pages parcourues, ${inside.size} adresses de contrat attaquées`, finds };
}

/** sqlmap: an injection point, or a test that did not run. */
export function sqlmapFinds(name, said) {
  const finds = [];
  if (/identified the following injection point|appears to be .*injectable|is vulnerable/i.test(said)) {
    const lines = said.split('\n').filter((line) => /Parameter:|Title:|Payload:|injectable/.test(line));
    finds.push(`${name} : injection — ${lines.slice(0, 4).join(' ; ')}`);
  }
  const parameters = new Set([...said.matchAll(/testing for SQL injection on (.+? parameter '[^']*')/g)].map((it) => it[1]));
  if (parameters.size === 0) finds.push(`${name} : sqlmap n’a rien essayé — ${said.trim().split('\n').slice(-2).join(' ')}`);
  const faults = /(\d+) \(Internal Server Error\)|500 .*?- (\d+) times/.exec(said);
  if (faults) finds.push(`${name} : l’application a répondu 500`);
  return { tried: `${parameters.size} paramètre(s)`, finds };
}
