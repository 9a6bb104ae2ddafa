//! One table: what every route answers to every role. A route without a line fails, and so does a line without its
//! route.
//!
//! To add a route, add a line: its method and pattern, the address that is tried when the pattern has parameters, and
//! what is expected. Acts are tried with an empty form, so that most of them are refused for their content (422) by
//! those who may make them. Nobody signed in is always sent to sign in, unless the line is [`everyone`].

use std::collections::BTreeSet;

use axum::http::Method;
use cpom::accounts::model::Role;
use cpom::accounts::model::Role::{Admin, Contributor, Directoire, Director, Finance, Pilotage, Reader, Rh};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::sealed::unsealed;
use crate::support::TestApp;

/// A route and what it answers.
pub struct Line {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The pattern, as it is mounted.
    pub path: &'static str,
    /// The address tried.
    pub at: &'static str,
    /// Nobody signed in.
    pub anonymous: u16,
    /// The roles that see it, and what they get.
    pub roles: &'static [Role],
    /// What they get.
    pub status: u16,
    /// What the other roles get.
    others: u16,
    /// Roles that see the page and may not do the act: 403.
    onlookers: &'static [Role],
}

/// Those whom its budget is shown to.
const READS_BUDGET: &[Role] = &[Director, Directoire, Finance, Pilotage];

/// Those whom the real contract is shown to.
const READS_PLANS: &[Role] = &[Director, Contributor, Directoire, Finance, Rh, Pilotage];

/// Those whom engagements are shown to.
const READS_COMMITMENTS: &[Role] = &[Director, Directoire, Finance, Rh, Pilotage];

/// Those whom posts are shown to.
const READS_POSTS: &[Role] = &[Director, Directoire, Rh, Pilotage];

/// Those who follow dialogues.
const FOLLOWS_DIALOGUES: &[Role] = &[Director, Directoire, Finance, Rh, Pilotage];

/// Those who run campaigns.
const RUNS_CAMPAIGNS: &[Role] = &[Directoire, Pilotage];

/// Every role.
pub const ALL: &[Role] = &[Director, Contributor, Directoire, Finance, Rh, Pilotage, Reader, Admin];

/// Open to everyone, signed in or not.
const fn everyone(method: &'static str, path: &'static str, status: u16) -> Line {
    Line { method, path, at: path, anonymous: status, roles: ALL, status, others: status, onlookers: &[] }
}

/// For some roles; it is not there for the others.
const fn only(roles: &'static [Role], method: &'static str, path: &'static str, status: u16) -> Line {
    Line { method, path, at: path, anonymous: 303, roles, status, others: 404, onlookers: &[] }
}

/// The entry of figures, for those who have some to enter; the others who read the plan are refused with the reason.
const fn edits(path: &'static str) -> Line {
    Line {
        method: "POST",
        path,
        at: path,
        anonymous: 303,
        roles: &[Director, Contributor, Pilotage],
        status: 303,
        others: 404,
        onlookers: &[Directoire, Finance, Rh],
    }
}

/// What is said of a jalon, by the director and whoever was given it; the others who read the plan are refused.
const fn says(path: &'static str) -> Line {
    Line {
        method: "POST",
        path,
        at: path,
        anonymous: 303,
        roles: &[Director],
        status: 422,
        others: 404,
        onlookers: &[Contributor, Directoire, Finance, Rh, Pilotage],
    }
}

/// A move of a dialogue, by the director or the directoire; the others who follow it are refused.
const fn moves(by: Role, path: &'static str) -> Line {
    let (roles, onlookers): (&[Role], &[Role]) = match by {
        Director => (&[Director], &[Directoire, Finance, Rh, Pilotage]),
        _ => (&[Directoire], &[Director, Finance, Rh, Pilotage]),
    };
    Line { method: "POST", path, at: path, anonymous: 303, roles, status: 409, others: 404, onlookers }
}

/// What is done to a draft: by pilotage and its director; the directoire reads it, and nobody else knows of it.
const fn writes(method: &'static str, path: &'static str, status: u16) -> Line {
    only(&[Director, Pilotage], method, path, status).but_not(&[Directoire])
}

/// For every signed-in person.
const fn signed_in(method: &'static str, path: &'static str, status: u16) -> Line {
    only(ALL, method, path, status)
}

