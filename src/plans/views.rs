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
    /// Budget and its lines.
    Budget,
    /// Journal.
    Journal,
    /// A page that belongs to no plan, such as Accueil.
    Elsewhere,
}

/// Adds the pages of a plan that this person reads to a frame, after Accueil. `year` is that of its latest campaign.
#[must_use]
pub fn within_plan(
    mut page: Page,
    user: &User,
    structure_id: i64,
    code: &str,
    year: Option<i32>,
    current: PlanPage,
) -> Page {
    let mut items =
        vec![NavItem { href: format!("/plans/{code}"), label: "Contrat", current: current == PlanPage::Contract }];
    if let Some(year) = year {
        items.push(NavItem {
            href: format!("/plans/{code}/entry/{year}"),
            label: "Saisie",
            current: current == PlanPage::Entry,
        });
    }
    items.push(NavItem {
        href: format!("/plans/{code}/jalons"),
        label: "Jalons",
        current: current == PlanPage::Jalons,
    });
    if user.reads_posts(structure_id) {
        items.push(NavItem {
            href: format!("/plans/{code}/posts"),
            label: "Postes",
            current: current == PlanPage::Posts,
        });
    }
    if user.reads_budget(structure_id) {
        items.push(NavItem {
            href: format!("/plans/{code}/budget"),
            label: "Budget",
            current: current == PlanPage::Budget,
        });
    }
    items.push(NavItem {
        href: format!("/plans/{code}/journal"),
        label: "Journal",
        current: current == PlanPage::Journal,
    });
    let at = 1.min(page.nav.len());
    page.nav.splice(at..at, items);
    page
}
