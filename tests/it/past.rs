//! A contract on an earlier day, out of the journal: what its pages show, to whom, and what they say when there is none.

use chrono::TimeDelta;
use cpom::accounts::model::Role;
use cpom::accounts::model::Role::{Admin, Contributor, Directoire, Director, Finance, Pilotage, Reader, Rh};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::contract::counted;
use crate::support::{Answer, TestApp, Visitor};

const CONTRACT: &str = "/plans/uca-iut-2021-2026";
const JALONS: &str = "/plans/uca-iut-2021-2026/jalons";
const J3: &str = "/plans/uca-iut-2021-2026/jalons/J3";
const BUDGET: &str = "/plans/uca-iut-2021-2026/budget";
const B1: &str = "/plans/uca-iut-2021-2026/budget/B1";
const PAGES: &[&str] = &[CONTRACT, JALONS, J3, BUDGET, B1];
/// The day of the demo, on which its journal begins.
const FIRST: &str = "2025-09-12";
/// Days after it: what is done then is not on the first day.
const LATER: i64 = 40;
/// No page of a plan may need more.
const STATEMENTS: u32 = 7;

/// The text of a page's content.
fn main(page: &Answer) -> String {
    page.texts("main").concat()
}

/// Sends the form of a page again, with these fields changed.
async fn resend(visitor: &Visitor, page: &str, form: &str, changed: &[(&str, &str)]) -> Answer {
    let shown = visitor.get(page).await;
    let version = shown.attributes(&format!("form[action*='{form}'] input[name=version]"), "value");
    let mut fields = vec![("version", version.first().map_or("", String::as_str))];
    fields.extend(changed);
    visitor.post(&format!("{page}/{form}"), &fields).await
}

/// Forty days after the demo, the director reaches J3 and the directoire decides of B1.
async fn live(app: &TestApp) -> TestApp {
    let later = app.later(TimeDelta::days(LATER));
    let director = later.visitor(Director).await;
    let closed =
        resend(&director, J3, "closure", &[("reached_on", "02/05/2023"), ("evidence", "Bilan du forum")]).await;
    assert_eq!(closed.status, 303, "{:?}", closed.texts(".error"));
    let directoire = later.visitor(Directoire).await;
    let page = directoire.get(B1).await;
    let hidden = page.attributes("form[action$=arbitrages] input[type=hidden]", "name");
    let values = page.attributes("form[action$=arbitrages] input[type=hidden]", "value");
    let mut fields: Vec<(&str, &str)> =
        hidden.iter().zip(&values).map(|(name, value)| (name.as_str(), value.as_str())).collect();
    fields.extend([
        ("state", "defavorable"),
        ("session_on", "2025-10-10"),
        ("decided_by", "Directoire"),
        ("reason", "Priorités revues"),
    ]);
    let decided = directoire.post(&format!("{B1}/arbitrages"), &fields).await;
    assert_eq!(decided.status, 303, "{:?}", decided.texts(".error"));
    later
}

async fn lived_in(options: PgConnectOptions) -> TestApp {
    live(&TestApp::demo(options).await).await
}

#[sqlx::test(migrations = false)]
async fn a_page_of_the_past_says_what_was_said_that_day(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    // What the pages said on the evening of that very day, before anything changed.
    let mut told = vec![(CONTRACT, ".tree .pill"), (CONTRACT, ".tree td"), (CONTRACT, ".prose")];
    told.extend([(JALONS, ".table tbody tr"), (JALONS, ".timeline desc"), (JALONS, ".subtitle")]);
    told.extend([(J3, ".subtitle .pill"), (J3, ".facts dd"), (J3, ".history li")]);
    told.extend([(BUDGET, ".table td"), (BUDGET, ".note li"), (BUDGET, ".table th"), (BUDGET, ".chart desc")]);
    told.extend([(B1, ".subtitle .pill"), (B1, ".facts dd"), (B1, ".table td"), (B1, ".history li")]);
    let then = app.visitor(Director).await;
    let mut before = Vec::new();
    for (path, css) in told {
        before.push((path, css, then.get(path).await.texts(css)));
    }
    let later = live(&app).await;
    let now = later.visitor(Director).await;
    for path in PAGES {
        let day = now.get(&format!("{path}?on={FIRST}")).await;
        assert_eq!(day.status, 200, "{path}");
        let banner = day.texts(".notice strong").concat();
        assert_eq!(banner, "État au 12 sept. 2025, d’après le journal.", "{path}");
        assert_eq!(day.attributes(".notice a", "href"), [*path, &format!("{CONTRACT}/compare?from_day={FIRST}")]);
        assert_eq!(day.attributes("#on", "value"), [FIRST]);
        assert_eq!(day.attributes("#on", "max"), ["2025-10-22"]);
        // Read only: no form but the field, and no button towards one.
        assert_eq!(day.texts("main form[method=post]").len(), 0, "{path}");
        assert_eq!(day.attributes("main form", "action"), [*path]);
        assert!(!day.body.contains("/draft") && !day.body.contains("Nouvelle demande"), "{path}");
        assert!(now.get(path).await.texts(".notice strong").is_empty(), "{path}: a banner in the present");
    }
    // The same pills and figures, in the same order, as that day's own page.
    for (path, css, before) in before {
        assert!(!before.is_empty(), "{path} {css}");
        assert_eq!(before, now.get(&format!("{path}?on={FIRST}")).await.texts(css), "{path} {css}");
    }
    assert_ne!(now.get(J3).await.texts(".facts dd"), now.get(&format!("{J3}?on={FIRST}")).await.texts(".facts dd"));
    let decided = |page: &Answer| page.texts("section[aria-labelledby=lignes] tbody tr .pill")[0].clone();
    assert_eq!(decided(&now.get(BUDGET).await), "Défavorable");
    assert_ne!(decided(&now.get(&format!("{BUDGET}?on={FIRST}")).await), "Défavorable");
    // The last day before the changes, and that of the changes, which is the present.
    assert_eq!(now.get(&format!("{J3}?on=2025-10-21")).await.texts(".subtitle .pill"), ["En retard"]);
    assert_eq!(now.get(&format!("{J3}?on=2025-10-22")).await.texts(".subtitle .pill"), ["Atteint"]);
    assert_eq!(now.get(&format!("{J3}?on=2025-10-22")).await.texts(".notice strong").len(), 0);
    // A day after, that one is over.
    let after = later.later(TimeDelta::days(1)).visitor(Director).await;
    let day = after.get(&format!("{J3}?on=2025-10-22")).await;
    assert_eq!((day.texts(".subtitle .pill"), day.texts(".notice strong").len()), (vec!["Atteint".to_owned()], 1));
}