impl Line {
    /// The address tried, for a pattern with parameters.
    const fn at(self, at: &'static str) -> Self {
        Self { at, ..self }
    }

    /// Those who see the page and may not do the act.
    const fn but_not(self, onlookers: &'static [Role]) -> Self {
        Self { onlookers, ..self }
    }

    /// What those signed in get, for a page open to everyone.
    const fn signed_in(self, status: u16) -> Self {
        Self { status, others: status, ..self }
    }

    /// What a role gets.
    pub fn expected(&self, role: Role) -> u16 {
        match () {
            () if self.roles.contains(&role) => self.status,
            () if self.onlookers.contains(&role) => 403,
            () => self.others,
        }
    }
}

/// Someone without a role yet, invited for this table: the ninth account.
const INVITED: &str = "camille@univ.example";

/// Every route.
pub fn table() -> Vec<Line> {
    [pages(), dialogues(), avenants()].into_iter().flatten().collect()
}

/// What is done to an avenant, by pilotage and the directoire; the others who read the plan are refused.
const fn amends(method: &'static str, path: &'static str, status: u16) -> Line {
    only(RUNS_CAMPAIGNS, method, path, status).but_not(&[Director, Contributor, Finance, Rh])
}

/// What is recorded of the adoption of a signed contract.
const fn records(method: &'static str, path: &'static str, status: u16) -> Line {
    only(&[Pilotage], method, path, status).but_not(&[Director, Contributor, Directoire, Finance, Rh])
}

/// Avenants, and the steps of adoptions.
fn avenants() -> Vec<Line> {
    vec![
        only(READS_PLANS, "GET", "/plans/{code}/avenants", 200).at("/plans/uca-iut-2021-2026/avenants"),
        amends("GET", "/plans/{code}/avenants/new", 200).at("/plans/uca-iut-2021-2026/avenants/new"),
        amends("POST", "/plans/{code}/avenants", 422).at("/plans/uca-iut-2021-2026/avenants"),
        only(READS_PLANS, "GET", "/plans/{code}/avenants/{avenant}", 200).at("/plans/uca-iut-2021-2026/avenants/1"),
        amends("POST", "/plans/{code}/avenants/{avenant}", 422).at("/plans/uca-iut-2021-2026/avenants/1"),
        // An empty form shows no version: whoever may is told to read first.
        only(&[Director, Directoire], "POST", "/plans/{code}/avenants/{avenant}/accord", 409)
            .at("/plans/uca-iut-2021-2026/avenants/1/accord")
            .but_not(&[Contributor, Finance, Rh, Pilotage]),
        only(&[Director, Directoire], "POST", "/plans/{code}/avenants/{avenant}/accord/end", 409)
            .at("/plans/uca-iut-2021-2026/avenants/1/accord/end")
            .but_not(&[Contributor, Finance, Rh, Pilotage]),
        amends("POST", "/plans/{code}/avenants/{avenant}/abandonment", 409)
            .at("/plans/uca-iut-2021-2026/avenants/1/abandonment"),
        amends("GET", "/plans/{code}/avenants/{avenant}/changes", 303)
            .at("/plans/uca-iut-2021-2026/avenants/1/changes"),
        amends("GET", "/plans/{code}/avenants/{avenant}/changes/{kind}/{element}", 200)
            .at("/plans/uca-iut-2021-2026/avenants/1/changes/cible/1"),
        amends("POST", "/plans/{code}/avenants/{avenant}/changes/{kind}/{element}", 422)
            .at("/plans/uca-iut-2021-2026/avenants/1/changes/cible/1"),
        // Nothing is changed yet, hence nothing to take away.
        amends("POST", "/plans/{code}/avenants/{avenant}/changes/{kind}/{element}/removal", 404)
            .at("/plans/uca-iut-2021-2026/avenants/1/changes/cible/1/removal"),
        records("GET", "/plans/{code}/steps/new", 200).at("/plans/uca-iut-2021-2026/steps/new"),
        records("POST", "/plans/{code}/steps", 422).at("/plans/uca-iut-2021-2026/steps"),
        records("GET", "/plans/{code}/steps/{step}", 200).at("/plans/uca-iut-2021-2026/steps/signature"),
        records("POST", "/plans/{code}/steps/{step}", 422).at("/plans/uca-iut-2021-2026/steps/signature"),
        // The signature stays.
        records("POST", "/plans/{code}/steps/{step}/removal", 422)
            .at("/plans/uca-iut-2021-2026/steps/signature/removal"),
    ]
}

