//! Budget: Annexe 3 made live.

use askama::Template;
use askama_web::WebTemplate;
use rust_decimal::Decimal;

use super::{euros, keur, lines as counted};
use crate::accounts::CurrentUser;
use crate::budget::chart::Chart;
use crate::budget::model::ScheduleKind;
use crate::budget::store::Surroundings;
use crate::budget::sums::{self, Asked, Gap, Sum, Totals, compared};
use crate::kernel::{figure, money};
use crate::plans::store::Header;
use crate::plans::views::{OnDay, PlanPage, within_plan};
use crate::printed::Shortlist;
use crate::reserves::model::Subject;
use crate::reserves::{self, Reserves};
use crate::web::page::Page;

/// A line of the table.
pub struct Row {
    code: String,
    label: String,
    category: String,
    objective: String,
    attached: String,
    years: String,
    cost: String,
    cost_known: bool,
    participation: String,
    participation_of: String,
    own: String,
    slug: &'static str,
    state: &'static str,
    wording: String,
    printed: String,
    exact: String,
    keur_only: bool,
    by_year: Vec<String>,
    unscheduled: String,
    scheduled: Vec<String>,
    fictive: bool,
    /// What became of the demand, in a word.
    tags: Vec<&'static str>,
    /// What was asked at first, when it changed.
    at_first: String,
}

/// A total, and the address that opens it.
pub struct TotalCell {
    text: String,
    key: String,
    name: String,
}

/// A printed total beside the computed one.
pub struct Beside {
    label: &'static str,
    key: &'static str,
    printed: String,
    computed: String,
    verdict: String,
    slug: &'static str,
}

/// A total that is open: the lines that make it.
pub struct OpenTotal {
    title: String,
    total: String,
    terms: Vec<(String, String)>,
}

/// A legend entry.
pub struct Legend {
    series: usize,
    label: String,
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "budget/budget.html")]
pub struct BudgetPage {
    page: Page,
    code: String,
    plan_name: String,
    rows: Vec<Row>,
    years: Vec<i32>,
    schedule_years: Vec<i32>,
    cost: TotalCell,
    participation: TotalCell,
    own: TotalCell,
    printed: TotalCell,
    exact: TotalCell,
    unscheduled: TotalCell,
    by_year: Vec<TotalCell>,
    scheduled: Vec<TotalCell>,
    beside: Vec<Beside>,
    statement: String,
    asides: Vec<String>,
    open: Option<OpenTotal>,
    chart: Option<Chart>,
    legend: Vec<Legend>,
    may_ask: bool,
    reserves: Reserves,
    /// The controls of this page.
    controls: Shortlist,
    on: OnDay,
    /// What keeps the day in the address of a total: `&on=2025-09-12`.
    and_on: String,
}

/// « Coût estimé », by the key of its address; `None` for an unknown key.
fn opened(key: &str, lines: &[Asked], totals: &Totals) -> Option<(String, Sum, bool)> {
    let known = |title: &str, sum: &Sum| Some((title.to_owned(), sum.clone(), false));
    match key {
        "cout" => return known("Coût estimé", &totals.cost),
        "participation" => return known("Participation demandée", &totals.participation),
        "autofinancement" => return known("Autofinancement", &totals.self_financing),
        "non-ventile" => return known("Coût non ventilé", &totals.unscheduled),
        "favorables" => {
            return known(
                "Participation demandée par les lignes favorables au document signé",
                &totals.favourable_signed,
            );
        }
        "imprime" => return Some(("Accordé, tel qu’imprimé".into(), totals.granted_printed.clone(), true)),
        "exact" => return known("Accordé exact", &totals.granted),
        _ => {}
    }
    let (kind, year) = key.split_once('-')?;
    let year: i32 = year.parse().ok()?;
    let (title, sum) = match (kind, ScheduleKind::from_word(kind)) {
        ("annee", _) => (format!("Autofinancement {year}"), sums::in_year(lines, year)),
        (_, Some(kind)) => (format!("{} {year}", kind.label()), sums::scheduled_in(lines, year, kind)),
        _ => return None,
    };
    Some((title, sum, false))
}

fn cell(key: impl Into<String>, name: impl Into<String>, sum: &Sum, in_keur: bool) -> TotalCell {
    let total = (!sum.is_empty()).then(|| sum.total());
    TotalCell { text: if in_keur { keur(total) } else { euros(total) }, key: key.into(), name: name.into() }
}

/// A gap between two shares, to the second decimal as shares are shown.
fn points(gap: Decimal) -> String {
    let sign = if gap > Decimal::ZERO { "+" } else { "" };
    format!("{sign}{}\u{202f}pt", figure::show_rounded(gap, 2))
}

