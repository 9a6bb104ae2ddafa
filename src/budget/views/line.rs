//! A budget line: what is asked, the decisions on it, its schedule, its history, and the forms of those who write.

use askama::Template;
use askama_web::WebTemplate;

use super::{euros, keur};
use crate::access::Verdict;
use crate::accounts::CurrentUser;
use crate::arbitrages::model::State;
use crate::budget::entry::{
    DECIDES, DecisionRefused, DecisionTyped, ScheduleRefused, ScheduleTyped, TEXT_MAX, next_rank,
};
use crate::budget::model::ScheduleKind;
use crate::budget::store::Surroundings;
use crate::budget::sums::Asked;
use crate::budget::telling::{Told, history};
use crate::journal::model::Entry;
use crate::kernel::{date, money};
use crate::plans::store::Header;
use crate::plans::views::{PlanPage, within_plan};
use crate::reserves::Mark;
use crate::web::page::Page;

/// A line of a definition list.
pub struct Fact {
    label: &'static str,
    text: String,
}

/// A decision of the ledger.
pub struct Decision {
    rank: i32,
    slug: &'static str,
    state: &'static str,
    wording: String,
    details: Vec<String>,
    session: String,
    by: String,
    printed: String,
    exact: String,
    in_force: bool,
}

/// A scheduled amount.
pub struct Entered {
    year: i32,
    kind: &'static str,
    amount: String,
    source: String,
    dated: String,
    provenance: String,
}

/// An option of a select.
pub struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

/// What a form that came back holds.
#[derive(Default)]
pub struct Back {
    /// The decision as typed, and why it is not written.
    pub decision: Option<(DecisionTyped, DecisionRefused)>,
    /// The scheduled amount as typed, and why it is not written.
    pub schedule: Option<(ScheduleTyped, ScheduleRefused)>,
    /// Someone else wrote in between: nothing was refused, all is kept.
    pub conflict: bool,
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "budget/line.html")]
pub struct LinePage {
    page: Page,
    code: String,
    plan_name: String,
    line: String,
    label: String,
    slug: &'static str,
    state: &'static str,
    asked: Vec<Fact>,
    decisions: Vec<Decision>,
    schedule: Vec<Entered>,
    told: Vec<Told>,
    may_decide: Verdict,
    may_schedule: Verdict,
    decision: DecisionTyped,
    decision_refused: DecisionRefused,
    states: Vec<Choice>,
    conditions: Vec<Choice>,
    entry: ScheduleTyped,
    entry_refused: ScheduleRefused,
    years: Vec<Choice>,
    kinds: Vec<Choice>,
    refused_at: &'static str,
    conflict: bool,
    rank: i32,
    version: i32,
    marks: Vec<Mark>,
}

