//! The sheet: headings, actions, requests, what the establishment commits to.

use askama::Template;
use askama_web::WebTemplate;

use crate::access::{Season, Verdict};
use crate::accounts::CurrentUser;
use crate::arbitrages::model::{Arbitrage, Condition, ConditionState, Subject, current, is_firm};
use crate::arbitrages::store::Dossier;
use crate::arbitrages::views::details;
use crate::commitments::model::{Action, ActionState, Commitment, Kept, Quantity, Request};
use crate::commitments::store::Commitments;
use crate::kernel::{date, figure};
use crate::plans::store::Header;
use crate::plans::views::{PlanPage, within_plan};
use crate::reserves::model::Subject as Touches;
use crate::reserves::{Beside, Reserves};
use crate::web::page::Page;

/// All that the page is made of.
pub struct Sheet {
    /// The plan.
    pub header: Header,
    /// What it commits to.
    pub all: Commitments,
    /// What became of what it asks for.
    pub dossier: Dossier,
    /// What the document says in several ways.
    pub reserves: Reserves,
    /// The plan's last dialogue: what it received is not edited.
    pub season: Season,
}

/// A form that came back: refused, or overtaken by somebody else.
pub struct Back {
    /// Code of the action or commitment.
    pub thing: String,
    /// The field; empty for a conflict.
    pub field: &'static str,
    /// Why.
    pub sentence: String,
    /// What was typed.
    pub typed: Vec<(&'static str, String)>,
    /// The version to write over next.
    pub version: i32,
}

/// A decision as a line shows it.
pub struct Decision {
    /// Its pill.
    pub slug: &'static str,
    /// As shown.
    pub label: &'static str,
    wording: Option<String>,
    details: Vec<String>,
    /// It is its heading's.
    pub inherited: bool,
}

/// An action and its form.
pub struct ActionRow {
    action: Action,
    version: i32,
    may_act: bool,
    /// Why the one who keeps it may not edit it now.
    locked: Option<String>,
}

/// A request with its decision.
pub struct RequestRow {
    /// Its code.
    pub code: String,
    /// What is asked.
    pub label: String,
    quantities: Vec<String>,
    /// The decision in force.
    pub decision: Option<Decision>,
    envelopes: Vec<String>,
    /// What became of it, a word a tag.
    pub tags: Vec<&'static str>,
    /// What was asked at first, when it changed.
    at_first: Option<String>,
    beside: Option<Beside>,
}

/// A heading with what hangs from it.
pub struct Section {
    code: String,
    title: String,
    decision: Option<Decision>,
    beside: Option<Beside>,
    actions: Vec<ActionRow>,
    requests: Vec<RequestRow>,
}

/// A commitment of the establishment.
pub struct CommitmentRow {
    commitment: Commitment,
    version: i32,
    quantity: String,
    beside: Option<Beside>,
}

/// A condition that decisions of the plan are under.
pub struct ConditionRow {
    code: String,
    text: String,
    scope: &'static str,
    slug: &'static str,
    state: &'static str,
    dated: String,
    open: bool,
}

/// What this person may do on the page.
#[derive(Debug, Clone, Copy)]
pub struct Rights {
    /// Ask for something new.
    pub ask: bool,
    /// Say how commitments were kept.
    pub say: bool,
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "commitments/commitments.html")]
pub struct CommitmentsPage {
    page: Page,
    code: String,
    years: String,
    sections: Vec<Section>,
    elsewhere: Vec<RequestRow>,
    commitments: Vec<CommitmentRow>,
    states: Vec<(&'static str, usize)>,
    /// Favourable requests: firm ones, and those under a condition.
    favourable: (usize, usize),
    conditions: Vec<ConditionRow>,
    may_ask: bool,
    may_say: bool,
    back: Option<Back>,
}

impl ConditionRow {
    fn of(it: &Condition) -> Self {
        Self {
            code: it.code.to_string(),
            text: it.text.clone(),
            scope: it.scope.label(),
            slug: it.state.slug(),
            state: it.state.label(),
            dated: it.dated_on.map(date::short).unwrap_or_default(),
            open: it.state == ConditionState::Waiting,
        }
    }
}

impl CommitmentsPage {
    /// The page of a plan; `may_act` answers for an action by its code.
    pub fn new(
        user: &CurrentUser,
        sheet: &Sheet,
        may_act: impl Fn(&str) -> Verdict,
        rights: Rights,
        back: Option<Back>,
    ) -> Self {
        let (directs, may_say) = (user.directs(sheet.header.structure_id), rights.say);
        let plan = &sheet.header.plan;
        let request = |it: &Request| request_row(it, sheet);
        let rows = |heading: &str| -> Vec<RequestRow> {
            sheet
                .all
                .requests
                .iter()
                .filter(|it| it.heading.as_ref().is_some_and(|h| h.as_str() == heading))
                .map(request)
                .collect()
        };
        let sections: Vec<Section> = sheet
            .all
            .headings
            .iter()
            .map(|heading| Section {
                code: heading.code.to_string(),
                title: heading.title.clone(),
                beside: sheet.reserves.beside(Touches::Heading, heading.code.as_str()),
                decision: current(&sheet.dossier.decisions, Subject::Heading, &heading.code)
                    .map(|it| decision(it, &sheet.dossier.conditions, false)),
                actions: sheet
                    .all
                    .actions
                    .iter()
                    .filter(|(action, _)| action.heading == heading.code)
                    .map(|(action, version)| {
                        let verdict = may_act(action.code.as_str());
                        ActionRow {
                            may_act: verdict.allowed(),
                            locked: (directs && !verdict.allowed()).then(|| verdict.sentence()),
                            action: action.clone(),
                            version: *version,
                        }
                    })
                    .collect(),
                requests: rows(heading.code.as_str()),
            })
            .collect();
        let standing: Vec<&Request> = sheet
            .all
            .requests
            .iter()
            .filter(|it| sheet.dossier.course(Subject::Request, &it.code).withdrawn().is_none())
            .collect();
        let withdrawn = sheet.all.requests.len() - standing.len();
        let favourable = standing
            .iter()
            .filter_map(|it| request_decision(it, sheet))
            .filter(|(it, _)| it.state.is_favourable())
            .map(|(it, _)| is_firm(it, &sheet.dossier.conditions));
        let (firm, conditional): (Vec<bool>, Vec<bool>) = favourable.partition(|firm| *firm);
        let all_decisions: Vec<&'static str> = standing
            .iter()
            .map(|it| request_decision(it, sheet).map_or("Non arbitré", |(it, _)| it.state.label()))
            .collect();
        let mut states: Vec<(&'static str, usize)> = Vec::new();
        for label in all_decisions {
            match states.iter_mut().find(|(known, _)| *known == label) {
                Some((_, count)) => *count += 1,
                None => states.push((label, 1)),
            }
        }
        if withdrawn > 0 {
            states.push(("Retirées", withdrawn));
        }
        Self {
            page: within_plan(
                user.page("Engagements", ""),
                user,
                sheet.header.structure_id,
                plan.code.as_str(),
                None,
                PlanPage::Commitments,
            ),
            code: plan.code.to_string(),
            years: plan.years(),
            sections,
            elsewhere: sheet.all.requests.iter().filter(|it| it.heading.is_none()).map(request).collect(),
            commitments: sheet
                .all
                .commitments
                .iter()
                .map(|(commitment, version)| CommitmentRow {
                    quantity: commitment.quantity.as_ref().map_or_else(|| "NR".into(), Quantity::words),
                    beside: sheet.reserves.beside(Touches::Commitment, commitment.code.as_str()),
                    commitment: commitment.clone(),
                    version: *version,
                })
                .collect(),
            states,
            favourable: (firm.len(), conditional.len()),
            conditions: sheet.dossier.conditions.iter().map(ConditionRow::of).collect(),
            may_ask: rights.ask,
            may_say,
            back,
        }
    }

    /// Conditions that wait.
    fn open_conditions(&self) -> usize {
        self.conditions.iter().filter(|it| it.open).count()
    }

    fn action_states(&self) -> &'static [ActionState] {
        ActionState::ALL
    }

