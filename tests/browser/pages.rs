//! Every page, for every role that has one: accessible in light and in dark, folded and unfolded, and no wider than
//! its screen, down to a telephone.

use axum::http::Method;
use cpom::accounts::model::Role;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Browser, Desk, journey};

/// Who looks at what. A page that is mounted and in no line fails.
const PAGES: &[(Option<Role>, &[&str])] = &[
    (None, &["/session", "/help", "/help/director", "/sitemap", "/accessibility", "/invitations/inconnu"]),
    (
        Some(Role::Director),
        &[
            "/",
            "/plans/uca-iut-2021-2026",
            "/plans/uca-iut-2021-2026?on=2026-09-05",
            "/plans/uca-iut-2021-2026?on=2020-01-01",
            "/plans/uca-iut-2021-2026/jalons?on=2026-09-05",
            "/plans/uca-iut-2021-2026/jalons/J19?on=2026-09-05",
            "/plans/uca-iut-2021-2026/budget?on=2026-09-05",
            "/plans/uca-iut-2021-2026/budget/B1?on=2026-09-05",
            "/plans/uca-iut-2021-2026/compare?from_day=2026-09-05",
            "/plans/uca-iut-2021-2026/entry/2026",
            "/plans/uca-iut-2021-2026/entry/2026?show=due",
            "/plans/uca-iut-2021-2026/entry/2026?show=gaps",
            "/plans/uca-iut-2021-2026/indicators/4",
            "/plans/uca-iut-2021-2026/indicators/13?cell=13.b/2023-2024",
            "/plans/uca-iut-2021-2026/indicators/14",
            "/plans/uca-iut-2021-2026/indicators/17",
            "/plans/uca-iut-2021-2026/dialogues",
            "/plans/uca-iut-2021-2026/dialogues/2026",
            "/plans/uca-iut-2021-2026/jalons",
            "/plans/uca-iut-2021-2026/jalons/J3",
            "/plans/uca-iut-2021-2026/jalons/J16.a",
            "/plans/uca-iut-2021-2026/jalons/J19",
            "/plans/uca-iut-2021-2026/controls",
            "/plans/uca-iut-2021-2026/controls?family=budget&verdict=arrondi",
            "/plans/uca-iut-2021-2026/reserves",
            "/plans/uca-iut-2021-2026/reserves/R77",
            "/plans/uca-iut-2021-2026/commitments",
            "/plans/uca-iut-2021-2026/requests/M2.1",
            "/plans/uca-iut-2021-2026/demands/requests",
            "/plans/uca-iut-2021-2026/demands/budget",
            "/plans/uca-iut-2021-2026/demands/posts",
            "/plans/uca-iut-2021-2026/budget/B1",
            "/plans/uca-iut-2021-2026/avenants",
            "/plans/uca-iut-2021-2026/avenants/1",
            "/plans/uca-iut-2021-2026/journal",
            "/plans/uca-iut-2021-2026/compare",
            "/plans/uca-iut-2021-2026/measures/17.b/cells/2023-2024/journal",
            "/account",
            "/delegations",
            "/help/contributor",
            "/sitemap",
            "/nulle-part",
        ],
    ),
    (Some(Role::Contributor), &["/", "/plans/uca-iut-2021-2026/entry/2026"]),
    (
        Some(Role::Directoire),
        &[
            "/",
            "/directoire",
            "/plans/uca-iut-2021-2026/indicators/10?cell=10/2022",
            "/decisions",
            "/plans/uca-iut-2021-2026/conditions/C-H1",
            "/plans/uca-iut-2021-2026/requests/M5.2",
            "/plans/uca-iut-2021-2026/headings/V2",
            "/plans/uca-iut-2021-2026/posts/P01",
            "/plans/uca-iut-2021-2026/dialogues/2026",
            "/followups",
            "/plans/uca-iut-2021-2026/followups/S2026-1",
            "/help/directoire",
            "/plans/uca-iut-2027-2032/draft",
        ],
    ),
    (
        Some(Role::Pilotage),
        &[
            "/",
            "/plans/uca-iut-2021-2026/commitments",
            "/plans/uca-iut-2021-2026/reserves/R01",
            "/plans/uca-iut-2021-2026/avenants/1",
            "/plans/uca-iut-2021-2026/avenants/new?element=cible/13.a",
            "/plans/uca-iut-2021-2026/avenants/1/changes/cible/1",
            "/plans/uca-iut-2021-2026/avenants/1/changes/mesure/13.a",
            "/plans/uca-iut-2021-2026/steps/new?avenant=1",
            "/plans/uca-iut-2021-2026/steps/signature",
            "/admin/campaigns",
            "/admin/campaigns/new",
            "/admin/campaigns/new?year=2027&opens_on=2027-09-01&closes_on=2027-09-30",
            "/admin/campaigns/2026",
            "/admin/campaigns/2026/plans/uca-iut-2021-2026",
            "/help/pilotage",
            "/admin/plans",
            "/admin/plans/new",
            "/admin/establishment",
            "/admin/structures",
            "/admin/structures/new",
            "/admin/structures/iut",
            "/admin/framework",
            "/admin/framework/new",
            "/admin/framework/C01",
            "/plans/uca-iut-2027-2032",
            "/plans/uca-iut-2027-2032/draft",
            "/plans/uca-iut-2027-2032/draft/plan/uca-iut-2027-2032",
            "/plans/uca-iut-2027-2032/draft/steps/ca",
            "/plans/uca-iut-2027-2032/draft/nodes/new",
            "/plans/uca-iut-2027-2032/draft/nodes/O1",
            "/plans/uca-iut-2027-2032/draft/measures/13.a",
            "/plans/uca-iut-2027-2032/draft/requests/M1.1",
            "/plans/uca-iut-2027-2032/draft/budget/B5",
        ],
    ),
    (
        Some(Role::Rh),
        &[
            "/",
            "/plans/uca-iut-2021-2026/entry/2026",
            "/help",
            "/help/rh",
            "/plans/uca-iut-2021-2026/posts",
            "/plans/uca-iut-2021-2026/posts/P01",
        ],
    ),
    (
        Some(Role::Finance),
        &["/plans/uca-iut-2021-2026/budget", "/plans/uca-iut-2021-2026/budget/B1", "/finance", "/help/finance"],
    ),
    (Some(Role::Reader), &["/", "/help/reader"]),
    (Some(Role::Admin), &["/", "/admin/accounts", "/admin/accounts/1", "/admin/reminders", "/help/admin"]),
];

