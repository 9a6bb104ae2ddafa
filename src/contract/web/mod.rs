//! The pages of a contract.

mod compare;
mod export;
mod journal;
mod show;

use sqlx::PgConnection;

use crate::access;
use crate::accounts::CurrentUser;
use crate::budget::model as budget;
use crate::commitments::model as commitments;
use crate::dialogue::store::{self as dialogues, Part};
use crate::followups::model as followups;
use crate::plans::readable_plan;
use crate::plans::store::Header;
use crate::plans::views::{PlanPage, within_plan};
use crate::posts::model as posts;
use crate::printed::model::MENTION_KIND;
use crate::reserves::model::RESERVE_KIND;
use crate::web::page::Page;
use crate::web::{Result, Routes};

/// The room's routes.
pub fn router() -> Routes {
    Routes::new()
        .get("/plans/{code}", show::contract)
        .get("/plans/{code}/document.json", export::document)
        .get("/plans/{code}/journal", journal::plan)
        .get("/plans/{code}/compare", compare::compare)
        .get("/plans/{code}/measures/{measure}/cells/{period}/journal", journal::figure)
}

/// The plan of an address with its latest dialogue, in two statements. What this person does not read is not there.
async fn seen(conn: &mut PgConnection, user: &CurrentUser, code: &str) -> Result<(Header, Option<Part>)> {
    let header = readable_plan(conn, user, code).await?;
    let part = dialogues::parts(conn, &[header.id], None).await?.pop();
    Ok((header, part))
}

/// The frame of a page of this plan; Saisie is in the navigation of those who have something to enter.
fn frame(user: &CurrentUser, header: &Header, part: Option<&Part>, title: String, current: PlanPage) -> Page {
    let year = part.map(|part| part.year).filter(|_| access::enters(user, header.id, header.structure_id));
    within_plan(user.page(title, ""), user, header.structure_id, header.plan.code.as_str(), year, current)
}

/// What this reader is neither told nor counted, as the journal's search says it: kinds, or a kind and the first part of
/// its codes.
fn hidden(user: &CurrentUser, structure_id: i64) -> Vec<&'static str> {
    let mut hidden = Vec::new();
    if !user.reads_posts(structure_id) {
        hidden.extend(posts::KINDS);
    }
    if !user.reads_budget(structure_id) {
        hidden.extend(budget::KINDS);
    }
    if !user.reads_commitments(structure_id) {
        hidden.extend(commitments::KINDS);
    }
    if !user.reads_dialogues(structure_id) {
        hidden.extend(followups::KINDS);
    }
    // A réserve or a mention may touch any of them: it is told whole, or not at all. A réserve's page knows what it
    // touches.
    if !user.reads_posts(structure_id) || !user.reads_budget(structure_id) || !user.reads_commitments(structure_id) {
        hidden.push(RESERVE_KIND);
        hidden.push(MENTION_KIND);
    }
    hidden
}