    fn kept_states(&self) -> &'static [Kept] {
        Kept::ALL
    }

    /// The form that came back, when it is this thing's.
    fn back_of(&self, thing: &str) -> Option<&Back> {
        self.back.as_ref().filter(|back| back.thing == thing)
    }

    fn came_back(&self, thing: &str) -> bool {
        self.back_of(thing).is_some()
    }

    /// The sentence beside a field; that of a conflict stands at the first.
    fn error(&self, thing: &str, field: &str) -> &str {
        self.back_of(thing)
            .filter(|back| back.field == field || (back.field.is_empty() && matches!(field, "state" | "year")))
            .map_or("", |back| back.sentence.as_str())
    }

    /// What stands in a field: what was typed and came back, else what is kept.
    fn typed<'a>(&'a self, thing: &str, field: &str, kept: &'a str) -> &'a str {
        self.back_of(thing)
            .and_then(|back| back.typed.iter().find(|(name, _)| *name == field))
            .map_or(kept, |(_, text)| text)
    }

    /// The version a form writes over: it came back with the present one.
    fn version(&self, thing: &str, kept: i32) -> i32 {
        self.back_of(thing).map_or(kept, |back| back.version)
    }
}

impl ActionRow {
    fn owner(&self) -> &str {
        self.action.owner.as_deref().unwrap_or_default()
    }

