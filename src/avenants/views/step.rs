//! The form of a step of an adoption, with the control of its vote.

use askama::Template;
use askama_web::WebTemplate;

use crate::kernel::ids::Code;
use crate::plans::model::{AdoptionStep, Vote};
use crate::plans::store::Header;
use crate::plans::vote::{Identity, identities};
use crate::web::fields::Form;
use crate::web::page::Page;

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
}

impl StepPage {
    /// The form of a step, or of a new one.
    pub fn new(page: Page, header: &Header, step: Option<&AdoptionStep>, avenant: Option<&Code>, form: Form) -> Self {
        let plan = header.plan.code.to_string();
        Self {
            page,
            plan_name: header.plan.name(),
            heading: step.map_or_else(|| "Ajouter une étape d’adoption".into(), |step| step.label.clone()),
            action: step
                .map_or_else(|| format!("/plans/{plan}/steps"), |step| format!("/plans/{plan}/steps/{}", step.code)),
            back: avenant.map_or_else(
                || format!("/plans/{plan}#adoption"),
                |code| format!("/plans/{plan}/avenants/{code}#adoption"),
            ),
            avenant: avenant.map(Code::to_string).unwrap_or_default(),
            vote: step.and_then(|step| {
                let vote = step.vote.clone()?;
                let told = identities(step.act, &vote);
                Some((vote, told))
            }),
            form,
            plan,
        }
    }
}
