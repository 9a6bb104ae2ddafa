//! The workshop: all that a draft is made of, in order, and what it lacks.

use askama::Template;
use askama_web::WebTemplate;

use super::frame;
use super::line::{Line, lines};
use crate::access::{self, Thing, Who};
use crate::accounts::CurrentUser;
use crate::document::model::Document;
use crate::drafts::parts::{PARTS, Part};
use crate::drafts::signature::{self, FIELDS, Missing, missing};
use crate::plans::store::Header;
use crate::web::fields::{Form, Options};
use crate::web::page::Page;

/// A list of the workshop.
pub struct Shelf {
    /// What it lists.
    pub part: &'static Part,
    /// Its elements.
    pub lines: Vec<Line>,
}

/// The workshop.
#[derive(Template, WebTemplate)]
#[template(path = "drafts/workshop.html")]
pub struct WorkshopPage {
    page: Page,
    code: String,
    title: String,
    subtitle: String,
    facts: Vec<(String, String)>,
    shelves: Vec<Shelf>,
    missing: Vec<Missing>,
    editable: bool,
    verdict: String,
    signs: bool,
    signature: Form,
    refused: Vec<String>,
}

impl WorkshopPage {
    /// The page of a draft; what came back is the form of the signature, or why an act was refused.
    pub fn new(
        user: &CurrentUser,
        header: &Header,
        document: &Document,
        signature: Option<Form>,
        refused: Vec<String>,
    ) -> Self {
        let plan = &header.plan;
        // The clock changes nothing to who writes a draft.
        let may = |thing: &Thing<'_>| access::may_edit(Who::User(user), thing, chrono::NaiveDate::MIN);
        let definition = may(&Thing::Definition { structure_id: header.structure_id, draft: plan.draft });
        let back = !refused.is_empty() || signature.as_ref().is_some_and(Form::is_refused);
        let title = format!("Atelier · {}", plan.name());
        let facts = plan.parties.iter().map(|it| (it.label.clone(), it.text.clone()));
        Self {
            page: frame(user, header, if back { format!("Erreur : {title}") } else { title }),
            code: plan.code.to_string(),
            title: plan.title.clone(),
            subtitle: format!("{} · {} · {}", header.structure.label, plan.kind.label(), plan.years()),
            facts: facts.collect(),
            shelves: PARTS.iter().map(|part| Shelf { part, lines: lines(document, part) }).collect(),
            missing: missing(document),
            editable: definition.allowed(),
            verdict: definition.sentence(),
            signs: may(&Thing::Signature { draft: plan.draft }).allowed(),
            signature: signature.unwrap_or_else(|| Form::of(FIELDS, &signature::proposed(document), &Options::new())),
            refused,
        }
    }

    /// What the signature needs.
    fn needed(&self) -> Vec<&Missing> {
        self.missing.iter().filter(|it| it.needed).collect()
    }

    /// What is allowed, and said.
    fn allowed(&self) -> Vec<&Missing> {
        self.missing.iter().filter(|it| !it.needed).collect()
    }

    /// « 3 points à compléter ».
    fn counted(&self) -> String {
        match self.allowed().len() {
            1 => "1 point à compléter".into(),
            count => format!("{count} points à compléter"),
        }
    }

    /// Where something that lacks is to be said, for someone who may say it.
    fn place(&self, missing: &Missing) -> Option<String> {
        let (kind, code) = missing.at.as_ref().filter(|_| self.editable)?;
        let list = kind.field();
        let draft = &self.code;
        Some(match code.as_str() {
            "" => format!("/plans/{draft}/draft/{list}/new"),
            code => format!("/plans/{draft}/draft/{list}/{code}"),
        })
    }
}
