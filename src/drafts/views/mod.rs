//! What the templates of drafts ask.

pub mod element;
mod line;
pub mod workshop;

use crate::accounts::CurrentUser;
use crate::plans::store::Header;
use crate::plans::views::{PlanPage, within_plan};
use crate::web::page::{NavItem, Page};

/// The frame of a page of a draft: the pages of its plan, and the workshop after them.
fn frame(user: &CurrentUser, header: &Header, title: String) -> Page {
    let code = header.plan.code.as_str();
    let mut page = within_plan(user.page(title, ""), user, header.structure_id, code, None, PlanPage::Elsewhere);
    page.plan.push(NavItem { href: format!("/plans/{code}/draft"), label: "Atelier", current: true });
    page
}
