//! What is asked, on a page of its own: a request or a heading, its decisions, and the form of the next one.

use askama::Template;
use askama_web::WebTemplate;

use super::demand::RequestForm;
use super::sheet::{Decision, RequestRow, Sheet, decision, envelopes, request_decision, request_row};
use crate::accounts::CurrentUser;
use crate::arbitrages::case::Case;
use crate::arbitrages::entry::Matter;
use crate::arbitrages::model::{Arbitrage, Subject, current};
use crate::arbitrages::views::{Backs, File, Rights};
use crate::commitments::entry::{RequestRefused, RequestTyped};
use crate::commitments::model::{Heading, Quantity, Request};
use crate::kernel::date;
use crate::kernel::ids::Code;
use crate::plans::views::{PlanPage, within_plan};
use crate::reserves::Mark;
use crate::reserves::model::Subject as Touches;
use crate::web::page::Page;

/// Which of the two.
enum Asked {
    Request(Request),
    Heading(Heading),
}

/// A request or a heading, with the sheet around it.
pub struct Means {
    /// All of Engagements.
    pub sheet: Sheet,
    asked: Asked,
    ledger: Vec<Arbitrage>,
}

impl Means {
    /// The request or the heading of a code; `None` when the sheet has none.
    pub fn of(sheet: Sheet, subject: Subject, code: &str) -> Option<Self> {
        let asked = match subject {
            Subject::Heading => Asked::Heading(sheet.all.headings.iter().find(|it| it.code.as_str() == code)?.clone()),
            _ => Asked::Request(sheet.all.requests.iter().find(|it| it.code.as_str() == code)?.clone()),
        };
        let ledger = match &asked {
            Asked::Request(it) => sheet.dossier.ledger(Subject::Request, &it.code),
            Asked::Heading(it) => sheet.dossier.ledger(Subject::Heading, &it.code),
        };
        Some(Self { sheet, asked, ledger })
    }

    fn code(&self) -> &Code {
        match &self.asked {
            Asked::Request(it) => &it.code,
            Asked::Heading(it) => &it.code,
        }
    }

    /// What is decided on.
    pub fn matter(&self) -> Matter<'_> {
        let subject = match self.asked {
            Asked::Request(_) => Subject::Request,
            Asked::Heading(_) => Subject::Heading,
        };
        Matter { subject, code: self.code(), ledger: &self.ledger, conditions: &self.sheet.dossier.conditions }
    }

    /// Its address.
    pub fn address(&self) -> String {
        self.matter().subject.address(self.sheet.header.plan.code.as_str(), self.code().as_str())
    }

    /// All that became of it.
    pub fn case(&self) -> Case<'_> {
        let (matter, dossier) = (self.matter(), &self.sheet.dossier);
        let (of, original) = match &self.asked {
            Asked::Request(it) => ("de la demande", it.asked().named()),
            Asked::Heading(_) => ("du volet", Vec::new()),
        };
        Case {
            plan_id: self.sheet.header.id,
            plan: self.sheet.header.plan.code.to_string(),
            structure_id: self.sheet.header.structure_id,
            address: self.address(),
            of: format!("{of} {}", self.code()),
            course: dossier.course(matter.subject, self.code()),
            opinions: dossier.opinions_on(matter.subject, self.code()),
            original,
            dialogue: dossier.dialogue,
            closed: self.sheet.season.closed,
            matter,
        }
    }

    /// The heading that it hangs from, when it is a request.
    fn heading(&self) -> Option<&Heading> {
        let Asked::Request(request) = &self.asked else { return None };
        let code = request.heading.as_ref()?;
        self.sheet.all.headings.iter().find(|heading| heading.code == *code)
    }
}