/// Small laptops, tablets and, last, the telephone that axe-core looks at too.
const WIDTHS: &[u32] = &[1200, 1100, 1024, 768, 320];

/// Mounted, and not pages: files, probes, redirections.
const NOT_PAGES: &[&str] = &[
    "/plans/{code}/avenants/{avenant}/changes",
    "/static/{file}",
    "/healthz",
    "/readyz",
    "/admin",
    "/finance.csv",
    "/plans/{code}/document.json",
];

#[sqlx::test(migrations = false)]
async fn every_page_is_accessible_and_fits_its_screen(_: PgPoolOptions, options: PgConnectOptions) {
    journey(options, look_at_all).await;
}

async fn look_at_all(desk: Desk) {
    let mut wrong = Vec::new();
    for (role, paths) in PAGES {
        let browser = match role {
            Some(role) => desk.signed_in(*role, true).await,
            None => desk.browser(true).await,
        };
        for path in *paths {
            browser.goto(path).await;
            look(&browser, &mut wrong).await;
        }
    }
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

async fn look(browser: &Browser, wrong: &mut Vec<String>) {
    wrong.extend(browser.violations().await);
    browser.unfold().await;
    for dark in [true, false] {
        browser.dark(dark).await;
        wrong.extend(browser.violations().await);
    }
    for width in WIDTHS {
        wrong.extend(browser.overflow(*width).await);
    }
    wrong.extend(browser.violations().await);
    browser.width(None).await;
}

#[test]
fn every_page_is_looked_at() {
    let seen = |pattern: &str| {
        PAGES.iter().flat_map(|(_, paths)| *paths).any(|path| {
            let path = path.split('?').next().unwrap();
            let (parts, asked): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), pattern.split('/').collect());
            parts.len() == asked.len()
                && parts.iter().zip(asked).all(|(part, asked)| *part == asked || asked.starts_with('{'))
        })
    };
    let routes = cpom::routes::routes().list();
    let missing: Vec<&str> = routes
        .iter()
        .filter(|route| route.method == Method::GET.as_str())
        .map(|route| route.path)
        .filter(|path| !NOT_PAGES.contains(path) && !seen(path))
        .collect();
    assert_eq!(missing, Vec::<&str>::new(), "pages that no browser looks at: add a line to PAGES");
}
