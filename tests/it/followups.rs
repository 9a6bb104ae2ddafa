//! What a meeting asks someone to do: written, corrected, said to be done, kept in the document and the journal.

use cpom::accounts::model::Role;
use cpom::dialogue::model::Transition;
use cpom::document::{self, ImportError};
use cpom::journal::model::Act;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::contract::counted;
use crate::dialogue::{CODE, PAGE, moved};
use crate::meeting::enter_all;
use crate::support::{Answer, TestApp, Visitor};

const FIRST: &str = "/plans/uca-iut-2021-2026/followups/S2025-1";
const TASK: [(&str, &str); 3] =
    [("text", "Présenter le plan de charge au conseil"), ("owner", "Direction des finances"), ("due_on", "2026-03-31")];

async fn write(visitor: &Visitor) -> Answer {
    visitor.post(&format!("{PAGE}/followups"), &TASK).await
}

/// Posts a form of the page as it shows it, with what is typed over it.
async fn act(visitor: &Visitor, form: &str, typed: &[(&str, &str)]) -> Answer {
    let page = visitor.get(FIRST).await;
    let version = page.attributes(&format!("#{form} [name=version]"), "value").remove(0);
    let mut fields = vec![("version", version.as_str())];
    fields.extend(typed);
    let action = page.attributes(&format!("#{form} form"), "action").remove(0);
    visitor.post(&action, &fields).await
}

async fn bytes(app: &TestApp) -> String {
    let mut conn = app.app.conn().await.unwrap();
    let (plan_id, kept) = document::store::load(&mut conn, CODE).await.unwrap().unwrap();
    let told = document::store::as_of(&mut conn, plan_id, app.app.clock.now()).await.unwrap().unwrap();
    assert!(told.to_bytes() == kept.to_bytes(), "the journal alone gives the export");
    String::from_utf8(kept.to_bytes()).unwrap()
}

#[sqlx::test(migrations = false)]
async fn one_is_written_at_the_meeting_and_said_to_be_done(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let (director, directoire) = (app.visitor(Role::Director).await, app.visitor(Role::Directoire).await);
    // Refused, it comes back on the page of the meeting with what was typed.
    let refused =
        directoire.post(&format!("{PAGE}/followups"), &[("text", "À voir"), ("owner", ""), ("due_on", "x")]).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.texts("#suite-text"), ["À voir"]);
    assert!(refused.texts("#suite-owner-error")[0].contains("fonction"));
    assert!(refused.texts("#suite-due_on-error")[0].contains("échéance"));
    assert_eq!(refused.texts("title"), ["Erreur : Dialogue 2025 · CPOM"]);
    let written = write(&directoire).await;
    assert_eq!((written.status.as_u16(), written.location()), (303, format!("{PAGE}#suites").as_str()));
    // Its director has it on their page and in their inbox, and may not rewrite it.
    let page = director.get(PAGE).await;
    assert!(page.texts("[aria-labelledby=suites] tbody tr")[0].contains("Direction des finances"));
    assert!(page.texts("#nouvelle-suite").is_empty());
    let heading = "1 suite de dialogue à faire".to_owned();
    for role in [Role::Director, Role::Directoire, Role::Finance] {
        let home = app.visitor(role).await.get("/").await;
        assert!(home.texts(".inbox h3").contains(&heading), "{role:?}: {:?}", home.texts(".inbox h3"));
        assert!(home.attributes(".inbox a.button", "href").contains(&FIRST.to_owned()), "{role:?}");
    }
    // Human resources are not named: nothing waits for them, though they may read it.
    assert!(!app.visitor(Role::Rh).await.get("/").await.texts(".inbox h3").contains(&heading));
    assert!(director.get(FIRST).await.texts("#corriger").is_empty());
    let dropped = act(&director, "dire", &[("state", "abandonne"), ("note", " ")]).await;
    assert_eq!(dropped.status, 422);
    assert!(dropped.texts("#note-error")[0].contains("pourquoi"));
    let done =
        act(&director, "dire", &[("state", "fait"), ("said_on", "2025-09-11"), ("note", "Fait en conseil")]).await;
    assert_eq!((done.status.as_u16(), done.location()), (303, FIRST));
    let page = director.get(FIRST).await;
    assert_eq!(page.texts(".subtitle .pill"), ["Fait"]);
    assert_eq!(page.texts(".history .change"), ["Fait", "Écrite au dialogue 2025"]);
    assert!(!director.get("/").await.texts(".inbox h3").contains(&heading));
    let journal = director.get(&format!("/plans/{CODE}/journal?kind=suite")).await;
    assert_eq!(journal.texts("tbody > tr").len(), 2);
    assert!(journal.texts("tbody > tr")[0].contains("état : de À faire → à Fait"), "{:?}", journal.texts("tbody > tr"));
    assert!(bytes(&app).await.contains("\"said_on\": \"2025-09-11\""));
    // Whoever follows no dialogue is told nothing of it.
    let contributor = app.visitor(Role::Contributor).await;
    let told = contributor.get(&format!("/plans/{CODE}/journal?kind=suite")).await;
    assert_eq!(told.texts("tbody > tr").len(), 0);
    assert!(!told.attributes("select option", "value").contains(&"suite".to_owned()));
}

