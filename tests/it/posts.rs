//! Postes against a real database: what human resources correct, what the page says of it, what the database itself
//! shows of the confidential fields.

use cpom::accounts::demo;
use cpom::accounts::model::Role;
use cpom::document::store as documents;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, PgConnection};

use crate::contract::counted;
use crate::support::{Answer, TestApp, Visitor};

const POSTS: &str = "/plans/uca-iut-2021-2026/posts";
/// A vacancy of 2022, MCF, 80 %.
const LINE: &str = "/plans/uca-iut-2021-2026/posts/P02";

/// What the form of a line shows, ready to be posted with changes.
fn shown(page: &Answer) -> Vec<(String, String)> {
    let form = format!("form[action='{LINE}#edit']");
    let mut fields: Vec<(String, String)> = Vec::new();
    for name in ["count", "year", "qualifier", "funding", "version"] {
        let value = page.attributes(&format!("{form} [name={name}]"), "value").remove(0);
        fields.push((name.into(), value));
    }
    for name in ["corps", "part"] {
        let value = page.attributes(&format!("{form} [name={name}] option[selected]"), "value").remove(0);
        fields.push((name.into(), value));
    }
    for value in page.attributes(&format!("{form} [name=objective][checked]"), "value") {
        fields.push(("objective".into(), value));
    }
    fields
}

fn typing(fields: &mut Vec<(String, String)>, name: &str, text: &str) {
    fields.retain(|(field, _)| field != name);
    fields.push((name.to_owned(), text.to_owned()));
}

