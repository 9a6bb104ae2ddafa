//! The form of a step of an adoption, with the control of its vote.

use askama::Template;
use askama_web::WebTemplate;

use crate::avenants::model::TEXT_MAX;
use crate::kernel::ids::Code;
use crate::plans::model::Vote;
use crate::plans::store::{Header, KeptStep};
use crate::plans::vote::{Identity, identities};
use crate::web::fields::Form;
use crate::web::page::Page;

/// The removal of a step, as it came back.
#[derive(Debug, Clone, Default)]
pub struct Removal {
    /// As typed.
    pub reason: String,
    /// Why the step stays.
    pub refused: String,
    /// Somebody changed the step since it was read.
    pub conflict: bool,
}

impl Removal {
    /// It came back.
    pub const fn is_refused(&self) -> bool {
        self.conflict || !self.refused.is_empty()
    }
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "avenants/step.html")]
pub struct StepPage {
    page: Page,
    plan: String,
    plan_name: String,
    heading: String,
    /// Of which avenant; empty for the plan itself.
    avenant: String,
    action: String,
    /// Where its steps are shown.
    back: String,
    /// Its vote as it is kept, with what it should satisfy.
    vote: Option<(Vote, Vec<Identity>)>,
    form: Form,
    /// The version under the reader's eyes, and their removal; a new step has none.
    removal: Option<(i32, Removal)>,
}

impl StepPage {
    /// The form of a new step.
    pub fn blank(page: Page, header: &Header, avenant: Option<&Code>, form: Form) -> Self {
        let plan = header.plan.code.to_string();
        Self {
            page,
            plan_name: header.plan.name(),
            heading: "Ajouter une étape d’adoption".into(),
            action: format!("/plans/{plan}/steps"),
            back: avenant.map_or_else(
                || format!("/plans/{plan}#adoption"),
                |code| format!("/plans/{plan}/avenants/{code}#adoption"),
            ),
            avenant: avenant.map(Code::to_string).unwrap_or_default(),
            vote: None,
            form,
            removal: None,
            plan,
        }
    }

    /// That of a step as kept.
    pub fn of(page: Page, header: &Header, kept: &KeptStep, form: Form, removal: Removal) -> Self {
        let step = &kept.step;
        let blank = Self::blank(page, header, step.avenant.as_ref(), form);
        Self {
            heading: step.label.clone(),
            action: format!("{}/{}", blank.action, step.code),
            vote: step.vote.clone().map(|vote| {
                let told = identities(step.act, &vote);
                (vote, told)
            }),
            removal: Some((kept.version, removal)),
            ..blank
        }
    }

    const fn text_max(&self) -> usize {
        TEXT_MAX
    }
}