#[sqlx::test(migrations = false)]
async fn lateness_is_that_of_the_day(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let spring = app.later(TimeDelta::days(200));
    let director = spring.visitor(Director).await;
    let late = |page: &Answer| page.texts("section[aria-labelledby=en-retard] tbody tr").len();
    let (now, then) = (director.get(JALONS).await, director.get(&format!("{JALONS}?on={FIRST}")).await);
    assert!(late(&now) > late(&then), "{} {}", late(&now), late(&then));
    assert!(then.texts(".legend").concat().contains("12 sept. 2025"));
    assert!(now.texts(".legend").concat().contains("aujourd’hui"));
}

#[sqlx::test(migrations = false)]
async fn a_day_that_cannot_be_shown_is_told_in_words(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let director = app.visitor(Director).await;
    for path in PAGES {
        for (typed, sentence) in [
            ("2025-09-11", "ce contrat n’était pas encore dans l’application. Son journal commence le 12 sept. 2025."),
            ("0001-01-01", "n’était pas encore"),
            ("2025-09-13", "dans le futur"),
            ("9999-12-31", "dans le futur"),
            ("-262143-01-01", "ne se lit pas"),
            ("hier", "ne se lit pas"),
            ("2025-02-30", "ne se lit pas"),
            ("%00", "ne se lit pas"),
        ] {
            let page = director.get(&format!("{path}?on={typed}")).await;
            assert_eq!(page.status, 422, "{path} {typed}");
            let told = page.texts("#on-problem").concat();
            assert!(told.contains(sentence), "{path} {typed}: {told}");
            assert_eq!(page.attributes("main a", "href"), [*path]);
            assert_eq!(page.attributes("#on", "aria-describedby"), ["on-problem"]);
        }
        // Nothing asked, or today: the present.
        for typed in ["", FIRST, "12/09/2025"] {
            assert_eq!(director.get(&format!("{path}?on={typed}")).await.status, 200, "{path} {typed}");
        }
    }
    assert_eq!(director.get(&format!("{JALONS}/J99?on={FIRST}")).await.status, 404);
}

#[sqlx::test(migrations = false)]
async fn the_past_is_shown_to_those_who_read_the_page(_: PgPoolOptions, options: PgConnectOptions) {
    let later = lived_in(options).await;
    let plans: &[Role] = &[Director, Contributor, Directoire, Finance, Rh, Pilotage];
    let budget: &[Role] = &[Director, Directoire, Finance, Pilotage];
    for role in [Director, Contributor, Directoire, Finance, Rh, Pilotage, Reader, Admin] {
        let visitor = later.visitor(role).await;
        for path in PAGES {
            let reads = if [BUDGET, B1].contains(path) { budget } else { plans };
            for (day, status) in [(FIRST, 200), ("2019-01-01", 422), ("hier", 422)] {
                let answer = visitor.get(&format!("{path}?on={day}")).await;
                let expected = if reads.contains(&role) { status } else { 404 };
                assert_eq!(answer.status, expected, "{role:?} {path} {day}");
            }
        }
        // Réserves about what is not shown stay hidden, as in the present.
        if plans.contains(&role) {
            let marks = async |path: String| visitor.get(&path).await.texts(".reserve, .reserves li");
            assert_eq!(marks(CONTRACT.into()).await, marks(format!("{CONTRACT}?on={FIRST}")).await, "{role:?}");
        }
    }
    let anonymous = later.anonymous().get(&format!("{JALONS}?on={FIRST}")).await;
    assert!(anonymous.location().starts_with("/session?suite="), "{}", anonymous.location());
}

