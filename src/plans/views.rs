//! The navigation inside a plan.

use crate::accounts::model::User;
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
