//! The frame of a page for a signed-in person: what each role finds in the navigation.

use super::model::{Role, User};
use crate::web::page::{NavItem, Page};

/// Where a page stands, for the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    /// Accueil.
    Home,
    /// A page of a plan.
    Plan {
        /// Code of the plan.
        code: &'a str,
        /// Year of its latest campaign, when there is one.
        year: Option<i32>,
        /// Which page.
        page: PlanPage,
    },
    /// Accounts and grants.
    Accounts,
    /// Anything else.
    Elsewhere,
}

/// A page of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanPage {
    /// Contrat and its fiches.
    Contract,
    /// Saisie.
    Entry,
    /// Journal.
    Journal,
}

/// The frame of a page.
pub fn frame(user: &User, establishment: &str, title: impl Into<String>, place: Place<'_>) -> Page {
    let item = |href: String, label, current| NavItem { href, label, current };
    let mut nav = vec![item("/".into(), "Accueil", place == Place::Home)];
    if let Place::Plan { code, year, page } = place {
        nav.push(item(format!("/plans/{code}"), "Contrat", page == PlanPage::Contract));
        if let Some(year) = year {
            nav.push(item(format!("/plans/{code}/entry/{year}"), "Saisie", page == PlanPage::Entry));
        }
        nav.push(item(format!("/plans/{code}/journal"), "Journal", page == PlanPage::Journal));
    }
    if user.has(Role::Admin) {
        nav.push(item("/admin/accounts".into(), "Comptes", place == Place::Accounts));
    }
    Page {
        title: title.into(),
        establishment: establishment.to_owned(),
        nav,
        user: Some(user.function.clone()),
        flash: None,
    }
}
