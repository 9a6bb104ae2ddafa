//! How a dialogue looks: its state, what is missing, the moves this person may make, what happened.

use askama::Template;
use askama_web::WebTemplate;
use chrono::NaiveDate;

use crate::access::{DialogueState, Verdict};
use crate::accounts::CurrentUser;
use crate::accounts::model::User;
use crate::dialogue::model::machine::{REASON_MAX, Refused, Typed};
use crate::dialogue::model::{Checklist, Completeness, Transition};
use crate::dialogue::passage::Loaded;
use crate::dialogue::store::{Adjusted, Part, Passage, Snapshot};
use crate::dialogue::views::meeting::Meeting;
use crate::dialogue::window::window;
use crate::indicators::entry::Key;
use crate::kernel::date;
use crate::plans::store::Header;
use crate::plans::views::{PlanPage, within_plan};
use crate::web::page::Page;

/// What a move that was not made leaves to show.
#[derive(Debug, Clone, Default)]
pub struct Back {
    /// Which move.
    pub transition: Option<Transition>,
    /// What was typed.
    pub typed: Typed,
    /// What is wrong with it.
    pub refused: Refused,
    /// It stands elsewhere, or moved meanwhile.
    pub stale: Option<String>,
    /// What a submission demands is missing.
    pub incomplete: bool,
}

fn frame(user: &CurrentUser, header: &Header, year: Option<i32>, title: String) -> Page {
    within_plan(
        user.page(title, ""),
        user,
        header.structure_id,
        header.plan.code.as_str(),
        year.filter(|_| crate::access::enters(user, header.id, header.structure_id)),
        PlanPage::Dialogue,
    )
}

/// « 89,6 % » of a bar, in whole percent.
fn percent(completeness: &Completeness) -> String {
    format!("{}\u{202f}%", completeness.answered_percent())
}

/// The dialogues of a plan.
#[derive(Template, WebTemplate)]
#[template(path = "dialogue/list.html")]
pub struct ListPage {
    page: Page,
    code: String,
    name: String,
    closed: Option<i32>,
    parts: Vec<Part>,
    today: NaiveDate,
}

impl ListPage {
    /// Its dialogues, the latest first.
    pub fn new(user: &CurrentUser, header: &Header, parts: Vec<Part>, today: NaiveDate) -> Self {
        let name = header.plan.name();
        let year = parts.first().map(|part| part.year);
        Self {
            page: frame(user, header, year, format!("Dialogues · {name}")),
            code: header.plan.code.to_string(),
            name,
            closed: header.closed,
            parts,
            today,
        }
    }

    fn window(&self, part: &Part) -> String {
        window(part, self.today)
    }

    fn percent(part: &Part) -> String {
        percent(&part.completeness)
    }
}

/// The missing lines of one measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingMeasure {
    /// Its code.
    pub measure: String,
    /// Its label.
    pub label: String,
    /// Each period, with the address of its line.
    pub periods: Vec<(String, String)>,
}

/// One demand of a submission, with what is missing of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// « Une réponse à chaque situation attendue ».
    pub label: &'static str,
    /// How many lines are missing.
    pub count: usize,
    /// Of measures.
    pub measures: Vec<MissingMeasure>,
    /// Of jalons: code, label, date, address.
    pub jalons: Vec<(String, String, String, String)>,
}

/// A move that this person may make here.
#[derive(Debug, Clone)]
pub struct Form {
    transition: Transition,
    noun: &'static str,
    typed: Typed,
    refused: Refused,
}

