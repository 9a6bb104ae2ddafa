//! A budget line: what is asked, the decisions on it, its schedule, its history, and the forms of those who write.

use askama::Template;
use askama_web::WebTemplate;
use chrono::{DateTime, Utc};

use super::budget::BudgetPage;
use super::demand::MoneyForm;
use super::euros;
use crate::access::Verdict;
use crate::accounts::CurrentUser;
use crate::arbitrages::amendment::MoneyAsked;
use crate::arbitrages::case::Case;
use crate::arbitrages::entry::Matter;
use crate::arbitrages::model::Subject;
use crate::arbitrages::store::Dossier;
use crate::arbitrages::views::{Backs, File, Rights};
use crate::budget::entry::{MoneyRefused, MoneyTyped, ScheduleRefused, ScheduleTyped};
use crate::budget::model::ScheduleKind;
use crate::budget::store::Surroundings;
use crate::budget::sums::Asked;
use crate::budget::telling::{Told, history};
use crate::journal::model::Entry;
use crate::kernel::{date, money};
use crate::plans::store::Header;
use crate::plans::views::OnDay;
use crate::reserves::Mark;
use crate::web::page::{Choice, Page};

/// What every act on a line begins with.
pub struct Line {
    /// Its plan.
    pub header: Header,
    /// The line and its decisions.
    pub asked: Asked,
    /// Tree, year.
    pub around: Surroundings,
    /// What was said and decided in its plan.
    pub dossier: Dossier,
    /// What the document says of it in several ways.
    pub marks: Vec<Mark>,
    /// The earlier day that is shown, and its last instant.
    pub past: Option<(OnDay, DateTime<Utc>)>,
}

impl Line {
    /// What is decided on.
    pub fn matter(&self) -> Matter<'_> {
        Matter {
            subject: Subject::BudgetLine,
            code: &self.asked.line.code,
            ledger: &self.asked.ledger,
            conditions: &self.dossier.conditions,
        }
    }

    /// All that became of it.
    pub fn case(&self) -> Case<'_> {
        let code = &self.asked.line.code;
        Case {
            plan_id: self.header.id,
            plan: self.header.plan.code.to_string(),
            structure_id: self.header.structure_id,
            address: self.address(),
            of: format!("de la ligne {code}"),
            matter: self.matter(),
            course: self.asked.course.clone(),
            opinions: self.dossier.opinions_on(Subject::BudgetLine, code),
            original: self.asked.original.asked().named(),
            dialogue: self.dossier.dialogue,
            closed: self.header.closed,
        }
    }

    /// Its address.
    pub fn address(&self) -> String {
        Subject::BudgetLine.address(self.header.plan.code.as_str(), self.asked.line.code.as_str())
    }
}

/// What this person may do to the line.
pub struct LineRights {
    /// What is done to any demand.
    pub shared: Rights,
    /// Schedule and cost.
    pub keep: Verdict,
}

/// A line of a definition list.
pub struct Fact {
    label: &'static str,
    text: String,
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

/// The form that came back; at most one.
#[derive(Default)]
pub struct Back {
    /// A decision, an avis or a withdrawal.
    pub shared: Backs,
    /// An amendment, and why it is not written.
    pub amendment: Option<(MoneyTyped, MoneyRefused)>,
    /// A costing, and why it is not written.
    pub costing: Option<(MoneyTyped, MoneyRefused)>,
    /// The scheduled amount as typed, and why it is not written.
    pub schedule: Option<(ScheduleTyped, ScheduleRefused)>,
    /// Someone else wrote the line in between: nothing was refused, all is kept.
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
    file: File,
    amending: MoneyForm,
    costing: MoneyForm,
    tags: Vec<&'static str>,
    schedule: Vec<Entered>,
    told: Vec<Told>,
    may_schedule: Verdict,
    entry: ScheduleTyped,
    entry_refused: ScheduleRefused,
    years: Vec<Choice>,
    kinds: Vec<Choice>,
    schedule_refused: bool,
    conflict: bool,
    version: i32,
    marks: Vec<Mark>,
    on: OnDay,
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

impl LinePage {
    /// The page; `back` is a form that came back.
    pub fn new(user: &CurrentUser, found: &Line, entries: &[Entry], rights: LineRights, back: Back, on: OnDay) -> Self {
        let Line { header, asked, around, .. } = found;
        let (plan, line) = (&header.plan, &asked.line);
        let code = plan.code.to_string();
        let title = format!("{} · {}", line.code, plan.name());
        let schedule_refused = back.schedule.is_some() && !back.conflict;
        let case = found.case();
        let years = plan.first_year..=plan.last_year;
        let form = |prefix, back: Option<(MoneyTyped, MoneyRefused)>, kept: &MoneyAsked| {
            let opened = back.is_some();
            let kept = || (MoneyTyped::of(kept, years.clone()), MoneyRefused::default());
            let (typed, refused) = back.unwrap_or_else(kept);
            MoneyForm::new(prefix, typed, refused, years.clone(), opened)
        };
        let now = line.asked();
        let costed = case.course.costed().and_then(|it| it.money.clone()).unwrap_or_else(|| now.clone());
        let (entry, entry_refused) = back.schedule.unwrap_or_default();
        Self {
            page: on.keep(BudgetPage::frame(user, header, title, around.year)),
            plan_name: plan.name(),
            line: line.code.to_string(),
            label: line.label.clone(),
            slug: asked.state().slug(),
            state: asked.state().label(),
            asked: facts(asked, header, around),
            file: File::new(&case, &rights.shared, back.shared),
            amending: form("demande-", back.amendment, &now),
            costing: form("chiffrage-", back.costing, &costed),
            tags: case.course.tags(),
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
            may_schedule: rights.keep,
            years: (plan.first_year..=plan.last_year)
                .map(|year| Choice::new(&year.to_string(), &year.to_string(), &entry.year))
                .collect(),
            kinds: Choice::list(ScheduleKind::ALL, ScheduleKind::word, ScheduleKind::label, &entry.kind),
            entry,
            entry_refused,
            schedule_refused,
            conflict: back.conflict,
            version: asked.version,
            marks: found.marks.clone(),
            on,
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
}