async fn post(visitor: &Visitor, path: &str, fields: &[(String, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    visitor.post(path, &fields).await
}

/// The figures of a row of totals.
fn totals(page: &Answer, table: &str) -> Vec<String> {
    page.texts(&format!("[aria-labelledby={table}] tfoot td a"))
        .iter()
        .map(|text| text.rsplit(' ').next().unwrap().to_owned())
        .collect()
}

#[sqlx::test(migrations = false)]
async fn the_tables_are_the_printed_ones_and_made_of_lines(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let page = app.visitor(Role::Director).await.get(POSTS).await;
    assert_eq!(page.status, 200);
    assert_eq!(
        page.texts("[aria-labelledby=vacances] thead tr:first-child th[scope=colgroup]"),
        ["Enseignants et enseignants-chercheurs (EEC)", "BIATSS"]
    );
    assert_eq!(
        page.texts("[aria-labelledby=vacances] thead tr:last-child th"),
        ["PR", "MCF", "Second degré", "Cat. A", "Cat. B", "Cat. C"]
    );
    assert_eq!(totals(&page, "vacances"), ["2", "4", "1", "0", "0", "2", "9", "2", "10", "10", "1", "5", "9", "37"]);
    assert_eq!(totals(&page, "creations"), ["0", "0", "0", "3", "0", "0", "3", "0", "0", "2", "2", "2", "0", "6"]);
    assert!(page.body.contains("Chaque total calculé est égal au total imprimé."));
    // What the document printed with words stays beside the count.
    assert!(
        page.texts("[aria-labelledby=vacances] tbody td").iter().any(|it| it.contains("« 1 (IUT/IP section 61) »"))
    );
    assert!(page.texts("[role=note]")[0].contains("19,57"), "{:?}", page.texts("[role=note]"));
    assert_eq!(
        page.texts("[aria-labelledby=potential] tbody tr:last-child td"),
        ["24", "19,2", "4,8", "18,5", "14,8", "3,7"]
    );
    assert_eq!(page.texts("[aria-labelledby=lines] .heading .soft"), ["55 postes sur 55"]);
    // A figure opens into its lines.
    let rows = page.attributes("[aria-labelledby=vacances] tfoot tr:first-child td:last-child a", "href").remove(0);
    let opened = app.visitor(Role::Director).await.get(&format!("{POSTS}{}", rows.split('#').next().unwrap())).await;
    assert_eq!(opened.texts("[aria-labelledby=lines] tbody tr").len(), 9);
    assert_eq!(opened.texts("[aria-labelledby=lines] .heading .soft"), ["9 postes sur 55"]);
}

#[sqlx::test(migrations = false)]
async fn human_resources_correct_a_line_and_the_share_moves(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let rh = app.visitor(Role::Rh).await;
    let page = rh.get(LINE).await;
    assert_eq!(page.status, 200);
    let mut fields = shown(&page);
    typing(&mut fields, "part", "part_20");
    typing(&mut fields, "objective", "O5");
    typing(&mut fields, "reason", "Redéfini en commission");
    let answer = post(&rh, LINE, &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let page = rh.get(answer.location()).await;
    assert_eq!(page.texts("[role=status] p"), ["Poste enregistré."]);
    let told = &page.texts("[aria-labelledby=history] li")[0];
    assert!(told.contains("part : de 80 %, récurrente") && told.contains("Redéfini en commission"), "{told}");
    let page = rh.get(POSTS).await;
    let shares = page.texts("[aria-labelledby=shares] tbody tr:first-child td");
    assert!(shares[0].ends_with("10") && shares[1].ends_with("46") && shares[2].starts_with("21,74"), "{shares:?}");
    assert!(shares[2].contains("règle tenue"), "{shares:?}");
    assert!(!page.texts("[role=note]").iter().any(|note| note.contains("part dynamique")));
    // What was printed does not move, and the gap says so.
    assert!(page.body.contains("4 totaux calculés diffèrent de l’imprimé"));
    assert!(page.texts("[aria-labelledby=vacances] tfoot")[0].contains("imprimé 9"));
    // The export says the new line, and still imports into itself.
    let mut conn = app.app.conn().await.unwrap();
    let (_, document) = documents::load(&mut conn, "uca-iut-2021-2026").await.unwrap().unwrap();
    let line = document.posts.iter().find(|line| line.code.as_str() == "P02").unwrap();
    assert_eq!((line.part.word(), line.objectives.len(), &line.provenance), ("part_20", 1, &None));
    let (state, position): (String, i32) = sqlx::query_as(
        "SELECT after::text, position FROM journal_entry WHERE kind = 'poste' AND code = 'P02' ORDER BY id DESC LIMIT 1",
    )
    .fetch_one(&mut *conn)
    .await
    .unwrap();
    assert!(state.contains("\"part_20\"") && position == 1, "{state}");
}

#[sqlx::test(migrations = false)]
async fn what_is_refused_comes_back_as_typed(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let rh = app.visitor(Role::Rh).await;
    let mut fields = shown(&rh.get(LINE).await);
    typing(&mut fields, "count", "deux");
    typing(&mut fields, "qualifier", "section 27");
    let answer = post(&rh, LINE, &fields).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.attributes("[name=count]", "value"), ["deux"]);
    assert_eq!(answer.attributes("[name=count]", "aria-invalid"), ["true"]);
    assert_eq!(answer.attributes("[name=qualifier]", "value"), ["section 27"]);
    assert!(answer.texts("#e-count")[0].contains("nombre entier"));
    let realised = rh.post(&format!("{LINE}/realisation"), &[("realisation", "perdu"), ("version", "1")]).await;
    assert_eq!(realised.status, 422);
    let day = [("departure_on", "bientôt"), ("support_number", "0123"), ("version", "0")];
    let confidential = rh.post(&format!("{LINE}/confidential"), &day).await;
    assert_eq!(confidential.status, 422);
    assert_eq!(confidential.attributes("[name=support_number]", "value"), ["0123"]);
}

#[sqlx::test(migrations = false)]
async fn two_people_see_mine_theirs_and_the_original(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let rh = app.visitor(Role::Rh).await;
    let page = rh.get(LINE).await;
    let (mut mine, mut theirs) = (shown(&page), shown(&page));
    typing(&mut theirs, "count", "3");
    assert_eq!(post(&rh, LINE, &theirs).await.status, 303);
    typing(&mut mine, "count", "2");
    let conflict = post(&rh, LINE, &mine).await;
    assert_eq!(conflict.status, 409);
    assert_eq!(conflict.texts(".conflict .side-value"), ["2", "3", "1"]);
    assert_eq!(conflict.attributes("[name=count]", "value"), ["2"]);
    // Saved again, it is written over their version.
    let mut again = shown(&conflict);
    typing(&mut again, "count", "2");
    assert_eq!(post(&rh, LINE, &again).await.status, 303);
    assert_eq!(rh.get(LINE).await.attributes("[name=count]", "value"), ["2"]);
    let stale = [("realisation", "abandonne"), ("version", "1")];
    let conflict = rh.post(&format!("{LINE}/realisation"), &stale).await;
    assert_eq!(conflict.status, 409);
    assert_eq!(conflict.texts(".conflict .side-value")[0], "abandonné");
}

#[sqlx::test(migrations = false)]
async fn a_realisation_moves_its_counts(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let rh = app.visitor(Role::Rh).await;
    let dropped = |page: &Answer| page.texts("[aria-labelledby=stages] tbody tr:last-child td").pop().unwrap();
    let before = dropped(&rh.get(POSTS).await);
    let version = rh.get(LINE).await.attributes("[name=version]", "value").remove(0);
    let fields = [("realisation", "abandonne"), ("realisation-reason", "Support rendu"), ("version", version.as_str())];
    let answer = rh.post(&format!("{LINE}/realisation"), &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let page = rh.get(answer.location()).await;
    assert_eq!(page.texts("[role=status] p"), ["Réalisation enregistrée."]);
    assert!(page.texts("[aria-labelledby=history] li")[0].contains("Support rendu"));
    assert_ne!(dropped(&rh.get(POSTS).await), before);
}

#[sqlx::test(migrations = false)]
async fn confidential_fields_are_shown_to_some_and_kept_out_of_everything_else(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::demo(options).await;
    let rh = app.visitor(Role::Rh).await;
    let mut conn = app.app.conn().await.unwrap();
    let export = documents::load(&mut conn, "uca-iut-2021-2026").await.unwrap().unwrap().1.to_bytes();
    let entries = "SELECT count(*) FROM journal_entry";
    let (before,): (i64,) = sqlx::query_as(entries).fetch_one(&mut *conn).await.unwrap();
    let fields = [
        ("support_number", "SUP-0042"),
        ("departure_reason", "retraite"),
        ("departure_on", "2025-08-31"),
        ("version", "0"),
    ];
    let path = format!("{LINE}/confidential");
    let answer = rh.post(&path, &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let (after,): (i64,) = sqlx::query_as(entries).fetch_one(&mut *conn).await.unwrap();
    assert_eq!(after, before, "the plan's journal does not hold them");
    for role in [Role::Rh, Role::Director, Role::Directoire] {
        let page = app.visitor(role).await.get(LINE).await;
        assert!(page.body.contains("SUP-0042") && page.body.contains("31 août 2025"), "{role:?}");
        assert!(page.texts("[aria-labelledby=confidential] .history li")[0].contains("retraite"));
    }
    let pilotage = app.visitor(Role::Pilotage).await;
    for path in [LINE, POSTS, "/plans/uca-iut-2021-2026/journal", "/plans/uca-iut-2021-2026"] {
        assert!(!pilotage.get(path).await.body.contains("SUP-0042"), "{path}");
    }
    assert!(documents::load(&mut conn, "uca-iut-2021-2026").await.unwrap().unwrap().1.to_bytes() == export);
    // The same number typed by somebody who had nothing under their eyes.
    let other = [("support_number", "SUP-0043"), ("version", "0")];
    let conflict = rh.post(&path, &other).await;
    assert_eq!(conflict.status, 409);
    assert_eq!(conflict.texts(".conflict .side-value")[..2], ["SUP-0043", "SUP-0042"]);
    // The history outlives the line and its fields.
    sqlx::query("DELETE FROM post_line WHERE code = 'P02'").execute(&mut *conn).await.unwrap();
    let mut owner = PgConnection::connect_with(&app.pool().connect_options()).await.unwrap();
    let left: (i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM post_confidential), (SELECT count(*) FROM post_confidential_history)",
    )
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert_eq!(left, (0, 1));
}

/// What the database shows of the confidential fields and of their history to an account, in raw SQL.
async fn visible(conn: &mut PgConnection, account: Option<i64>) -> (i64, i64) {
    let mut tx = conn.begin().await.unwrap();
    if let Some(account) = account {
        sqlx::query("SELECT set_config('cpom.user', $1, true)")
            .bind(account.to_string())
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    let seen = sqlx::query_as(
        "SELECT (SELECT count(*) FROM post_confidential), (SELECT count(*) FROM post_confidential_history)",
    )
    .fetch_one(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    seen
}

async fn as_account(conn: &mut PgConnection, account: i64, statement: &'static str) -> Result<u64, String> {
    let mut tx = conn.begin().await.unwrap();
    sqlx::query("SELECT set_config('cpom.user', $1, true)").bind(account.to_string()).execute(&mut *tx).await.unwrap();
    let done = sqlx::query(statement).execute(&mut *tx).await;
    let done = done.map(|done: sqlx::postgres::PgQueryResult| done.rows_affected()).map_err(|error| {
        error.as_database_error().and_then(sqlx::error::DatabaseError::code).map(Into::into).unwrap_or_default()
    });
    tx.rollback().await.unwrap();
    done
}

#[sqlx::test(migrations = false)]
async fn the_database_itself_hides_the_confidential_fields(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let rh = app.visitor(Role::Rh).await;
    let fields = [("support_number", "SUP-0042"), ("version", "0")];
    assert_eq!(rh.post(&format!("{LINE}/confidential"), &fields).await.status, 303);
    let mut conn = app.app.conn().await.unwrap();
    let (role,): (String,) = sqlx::query_as("SELECT current_user::text").fetch_one(&mut *conn).await.unwrap();
    assert_eq!(role, "cpom_app");
    let mut accounts = Vec::new();
    for role in Role::ALL {
        let (id,): (i64,) = sqlx::query_as("SELECT id FROM account WHERE email = $1")
            .bind(demo::email(*role))
            .fetch_one(&mut *conn)
            .await
            .unwrap();
        accounts.push((*role, id));
    }
    let id = |role: Role| accounts.iter().find(|(one, _)| *one == role).unwrap().1;
    // Nobody is asking: before any transaction of this connection, and after one that said who was.
    assert_eq!(visible(&mut conn, None).await, (0, 0));
    for (role, account) in &accounts {
        let sees = matches!(role, Role::Rh | Role::Directoire | Role::Director);
        assert_eq!(visible(&mut conn, Some(*account)).await, if sees { (1, 1) } else { (0, 0) }, "{role:?}");
        assert_eq!(visible(&mut conn, None).await, (0, 0), "after {role:?}");
    }
    // Written by human resources only, the history added to and no more, signed by whoever writes.
    let change = "UPDATE post_confidential SET support_number = 'X'";
    let add = "INSERT INTO post_confidential (post_line_id) SELECT id FROM post_line WHERE code = 'P01'";
    for (role, account) in &accounts {
        let expected = if *role == Role::Rh { (Ok(1), Ok(1)) } else { (Ok(0), Err("42501".to_owned())) };
        let done = (as_account(&mut conn, *account, change).await, as_account(&mut conn, *account, add).await);
        assert_eq!(done, expected, "{role:?}");
    }
    let forged = "INSERT INTO post_confidential_history (plan_id, post_code, version, at, account_id, actor)
                  SELECT plan_id, code, 9, now(), (SELECT max(id) FROM account), 'autre' FROM post_line LIMIT 1";
    for statement in [
        forged,
        "DELETE FROM post_confidential",
        "UPDATE post_confidential_history SET actor = 'x'",
        "DELETE FROM post_confidential_history",
        "TRUNCATE post_confidential",
        "ALTER TABLE post_confidential DISABLE ROW LEVEL SECURITY",
        "DROP POLICY post_confidential_read ON post_confidential",
    ] {
        assert_eq!(as_account(&mut conn, id(Role::Rh), statement).await, Err("42501".into()), "{statement}");
    }
    // Grants count with their dates, their revocation and their structure; a suspended account sees nothing.
    let director = id(Role::Director);
    for (spoilt, restored) in [
        ("ends_on = '2020-01-01'", "ends_on = NULL"),
        ("starts_on = '2999-01-01'", "starts_on = NULL"),
        ("revoked_at = now()", "revoked_at = NULL"),
    ] {
        for (set, expected) in [(spoilt, (0, 0)), (restored, (1, 1))] {
            let statement = format!("UPDATE account_grant SET {set} WHERE account_id = {director}");
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&mut *conn).await.unwrap();
            assert_eq!(visible(&mut conn, Some(director)).await, expected, "{set}");
        }
    }
    sqlx::query("UPDATE account SET suspended_at = now() WHERE id = $1")
        .bind(director)
        .execute(&mut *conn)
        .await
        .unwrap();
    assert_eq!(visible(&mut conn, Some(director)).await, (0, 0));
    sqlx::query("UPDATE account SET suspended_at = NULL WHERE id = $1")
        .bind(director)
        .execute(&mut *conn)
        .await
        .unwrap();
    for statement in [
        "INSERT INTO structure (position, code, kind, label, acronym) VALUES (9, 'autre', 'institut', 'Autre', 'A')",
        "UPDATE account_grant SET structure_id = (SELECT id FROM structure WHERE code = 'autre') WHERE role = 'director'",
    ] {
        sqlx::query(statement).execute(&mut *conn).await.unwrap();
    }
    assert_eq!(visible(&mut conn, Some(director)).await, (0, 0), "another structure's director");
}

#[sqlx::test(migrations = false)]
async fn whoever_does_not_read_posts_does_not_read_them_in_the_journal(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let journal = "/plans/uca-iut-2021-2026/journal";
    for (role, sees) in [(Role::Rh, true), (Role::Finance, false), (Role::Contributor, false)] {
        let visitor = app.visitor(role).await;
        let page = visitor.get(journal).await;
        assert_eq!(page.body.contains("tableaux de postes"), sees, "{role:?}");
        assert_eq!(page.attributes("option[value=poste]", "value").len(), usize::from(sees), "{role:?}");
        let asked = visitor.get(&format!("{journal}?kind=poste&code=P02")).await;
        assert_eq!(asked.body.contains("Poste P02"), sees, "{role:?}");
        let nav = page.texts(".nav a");
        assert_eq!(nav.contains(&"Postes".to_owned()), sees, "{role:?}: {nav:?}");
    }
}

#[sqlx::test(migrations = false)]
async fn pages_cost_the_same_when_rows_double(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let mut before = Vec::new();
    for path in [POSTS, LINE] {
        before.push(counted(&app, Role::Rh, path).await.1);
    }
    assert!(before.iter().all(|count| (1..=8).contains(count)), "{before:?}");
    sqlx::query(
        "INSERT INTO post_line (plan_id, position, code, origin, year, part, corps, count, realisation)
         SELECT plan_id, position + 100, code || '-bis', origin, year, part, corps, count, realisation FROM post_line",
    )
    .execute(app.pool())
    .await
    .unwrap();
    let mut after = Vec::new();
    for path in [POSTS, LINE] {
        after.push(counted(&app, Role::Rh, path).await.1);
    }
    assert_eq!(after, before);
}