/// Dialogues and campaigns.
fn dialogues() -> Vec<Line> {
    vec![
        only(FOLLOWS_DIALOGUES, "GET", "/plans/{code}/dialogues", 200).at("/plans/uca-iut-2021-2026/dialogues"),
        only(FOLLOWS_DIALOGUES, "GET", "/plans/{code}/dialogues/{year}", 200)
            .at("/plans/uca-iut-2021-2026/dialogues/2025"),
        only(&[Directoire, Pilotage], "POST", "/plans/{code}/dialogues/{year}/followups", 422)
            .at("/plans/uca-iut-2021-2026/dialogues/2025/followups")
            .but_not(&[Director, Finance, Rh]),
        only(FOLLOWS_DIALOGUES, "GET", "/followups", 200),
        only(FOLLOWS_DIALOGUES, "GET", "/plans/{code}/followups/{followup}", 200).at(FOLLOWUP),
        only(&[Directoire, Pilotage], "POST", "/plans/{code}/followups/{followup}", 422)
            .at(FOLLOWUP)
            .but_not(&[Director, Finance, Rh]),
        only(&[Director, Directoire], "POST", "/plans/{code}/followups/{followup}/state", 422)
            .at("/plans/uca-iut-2021-2026/followups/S2025-1/state")
            .but_not(&[Finance, Rh, Pilotage]),
        // An empty form shows no version: whoever may is told that the dialogue moved meanwhile.
        moves(Director, "/plans/{code}/dialogues/{year}/submission")
            .at("/plans/uca-iut-2021-2026/dialogues/2025/submission"),
        moves(Director, "/plans/{code}/dialogues/{year}/recall").at("/plans/uca-iut-2021-2026/dialogues/2025/recall"),
        moves(Directoire, "/plans/{code}/dialogues/{year}/review").at("/plans/uca-iut-2021-2026/dialogues/2025/review"),
        moves(Directoire, "/plans/{code}/dialogues/{year}/return").at("/plans/uca-iut-2021-2026/dialogues/2025/return"),
        moves(Directoire, "/plans/{code}/dialogues/{year}/validation")
            .at("/plans/uca-iut-2021-2026/dialogues/2025/validation"),
        moves(Directoire, "/plans/{code}/dialogues/{year}/reopening")
            .at("/plans/uca-iut-2021-2026/dialogues/2025/reopening"),
        moves(Directoire, "/plans/{code}/dialogues/{year}/closure")
            .at("/plans/uca-iut-2021-2026/dialogues/2025/closure"),
        only(RUNS_CAMPAIGNS, "GET", "/admin/campaigns", 200),
        only(RUNS_CAMPAIGNS, "POST", "/admin/campaigns", 422),
        only(RUNS_CAMPAIGNS, "GET", "/admin/campaigns/new", 200),
        only(RUNS_CAMPAIGNS, "GET", "/admin/campaigns/{year}", 200).at("/admin/campaigns/2025"),
        only(RUNS_CAMPAIGNS, "POST", "/admin/campaigns/{year}/threshold", 303).at("/admin/campaigns/2025/threshold"),
        only(RUNS_CAMPAIGNS, "GET", "/admin/campaigns/{year}/plans/{code}", 200)
            .at("/admin/campaigns/2025/plans/uca-iut-2021-2026"),
        // It is open already.
        only(RUNS_CAMPAIGNS, "POST", "/admin/campaigns/{year}/plans/{code}/opening", 409)
            .at("/admin/campaigns/2025/plans/uca-iut-2021-2026/opening"),
        only(RUNS_CAMPAIGNS, "POST", "/admin/campaigns/{year}/plans/{code}/extension", 422)
            .at("/admin/campaigns/2025/plans/uca-iut-2021-2026/extension"),
        only(RUNS_CAMPAIGNS, "POST", "/admin/campaigns/{year}/plans/{code}/expected", 422)
            .at("/admin/campaigns/2025/plans/uca-iut-2021-2026/expected"),
        only(RUNS_CAMPAIGNS, "POST", "/admin/campaigns/{year}/plans/{code}/final", 400)
            .at("/admin/campaigns/2025/plans/uca-iut-2021-2026/final"),
    ]
}