#[sqlx::test(migrations = false)]
async fn two_people_on_one_are_told_of_each_other(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let (director, directoire) = (app.visitor(Role::Director).await, app.visitor(Role::Directoire).await);
    assert_eq!(write(&directoire).await.status, 303);
    let seen = director.get(FIRST).await.attributes("#dire [name=version]", "value").remove(0);
    let other = [("text", "Présenter un plan pluriannuel"), ("owner", "Direction de l’IUT"), ("due_on", "2026-06-30")];
    assert_eq!(act(&directoire, "corriger", &other).await.status, 303);
    let late = [("version", seen.as_str()), ("state", "fait"), ("note", "déjà présenté")];
    let conflict = director.post(&format!("{FIRST}/state"), &late).await;
    assert_eq!(conflict.status, 409);
    assert_eq!(conflict.texts("#note"), ["déjà présenté"]);
    assert!(conflict.texts("[role=alert]")[0].contains("Présenter un plan pluriannuel"));
    // Once read, it is said over what the other wrote.
    let version = conflict.attributes("#dire [name=version]", "value").remove(0);
    let again = [("version", version.as_str()), ("state", "fait"), ("note", "déjà présenté")];
    assert_eq!(director.post(&format!("{FIRST}/state"), &again).await.status, 303);
    let kept = bytes(&app).await;
    assert!(kept.contains("Présenter un plan pluriannuel") && kept.contains("déjà présenté"));
}

#[sqlx::test(migrations = false)]
async fn each_door_obeys_the_state_of_the_dialogue(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    enter_all(&app).await;
    let (director, directoire) = (app.visitor(Role::Director).await, app.visitor(Role::Directoire).await);
    assert_eq!(write(&directoire).await.status, 303);
    let way = [Transition::Submission, Transition::Review, Transition::Validation, Transition::Closure];
    for transition in [None].into_iter().chain(way.map(Some)) {
        if let Some(transition) = transition {
            moved(&app, 2025, transition).await;
        }
        let open = transition != Some(Transition::Closure);
        assert_eq!(directoire.get(FIRST).await.texts("#corriger").is_empty(), !open, "{transition:?}");
        let written = write(&directoire).await;
        assert_eq!(written.status, if open { 303 } else { 403 }, "{transition:?}");
        let forbidden = director.post(&format!("{PAGE}/followups"), &TASK).await;
        assert_eq!(forbidden.status, 403, "{transition:?}");
        // Where one stands is said whatever the dialogue's own state.
        let note = format!("essai {transition:?}");
        let said = act(&director, "dire", &[("state", "a_faire"), ("note", note.as_str())]).await;
        assert_eq!(said.status, 303, "{transition:?}");
        // A file obeys as pages do.
        let file = bytes(&app).await.replacen("\"owner\": \"Direction des finances\"", "\"owner\": \"Autre\"", 1);
        let mut conn = app.app.conn().await.unwrap();
        let by = Act::command("import", app.app.clock.now());
        match document::import(&mut conn, &by, file.as_bytes(), true).await {
            Ok(done) => assert!(open && done.changes == 1, "{transition:?}: {}", done.changes),
            Err(ImportError::Problems(problems)) => {
                assert!(!open && problems[0].to_string().contains("relevé"), "{transition:?}: {problems:?}");
            }
            Err(ImportError::Sql(error)) => panic!("{error}"),
        }
        let back = bytes(&app).await.replacen("\"owner\": \"Autre\"", "\"owner\": \"Direction des finances\"", 1);
        if open {
            document::import(&mut conn, &by, back.as_bytes(), true).await.unwrap();
        }
    }
}