/// The form that came back; at most one.
#[derive(Default)]
pub struct Back {
    /// A decision, an avis or a withdrawal.
    pub shared: Backs,
    /// An amendment, and why it is not written.
    pub amendment: Option<(RequestTyped, RequestRefused)>,
    /// Someone else amended in between.
    pub conflict: bool,
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "commitments/means.html")]
pub struct MeansPage {
    page: Page,
    code: String,
    plan_name: String,
    /// The decision in force.
    in_force: Option<Decision>,
    kind: &'static str,
    means: String,
    label: String,
    facts: Vec<(&'static str, String)>,
    /// Code and title of the heading above.
    heading: Option<(String, String)>,
    /// A heading's own requests.
    requests: Vec<RequestRow>,
    file: File,
    /// The form of an amendment, for a request.
    asking: Option<RequestForm>,
    amending: bool,
    conflict: bool,
    tags: Vec<&'static str>,
    /// What the document says of it in several ways.
    marks: Vec<Mark>,
}

/// « Reporté au-delà du contrat, décision du volet V2. »
fn inherited(means: &Means) -> Option<String> {
    let heading = means.heading()?;
    let decision = current(&means.sheet.dossier.decisions, Subject::Heading, &heading.code)?;
    let day = decision.session_on.map(|day| format!(", séance du {}", date::short(day))).unwrap_or_default();
    Some(format!("{}{day} : décision du volet {}, {}.", decision.state.label(), heading.code, heading.title))
}

fn facts(request: &Request, sheet: &Sheet) -> Vec<(&'static str, String)> {
    let quantities: Vec<String> = request.quantities.iter().map(Quantity::words).collect();
    let asked = if quantities.is_empty() { "non chiffrée".to_owned() } else { quantities.join(" ; ") };
    let node = request.node.as_ref().map(|node| ("Objectif", node.to_string()));
    let envelopes = envelopes(request, sheet).into_iter().map(|text| ("Enveloppe", text));
    [("Demande", request.label.clone()), ("Quantités", asked)].into_iter().chain(node).chain(envelopes).collect()
}

impl MeansPage {
    /// The page; `back` is a form that came back.
    pub fn new(user: &CurrentUser, means: &Means, rights: &Rights, back: Back) -> Self {
        let Means { sheet, asked, .. } = means;
        let header = &sheet.header;
        let case = means.case();
        let (kind, label) = match asked {
            Asked::Request(it) => ("Demande", it.label.clone()),
            Asked::Heading(it) => ("Volet", it.title.clone()),
        };
        let amending = back.amendment.is_some();
        let asking = match asked {
            Asked::Heading(_) => None,
            Asked::Request(it) => {
                let kept = || (RequestTyped::of(&it.amended(&case.course).asked()), RequestRefused::default());
                let (typed, refused) = back.amendment.unwrap_or_else(kept);
                Some(RequestForm::new(typed, refused))
            }
        };
        let mut file = File::new(&case, rights, back.shared);
        file.ledger = file.ledger.inheriting(inherited(means));
        let code = means.code().to_string();
        let plan = header.plan.code.to_string();
        let title = format!("{kind} {code} · {}", header.plan.name());
        let conditions = &sheet.dossier.conditions;
        let in_force = match asked {
            Asked::Request(it) => {
                request_decision(it, sheet).map(|(it, inherited)| decision(it, conditions, inherited))
            }
            Asked::Heading(_) => means.ledger.last().map(|it| decision(it, conditions, false)),
        };
        Self {
            page: within_plan(user.page(title, ""), user, header.structure_id, &plan, None, PlanPage::Commitments),
            plan_name: header.plan.name(),
            in_force,
            kind,
            facts: match asked {
                Asked::Request(it) => facts(&it.amended(&case.course), sheet),
                Asked::Heading(_) => Vec::new(),
            },
            heading: means.heading().map(|it| (it.code.to_string(), it.title.clone())),
            requests: match asked {
                Asked::Request(_) => Vec::new(),
                Asked::Heading(heading) => sheet
                    .all
                    .requests
                    .iter()
                    .filter(|it| it.heading.as_ref() == Some(&heading.code))
                    .map(|it| request_row(it, sheet))
                    .collect(),
            },
            tags: case.course.tags(),
            marks: sheet.reserves.on(
                match asked {
                    Asked::Request(_) => Touches::Request,
                    Asked::Heading(_) => Touches::Heading,
                },
                &code,
            ),
            file,
            asking,
            amending,
            conflict: back.conflict,
            means: code,
            label,
            code: plan,
        }
    }

    /// The journal of its decisions.
    fn journal(&self) -> String {
        let subject = if self.kind == "Volet" { Subject::Heading } else { Subject::Request };
        format!("/plans/{}/journal?kind=arbitrage&code={}/{}", self.code, subject.word(), self.means)
    }
}
