//! All the jalons of a plan, the late ones first: what the template asks.

use askama::Template;
use askama_web::WebTemplate;
use chrono::{Datelike, NaiveDate};

use crate::jalons::model::{Calendar, Jalon, Standing, group_standing};
use crate::jalons::store::Kept;
use crate::jalons::summary::Summary;
use crate::jalons::timeline::{Timeline, either};
use crate::kernel::date;
use crate::plans::store::Header;
use crate::plans::views::OnDay;
use crate::reserves::model::Subject;
use crate::reserves::{Beside, Dates, Reserves};
use crate::web::page::Page;

/// A jalon in a list.
pub struct Row {
    /// Its code.
    pub code: String,
    /// What is to be done.
    pub label: String,
    /// Its page.
    pub href: String,
    /// The node it hangs from.
    pub objective: String,
    /// Who answers for it; empty when the document does not say.
    pub owners: String,
    /// The date in force, or the condition.
    pub due: String,
    /// The first date, when an avenant changed it or it was put off.
    pub first_due: Option<String>,
    /// The avenant that gave the contract's date.
    pub avenant: Option<String>,
    /// « il y a 986 jours », for a late one.
    pub since: String,
    /// Where it stands.
    pub standing: Standing,
    /// What goes with it: when it was reached, why it was given up.
    pub detail: String,
    /// What nobody settled of what the document says of it.
    pub beside: Option<Beside>,
}

impl Row {
    /// Of a jalon on a day.
    pub fn of(plan: &str, kept: &Kept, reserves: &Reserves, calendar: &Calendar, on: &OnDay) -> Self {
        let jalon = &kept.jalon;
        let standing = jalon.standing(calendar);
        Self {
            code: jalon.code.to_string(),
            label: jalon.label.clone().unwrap_or_default(),
            href: href(plan, jalon, on),
            objective: kept.objective.clone(),
            owners: jalon.owners.join(", "),
            due: due(jalon, &calendar.dates),
            first_due: jalon.is_moved().then(|| jalon.first_due(&calendar.dates)).flatten().map(date::short),
            avenant: jalon.redated.last().map(|it| it.avenant.to_string()),
            since: since(jalon, standing, calendar),
            beside: reserves.beside(Subject::Jalon, jalon.code.as_str()),
            detail: match standing {
                Standing::Reached => jalon.reached_on.map(|day| format!("le {}", date::short(day))).unwrap_or_default(),
                Standing::Abandoned => jalon.reason.clone().unwrap_or_default(),
                _ => String::new(),
            },
            standing,
        }
    }
}

/// The address of a jalon, on the day shown.
pub fn href(plan: &str, jalon: &Jalon, on: &OnDay) -> String {
    format!("/plans/{plan}/jalons/{}{}", jalon.code, on.query())
}

/// The date in force, or the condition.
pub fn due(jalon: &Jalon, dates: &Dates) -> String {
    jalon.due(dates).map(date::short).or_else(|| jalon.condition.clone()).unwrap_or_default()
}

/// « il y a 2 ans » for a late one; « 31 déc. 2024 ou 31 déc. 2026, selon la lecture » where readings differ.
pub fn since(jalon: &Jalon, standing: Standing, calendar: &Calendar) -> String {
    let readings = jalon.readings(&calendar.dates);
    match (standing, jalon.due(&calendar.dates)) {
        (Standing::Late, Some(due)) if readings.is_empty() => ago(due, calendar.today),
        _ if !readings.is_empty() => format!("{}, selon la lecture", either(&readings)),
        _ => String::new(),
    }
}

/// How long ago a date passed: in days, then in months, then in years.
fn ago(due: NaiveDate, today: NaiveDate) -> String {
    let months = (today.year() - due.year()) * 12 + i32::try_from(today.month0()).unwrap_or(0)
        - i32::try_from(due.month0()).unwrap_or(0)
        - i32::from(today.day() < due.day());
    match months {
        ..2 => date::relative(due, today),
        2..24 => format!("il y a {months} mois"),
        _ => format!("il y a {} ans", months / 12),
    }
}

/// A group above its jalons.
pub struct Group {
    code: String,
    label: String,
    href: String,
    standing: Standing,
}

/// A number of the contract: a jalon, or a group with its jalons.
pub struct Number {
    group: Option<Group>,
    rows: Vec<Row>,
}

/// Numbers that are read together.
pub struct Section {
    id: &'static str,
    title: &'static str,
    numbers: Vec<Number>,
}

impl Section {
    fn caption(&self) -> String {
        format!("Jalons : {}", self.title.to_lowercase())
    }
}