fn facts(asked: &Asked, header: &Header, around: &Surroundings) -> Vec<Fact> {
    let line = &asked.line;
    let fact = |label, text: Option<String>| text.filter(|it| !it.is_empty()).map(|text| Fact { label, text });
    let with_printed = |exact: String, printed: &Option<String>| match printed {
        Some(printed) if exact.is_empty() => Some(format!("imprimé « {printed} »")),
        Some(printed) => Some(format!("{exact} (imprimé « {printed} »)")),
        None => Some(exact),
    };
    let nodes: Vec<String> = line
        .nodes
        .iter()
        .map(|code| match around.nodes.iter().find(|node| node.code == *code) {
            Some(node) => format!("{code} {}", node.label),
            None => code.to_string(),
        })
        .collect();
    let listed: Vec<String> = line.years.iter().map(i32::to_string).collect();
    let own: Vec<String> =
        line.self_financing.iter().map(|it| format!("{} : {}", it.year, money::show_euros(it.amount))).collect();
    let site = line.site.as_ref().map(|code| {
        header
            .structure
            .sites
            .iter()
            .find(|site| site.code == *code)
            .map_or(code.to_string(), |site| site.label.clone())
    });
    let balance = line.imbalance().map(|gap| {
        if gap.is_zero() {
            format!(
                "{} = {} + {}",
                euros(line.cost),
                money::show_euros(line.participation.unwrap_or_default()),
                money::show_euros(line.self_financed())
            )
        } else {
            format!("écart de {} entre le coût et ses deux parts", money::show_euros(gap))
        }
    });
    [
        fact("Objectif imprimé", line.objective_printed.clone()),
        fact("Rattache\u{ad}ment", Some(if nodes.is_empty() { "non rattaché".into() } else { nodes.join(" + ") })),
        fact("Catégorie", Some(line.category.clone())),
        fact("Sous-catégorie", line.subcategory.clone()),
        fact("Nature", Some(line.nature.label().to_lowercase())),
        fact("Site", site),
        fact("Années", if listed.is_empty() { line.years_printed.clone() } else { Some(listed.join(", ")) }),
        fact("Coût estimé", with_printed(euros(line.cost), &line.cost_printed)),
        fact("Participation demandée", with_printed(euros(line.participation), &line.participation_printed)),
        fact("Service sollicité", line.participation_of.clone()),
        fact(
            "Autofinan\u{ad}cement",
            if own.is_empty() { line.self_financing_printed.clone() } else { Some(own.join(" ; ")) },
        ),
        fact("Coût = demandé + autofinancé", balance),
        fact("Provenance", line.provenance.clone()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn decisions(asked: &Asked, around: &Surroundings) -> Vec<Decision> {
    let last = asked.ledger.len();
    let told = |label: &str, text: &Option<String>| text.as_ref().map(|text| format!("{label} : {text}"));
    asked
        .ledger
        .iter()
        .enumerate()
        .map(|(place, it)| {
            let condition = it.condition.as_ref().map(|code| {
                around.conditions.iter().find(|known| known.code == *code).map_or_else(
                    || format!("Condition : {code}"),
                    |known| format!("Condition : {} ({})", known.text, known.state.label().to_lowercase()),
                )
            });
            Decision {
                rank: it.rank,
                slug: it.state.slug(),
                state: it.state.label(),
                wording: it.wording.clone().unwrap_or_default(),
                details: [
                    told("Part écartée", &it.set_aside),
                    told("Financement", &it.funding),
                    condition,
                    told("Motif", &it.reason),
                ]
                .into_iter()
                .flatten()
                .collect(),
                session: it.session_on.map(date::short).unwrap_or_default(),
                by: it.decided_by.clone().unwrap_or_default(),
                printed: keur(it.granted_printed_keur),
                exact: euros(it.granted),
                in_force: place + 1 == last,
            }
        })
        .collect()
}

impl LinePage {
    /// The page; `back` is a form that came back.
    #[expect(clippy::too_many_arguments, reason = "a page is where everything known of a line meets")]
    pub fn new(
        user: &CurrentUser,
        header: &Header,
        asked: &Asked,
        around: &Surroundings,
        entries: &[Entry],
        may_decide: Verdict,
        may_schedule: Verdict,
        back: Back,
    ) -> Self {
        let (plan, line) = (&header.plan, &asked.line);
        let code = plan.code.to_string();
        let year = around.year.filter(|_| crate::access::enters(user, header.id, header.structure_id));
        let title = format!("{} · {}", line.code, plan.name());
        let refused_at = match (&back.decision, &back.schedule) {
            (Some(_), _) if !back.conflict => "decision",
            (_, Some(_)) if !back.conflict => "schedule",
            _ => "",
        };
        let conflict = back.conflict;
        let blank = DecisionTyped { decided_by: DECIDES.into(), ..DecisionTyped::default() };
        let (decision, decision_refused) = back.decision.unwrap_or((blank, DecisionRefused::default()));
        let (entry, entry_refused) = back.schedule.unwrap_or_default();
        let choice = |value: &str, label: &str, chosen: &str| Choice {
            value: value.into(),
            label: label.into(),
            chosen: value == chosen,
        };
        Self {
            page: within_plan(user.page(title, ""), user, header.structure_id, &code, year, PlanPage::Budget),
            plan_name: plan.name(),
            line: line.code.to_string(),
            label: line.label.clone(),
            slug: asked.state().slug(),
            state: asked.state().label(),
            asked: facts(asked, header, around),
            decisions: decisions(asked, around),
            schedule: line
                .schedule
                .iter()
                .map(|it| Entered {
                    year: it.year,
                    kind: it.kind.label(),
                    amount: money::show_euros(it.amount),
                    source: it.source.clone(),
                    dated: date::short(it.dated_on),
                    provenance: it.provenance.clone().unwrap_or_default(),
                })
                .collect(),
            told: history(entries, line),
            may_decide,
            may_schedule,
            states: State::ALL.iter().map(|it| choice(it.word(), it.label(), &decision.state)).collect(),
            conditions: around
                .conditions
                .iter()
                .map(|it| choice(it.code.as_str(), &it.text, &decision.condition))
                .collect(),
            years: (plan.first_year..=plan.last_year)
                .map(|year| choice(&year.to_string(), &year.to_string(), &entry.year))
                .collect(),
            kinds: ScheduleKind::ALL.iter().map(|it| choice(it.word(), it.label(), &entry.kind)).collect(),
            decision,
            decision_refused,
            entry,
            entry_refused,
            refused_at,
            conflict,
            rank: next_rank(asked),
            version: asked.version,
            marks: Vec::new(),
            code,
        }
    }

    /// Shows the réserves that touch the line.
    #[must_use]
    pub fn marked(self, marks: Vec<Mark>) -> Self {
        Self { marks, ..self }
    }

    /// Its address: the forms post below it.
    fn address(&self) -> String {
        format!("/plans/{}/budget/{}", self.code, self.line)
    }

    #[expect(clippy::unused_self, reason = "templates call methods of their page")]
    const fn text_max(&self) -> usize {
        TEXT_MAX
    }
}