#[sqlx::test(migrations = false)]
async fn a_draft_of_the_past_stays_a_draft(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let pilotage = app.visitor(Pilotage).await;
    let begun = pilotage
        .post(
            "/admin/plans",
            &[
                ("structure", "iut"),
                ("kind", "cpom"),
                ("first_year", "2027"),
                ("last_year", "2032"),
                ("title", "Contrat 2027-2032"),
                ("shape", "uca-iut-2021-2026"),
            ],
        )
        .await;
    assert_eq!(begun.location(), "/plans/uca-iut-2027-2032/draft", "{}", begun.body);
    let next = app.later(TimeDelta::days(1));
    let signature = [("held_on", "2025-09-01"), ("reference", "Acte 2025-12"), ("body", "Directoire et direction")];
    let signed = next.visitor(Pilotage).await.post("/plans/uca-iut-2027-2032/draft/signature", &signature).await;
    assert_eq!(signed.location(), "/plans/uca-iut-2027-2032#adoption", "{}", signed.body);
    let after = app.later(TimeDelta::days(3));
    let plan = "/plans/uca-iut-2027-2032";
    for (role, reads) in [(Pilotage, true), (Director, true), (Directoire, true), (Finance, false), (Rh, false)] {
        let visitor = after.visitor(role).await;
        assert_eq!(visitor.get(plan).await.status, 200, "{role:?}");
        let draft = visitor.get(&format!("{plan}?on={FIRST}")).await;
        assert_eq!(draft.status, if reads { 200 } else { 422 }, "{role:?}");
        let compared = visitor.get(&format!("{plan}/compare?from_day={FIRST}")).await;
        assert_eq!(compared.status, if reads { 200 } else { 422 }, "{role:?}");
        if reads {
            assert_eq!(draft.texts(".subtitle .pill"), ["Brouillon"]);
        } else {
            assert!(main(&draft).contains("n’était encore qu’un brouillon"), "{}", main(&draft));
            assert!(main(&compared).contains("n’était encore qu’un brouillon"));
        }
        assert_eq!(visitor.get(&format!("{plan}?on=2025-09-13")).await.status, 200, "{role:?}");
        // Nor does the journal tell what the draft was made of: only that it was signed.
        let days = visitor.get(&format!("{plan}/journal")).await.attributes("tbody time", "datetime");
        let draft = days.iter().filter(|day| day.starts_with(FIRST)).count();
        assert_eq!((days.len() > draft, draft > 0), (true, reads), "{role:?} {days:?}");
    }
}

#[sqlx::test(migrations = false)]
async fn one_travels_from_page_to_page_on_the_same_day(_: PgPoolOptions, options: PgConnectOptions) {
    let later = lived_in(options).await;
    let director = later.visitor(Director).await;
    let on = format!("?on={FIRST}");
    let contract = director.get(&format!("{CONTRACT}{on}")).await;
    let links = contract.attributes("nav a", "href");
    for path in [CONTRACT, JALONS, BUDGET] {
        assert!(links.contains(&format!("{path}{on}")), "{path}: {links:?}");
    }
    let list = director.get(&format!("{JALONS}{on}")).await;
    assert!(list.attributes("tbody a", "href").contains(&format!("{J3}{on}")));
    let budget = director.get(&format!("{BUDGET}{on}")).await;
    for link in budget.attributes("tfoot a", "href") {
        assert!(link.contains(&format!("&on={FIRST}")), "{link}");
        let opened = director.get(link.split('#').next().unwrap()).await;
        assert_eq!(opened.status, 200);
        assert_eq!(opened.attributes("#total p a", "href"), [format!("{BUDGET}{on}")]);
    }
    // What changed since, and back.
    let compared = director.get(&contract.attributes(".notice a", "href")[1]).await;
    assert_eq!(compared.texts("#differences"), ["2 différences"]);
    assert!(compared.attributes("main a", "href").contains(&format!("{CONTRACT}{on}")));
}

#[sqlx::test(migrations = false)]
async fn the_past_keeps_to_its_statements(_: PgPoolOptions, options: PgConnectOptions) {
    let later = lived_in(options).await;
    let mut before = Vec::new();
    for path in PAGES {
        for day in [FIRST, "2019-01-01"] {
            let (answer, count) = counted(&later, Director, &format!("{path}?on={day}")).await;
            assert!(answer.status == 200 || answer.status == 422);
            assert!(count > 0 && count <= STATEMENTS, "{path} {day}: {count}");
            before.push(count);
        }
    }
    let sql = "INSERT INTO journal_entry (plan_id, kind, code, version, before, after, position, at, actor, source)
               SELECT plan_id, kind, code, version, before, after, position, at, actor, 'page' FROM journal_entry
               ORDER BY id";
    sqlx::query(sql).execute(later.pool()).await.unwrap();
    let again = PAGES.iter().flat_map(|path| [FIRST, "2019-01-01"].map(|day| format!("{path}?on={day}")));
    for (path, before) in again.zip(before) {
        let (_, count) = counted(&later, Director, &path).await;
        assert_eq!(count, before, "{path}");
    }
}