    fn note(&self) -> &str {
        self.action.note.as_deref().unwrap_or_default()
    }
}

/// The decision on a request, its own or its heading's (« hérité »).
pub fn request_decision<'a>(request: &Request, sheet: &'a Sheet) -> Option<(&'a Arbitrage, bool)> {
    current(&sheet.dossier.decisions, Subject::Request, &request.code).map(|it| (it, false)).or_else(|| {
        let heading = request.heading.as_ref()?;
        current(&sheet.dossier.decisions, Subject::Heading, heading).map(|it| (it, true))
    })
}

/// A request as a row.
pub fn request_row(request: &Request, sheet: &Sheet) -> RequestRow {
    let course = sheet.dossier.course(Subject::Request, &request.code);
    let now = request.amended(&course);
    let first: Vec<String> = request.quantities.iter().map(Quantity::words).collect();
    RequestRow {
        code: request.code.to_string(),
        beside: sheet.reserves.beside(Touches::Request, request.code.as_str()),
        tags: course.tags(),
        at_first: (now != *request).then(|| {
            if first.is_empty() { request.label.clone() } else { format!("{} ({})", request.label, first.join(" ; ")) }
        }),
        label: now.label,
        quantities: now.quantities.iter().map(Quantity::words).collect(),
        decision: request_decision(request, sheet)
            .map(|(it, inherited)| decision(it, &sheet.dossier.conditions, inherited)),
        envelopes: envelopes(request, sheet),
    }
}

/// The envelopes that answer a request, in words.
pub fn envelopes(request: &Request, sheet: &Sheet) -> Vec<String> {
    sheet
        .all
        .envelopes
        .iter()
        .filter(|it| it.request == request.code)
        .map(|it| {
            let used: rust_decimal::Decimal = it.used.iter().map(|used| used.amount).sum();
            let known = if it.used.is_empty() {
                "rien de renseigné pour l’instant".to_owned()
            } else {
                format!("{} {} utilisées", figure::show(used), it.unit)
            };
            let baseline = it.baseline.as_ref().map(|text| format!(", par rapport à la {text}")).unwrap_or_default();
            format!("{} : {} {} au plus{baseline} ; {known}", it.label, figure::show(it.ceiling), it.unit)
        })
        .collect()
}

/// A decision, its own or inherited.
pub fn decision(it: &Arbitrage, conditions: &[Condition], inherited: bool) -> Decision {
    let mut details = details(it, conditions);
    details.extend(it.session_on.map(|day| format!("Séance du {}", date::short(day))));
    details.extend(it.decided_by.clone());
    Decision { slug: it.state.slug(), label: it.state.label(), wording: it.wording.clone(), details, inherited }
}
