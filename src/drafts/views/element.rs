//! The form of one element, and that of a plan that begins.

use askama::Template;
use askama_web::WebTemplate;

use super::frame;
use crate::accounts::CurrentUser;
use crate::drafts::model::Place;
use crate::plans::store::Header;
use crate::web::fields::Form;
use crate::web::page::Page;

/// The form of an element of a draft.
#[derive(Template, WebTemplate)]
#[template(path = "drafts/element.html")]
pub struct ElementPage {
    page: Page,
    draft: String,
    plan: String,
    heading: String,
    action: String,
    back: String,
    anchor: String,
    form: Form,
}

impl ElementPage {
    /// The form of the element of this code, or of a new one.
    pub fn new(user: &CurrentUser, header: &Header, place: Place, code: Option<&str>, form: Form) -> Self {
        let draft = header.plan.code.to_string();
        let list = place.kind().field();
        let heading = match (place, code) {
            (Place::Plan, _) => "Identité et parties du contrat".to_owned(),
            (Place::Part(part), Some(code)) => format!("{} {code}", part.name),
            (Place::Part(part), None) => part.adding(),
        };
        let title = if form.is_refused() { format!("Erreur : {heading}") } else { heading.clone() };
        let shown = |code| format!("/plans/{draft}/draft/{list}/{code}");
        Self {
            page: frame(user, header, title),
            action: code.map_or_else(|| format!("/plans/{draft}/draft/{list}"), shown),
            back: shown(code.unwrap_or("new")),
            anchor: code.map_or_else(|| list.to_owned(), |code| format!("{list}-{code}")),
            plan: header.plan.title.clone(),
            heading,
            draft,
            form,
        }
    }
}

/// The form of a plan that begins.
#[derive(Template, WebTemplate)]
#[template(path = "drafts/new.html")]
pub struct NewPage {
    page: Page,
    form: Form,
}

impl NewPage {
    /// The form, empty or come back.
    pub fn new(user: &CurrentUser, form: Form) -> Self {
        let title = if form.is_refused() { "Erreur : nouveau contrat" } else { "Nouveau contrat" };
        Self { page: user.page(title, "/admin/plans"), form }
    }
}