/// The gap in words, and the pill that says it.
fn verdict(gap: Gap, is_share: bool, in_keur: bool) -> (String, &'static str) {
    match gap {
        Gap::None => ("égal".into(), "atteinte"),
        Gap::Rounding(gap) if is_share => (format!("arrondi : {}", points(gap)), "conforme"),
        Gap::Rounding(_) if in_keur => ("1\u{202f}k€ d’arrondi".into(), "conforme"),
        Gap::Rounding(_) => ("1\u{202f}€ d’arrondi".into(), "conforme"),
        Gap::Real(gap) if is_share => (format!("écart {}", points(gap)), "en-retard"),
        Gap::Real(gap) => (format!("écart {}\u{202f}€", figure::show_gap(gap)), "en-retard"),
    }
}

fn beside(around: &Surroundings, lines: &[Asked]) -> Vec<Beside> {
    let Some(printed) = &around.printed else { return Vec::new() };
    compared(printed, lines)
        .into_iter()
        .map(|it| {
            let in_keur = it.key == "favorables";
            let computed =
                if it.is_share { figure::show_percent(it.computed, 2) } else { money::show_euros(it.computed) };
            let (verdict, slug) = verdict(it.gap, it.is_share, in_keur);
            Beside { label: it.label, key: it.key, printed: it.printed, computed, verdict, slug }
        })
        .collect()
}

/// What the sums leave out, in sentences.
fn asides(totals: &Totals) -> Vec<String> {
    let listed = |codes: &[String]| codes.join(", ");
    let mut asides = Vec::new();
    if !totals.unknown_cost.is_empty() {
        asides.push(format!(
            "Coût à estimer : {} ({}), hors des sommes.",
            counted(totals.unknown_cost.len()),
            listed(&totals.unknown_cost)
        ));
    }
    if !totals.unknown_year.is_empty() {
        asides.push(format!(
            "Année à définir : {} ({}), hors des sommes par année.",
            counted(totals.unknown_year.len()),
            listed(&totals.unknown_year)
        ));
    }
    if !totals.known_to_the_keur.is_empty() {
        let count = totals.known_to_the_keur.len();
        asides.push(format!(
            "Accordé connu au k€ seulement : {} ({}). Une décision datée dira le montant exact.",
            counted(count),
            listed(&totals.known_to_the_keur)
        ));
    }
    if !totals.favourable.is_empty() {
        let (all, conditional) = (totals.favourable.total(), totals.conditional.total());
        asides.push(format!(
            "Participation des lignes favorables : {} ferme, {} sous condition.",
            money::show_euros(all - conditional),
            money::show_euros(conditional)
        ));
    }
    if !totals.withdrawn.is_empty() {
        asides.push(format!(
            "Demande retirée : {} ({}), hors des sommes de ce qui est demandé.",
            counted(totals.withdrawn.len()),
            listed(&totals.withdrawn)
        ));
    }
    asides
}

fn row(asked: &Asked, around: &Surroundings, years: &[i32], schedule_years: &[i32]) -> Row {
    let line = &asked.line;
    let attached: Vec<String> = line
        .nodes
        .iter()
        .map(|code| match around.nodes.iter().find(|node| node.code == *code) {
            Some(node) => format!("{code} {}", node.label),
            None => code.to_string(),
        })
        .collect();
    let listed: Vec<String> = line.years.iter().map(i32::to_string).collect();
    Row {
        code: line.code.to_string(),
        label: line.label.clone(),
        category: match &line.subcategory {
            Some(subcategory) => format!("{}, {subcategory}", line.category),
            None => line.category.clone(),
        },
        objective: line.objective_printed.clone().unwrap_or_default(),
        attached: if attached.is_empty() { "non rattaché".into() } else { attached.join(" + ") },
        years: match (line.years.first(), line.years.last(), &line.years_printed) {
            (Some(first), Some(last), _) if first != last && listed.len() > 2 => format!("{first} à {last}"),
            (Some(_), ..) => listed.join(", "),
            (.., Some(printed)) => printed.clone(),
            _ => "À définir".into(),
        },
        cost_known: line.cost.is_some(),
        cost: line.cost.map_or_else(
            || line.cost_printed.clone().unwrap_or_else(|| "Estimation en cours".into()),
            money::show_euros,
        ),
        participation: euros(line.participation),
        participation_of: line.participation_of.clone().unwrap_or_default(),
        own: if line.self_financing.is_empty() {
            line.self_financing_printed.clone().unwrap_or_default()
        } else {
            money::show_euros(line.self_financed())
        },
        slug: asked.state().slug(),
        state: asked.state().label(),
        wording: asked.decision().and_then(|it| it.wording.clone()).unwrap_or_default(),
        printed: keur(asked.granted_printed()),
        exact: euros(asked.granted()),
        keur_only: asked.known_to_the_keur(),
        by_year: years.iter().map(|year| euros(line.self_financed_in(*year))).collect(),
        unscheduled: euros(line.unscheduled()),
        scheduled: schedule_years
            .iter()
            .flat_map(|year| {
                ScheduleKind::ALL.iter().map(|kind| euros(line.scheduled(*year, *kind).map(|it| it.amount)))
            })
            .collect(),
        tags: asked.course.tags(),
        at_first: if line.participation == asked.original.participation {
            String::new()
        } else {
            asked.original.participation.map_or_else(|| "rien".into(), money::show_euros)
        },
        fictive: line.provenance.is_some() || line.schedule.iter().any(|it| it.provenance.is_some()),
    }
}

