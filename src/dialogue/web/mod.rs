//! The pages of dialogues: Saisie, where a dialogue stands and its moves, campaigns.

mod campaign;
mod dialogue;
mod entry;
mod opening;
mod part;
mod parts;

pub use parts::parts;

use crate::web::Routes;

/// The routes of this room.
pub fn router() -> Routes {
    let routes = Routes::new()
        .get("/plans/{code}/entry/{year}", entry::show)
        .post("/plans/{code}/entry/{year}", entry::save)
        .get("/plans/{code}/dialogues", dialogue::list)
        .get("/plans/{code}/dialogues/{year}", dialogue::show)
        .post("/plans/{code}/dialogues/{year}/followups", dialogue::follow_up)
        .get("/admin/campaigns", campaign::list)
        .post("/admin/campaigns", opening::open)
        .get("/admin/campaigns/new", opening::preview)
        .get("/admin/campaigns/{year}", campaign::show)
        .post("/admin/campaigns/{year}/threshold", campaign::set_threshold)
        .get("/admin/campaigns/{year}/plans/{code}", part::show)
        .post("/admin/campaigns/{year}/plans/{code}/opening", part::open)
        .post("/admin/campaigns/{year}/plans/{code}/extension", part::extend)
        .post("/admin/campaigns/{year}/plans/{code}/expected", part::adjust)
        .post("/admin/campaigns/{year}/plans/{code}/final", part::set_final);
    dialogue::PASSAGES.iter().fold(routes, |routes, (path, _)| routes.post(path, dialogue::pass))
}