/// What a meeting asks, written for this table.
const FOLLOWUP: &str = "/plans/uca-iut-2021-2026/followups/S2025-1";

/// A draft made for this table: a node, and another that hangs from it.
pub const DRAFT: &[(&str, &[(&str, &str)])] = &[
    (
        "/admin/plans",
        &[
            ("structure", "iut"),
            ("kind", "cpom"),
            ("first_year", "2027"),
            ("last_year", "2032"),
            ("title", "Brouillon"),
            ("code", "brouillon"),
        ],
    ),
    ("/plans/brouillon/draft/nodes", &[("code", "D1"), ("label", "Domaine")]),
    ("/plans/brouillon/draft/nodes", &[("code", "T1"), ("label", "Thème"), ("parent", "D1")]),
];

/// What pilotage prepares contracts with.
fn preparing() -> Vec<Line> {
    vec![
        only(&[Pilotage], "GET", "/admin/plans", 200),
        only(&[Pilotage], "GET", "/admin/plans/new", 200),
        only(&[Pilotage], "POST", "/admin/plans", 422),
        only(&[Pilotage], "GET", "/admin/establishment", 200),
        only(&[Pilotage], "POST", "/admin/establishment", 422),
        only(&[Pilotage], "GET", "/admin/structures", 200),
        only(&[Pilotage], "POST", "/admin/structures", 422),
        only(&[Pilotage], "GET", "/admin/structures/new", 200),
        only(&[Pilotage], "GET", "/admin/structures/{structure}", 200).at("/admin/structures/iut"),
        only(&[Pilotage], "POST", "/admin/structures/{structure}", 422).at("/admin/structures/iut"),
        only(&[Pilotage], "GET", "/admin/framework", 200),
        only(&[Pilotage], "POST", "/admin/framework", 422),
        only(&[Pilotage], "GET", "/admin/framework/new", 200),
        only(&[Pilotage], "GET", "/admin/framework/{row}", 200).at("/admin/framework/C01"),
        only(&[Pilotage], "POST", "/admin/framework/{row}", 422).at("/admin/framework/C01"),
        only(&[Pilotage], "POST", "/admin/framework/{row}/move", 400).at("/admin/framework/C01/move"),
        only(&[Pilotage], "POST", "/admin/framework/{row}/removal", 422).at("/admin/framework/C10/removal"),
        only(&[Director, Directoire, Pilotage], "GET", "/plans/{code}/document.json", 200)
            .at("/plans/uca-iut-2021-2026/document.json"),
        only(&[Director, Directoire, Pilotage], "GET", "/plans/{code}/draft", 200).at("/plans/brouillon/draft"),
        writes("GET", "/plans/{code}/draft/{list}/new", 200).at("/plans/brouillon/draft/nodes/new"),
        writes("POST", "/plans/{code}/draft/{list}", 422).at("/plans/brouillon/draft/nodes"),
        writes("GET", "/plans/{code}/draft/{list}/{element}", 200).at("/plans/brouillon/draft/nodes/D1"),
        writes("POST", "/plans/{code}/draft/{list}/{element}", 422).at("/plans/brouillon/draft/nodes/D1"),
        writes("POST", "/plans/{code}/draft/{list}/{element}/move", 400).at("/plans/brouillon/draft/nodes/D1/move"),
        writes("POST", "/plans/{code}/draft/{list}/{element}/removal", 422)
            .at("/plans/brouillon/draft/nodes/D1/removal"),
        only(&[Pilotage], "POST", "/plans/{code}/draft/signature", 422)
            .at("/plans/brouillon/draft/signature")
            .but_not(&[Director, Directoire]),
    ]
}

