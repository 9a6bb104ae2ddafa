//! Sign-in, one's own account, accounts for those who administer, links to choose a password, delegations.

mod account;
mod admin;
mod delegation;
mod invitation;
mod session;
mod tries;
mod user;

pub use user::{CurrentUser, MaybeUser};

use crate::web::Routes;

/// The room's routes.
pub fn router() -> Routes {
    Routes::new()
        .get("/session", session::form)
        .post("/session", session::open)
        .post("/session/end", session::end)
        .get("/account", account::show)
        .post("/account/password", account::change_password)
        .post("/account/reminders", account::choose_reminders)
        .post("/account/sessions/end", account::end_sessions)
        .get("/invitations/{token}", invitation::show)
        .post("/invitations/{token}", invitation::accept)
        .get("/admin", admin::index)
        .get("/admin/accounts", admin::list)
        .post("/admin/accounts", admin::invite)
        .get("/admin/accounts/{id}", admin::show)
        .post("/admin/accounts/{id}/invitation", admin::new_link)
        .post("/admin/accounts/{id}/suspension", admin::suspend)
        .post("/admin/accounts/{id}/suspension/end", admin::reinstate)
        .post("/admin/accounts/{id}/grants", admin::grant)
        .post("/admin/accounts/{id}/grants/{grant}/end", admin::revoke)
        .get("/delegations", delegation::list)
        .post("/delegations", delegation::add)
        .post("/delegations/{grant}/end", delegation::end)
}
