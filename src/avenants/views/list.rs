//! The avenants of a plan, and the form of a new one.

use askama::Template;
use askama_web::WebTemplate;

use crate::access::Verdict;
use crate::avenants::ground::Ground;
use crate::avenants::model::{Avenant, State, Subject};
use crate::avenants::store::Kept;
use crate::kernel::date;
use crate::plans::store::Header;
use crate::web::fields::Form;
use crate::web::page::Page;

/// An avenant in the list.
pub struct Line {
    code: String,
    href: String,
    state: State,
    reference: String,
    dated: String,
    reason: String,
    changes: Vec<String>,
    /// Whose accords are given, or waited for.
    accords: String,
}

fn accords(it: &Avenant) -> String {
    let given = |accord: Option<&crate::avenants::model::Accord>, who: &str| {
        accord.map_or_else(|| format!("{who} : attendu"), |accord| format!("{who} : {}", date::short(accord.on)))
    };
    format!("{} ; {}", given(it.director.as_ref(), "direction"), given(it.directoire.as_ref(), "directoire"))
}

impl Line {
    fn of(plan: &str, it: &Avenant) -> Self {
        Self {
            code: it.code.to_string(),
            href: format!("/plans/{plan}/avenants/{}", it.code),
            state: it.state(),
            reference: it.reference.clone().unwrap_or_default(),
            dated: it.dated_on.map(date::short).unwrap_or_default(),
            reason: it.reason.clone(),
            changes: it.changes.iter().map(|change| change.kind.name(change.code.as_str())).collect(),
            accords: accords(it),
        }
    }
}

/// All of them.
#[derive(Template, WebTemplate)]
#[template(path = "avenants/list.html")]
pub struct ListPage {
    page: Page,
    plan: String,
    plan_name: String,
    lines: Vec<Line>,
    prepares: bool,
}

impl ListPage {
    /// The page of a plan.
    pub fn new(page: Page, header: &Header, avenants: &[Kept], may: &Verdict) -> Self {
        let plan = header.plan.code.to_string();
        Self {
            page,
            plan_name: header.plan.name(),
            // The latest is looked for first.
            lines: avenants.iter().rev().map(|kept| Line::of(&plan, &kept.avenant)).collect(),
            prepares: may.allowed(),
            plan,
        }
    }
}

/// An avenant that is being prepared, to which a change may be added.
pub struct Open {
    href: String,
    name: String,
    reason: String,
}

/// The form of a new one.
#[derive(Template, WebTemplate)]
#[template(path = "avenants/new.html")]
pub struct NewPage {
    page: Page,
    plan: String,
    plan_name: String,
    /// As the form posts it: `cible/13.a`; empty when nothing was picked.
    element: String,
    /// What was picked, in words.
    picked: String,
    open: Vec<Open>,
    form: Form,
}

impl NewPage {
    /// The page; `element` is what the avenant is to change first.
    pub fn new(
        page: Page,
        header: &Header,
        avenants: &[Kept],
        ground: &Ground,
        element: Option<(Subject, String)>,
        form: Form,
    ) -> Self {
        let plan = header.plan.code.to_string();
        let element = element.filter(|(kind, code)| ground.present(*kind, code).is_some());
        let (word, picked) = match &element {
            Some((kind, code)) => (format!("{}/{code}", kind.word()), kind.name(code)),
            None => (String::new(), String::new()),
        };
        let open = avenants.iter().map(|kept| &kept.avenant).filter(|it| it.state().is_open());
        Self {
            page,
            plan_name: header.plan.name(),
            open: open
                .map(|it| Open {
                    href: match word.as_str() {
                        "" => format!("/plans/{plan}/avenants/{}", it.code),
                        word => format!("/plans/{plan}/avenants/{}/changes/{word}", it.code),
                    },
                    name: it.name(),
                    reason: it.reason.clone(),
                })
                .collect(),
            element: word,
            picked,
            form,
            plan,
        }
    }
}