/// Everything else.
#[expect(clippy::too_many_lines, reason = "a table, a line a route")]
fn pages() -> Vec<Line> {
    let mut lines = vec![
        everyone("GET", "/static/{file}", 200).at("/static/app.css"),
        everyone("GET", "/healthz", 200),
        everyone("GET", "/readyz", 200),
        everyone("GET", "/help", 200),
        everyone("GET", "/help/{role}", 200).at("/help/director"),
        everyone("GET", "/sitemap", 200),
        everyone("GET", "/accessibility", 200),
        everyone("GET", "/session", 200).signed_in(303),
        everyone("POST", "/session", 422),
        everyone("POST", "/session/end", 303),
        signed_in("GET", "/account", 200),
        signed_in("POST", "/account/password", 422),
        signed_in("POST", "/account/sessions/end", 303),
        // One of two words, and nothing was posted.
        signed_in("POST", "/account/reminders", 400),
        everyone("GET", "/invitations/{token}", 404).at("/invitations/inconnu"),
        everyone("POST", "/invitations/{token}", 404).at("/invitations/inconnu"),
        only(&[Director], "GET", "/delegations", 200),
        only(&[Director], "POST", "/delegations", 422),
        only(&[], "POST", "/delegations/{grant}/end", 404).at("/delegations/1/end"),
        signed_in("GET", "/", 200),
        only(READS_COMMITMENTS, "GET", "/decisions", 200),
        only(READS_PLANS, "GET", "/plans/{code}", 200).at("/plans/uca-iut-2021-2026"),
        only(READS_PLANS, "GET", "/plans/{code}/jalons", 200).at("/plans/uca-iut-2021-2026/jalons"),
        only(READS_PLANS, "GET", "/plans/{code}/jalons/{jalon}", 200).at("/plans/uca-iut-2021-2026/jalons/J16.a"),
        says("/plans/{code}/jalons/{jalon}/closure").at("/plans/uca-iut-2021-2026/jalons/J16.a/closure"),
        says("/plans/{code}/jalons/{jalon}/abandonment").at("/plans/uca-iut-2021-2026/jalons/J16.a/abandonment"),
        says("/plans/{code}/jalons/{jalon}/postponement").at("/plans/uca-iut-2021-2026/jalons/J16.a/postponement"),
        says("/plans/{code}/jalons/{jalon}/progress").at("/plans/uca-iut-2021-2026/jalons/J16.a/progress"),
        only(READS_PLANS, "GET", "/plans/{code}/controls", 200).at("/plans/uca-iut-2021-2026/controls"),
        only(READS_PLANS, "GET", "/plans/{code}/reserves", 200).at("/plans/uca-iut-2021-2026/reserves"),
        only(READS_PLANS, "GET", "/plans/{code}/reserves/{reserve}", 200).at("/plans/uca-iut-2021-2026/reserves/R02"),
        only(&[Pilotage], "POST", "/plans/{code}/reserves/{reserve}/settlement", 422)
            .at("/plans/uca-iut-2021-2026/reserves/R02/settlement")
            .but_not(&[Director, Contributor, Directoire, Finance, Rh]),
        only(&[Pilotage], "POST", "/plans/{code}/reserves/{reserve}/reopening", 422)
            .at("/plans/uca-iut-2021-2026/reserves/R02/reopening")
            .but_not(&[Director, Contributor, Directoire, Finance, Rh]),
        only(READS_PLANS, "GET", "/plans/{code}/journal", 200).at("/plans/uca-iut-2021-2026/journal"),
        only(READS_PLANS, "GET", "/plans/{code}/compare", 200).at("/plans/uca-iut-2021-2026/compare"),
        only(READS_PLANS, "GET", "/plans/{code}/measures/{measure}/cells/{period}/journal", 200)
            .at("/plans/uca-iut-2021-2026/measures/13.a/cells/2024-2025/journal"),
        only(READS_PLANS, "GET", "/plans/{code}/entry/{year}", 200).at("/plans/uca-iut-2021-2026/entry/2025"),
        edits("/plans/{code}/entry/{year}").at("/plans/uca-iut-2021-2026/entry/2025"),
        only(READS_PLANS, "GET", "/plans/{code}/indicators/{number}", 200).at("/plans/uca-iut-2021-2026/indicators/13"),
        edits("/plans/{code}/indicators/{number}").at("/plans/uca-iut-2021-2026/indicators/13"),
        only(READS_POSTS, "GET", "/plans/{code}/posts", 200).at("/plans/uca-iut-2021-2026/posts"),
        only(READS_POSTS, "GET", "/plans/{code}/posts/{line}", 200).at("/plans/uca-iut-2021-2026/posts/P01"),
        only(&[Rh], "POST", "/plans/{code}/posts/{line}", 422)
            .at("/plans/uca-iut-2021-2026/posts/P01")
            .but_not(&[Director, Directoire, Pilotage]),
        only(&[Rh], "POST", "/plans/{code}/posts/{line}/realisation", 422)
            .at("/plans/uca-iut-2021-2026/posts/P01/realisation")
            .but_not(&[Director, Directoire, Pilotage]),
        // Nothing was written and nothing is: nothing changes.
        only(&[Rh], "POST", "/plans/{code}/posts/{line}/confidential", 303)
            .at("/plans/uca-iut-2021-2026/posts/P01/confidential")
            .but_not(&[Director, Directoire]),
        only(&[Directoire, Rh], "POST", "/plans/{code}/posts/{line}/arbitrages", 422)
            .at("/plans/uca-iut-2021-2026/posts/P01/arbitrages")
            .but_not(&[Director, Pilotage]),
        only(&[Rh], "POST", "/plans/{code}/posts/{line}/opinions", 422)
            .at("/plans/uca-iut-2021-2026/posts/P01/opinions")
            .but_not(&[Director, Directoire, Pilotage]),
        only(&[Director], "POST", "/plans/{code}/posts/{line}/amendments", 422)
            .at("/plans/uca-iut-2021-2026/posts/P01/amendments")
            .but_not(&[Directoire, Rh, Pilotage]),
        only(&[Director], "POST", "/plans/{code}/posts/{line}/withdrawal", 422)
            .at("/plans/uca-iut-2021-2026/posts/P01/withdrawal")
            .but_not(&[Directoire, Rh, Pilotage]),
        only(&[Rh], "POST", "/plans/{code}/posts/{line}/removal", 422)
            .at("/plans/uca-iut-2021-2026/posts/P01/removal")
            .but_not(&[Director, Directoire, Pilotage]),
        only(&[Director, Rh], "GET", "/plans/{code}/demands/posts", 200)
            .at("/plans/uca-iut-2021-2026/demands/posts")
            .but_not(&[Directoire, Pilotage]),
        only(&[Director, Rh], "POST", "/plans/{code}/demands/posts", 422)
            .at("/plans/uca-iut-2021-2026/demands/posts")
            .but_not(&[Directoire, Pilotage]),
        only(READS_COMMITMENTS, "GET", "/plans/{code}/commitments", 200).at("/plans/uca-iut-2021-2026/commitments"),
        only(READS_COMMITMENTS, "GET", "/plans/{code}/requests/{request}", 200)
            .at("/plans/uca-iut-2021-2026/requests/M5.2"),
        only(&[Directoire, Finance], "POST", "/plans/{code}/requests/{request}/arbitrages", 422)
            .at("/plans/uca-iut-2021-2026/requests/M5.2/arbitrages")
            .but_not(&[Director, Rh, Pilotage]),
        only(&[Finance, Rh], "POST", "/plans/{code}/requests/{request}/opinions", 422)
            .at("/plans/uca-iut-2021-2026/requests/M5.2/opinions")
            .but_not(&[Director, Directoire, Pilotage]),
        only(&[Director], "POST", "/plans/{code}/requests/{request}/amendments", 422)
            .at("/plans/uca-iut-2021-2026/requests/M5.2/amendments")
            .but_not(&[Directoire, Finance, Rh, Pilotage]),
        only(&[Director], "POST", "/plans/{code}/requests/{request}/withdrawal", 422)
            .at("/plans/uca-iut-2021-2026/requests/M5.2/withdrawal")
            .but_not(&[Directoire, Finance, Rh, Pilotage]),
        only(&[Director], "GET", "/plans/{code}/demands/requests", 200)
            .at("/plans/uca-iut-2021-2026/demands/requests")
            .but_not(&[Directoire, Finance, Rh, Pilotage]),
        only(&[Director], "POST", "/plans/{code}/demands/requests", 422)
            .at("/plans/uca-iut-2021-2026/demands/requests")
            .but_not(&[Directoire, Finance, Rh, Pilotage]),
        only(READS_COMMITMENTS, "GET", "/plans/{code}/conditions/{condition}", 200)
            .at("/plans/uca-iut-2021-2026/conditions/C-H1"),
        only(&[Directoire], "POST", "/plans/{code}/conditions/{condition}/state", 422)
            .at("/plans/uca-iut-2021-2026/conditions/C-H1/state")
            .but_not(&[Director, Finance, Rh, Pilotage]),
        only(READS_COMMITMENTS, "GET", "/plans/{code}/headings/{heading}", 200)
            .at("/plans/uca-iut-2021-2026/headings/V2"),
        only(&[Directoire, Finance], "POST", "/plans/{code}/headings/{heading}/arbitrages", 422)
            .at("/plans/uca-iut-2021-2026/headings/V2/arbitrages")
            .but_not(&[Director, Rh, Pilotage]),
        Line {
            roles: &[Director],
            status: 422,
            onlookers: &[Directoire, Finance, Rh, Pilotage],
            ..edits("/plans/{code}/commitments/actions/{action}")
        }
        .at("/plans/uca-iut-2021-2026/commitments/actions/A1.1"),
        Line {
            roles: &[Directoire, Pilotage],
            status: 422,
            onlookers: &[Director, Finance, Rh],
            ..edits("/plans/{code}/commitments/{commitment}/years")
        }
        .at("/plans/uca-iut-2021-2026/commitments/E1/years"),
        only(READS_BUDGET, "GET", "/plans/{code}/budget", 200).at("/plans/uca-iut-2021-2026/budget"),
        only(READS_BUDGET, "GET", "/plans/{code}/budget/{line}", 200).at("/plans/uca-iut-2021-2026/budget/B1"),
        only(&[Directoire, Finance], "POST", "/plans/{code}/budget/{line}/arbitrages", 422)
            .at("/plans/uca-iut-2021-2026/budget/B1/arbitrages")
            .but_not(&[Director, Pilotage]),
        only(&[Finance], "POST", "/plans/{code}/budget/{line}/opinions", 422)
            .at("/plans/uca-iut-2021-2026/budget/B1/opinions")
            .but_not(&[Director, Directoire, Pilotage]),
        only(&[Director], "POST", "/plans/{code}/budget/{line}/amendments", 422)
            .at("/plans/uca-iut-2021-2026/budget/B1/amendments")
            .but_not(&[Directoire, Finance, Pilotage]),
        only(&[Director], "POST", "/plans/{code}/budget/{line}/withdrawal", 422)
            .at("/plans/uca-iut-2021-2026/budget/B1/withdrawal")
            .but_not(&[Directoire, Finance, Pilotage]),
        only(&[Finance], "POST", "/plans/{code}/budget/{line}/costings", 422)
            .at("/plans/uca-iut-2021-2026/budget/B1/costings")
            .but_not(&[Director, Directoire, Pilotage]),
        only(&[Director], "GET", "/plans/{code}/demands/budget", 200)
            .at("/plans/uca-iut-2021-2026/demands/budget")
            .but_not(&[Directoire, Finance, Pilotage]),
        only(&[Director], "POST", "/plans/{code}/demands/budget", 422)
            .at("/plans/uca-iut-2021-2026/demands/budget")
            .but_not(&[Directoire, Finance, Pilotage]),
        only(&[Finance], "POST", "/plans/{code}/budget/{line}/schedule", 422)
            .at("/plans/uca-iut-2021-2026/budget/B1/schedule")
            .but_not(&[Director, Directoire, Pilotage]),
        only(&[Directoire, Pilotage], "GET", "/directoire", 200),
        only(&[Directoire, Finance, Pilotage], "GET", "/finance", 200),
        only(&[Directoire, Finance, Pilotage], "GET", "/finance.csv", 200),
        only(&[Admin], "GET", "/admin", 303),
        only(&[Admin], "GET", "/admin/accounts", 200),
        only(&[Admin], "POST", "/admin/accounts", 422),
        only(&[Admin], "GET", "/admin/accounts/{id}", 200).at("/admin/accounts/9"),
        only(&[Admin], "POST", "/admin/accounts/{id}/invitation", 201).at("/admin/accounts/9/invitation"),
        only(&[Admin], "POST", "/admin/accounts/{id}/suspension", 303).at("/admin/accounts/9/suspension"),
        only(&[Admin], "POST", "/admin/accounts/{id}/suspension/end", 303).at("/admin/accounts/9/suspension/end"),
        only(&[Admin], "POST", "/admin/accounts/{id}/grants", 422).at("/admin/accounts/9/grants"),
        only(&[Admin], "GET", "/admin/reminders", 200),
        // No mail server in these tests.
        only(&[Admin], "POST", "/admin/reminders/test", 422),
        only(&[], "POST", "/admin/reminders/{id}/retry", 404).at("/admin/reminders/1/retry"),
        only(&[], "POST", "/admin/accounts/{id}/grants/{grant}/end", 404).at("/admin/accounts/9/grants/1/end"),
    ];
    lines.extend(preparing());
    lines
}

