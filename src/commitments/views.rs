//! How Engagements looks.

use askama::Template;
use askama_web::WebTemplate;

use super::model::{Action, ActionState, Commitment, Kept, Quantity, QuantityRole, Request};
use super::web::Sheet;
use crate::access::Verdict;
use crate::accounts::CurrentUser;
use crate::arbitrages::model::{Arbitrage, Condition, Subject, current};
use crate::kernel::{date, figure};
use crate::plans::views::{PlanPage, within_plan};
use crate::reserves::Beside;
use crate::reserves::model::Subject as Touches;
use crate::web::page::Page;

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
    slug: &'static str,
    label: &'static str,
    wording: Option<String>,
    details: Vec<String>,
    inherited: bool,
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
    code: String,
    label: String,
    quantities: Vec<String>,
    decision: Option<Decision>,
    envelopes: Vec<String>,
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
    may_say: bool,
    back: Option<Back>,
}

impl CommitmentsPage {
    /// The page of a plan; `may_act` answers for an action by its code, `may_say` how commitments were kept.
    pub fn new(
        user: &CurrentUser,
        sheet: &Sheet,
        may_act: impl Fn(&str) -> Verdict,
        may_say: bool,
        back: Option<Back>,
    ) -> Self {
        let directs = user.directs(sheet.header.structure_id);
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
                decision: current(&sheet.decisions, Subject::Heading, &heading.code)
                    .map(|it| decision(it, &sheet.conditions, false)),
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
        let all_decisions: Vec<&'static str> = sheet
            .all
            .requests
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
                    quantity: commitment.quantity.as_ref().map_or_else(|| "NR".into(), quantity),
                    beside: sheet.reserves.beside(Touches::Commitment, commitment.code.as_str()),
                    commitment: commitment.clone(),
                    version: *version,
                })
                .collect(),
            states,
            may_say,
            back,
        }
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
fn request_decision<'a>(request: &Request, sheet: &'a Sheet) -> Option<(&'a Arbitrage, bool)> {
    current(&sheet.decisions, Subject::Request, &request.code).map(|it| (it, false)).or_else(|| {
        let heading = request.heading.as_ref()?;
        current(&sheet.decisions, Subject::Heading, heading).map(|it| (it, true))
    })
}

fn request_row(request: &Request, sheet: &Sheet) -> RequestRow {
    RequestRow {
        code: request.code.to_string(),
        beside: sheet.reserves.beside(Touches::Request, request.code.as_str()),
        label: request.label.clone(),
        quantities: request.quantities.iter().map(quantity).collect(),
        decision: request_decision(request, sheet).map(|(it, inherited)| decision(it, &sheet.conditions, inherited)),
        envelopes: sheet
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
                let baseline =
                    it.baseline.as_ref().map(|text| format!(", par rapport à la {text}")).unwrap_or_default();
                format!("{} : {} {} au plus{baseline} ; {known}", it.label, figure::show(it.ceiling), it.unit)
            })
            .collect(),
    }
}

fn quantity(it: &Quantity) -> String {
    let number = it.value.map(figure::show).or_else(|| it.printed.clone()).unwrap_or_default();
    let role = match it.role {
        QuantityRole::Asked | QuantityRole::Duration => "",
        QuantityRole::Part => "dont ",
        QuantityRole::Phase => "en deux temps : ",
    };
    format!("{role}{number} {}", it.unit)
}

fn decision(it: &Arbitrage, conditions: &[Condition], inherited: bool) -> Decision {
    let condition = it.condition.as_ref().and_then(|code| conditions.iter().find(|condition| condition.code == *code));
    let details = [
        it.set_aside.as_ref().map(|text| format!("Écarté : {text}")),
        it.funding.as_ref().map(|text| format!("Financement : {text}")),
        condition.map(|it| format!("Condition ({}) : {}", it.state.label().to_lowercase(), it.text)),
        it.session_on.map(|day| format!("Séance du {}", date::short(day))),
        it.decided_by.clone(),
    ];
    Decision {
        slug: it.state.slug(),
        label: it.state.label(),
        wording: it.wording.clone(),
        details: details.into_iter().flatten().collect(),
        inherited,
    }
}