#[sqlx::test(migrations = false)]
async fn the_document_carries_them_and_is_checked(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let without = bytes(&app).await;
    assert!(!without.contains("followups"), "an empty list is not written: older files are exported as they were");
    let one = r#""followups": [{"code":"S2024-1","year":2024,"text":"À suivre","owner":"SAPCG","due_on":"2025-06-30","state":"STATE"}],
  "jalons": ["#;
    let with = |state: &str| without.replacen("\"jalons\": [", &one.replace("STATE", state), 1);
    let mut conn = app.app.conn().await.unwrap();
    let by = Act::command("test", app.app.clock.now());
    for (state, said) in [("fini", "state"), ("abandonne", "dit pourquoi"), ("fait", "datée")] {
        let refused = document::import(&mut conn, &by, with(state).as_bytes(), true).await.unwrap_err();
        let ImportError::Problems(problems) = refused else { panic!("{refused}") };
        assert!(problems.iter().any(|it| it.to_string().contains(said)), "{state}: {problems:?}");
    }
    assert_eq!(document::import(&mut conn, &by, with("a_faire").as_bytes(), true).await.unwrap().changes, 1);
    assert!(bytes(&app).await.contains("\"S2024-1\""));
    // An earlier meeting's, it comes back on this one's page.
    let page = app.visitor(Role::Director).await.get(PAGE).await;
    assert!(page.texts("[aria-labelledby=suites] h3").contains(&"Des dialogues précédents, encore à faire".to_owned()));
    assert_eq!(page.texts("[aria-labelledby=suites] tbody .pill"), ["En retard"]);
    document::import(&mut conn, &by, without.as_bytes(), true).await.unwrap();
    assert!(bytes(&app).await == without);
}

#[sqlx::test(migrations = false)]
async fn the_list_keeps_to_its_statements(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let directoire = app.visitor(Role::Directoire).await;
    assert!(directoire.get("/followups").await.texts(".empty strong")[0].contains("Aucune suite"));
    assert_eq!(write(&directoire).await.status, 303);
    let (page, before) = counted(&app, Role::Directoire, "/followups").await;
    assert_eq!(page.texts("tbody tr").len(), 1);
    let (_, of_one) = counted(&app, Role::Director, FIRST).await;
    for _ in 0..3 {
        assert_eq!(write(&directoire).await.status, 303);
    }
    let (page, after) = counted(&app, Role::Directoire, "/followups").await;
    assert_eq!((page.texts("tbody tr").len(), after), (4, before));
    assert!(before <= 4 && of_one <= 5, "{before} {of_one}");
    assert_eq!(counted(&app, Role::Director, FIRST).await.1, of_one);
    // Several at once have one link.
    let home = app.visitor(Role::Director).await.get("/").await;
    assert!(home.attributes(".inbox a.button", "href").contains(&"/followups".to_owned()));
}