#[test]
fn every_route_has_its_line() {
    let routes = cpom::routes::routes().list();
    let mounted: BTreeSet<(&str, &str)> = routes.iter().map(|route| (route.method, route.path)).collect();
    let lines: Vec<(&str, &str)> = table().iter().map(|line| (line.method, line.path)).collect();
    let listed: BTreeSet<(&str, &str)> = lines.iter().copied().collect();
    assert_eq!(listed.len(), lines.len(), "a route has two lines");
    assert_eq!(mounted.difference(&listed).collect::<Vec<_>>(), Vec::<&(&str, &str)>::new(), "routes without a line");
    assert_eq!(listed.difference(&mounted).collect::<Vec<_>>(), Vec::<&(&str, &str)>::new(), "lines without a route");
}

/// The demo, with what the lines name: someone invited, a draft.
pub async fn furnished(options: PgConnectOptions) -> TestApp {
    let app = TestApp::demo(options).await;
    let admin = app.visitor(Admin).await;
    let invited = admin.post("/admin/accounts", &[("email", INVITED), ("function", "Scolarité")]).await;
    assert_eq!(invited.status, 201, "{}", invited.body);
    let pilotage = app.visitor(Pilotage).await;
    for (path, fields) in DRAFT {
        assert_eq!(pilotage.post(path, fields).await.status, 303, "{path}");
    }
    let task = [("text", "Chiffrer la salle"), ("owner", "Direction des finances"), ("due_on", "2026-03-31")];
    let written = pilotage.post("/plans/uca-iut-2021-2026/dialogues/2025/followups", &task).await;
    assert_eq!(written.status, 303, "{}", written.body);
    let avenant = pilotage.post("/plans/uca-iut-2021-2026/avenants", &[("reason", "Parcours de plus")]).await;
    assert_eq!(avenant.status, 303, "{}", avenant.body);
    app
}

