//! What the templates of the establishment ask.

use std::collections::HashMap;

use askama::Template;
use askama_web::WebTemplate;

use super::store::KeptStructure;
use crate::accounts::CurrentUser;
use crate::plans::model::FrameworkRow;
use crate::plans::store::Header;
use crate::web::fields::Form;
use crate::web::page::Page;

/// Where the navigation stands on every page of this room.
const HOME: &str = "/admin/plans";

/// One of the pages that pilotage prepares contracts with, for the tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// Contracts and drafts.
    Plans,
    /// Structures and sites.
    Structures,
    /// The framework.
    Framework,
    /// The establishment itself.
    Establishment,
}

/// The tabs, with the one that is shown.
#[derive(Debug, Clone, Copy)]
pub struct Tabs(pub Tab);

impl Tabs {
    /// Address, label, whether it is shown.
    pub fn links(self) -> [(&'static str, &'static str, bool); 4] {
        [
            (HOME, "Contrats", self.0 == Tab::Plans),
            ("/admin/structures", "Structures et sites", self.0 == Tab::Structures),
            ("/admin/framework", "Cadre stratégique", self.0 == Tab::Framework),
            ("/admin/establishment", "Établissement", self.0 == Tab::Establishment),
        ]
    }
}

/// The frame of a page of this room.
pub fn frame(user: &CurrentUser, title: &str, refused: bool) -> Page {
    let title = if refused { format!("Erreur : {title}") } else { title.to_owned() };
    user.page(title, HOME)
}

/// Contracts and drafts.
#[derive(Template, WebTemplate)]
#[template(path = "establishment/plans.html")]
pub struct PlansPage {
    /// Frame.
    pub page: Page,
    /// Every plan, drafts first.
    pub drafts: Vec<Header>,
    /// Signed ones.
    pub contracts: Vec<Header>,
    /// Structures exist: a plan may begin.
    pub ready: bool,
}

impl PlansPage {
    const fn tabs() -> Tabs {
        Tabs(Tab::Plans)
    }
}

/// Structures.
#[derive(Template, WebTemplate)]
#[template(path = "establishment/structures.html")]
pub struct StructuresPage {
    /// Frame.
    pub page: Page,
    /// All of them.
    pub structures: Vec<KeptStructure>,
}

impl StructuresPage {
    const fn tabs() -> Tabs {
        Tabs(Tab::Structures)
    }
}

/// A row of the framework with who uses it.
pub struct Line {
    /// The row.
    pub row: FrameworkRow,
    /// Its domain, when the row above has another.
    pub domain: Option<String>,
    /// Codes of the plans that decline it.
    pub plans: Vec<String>,
    /// It is the first.
    pub first: bool,
    /// It is the last.
    pub last: bool,
}

/// The framework.
#[derive(Template, WebTemplate)]
#[template(path = "establishment/framework.html")]
pub struct FrameworkPage {
    /// Frame.
    pub page: Page,
    /// Its title.
    pub title: String,
    /// Its rows.
    pub rows: Vec<Line>,
    /// Why a row was not removed; empty otherwise.
    pub refused: String,
}

impl FrameworkPage {
    /// The page of these rows.
    pub fn new(
        user: &CurrentUser,
        title: String,
        rows: Vec<FrameworkRow>,
        mut declined: HashMap<String, Vec<String>>,
        refused: String,
    ) -> Self {
        let count = rows.len();
        let mut above: Option<String> = None;
        let rows = rows.into_iter().enumerate().map(|(at, row)| {
            let domain = (above.as_ref() != Some(&row.domain)).then(|| row.domain.clone());
            above = Some(row.domain.clone());
            let plans = declined.remove(row.code.as_str()).unwrap_or_default();
            Line { row, domain, plans, first: at == 0, last: at + 1 == count }
        });
        let rows = rows.collect();
        Self { page: frame(user, "Cadre stratégique", !refused.is_empty()), title, rows, refused }
    }

    const fn tabs() -> Tabs {
        Tabs(Tab::Framework)
    }
}

/// One form of this room.
#[derive(Template, WebTemplate)]
#[template(path = "establishment/form.html")]
pub struct FormPage {
    /// Frame.
    pub page: Page,
    /// Which tab it belongs to.
    pub tab: Tab,
    /// Heading.
    pub heading: String,
    /// Below it.
    pub subtitle: String,
    /// Where the form is posted.
    pub action: String,
    /// Where the page is read again.
    pub back: String,
    /// The form.
    pub form: Form,
}

impl FormPage {
    const fn tabs(&self) -> Tabs {
        Tabs(self.tab)
    }
}