impl Form {
    const fn button(&self) -> &'static str {
        match self.transition {
            Transition::Submission => "Soumettre au directoire",
            Transition::Recall => "Rappeler la soumission",
            Transition::Review => "Passer en revue",
            Transition::Return => "Retourner à la direction",
            Transition::Validation => "Valider",
            Transition::Reopening => "Rouvrir",
            Transition::Closure => "Clore",
            Transition::Opening | Transition::Resumption => "",
        }
    }

    const fn about(&self) -> &'static str {
        match self.transition {
            Transition::Submission => {
                "Ce que le directoire reçoit est figé : situations attendues, jalons échus, actions. Vous pouvez rappeler \
                 votre soumission tant que la revue n’a pas commencé."
            }
            Transition::Recall => "La saisie reprend, et la soumission est à refaire.",
            Transition::Review => "La direction ne peut plus rappeler sa soumission.",
            Transition::Return => "La direction voit le motif en premier, et peut de nouveau modifier sa saisie.",
            Transition::Validation => "Ce qui a été reçu reste figé.",
            Transition::Reopening => "La saisie reprend. La réouverture et son motif restent visibles.",
            Transition::Closure => "Un dialogue clos ne se rouvre pas.",
            Transition::Opening | Transition::Resumption => "",
        }
    }

    /// The first button of the page, or one beside it.
    const fn class(&self) -> &'static str {
        match self.transition {
            Transition::Submission | Transition::Review | Transition::Validation => "button",
            Transition::Return | Transition::Reopening | Transition::Recall => "button button--secondary",
            _ => "button button--danger",
        }
    }

    const fn is_closure(&self) -> bool {
        matches!(self.transition, Transition::Closure)
    }

    const fn reason_max(&self) -> usize {
        REASON_MAX
    }
}

/// A dialogue.
#[derive(Template, WebTemplate)]
#[template(path = "dialogue/dialogue.html")]
pub struct DialoguePage {
    page: Page,
    code: String,
    name: String,
    structure: String,
    part: Part,
    closed: Option<i32>,
    demands: Vec<Demand>,
    missing: usize,
    /// Who answered besides the reader, and how much; for the one who submits.
    others: Vec<(String, usize)>,
    forms: Vec<Form>,
    directs: bool,
    runs_campaigns: bool,
    enters: bool,
    passages: Vec<Passage>,
    adjustments: Vec<Adjusted>,
    snapshots: Vec<Snapshot>,
    meeting: Meeting,
    establishment: String,
    back: Back,
    today: NaiveDate,
}

impl DialoguePage {
    /// The page; `may` answers for each move, `None` for what nobody asks for.
    pub fn new(
        user: &CurrentUser,
        loaded: &Loaded,
        meeting: Meeting,
        may: impl Fn(Transition) -> Option<Verdict>,
        back: Back,
        today: NaiveDate,
    ) -> Self {
        let Loaded { header, part, history, .. } = loaded;
        let list = loaded.checklist(today);
        let reader: &User = user;
        let forms = Transition::from_state(part.state)
            .filter(|it| header.closed.is_none() && may(*it).is_some_and(|verdict| verdict.allowed()))
            .map(|transition| {
                let came_back = back.transition == Some(transition) && back.stale.is_none();
                Form {
                    transition,
                    noun: transition.noun().unwrap_or_default(),
                    typed: if came_back { back.typed.clone() } else { Typed::default() },
                    refused: if came_back { back.refused.clone() } else { Refused::default() },
                }
            })
            .collect();
        let title = format!("Dialogue {}", part.year);
        let refused = back.incomplete || back.refused != Refused::default() || meeting.is_refused();
        let title = if refused { format!("Erreur : {title}") } else { title };
        let directs = reader.directs(header.structure_id);
        Self {
            page: frame(user, header, Some(part.year), title),
            code: header.plan.code.to_string(),
            name: header.plan.name(),
            structure: header.structure.label.clone(),
            closed: header.closed,
            missing: list.count(),
            demands: demands(&list, loaded),
            others: if directs { loaded.by_others(&reader.function) } else { Vec::new() },
            forms,
            directs,
            runs_campaigns: reader.runs_campaigns(),
            enters: crate::access::enters(user, header.id, header.structure_id),
            passages: history.passages.clone(),
            adjustments: history.adjustments.clone(),
            snapshots: history.snapshots.clone(),
            meeting,
            establishment: header.establishment.name.clone(),
            part: part.clone(),
            back,
            today,
        }
    }