#[sqlx::test(migrations = false)]
async fn every_role_gets_what_the_table_says(_: PgPoolOptions, options: PgConnectOptions) {
    let app = furnished(options).await;
    let mut wrong = Vec::new();
    for line in table() {
        let method = Method::from_bytes(line.method.as_bytes()).unwrap();
        for (place, role) in ALL.iter().copied().map(Some).chain([None]).enumerate() {
            // A new browser each time, elsewhere: signing out everywhere must not change the next answer, nor the
            // throttle, which counts the sign-ins refused.
            let visitor = match role {
                Some(role) => app.visitor(role).await,
                None => app.anonymous(),
            };
            let visitor = visitor.from(&format!("198.51.100.{place}"));
            let expected = role.map_or(line.anonymous, |role| line.expected(role));
            let answer = visitor.send(method.clone(), line.at, axum::body::Body::empty()).await;
            let who = role.map_or("nobody", Role::word);
            if answer.status != expected {
                wrong.push(format!("{} {} {who}: {} instead of {expected}", line.method, line.at, answer.status));
            }
            wrong.extend(unsealed(&answer).map(|what| format!("{} {} {who}: {what}", line.method, line.at)));
            if role.is_none() && line.anonymous == 303 && !answer.location().starts_with("/session") {
                wrong.push(format!("{} {}: sent to {}", line.method, line.at, answer.location()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
