//! The navigation inside a plan, and that through its days.

use askama::Template;
use askama_web::WebTemplate;
use chrono::NaiveDate;

use crate::accounts::model::User;
use crate::kernel::date;
use crate::web::page::{NavItem, Page};

/// A page of a plan, as the navigation knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanPage {
    /// Contrat and its fiches.
    Contract,
    /// Saisie.
    Entry,
    /// Postes.
    Posts,
    /// Engagements.
    Commitments,
    /// Jalons.
    Jalons,
    /// Dialogues.
    Dialogue,
    /// Budget and its lines.
    Budget,
    /// Contrôles.
    Controls,
    /// Journal.
    Journal,
    /// A page that belongs to no plan, such as Accueil.
    Elsewhere,
}

/// Adds the pages of a plan that this person reads to a frame. `year` is that of its latest campaign.
#[must_use]
pub fn within_plan(
    mut page: Page,
    user: &User,
    structure_id: i64,
    code: &str,
    year: Option<i32>,
    current: PlanPage,
) -> Page {
    let entry = year.map(|year| format!("/entry/{year}"));
    let dialogue = year.map_or_else(|| "/dialogues".to_owned(), |year| format!("/dialogues/{year}"));
    // Each page with its label and the end of its address; those that this person does not see are left out.
    let pages = [
        (PlanPage::Contract, "Contrat", Some("")),
        (PlanPage::Entry, "Saisie", entry.as_deref()),
        (PlanPage::Dialogue, "Dialogue", user.reads_dialogues(structure_id).then_some(dialogue.as_str())),
        (PlanPage::Jalons, "Jalons", Some("/jalons")),
        (PlanPage::Posts, "Postes", user.reads_posts(structure_id).then_some("/posts")),
        (PlanPage::Commitments, "Engagements", user.reads_commitments(structure_id).then_some("/commitments")),
        (PlanPage::Budget, "Budget", user.reads_budget(structure_id).then_some("/budget")),
        (PlanPage::Controls, "Contrôles", Some("/controls")),
        (PlanPage::Journal, "Journal", Some("/journal")),
    ];
    page.plan = pages
        .into_iter()
        .filter_map(|(place, label, end)| {
            Some(NavItem { href: format!("/plans/{code}{}", end?), label, current: current == place })
        })
        .collect();
    page
}

/// « État au… »: the field that asks a page for an earlier day, and the banner of the one it shows (`kit/on_day.html`).
#[derive(Debug, Clone)]
pub struct OnDay {
    plan: String,
    address: String,
    today: NaiveDate,
    typed: String,
    shown: Option<NaiveDate>,
}

impl OnDay {
    /// The field of a page of the present; `end` is the end of its address: `/jalons`.
    pub fn new(plan: &str, end: &str, today: NaiveDate, typed: &str) -> Self {
        let (plan, typed) = (plan.to_owned(), typed.to_owned());
        Self { address: format!("/plans/{plan}{end}"), plan, today, typed, shown: None }
    }

    /// The page shows this earlier day.
    pub fn show(&mut self, day: NaiveDate) {
        self.shown = Some(day);
        self.typed = day.to_string();
    }

    /// An earlier day is shown: nothing is changed there.
    pub const fn is_past(&self) -> bool {
        self.shown.is_some()
    }

    /// The address of the page, which shows the present.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The latest day that may be asked.
    pub fn latest(&self) -> String {
        self.today.to_string()
    }

    /// What was typed.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// « 12 sept. 2025 »; empty in the present.
    pub fn label(&self) -> String {
        self.shown.map(date::short).unwrap_or_default()
    }

    /// What leads from an address to the same day there: `?on=2025-09-12`; nothing in the present.
    pub fn query(&self) -> String {
        self.shown.map(|day| format!("?on={day}")).unwrap_or_default()
    }

    /// What changed since that day.
    pub fn comparison(&self) -> String {
        let since = self.shown.map(|day| format!("?from_day={day}")).unwrap_or_default();
        format!("/plans/{}/compare{since}", self.plan)
    }

    /// The pages of the plan that show earlier days lead to the same one.
    #[must_use]
    pub fn keep(&self, mut page: Page) -> Page {
        let base = format!("/plans/{}", self.plan);
        for item in &mut page.plan {
            if item.href.strip_prefix(&base).is_some_and(|end| ["", "/jalons", "/budget"].contains(&end)) {
                item.href.push_str(&self.query());
            }
        }
        page
    }
}

/// The page that shows no state of the day asked for, and says why.
#[derive(Template, WebTemplate)]
#[template(path = "plans/no_past.html")]
pub struct NoPastPage {
    page: Page,
    name: String,
    on: OnDay,
    why: String,
}

impl NoPastPage {
    /// In the frame of the page that was asked.
    pub const fn new(page: Page, name: String, on: OnDay, why: String) -> Self {
        Self { page, name, on, why }
    }
}
