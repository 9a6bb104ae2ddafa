//! How follow-ups look: in a list, and each on its page.

use askama::Template;
use askama_web::WebTemplate;
use chrono::NaiveDate;

use super::entry::{StateRefused, StateTyped, TEXT_MAX, TaskRefused, TaskTyped};
use super::model::{Followup, State};
use super::store::Kept;
use super::web::{Found, address};
use crate::access::{Verdict, enters};
use crate::accounts::CurrentUser;
use crate::journal::model::Entry;
use crate::kernel::canonical::{Canonical, Reader};
use crate::kernel::date;
use crate::plans::store::Header;
use crate::plans::views::{PlanPage, within_plan};
use crate::web::page::{Choice, Page};

/// One, in any list of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its page.
    pub href: String,
    /// Its code.
    pub code: String,
    /// What there is to do.
    pub text: String,
    /// Who does it.
    pub owner: String,
    /// By which day.
    pub due: String,
    /// That day is past, and nothing was said.
    pub late: bool,
    /// Its pill.
    pub slug: &'static str,
    /// Where it stands.
    pub state: &'static str,
    /// When that was said; empty while it is to do.
    pub said: String,
    /// What was done, or why it will not be.
    pub note: String,
    /// Of which meeting.
    pub year: i32,
    /// « donnée fictive »; empty for what a person wrote.
    pub provenance: String,
}

impl Row {
    /// One of a plan, on a day.
    pub fn of(plan: &str, it: &Followup, today: NaiveDate) -> Self {
        let late = it.is_late(today);
        Self {
            href: address(plan, it.code.as_str()),
            code: it.code.to_string(),
            text: it.text.clone(),
            owner: it.owner.clone(),
            due: date::short(it.due_on),
            late,
            slug: if late { "en-retard" } else { it.state.slug() },
            state: if late { "En retard" } else { it.state.label() },
            said: it.said_on.map(date::short).unwrap_or_default(),
            note: it.note.clone().unwrap_or_default(),
            year: it.year,
            provenance: it.provenance.clone().unwrap_or_default(),
        }
    }
}

/// What is still to be done in the plans of a person.
#[derive(Template, WebTemplate)]
#[template(path = "followups/list.html")]
pub struct ListPage {
    page: Page,
    /// The structure, the plan's name, and the follow-up.
    rows: Vec<(String, String, Row)>,
    late: usize,
}

impl ListPage {
    /// Those of these plans, the earliest day first.
    pub fn new(user: &CurrentUser, headers: &[Header], open: Vec<Kept>, today: NaiveDate) -> Self {
        let rows = open.into_iter().filter_map(|kept| {
            let header = headers.iter().find(|header| header.id == kept.plan_id)?;
            let row = Row::of(header.plan.code.as_str(), &kept.followup, today);
            Some((header.structure.label.clone(), header.plan.name(), row))
        });
        let rows: Vec<_> = rows.collect();
        let late = rows.iter().filter(|(_, _, row)| row.late).count();
        Self { page: user.page("Suites des dialogues", "/followups"), rows, late }
    }
}

/// A form that came back.
#[derive(Default)]
pub struct Back {
    /// That of its state.
    pub state: Option<(StateTyped, StateRefused)>,
    /// That of what there is to do.
    pub task: Option<(TaskTyped, TaskRefused)>,
    /// Somebody else wrote in between.
    pub conflict: bool,
}

/// What was said of it.
pub struct Said {
    what: String,
    details: Vec<String>,
    iso: String,
    when: String,
    who: String,
    note: String,
}

fn said(entry: &Entry) -> Option<Said> {
    let read = |state: &Option<serde_json::Value>| Followup::read(state.as_ref()?, &mut Reader::default());
    let (before, after) = (read(&entry.before), read(&entry.after)?);
    let mut details = Vec::new();
    if before.as_ref().is_none_or(|before| !before.says_as(&after)) {
        details.push(format!("« {} »", after.text));
        details.push(format!("{}, pour le {}", after.owner, date::short(after.due_on)));
    }
    let moved = before.as_ref().is_some_and(|before| before.state != after.state);
    Some(Said {
        what: match (&before, moved) {
            (None, _) => format!("Écrite au dialogue {}", after.year),
            (_, true) => after.state.label().into(),
            (Some(before), _) if before.says_as(&after) => format!("{}, précisé", after.state.label()),
            _ => "Corrigée".into(),
        },
        details,
        iso: date::machine(entry.at),
        when: date::time(entry.at),
        who: entry.actor.clone(),
        note: after.note.filter(|note| before.and_then(|it| it.note).as_ref() != Some(note)).unwrap_or_default(),
    })
}

/// A follow-up.
#[derive(Template, WebTemplate)]
#[template(path = "followups/followup.html")]
#[expect(clippy::struct_excessive_bools, reason = "two forms, each of which is shown and may have come back")]
pub struct FollowupPage {
    page: Page,
    plan: String,
    plan_name: String,
    structure: String,
    row: Row,
    history: Vec<Said>,
    says: bool,
    sentence: String,
    corrects: bool,
    version: i32,
    typed: StateTyped,
    refused: StateRefused,
    task: TaskTyped,
    task_refused: TaskRefused,
    states: Vec<Choice>,
    returned: &'static str,
    conflict: bool,
    state_back: bool,
    task_back: bool,
}

impl FollowupPage {
    /// The page, with the form that came back.
    pub fn new(
        user: &CurrentUser,
        found: &Found,
        task: &Verdict,
        state: &Verdict,
        back: Back,
        today: NaiveDate,
    ) -> Self {
        let (header, it) = (&found.header, &found.kept.followup);
        let plan = header.plan.code.to_string();
        let (state_back, task_back) = (back.state.is_some(), back.task.is_some());
        let returned = match (back.conflict, state_back, task_back) {
            (false, true, _) => "dire",
            (false, _, true) => "corriger",
            _ => "",
        };
        let title = format!("Suite {} · {}", it.code, header.plan.name());
        let title = if returned.is_empty() { title } else { format!("Erreur : {title}") };
        let (typed, refused) = back.state.unwrap_or_else(|| {
            let typed = StateTyped {
                state: it.state.word().into(),
                said_on: it.said_on.map(|day| day.to_string()).unwrap_or_default(),
                note: it.note.clone().unwrap_or_default(),
                version: String::new(),
            };
            (typed, StateRefused::default())
        });
        let (task_typed, task_refused) =
            back.task.unwrap_or_else(|| (TaskTyped::of(it, found.kept.version), TaskRefused::default()));
        let year = Some(it.year).filter(|_| enters(user, header.id, header.structure_id));
        Self {
            page: within_plan(user.page(title, ""), user, header.structure_id, &plan, year, PlanPage::Dialogue),
            plan_name: header.plan.name(),
            structure: header.structure.label.clone(),
            row: Row::of(&plan, it, today),
            history: found.history.iter().filter_map(said).collect(),
            says: state.allowed(),
            sentence: state.sentence(),
            corrects: task.allowed(),
            version: found.kept.version,
            states: Choice::list(State::ALL, State::word, State::label, &typed.state),
            typed,
            refused,
            task: task_typed,
            task_refused,
            returned,
            conflict: back.conflict,
            state_back,
            task_back,
            plan,
        }
    }

    #[expect(clippy::unused_self, reason = "templates call methods of their page")]
    const fn text_max(&self) -> usize {
        TEXT_MAX
    }
}