/// Where a number is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Late,
    ThisYear,
    Later,
    Conditional,
    Over,
}

const PLACES: [(Place, &str, &str); 5] = [
    (Place::Late, "en-retard", "En retard"),
    (Place::ThisYear, "annee", "Échéance cette année"),
    (Place::Later, "suite", "Échéances suivantes"),
    (Place::Conditional, "condition", "Sous condition, sans date"),
    (Place::Over, "termines", "Atteints ou abandonnés"),
];

fn place(leaves: &[&Kept], calendar: &Calendar) -> Place {
    let year = calendar.today.year();
    let open: Vec<&Jalon> = leaves.iter().map(|kept| &kept.jalon).filter(|it| !it.state().is_over()).collect();
    match () {
        () if open.is_empty() => Place::Over,
        () if open.iter().any(|it| it.is_late(calendar)) => Place::Late,
        () if open.iter().any(|it| it.due(&calendar.dates).is_some_and(|due| due.year() == year)) => Place::ThisYear,
        () if open.iter().all(|it| it.is_conditional()) => Place::Conditional,
        () => Place::Later,
    }
}

/// The jalons of a plan.
#[derive(Template, WebTemplate)]
#[template(path = "jalons/list.html")]
pub struct ListPage {
    page: Page,
    code: String,
    name: String,
    subtitle: String,
    provenances: Vec<String>,
    timeline: Option<Timeline>,
    standings: Vec<Standing>,
    sections: Vec<Section>,
    on: OnDay,
}

impl ListPage {
    /// The page of a plan's jalons on a day.
    pub fn new(
        page: Page,
        header: &Header,
        jalons: &[Kept],
        reserves: &Reserves,
        calendar: &Calendar,
        on: OnDay,
    ) -> Self {
        let plan = &header.plan;
        let code = plan.code.to_string();
        let all = || jalons.iter().map(|kept| &kept.jalon);
        let summary = Summary::of(all(), calendar);
        let mut numbers: Vec<(Place, Option<NaiveDate>, Number)> = jalons
            .iter()
            .filter(|kept| kept.jalon.parent.is_none())
            .map(|kept| {
                let leaves: Vec<&Kept> = if kept.jalon.is_group {
                    jalons.iter().filter(|leaf| leaf.jalon.parent.as_ref() == Some(&kept.jalon.code)).collect()
                } else {
                    vec![kept]
                };
                let place = place(&leaves, calendar);
                let first = leaves
                    .iter()
                    .filter(|leaf| !leaf.jalon.state().is_over())
                    .filter_map(|leaf| leaf.jalon.due(&calendar.dates))
                    .min();
                let group = kept.jalon.is_group.then(|| Group {
                    code: kept.jalon.code.to_string(),
                    label: kept.jalon.label.clone().unwrap_or_else(|| kept.objective.clone()),
                    href: href(&code, &kept.jalon, &on),
                    standing: group_standing(leaves.iter().map(|leaf| &leaf.jalon), calendar),
                });
                let rows = leaves.iter().map(|leaf| Row::of(&code, leaf, reserves, calendar, &on)).collect();
                (place, first, Number { group, rows })
            })
            .collect();
        // Without a date, the order of the document stays.
        numbers.sort_by_key(|(_, first, _)| *first);
        let mut sections: Vec<Section> =
            PLACES.iter().map(|(_, id, title)| Section { id, title, numbers: Vec::new() }).collect();
        for (place, _, number) in numbers {
            if let Some(rank) = PLACES.iter().position(|(it, ..)| *it == place) {
                sections[rank].numbers.push(number);
            }
        }
        sections.retain(|section| !section.numbers.is_empty());
        let mut provenances: Vec<String> = all().filter_map(|it| it.provenance.clone()).collect();
        provenances.sort_unstable();
        provenances.dedup();
        Self {
            page,
            name: plan.name(),
            subtitle: summary.sentence(),
            provenances,
            timeline: Timeline::of(all(), plan.first_year, plan.last_year, calendar),
            standings: summary.counts.iter().map(|(standing, _)| *standing).collect(),
            sections,
            code,
            on,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ago;

    #[test]
    fn a_delay_is_told_in_the_unit_that_suits_it() {
        let told = |due: &str, today: &str| ago(due.parse().unwrap(), today.parse().unwrap());
        assert_eq!(told("2025-09-11", "2025-09-12"), "hier");
        assert_eq!(told("2025-06-30", "2025-08-29"), "il y a 60 jours");
        assert_eq!(told("2025-06-30", "2025-08-30"), "il y a 2 mois");
        assert_eq!(told("2021-12-31", "2025-09-12"), "il y a 3 ans");
    }
}
