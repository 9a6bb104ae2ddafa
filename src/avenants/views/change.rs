//! The form of one change, with what the thing says now beside.

use askama::Template;
use askama_web::WebTemplate;

use crate::avenants::ground::Ground;
use crate::avenants::model::{Avenant, Subject};
use crate::avenants::telling::present;
use crate::kernel::canonical::Fields;
use crate::kernel::ids::Code;
use crate::plans::store::Header;
use crate::web::fields::Form;
use crate::web::page::Page;

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "avenants/change.html")]
pub struct ChangePage {
    page: Page,
    plan: String,
    plan_name: String,
    avenant: String,
    /// Address of the avenant.
    address: String,
    /// Address of the form.
    action: String,
    name: String,
    label: String,
    present: Vec<(&'static str, String)>,
    /// It is a change of the avenant already.
    known: bool,
    /// Accords were given, which an edit takes back.
    agreed: bool,
    form: Form,
}

impl ChangePage {
    /// The form of a change of an avenant.
    #[expect(clippy::too_many_arguments, reason = "where an avenant, a thing and a form meet")]
    pub fn new(
        page: Page,
        header: &Header,
        avenant: &Avenant,
        ground: &Ground,
        kind: Subject,
        code: &Code,
        now: &Fields,
        form: Form,
    ) -> Self {
        let plan = header.plan.code.to_string();
        let address = format!("/plans/{plan}/avenants/{}", avenant.code);
        Self {
            page,
            plan_name: header.plan.name(),
            avenant: avenant.name(),
            action: format!("{address}/changes/{}/{code}", kind.word()),
            name: kind.name(code.as_str()),
            label: ground.label(kind, code.as_str()).unwrap_or_default().to_owned(),
            present: present(kind, now),
            known: avenant.change(kind, code.as_str()).is_some(),
            agreed: avenant.director.is_some() || avenant.directoire.is_some(),
            form,
            address,
            plan,
        }
    }
}