impl BudgetPage {
    /// What the document says of a line in several ways.
    fn beside(&self, row: &Row) -> Option<reserves::Beside> {
        self.reserves.beside(Subject::BudgetLine, &row.code)
    }

    /// The frame of the page; `year` is that of the latest campaign.
    pub fn frame(user: &CurrentUser, header: &Header, title: String, year: Option<i32>) -> Page {
        let year = year.filter(|_| crate::access::enters(user, header.id, header.structure_id));
        let code = header.plan.code.as_str();
        within_plan(user.page(title, ""), user, header.structure_id, code, year, PlanPage::Budget)
    }

    /// The page; `key` opens the total of that name, `may_ask` is for who may add a line.
    #[expect(clippy::too_many_arguments, reason = "a page is where everything known of a budget meets")]
    pub fn new(
        user: &CurrentUser,
        header: &Header,
        lines: &[Asked],
        around: &Surroundings,
        key: &str,
        may_ask: bool,
        reserves: Reserves,
        controls: Shortlist,
        on: OnDay,
    ) -> Self {
        let plan = &header.plan;
        let title = format!("Budget · {}", plan.name());
        let code = plan.code.to_string();
        let page = on.keep(Self::frame(user, header, title, around.year));
        let years: Vec<i32> = (plan.first_year..=plan.last_year).collect();
        let schedule_years: Vec<i32> = years
            .iter()
            .copied()
            .filter(|year| lines.iter().any(|asked| asked.line.schedule.iter().any(|it| it.year == *year)))
            .collect();
        let totals = Totals::of(lines);
        let standing: Vec<Asked> = lines.iter().filter(|it| !it.withdrawn()).cloned().collect();
        let chart = Chart::of(&standing, &years);
        let open = opened(key, lines, &totals).map(|(title, sum, in_keur)| {
            let shown = |amount| if in_keur { keur(Some(amount)) } else { euros(Some(amount)) };
            OpenTotal {
                title,
                total: shown(sum.total()),
                terms: sum.terms.iter().map(|(code, amount)| (code.to_string(), shown(*amount))).collect(),
            }
        });
        Self {
            page,
            plan_name: plan.name(),
            rows: lines.iter().map(|asked| row(asked, around, &years, &schedule_years)).collect(),
            cost: cell("cout", "Coût estimé", &totals.cost, false),
            participation: cell("participation", "Participation demandée", &totals.participation, false),
            own: cell("autofinancement", "Autofinancement", &totals.self_financing, false),
            printed: cell("imprime", "Accordé imprimé", &totals.granted_printed, true),
            exact: cell("exact", "Accordé exact", &totals.granted, false),
            unscheduled: cell("non-ventile", "Non ventilé", &totals.unscheduled, false),
            by_year: years
                .iter()
                .map(|year| {
                    cell(
                        format!("annee-{year}"),
                        format!("Autofinancement {year}"),
                        &sums::in_year(lines, *year),
                        false,
                    )
                })
                .collect(),
            scheduled: schedule_years
                .iter()
                .flat_map(|year| ScheduleKind::ALL.iter().map(move |kind| (*year, *kind)))
                .map(|(year, kind)| {
                    let sum = sums::scheduled_in(lines, year, kind);
                    cell(format!("{}-{year}", kind.word()), format!("{} {year}", kind.label()), &sum, false)
                })
                .collect(),
            beside: beside(around, lines),
            statement: around.printed.as_ref().and_then(|it| it.statement.clone()).unwrap_or_default(),
            asides: asides(&totals),
            reserves,
            controls,
            legend: chart
                .iter()
                .flat_map(|chart| chart.series.iter().enumerate())
                .map(|(series, it)| Legend { series, label: it.label.clone() })
                .collect(),
            chart,
            open,
            may_ask,
            years,
            schedule_years,
            code,
            and_on: on.query().replace('?', "&"),
            on,
        }
    }

    fn fictive(&self) -> bool {
        self.rows.iter().any(|row| row.fictive)
    }

    fn has_schedule(&self) -> bool {
        !self.schedule_years.is_empty()
    }

    /// Columns of the execution table beside the line's own.
    fn kinds(&self) -> Vec<&'static str> {
        ScheduleKind::ALL.iter().map(|kind| kind.label()).collect()
    }

    /// Columns of a chart's table: what the bars are, and each series bar by bar.
    fn drawn(&self) -> Vec<(String, Vec<String>)> {
        let Some(chart) = &self.chart else { return Vec::new() };
        chart
            .series
            .iter()
            .map(|series| {
                let amounts = series.amounts.iter().map(|it| euros(Some(*it).filter(|it| !it.is_zero()))).collect();
                (series.label.clone(), amounts)
            })
            .collect()
    }
}
