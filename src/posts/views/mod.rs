//! How the pages of posts look.

pub mod demand;
pub mod line;
pub mod table;

use crate::access;
use crate::accounts::CurrentUser;
use crate::plans::store::Header;
use crate::plans::views::{PlanPage, within_plan};
use crate::web::page::Page;

/// The frame of a page of posts; Saisie is in the navigation of those who have something to enter.
fn frame(user: &CurrentUser, header: &Header, campaign: Option<i32>, title: String) -> Page {
    let year = campaign.filter(|_| access::enters(user, header.id, header.structure_id));
    within_plan(user.page(title, ""), user, header.structure_id, header.plan.code.as_str(), year, PlanPage::Posts)
}

/// « 1 poste », « 3 postes ».
fn posts(count: i32) -> String {
    if count > 1 { format!("{count} postes") } else { format!("{count} poste") }
}