    fn window(&self) -> String {
        window(&self.part, self.today)
    }

    fn entry_href(&self) -> String {
        format!("/plans/{}/entry/{}", self.code, self.part.year)
    }

    fn period(&self) -> String {
        let Part { opens_on, closes_on, .. } = self.part;
        format!("du {} au {}", date::short(opens_on), date::short(closes_on))
    }

    /// The heading of a reason that still holds.
    const fn reason_heading(&self) -> &'static str {
        match self.part.state {
            DialogueState::Returned => "Retourné par le directoire.",
            _ => "À reprendre, à la demande du directoire.",
        }
    }

    fn others_count(&self) -> usize {
        self.others.iter().map(|(_, count)| count).sum()
    }

    /// Whose turn it is, in a sentence.
    fn turn(&self) -> String {
        match self.part.state {
            DialogueState::ToOpen => "La campagne n’est pas encore ouverte.".into(),
            DialogueState::Entry => "La direction de la structure saisit, puis soumet.".into(),
            DialogueState::Returned => {
                "La direction reprend sa saisie : sa première modification la rouvre, puis elle soumet à nouveau."
                    .into()
            }
            DialogueState::Submitted => "Le directoire va l’examiner.".into(),
            DialogueState::InReview => "Le directoire l’examine : il le retourne, ou le valide en séance.".into(),
            DialogueState::Validated => self.part.session_on.map_or_else(
                || "Validé par le directoire.".into(),
                |day| format!("Validé par le directoire en séance du {}.", date::long(day)),
            ),
            DialogueState::Closed => "Ce dialogue est clos.".into(),
        }
    }

    fn time(at: &chrono::DateTime<chrono::Utc>) -> String {
        date::time(*at)
    }

    fn iso(at: &chrono::DateTime<chrono::Utc>) -> String {
        date::machine(*at)
    }

    /// What a move says besides its name.
    fn told(passage: &Passage) -> Vec<String> {
        let session = passage.session_on.map(|day| format!("séance du {}", date::short(day)));
        let taken = passage.countersigned.filter(|count| *count > 0).map(|count| match count {
            1 => "1 réponse saisie par d’autres, contresignée".to_owned(),
            count => format!("{count} réponses saisies par d’autres, contresignées"),
        });
        session.into_iter().chain(taken).collect()
    }
}

fn demands(missing: &Checklist, loaded: &Loaded) -> Vec<Demand> {
    let code = loaded.header.plan.code.as_str();
    let year = loaded.part.year;
    let measures = |keys: &[Key], field: &str| {
        let mut measures: Vec<MissingMeasure> = Vec::new();
        for key in keys {
            let period = (key.period.to_string(), format!("/plans/{code}/entry/{year}#{field}{key}"));
            if let Some(last) = measures.last_mut().filter(|last| last.measure == key.measure.as_str()) {
                last.periods.push(period);
                continue;
            }
            let line = loaded.sheet.lines.iter().find(|line| line.measure.code == key.measure);
            measures.push(MissingMeasure {
                measure: key.measure.to_string(),
                label: line.map(|line| line.measure.label.clone()).unwrap_or_default(),
                periods: vec![period],
            });
        }
        measures
    };
    let cells = |label, keys: &[Key], field| Demand {
        label,
        count: keys.len(),
        measures: measures(keys, field),
        jalons: Vec::new(),
    };
    let jalons = missing.jalons.iter().map(|it| {
        (it.code.clone(), it.label.clone(), date::short(it.due_on), format!("/plans/{code}/jalons/{}", it.code))
    });
    vec![
        cells("Une réponse à chaque situation attendue", &missing.unanswered, "row-"),
        cells("Un commentaire sur chaque NR", &missing.not_provided, "comment/"),
        cells("Un commentaire sur chaque écart important", &missing.gaps, "comment/"),
        Demand {
            label: "Chaque jalon échu mis à jour",
            count: missing.jalons.len(),
            measures: Vec::new(),
            jalons: jalons.collect(),
        },
    ]
}
