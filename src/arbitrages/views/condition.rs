//! A condition, what depends on it, and the form that says where it stands.

use askama::Template;
use askama_web::WebTemplate;

use crate::access::Verdict;
use crate::accounts::CurrentUser;
use crate::arbitrages::entry::{StateRefused, StateTyped, TEXT_MAX};
use crate::arbitrages::model::{Arbitrage, Condition, ConditionState};
use crate::journal::model::Entry;
use crate::kernel::canonical::{Canonical, Reader};
use crate::kernel::date;
use crate::plans::store::Header;
use crate::plans::views::{PlanPage, within_plan};
use crate::web::page::{Choice, Page};

/// All that the page is made of.
pub struct Found {
    /// Its plan.
    pub header: Header,
    /// The condition.
    pub condition: Condition,
    /// What an editor has under their eyes.
    pub version: i32,
    /// Its place among the plan's.
    pub position: i32,
    /// The decisions in force that depend on it and that this person sees.
    pub depends: Vec<Arbitrage>,
    /// Its entries in the journal, newest first.
    pub history: Vec<Entry>,
}

impl Found {
    /// Its address.
    pub fn address(&self) -> String {
        format!("/plans/{}/conditions/{}", self.header.plan.code, self.condition.code)
    }
}

/// The form that came back.
#[derive(Default)]
pub struct Back {
    /// As typed.
    pub typed: StateTyped,
    /// Field by field.
    pub refused: StateRefused,
    /// Someone else wrote in between.
    pub conflict: bool,
}

/// What was said of it.
pub struct Said {
    state: &'static str,
    dated: String,
    iso: String,
    when: String,
    who: String,
    note: String,
}

/// A decision that depends on it.
pub struct Dependent {
    href: String,
    label: String,
    slug: &'static str,
    state: &'static str,
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "arbitrages/condition.html")]
pub struct ConditionPage {
    page: Page,
    plan: String,
    plan_name: String,
    code: String,
    text: String,
    scope: &'static str,
    slug: &'static str,
    state: &'static str,
    dated: String,
    note: String,
    depends: Vec<Dependent>,
    history: Vec<Said>,
    allowed: bool,
    sentence: String,
    action: String,
    version: i32,
    back: Back,
    states: Vec<Choice>,
    is_refused: bool,
}

fn said(entry: &Entry) -> Option<Said> {
    let it = Condition::read(entry.after.as_ref()?, &mut Reader::default())?;
    Some(Said {
        state: it.state.label(),
        dated: it.dated_on.map(date::short).unwrap_or_default(),
        iso: date::machine(entry.at),
        when: date::time(entry.at),
        who: entry.actor.clone(),
        note: it.note.unwrap_or_default(),
    })
}

impl ConditionPage {
    /// The page; `back` is a form that came back.
    pub fn new(user: &CurrentUser, found: &Found, verdict: &Verdict, back: Option<Back>) -> Self {
        let (header, it) = (&found.header, &found.condition);
        let plan = header.plan.code.to_string();
        let title = format!("Condition {} · {}", it.code, header.plan.name());
        let is_refused = back.as_ref().is_some_and(|back| !back.conflict);
        let back = back.unwrap_or_else(|| Back {
            typed: StateTyped { state: it.state.word().into(), ..StateTyped::default() },
            ..Back::default()
        });
        let dependent = |it: &Arbitrage| Dependent {
            href: it.subject.address(&plan, it.code.as_str()),
            label: format!("{} {}", it.subject.label(), it.code),
            slug: it.state.slug(),
            state: it.state.label(),
        };
        Self {
            page: within_plan(user.page(title, ""), user, header.structure_id, &plan, None, PlanPage::Commitments),
            plan_name: header.plan.name(),
            code: it.code.to_string(),
            text: it.text.clone(),
            scope: it.scope.label(),
            slug: it.state.slug(),
            state: it.state.label(),
            dated: it.dated_on.map(date::short).unwrap_or_default(),
            note: it.note.clone().unwrap_or_default(),
            depends: found.depends.iter().map(dependent).collect(),
            history: found.history.iter().filter_map(said).collect(),
            allowed: verdict.allowed(),
            sentence: verdict.sentence(),
            action: format!("{}/state", found.address()),
            version: found.version,
            states: Choice::list(ConditionState::ALL, ConditionState::word, ConditionState::label, &back.typed.state),
            back,
            is_refused,
            plan,
        }
    }

    const fn text_max(&self) -> usize {
        TEXT_MAX
    }
}
