//! What a director asks, amends and withdraws; the avis given on it; what finance costs and human resources keep.

use cpom::accounts::model::Role;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::means::{at, decide, journal, the_document_holds};
use crate::support::{Answer, TestApp, Visitor};

/// Figures compare without the narrow spaces that typography asks for.
fn plain(texts: Vec<String>) -> Vec<String> {
    texts.into_iter().map(|text| text.replace(['\u{202f}', '\u{a0}'], " ")).collect()
}

/// The rank that the next step of a demand takes, as its page shows it.
fn rank(page: &Answer, form: &str) -> String {
    page.attributes(&format!("#{form} [name=rank]"), "value").remove(0)
}

/// Posts an act of a thing's page, with the rank that this page shows.
async fn act(visitor: &Visitor, place: &str, (form, end): (&str, &str), fields: &[(&str, &str)]) -> Answer {
    let rank = rank(&visitor.get(&at(place)).await, form);
    let mut posted = vec![("rank", rank.as_str())];
    posted.extend(fields);
    visitor.post(&at(&format!("{place}/{end}")), &posted).await
}

async fn in_dialogue(app: &TestApp, state: &str) {
    sqlx::query("UPDATE dialogue SET state = $1, reason = 'à compléter'")
        .bind(state)
        .execute(app.pool())
        .await
        .unwrap();
}

#[sqlx::test(migrations = false)]
async fn a_request_is_amended_beside_its_original_and_comes_back_to_be_decided(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::demo(options).await;
    let (director, directoire) = (app.visitor(Role::Director).await, app.visitor(Role::Directoire).await);
    let amend = ("modifier", "amendments");
    let asked = [("label", "Service scolarité renforcé"), ("quantity", "1,5"), ("unit", "ETP"), ("role", "demande")];
    let refused = act(&director, "requests/M5.2", amend, &asked).await;
    assert_eq!(refused.status, 422);
    assert!(refused.texts("#demande-reason-error")[0].contains("pourquoi"));
    assert_eq!(refused.texts("#demande-label"), ["Service scolarité renforcé"]);
    assert_eq!(refused.attributes("#quantity-1", "value"), ["1,5"], "what was typed is kept");
    let reason = ("reason", "effectifs revus à la baisse");
    let whole: Vec<(&str, &str)> = asked.into_iter().chain([reason]).collect();
    assert_eq!(act(&director, "requests/M5.2", amend, &whole).await.status, 303);
    // The original stays beside what is asked now.
    let row = &plain(directoire.get(&at("commitments")).await.texts("[id='M5.2']"))[0];
    assert!(row.contains("Service scolarité renforcé") && row.contains("1,5 ETP"), "{row}");
    assert!(row.contains("demande modifiée") && row.contains("Au départ : Structuration"), "{row}");
    let page = directoire.get(&at("requests/M5.2")).await;
    let course = page.texts("[aria-labelledby=suite] li");
    assert!(course[0].contains("effectifs revus à la baisse") && course[0].contains("Structuration"), "{course:?}");
    // « À retravailler », and worked on again: it waits for the directoire, and not for the director any more.
    assert!(director.get("/decisions").await.texts("#a-retravailler").is_empty());
    let pending = directoire.get("/decisions").await.attributes("[aria-labelledby=a-decider] a", "href");
    assert_eq!(pending, ["M4.4", "M5.2", "O4.1"].map(|code| at(&format!("requests/{code}"))));
    assert_eq!(decide(&directoire, "requests/M5.2", &[("state", "favorable")]).await.status, 303);
    assert_eq!(directoire.get("/decisions").await.texts("[aria-labelledby=a-decider] tbody tr").len(), 2);
    // A form opened before the amendment does not overwrite it.
    let mut late = vec![("rank", "1")];
    late.extend(&whole);
    let conflict = director.post(&at("requests/M5.2/amendments"), &late).await;
    assert_eq!(conflict.status, 409);
    assert_eq!(conflict.texts("#demande-label"), ["Service scolarité renforcé"]);
    assert_eq!(rank(&conflict, "modifier"), "2");
    assert_eq!(journal(&app, "amendement").await, [("demande/M5.2/1".into(), "Direction de l’IUT".into())]);
    assert!(the_document_holds(&app).await.contains("Structuration, redimensionnement"));
}

#[sqlx::test(migrations = false)]
async fn a_demand_waits_for_an_open_dialogue(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let director = app.visitor(Role::Director).await;
    in_dialogue(&app, "soumis").await;
    let page = director.get(&at("requests/M5.2")).await;
    assert!(page.texts("#modifier, #retirer").is_empty());
    assert!(page.body.contains("il est « Soumis »"));
    for place in ["demands/requests", "demands/budget", "demands/posts"] {
        let forbidden = director.get(&at(place)).await;
        assert_eq!(forbidden.status, 403, "{place}");
        assert!(forbidden.body.contains("« Soumis »"), "{place}");
    }
    for place in ["requests/M5.2", "budget/B1", "posts/P01"] {
        let forbidden = director.post(&at(&format!("{place}/withdrawal")), &[("reason", "plus besoin")]).await;
        assert_eq!(forbidden.status, 403, "{place}");
    }
    in_dialogue(&app, "retourne").await;
    assert_eq!(director.get(&at("demands/requests")).await.status, 200);
}

#[sqlx::test(migrations = false)]
async fn a_new_request_is_asked_decided_and_withdrawn(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let (director, directoire) = (app.visitor(Role::Director).await, app.visitor(Role::Directoire).await);
    let typed = [("label", "Un fab-lab à Aurillac"), ("heading", "V1"), ("quantity", "1"), ("unit", "")];
    let refused = director.post(&at("demands/requests"), &typed).await;
    assert_eq!(refused.status, 422);
    assert!(refused.texts("#demande-quantities .error")[0].contains("de quoi"));
    assert_eq!(refused.attributes("#heading option[selected]", "value"), ["V1"]);
    let typed = [
        ("label", "Un fab-lab à Aurillac"),
        ("heading", "V1"),
        ("quantity", "1"),
        ("unit", "plateforme"),
        ("reason", "appel des entreprises du bassin"),
    ];
    let added = director.post(&at("demands/requests"), &typed).await;
    assert_eq!((added.status.as_u16(), added.location()), (303, at("requests/DEM-1").as_str()));
    let row = &directoire.get(&at("commitments")).await.texts("[id='DEM-1']")[0];
    assert!(row.contains("demande ajoutée") && row.contains("non arbitré"), "{row}");
    assert!(directoire.get("/").await.texts("#moyens + .inbox p")[0].contains("DEM-1"));
    let withdraw = ("retirer", "withdrawal");
    assert_eq!(act(&director, "requests/DEM-1", withdraw, &[("reason", " ")]).await.status, 422);
    assert_eq!(act(&director, "requests/DEM-1", withdraw, &[("reason", "financé par la région")]).await.status, 303);
    let page = directoire.get(&at("commitments")).await;
    assert!(page.texts("[id='DEM-1']")[0].contains("demande retirée"), "it is still listed");
    assert!(page.texts(".subtitle")[0].contains("Retirées : 1"));
    assert!(!directoire.get("/decisions").await.body.contains("DEM-1"));
    assert!(director.get(&at("requests/DEM-1")).await.texts("#modifier, #retirer").is_empty());
    assert_eq!(journal(&app, "demande").await.len(), 1);
    assert_eq!(journal(&app, "amendement").await.len(), 2);
    the_document_holds(&app).await;
}

#[sqlx::test(migrations = false)]
async fn sums_of_a_budget_follow_what_is_asked_now(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let director = app.visitor(Role::Director).await;
    let total = async || {
        let page = director.get(&at("budget")).await;
        let cells = plain(page.texts("section[aria-labelledby='lignes'] tfoot td"));
        let printed = plain(page.texts("section[aria-labelledby='imprime'] tbody tr"));
        (cells[2].clone(), printed[1].clone(), plain(page.texts(".note li")))
    };
    let (asked, printed, _) = total().await;
    assert!(asked.ends_with("684 280 €"), "{asked}");
    let money = [
        ("label", "Renouvellement du parc"),
        ("year", "2025"),
        ("cost", "1 957 120"),
        ("participation", "400 000"),
        ("reason", "devis actualisé"),
    ];
    let wrong = [("label", "x"), ("year", "2031"), ("cost", "390 k€"), ("reason", "y")];
    let refused = act(&director, "budget/B1", ("modifier", "amendments"), &wrong).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.attributes("#demande-cost", "value"), ["390 k€"]);
    assert_eq!(act(&director, "budget/B1", ("modifier", "amendments"), &money).await.status, 303);
    let (asked, still, _) = total().await;
    assert!(asked.ends_with("695 000 €"), "{asked}");
    assert!(still.ends_with("égal") && printed.ends_with("égal"), "what was printed is compared with the original");
    assert!(director.get(&at("budget")).await.body.contains("au départ : 389"));
    // A new line, then its withdrawal.
    let mut new = money.to_vec();
    new.extend([("nature", "investissement"), ("category", "NUMÉRIQUE"), ("node", "O3"), ("own", "")]);
    let added = director.post(&at("demands/budget"), &new).await;
    assert_eq!((added.status.as_u16(), added.location()), (303, at("budget/B9").as_str()), "{}", added.body);
    assert!(total().await.0.ends_with("1 095 000 €"));
    let gone = act(&director, "budget/B9", ("retirer", "withdrawal"), &[("reason", "autre financement")]).await;
    assert_eq!(gone.status, 303);
    let (asked, _, asides) = total().await;
    assert!(asked.ends_with("695 000 €"));
    assert!(asides.contains(&"Demande retirée : 1 ligne (B9), hors des sommes de ce qui est demandé.".to_owned()));
    // The file adds up to the page.
    let file = app.visitor(Role::Finance).await.get("/finance.csv").await;
    let line = file.body.lines().find(|line| line.contains(";\"B9\";")).unwrap();
    assert!(line.contains("demande retirée") && !line.contains("400000"), "{line}");
    the_document_holds(&app).await;
}

#[sqlx::test(migrations = false)]
async fn finance_costs_beside_what_is_asked_and_both_services_give_their_avis(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let app = TestApp::demo(options).await;
    let (finance, rh) = (app.visitor(Role::Finance).await, app.visitor(Role::Rh).await);
    let costing = [("cost", "2 100 000"), ("participation", "420 000"), ("reason", "prix du marché")];
    assert_eq!(act(&finance, "budget/B1", ("chiffrer", "costings"), &costing).await.status, 303);
    let page = finance.get(&at("budget/B1")).await;
    let course = plain(page.texts("[aria-labelledby=suite] li"));
    assert!(course[0].starts_with("Chiffrage des finances") && course[0].contains("2 100 000 €"), "{course:?}");
    let totals = plain(finance.get(&at("budget")).await.texts("section[aria-labelledby='lignes'] tfoot td"));
    assert!(totals[2].ends_with("684 280 €"), "a costing enters no sum: {totals:?}");
    // An avis changes nothing; it stands beside the form of the decision.
    assert_eq!(finance.post(&at("budget/B1/opinions"), &[("text", " ")]).await.status, 422);
    let words = "Soutenable si l’échéancier s’étale sur deux exercices.";
    assert_eq!(finance.post(&at("budget/B1/opinions"), &[("text", words)]).await.status, 303);
    assert_eq!(
        finance.post(&at("requests/M5.2/opinions"), &[("text", "Masse salariale à vérifier.")]).await.status,
        303
    );
    assert_eq!(rh.post(&at("requests/M5.2/opinions"), &[("text", "Deux supports vacants.")]).await.status, 303);
    assert_eq!(rh.post(&at("posts/P01/opinions"), &[("text", "Profil pourvu en 2026.")]).await.status, 303);
    let directoire = app.visitor(Role::Directoire).await;
    let page = directoire.get(&at("requests/M5.2")).await;
    assert_eq!(page.texts("#avis .quote"), ["Masse salariale à vérifier.", "Deux supports vacants."]);
    assert_eq!(page.texts("#avis .soft"), ["Finances, 12 sept. 2025", "Ressources humaines, 12 sept. 2025"]);
    assert_eq!(page.texts(".subtitle .pill"), ["À retravailler"]);
    assert_eq!(directoire.get(&at("budget/B1")).await.texts("#avis .quote"), [words]);
    assert_eq!(journal(&app, "avis").await.len(), 4);
    // Finance reads no avis on a post, in the journal either.
    let told = finance.get(&at("journal")).await.body;
    assert!(told.contains("Avis n°") && !told.contains("Profil pourvu"));
    let told = rh.get(&at("journal")).await.body;
    assert!(told.contains("Profil pourvu"), "{told}");
    assert!(!told.contains("échéancier s’étale"), "{told}");
    the_document_holds(&app).await;
}

#[sqlx::test(migrations = false)]
async fn a_post_is_asked_and_counts_once_it_is_granted(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let (director, directoire) = (app.visitor(Role::Director).await, app.visitor(Role::Directoire).await);
    let lines = async || director.get(&at("posts")).await.texts("[aria-labelledby=lines] .heading .soft").remove(0);
    let before = lines().await;
    let typed = [
        ("origin", "creation"),
        ("count", "2"),
        ("corps", "MCF"),
        ("part", "part_20"),
        ("year", "2026"),
        ("objective", "O3"),
        ("version", "0"),
    ];
    let refused = director.post(&at("demands/posts"), &typed).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.attributes("#count", "value"), ["2"]);
    assert_eq!(refused.texts("#reason-error").len(), 1);
    let whole: Vec<(&str, &str)> = typed.into_iter().chain([("reason", "ouverture du parcours")]).collect();
    let added = director.post(&at("demands/posts"), &whole).await;
    assert_eq!((added.status.as_u16(), added.location()), (303, at("posts/P56").as_str()), "{}", added.body);
    assert_eq!(lines().await, before, "a demand is in no table");
    let demands = plain(director.get(&at("posts")).await.texts("[aria-labelledby=demandes] tbody tr"));
    assert!(demands[0].contains("2 MCF, 20 %, 2026") && demands[0].contains("à décider"), "{demands:?}");
    let rh = app.visitor(Role::Rh).await;
    assert!(rh.get("/").await.texts("#moyens + .inbox p")[0].contains("1 poste (P56)"));
    let amended = [("count", "1"), ("year", "2026"), ("reason", "un seul support possible")];
    assert_eq!(act(&director, "posts/P56", ("modifier", "amendments"), &amended).await.status, 303);
    assert_eq!(decide(&directoire, "posts/P56", &[("state", "favorable")]).await.status, 303);
    let counted: i32 = before.split(' ').next().unwrap().parse().unwrap();
    assert!(lines().await.starts_with(&format!("{} postes", counted + 1)), "granted as amended");
    the_document_holds(&app).await;
}

#[sqlx::test(migrations = false)]
async fn human_resources_create_and_remove_lines_that_nothing_stands_on(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let rh = app.visitor(Role::Rh).await;
    let typed = [
        ("origin", "vacance"),
        ("count", "1"),
        ("corps", "CAT_A"),
        ("part", "part_80"),
        ("year", "2025"),
        ("version", "0"),
        ("reason", "départ confirmé"),
    ];
    let created = rh.post(&at("demands/posts"), &typed).await;
    assert_eq!((created.status.as_u16(), created.location()), (303, at("posts/P56").as_str()), "{}", created.body);
    let page = rh.get(&at("posts/P56")).await;
    assert!(page.texts(".subtitle .tag").is_empty(), "it is a line, not a demand");
    let version = page.attributes("#supprimer [name=version]", "value").remove(0);
    let removal = at("posts/P56/removal");
    assert_eq!(rh.post(&removal, &[("version", &version), ("reason", "")]).await.status, 422);
    let stale = rh.post(&removal, &[("version", "9"), ("reason", "saisie deux fois")]).await;
    assert_eq!(stale.status, 409);
    assert_eq!(stale.texts("#suppression-reason"), ["saisie deux fois"]);
    let removed = rh.post(&removal, &[("version", &version), ("reason", "saisie deux fois")]).await;
    assert_eq!((removed.status.as_u16(), removed.location()), (303, at("posts").as_str()));
    assert_eq!(rh.get(&at("posts/P56")).await.status, 404);
    // What was decided stays.
    assert_eq!(decide(&rh, "posts/P01", &[("state", "favorable")]).await.status, 303);
    let version = rh.get(&at("posts/P01")).await.attributes("#supprimer [name=version]", "value").remove(0);
    let bound = rh.post(&at("posts/P01/removal"), &[("version", &version), ("reason", "doublon")]).await;
    assert_eq!(bound.status, 422);
    assert!(bound.texts("#suppression-reason-error")[0].contains("Une décision porte sur ce poste"));
    let told: Vec<(String, bool)> = sqlx::query_as(
        "SELECT reason, after IS NULL FROM journal_entry WHERE kind = 'poste' AND code = 'P56' ORDER BY id",
    )
    .fetch_all(app.pool())
    .await
    .unwrap();
    assert_eq!(told, [("départ confirmé".into(), false), ("saisie deux fois".into(), true)]);
    the_document_holds(&app).await;
}

#[sqlx::test(migrations = false)]
async fn the_directoire_says_where_a_condition_stands_and_totals_follow(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let directoire = app.visitor(Role::Directoire).await;
    assert!(directoire.get(&at("commitments")).await.texts(".subtitle")[0].contains("2 sous condition"));
    let place = at("conditions/C-H1/state");
    let page = directoire.get(&at("conditions/C-H1")).await;
    assert_eq!(page.texts("[aria-labelledby=depend] a"), ["Demande H1"]);
    let version = page.attributes("#dire [name=version]", "value").remove(0);
    let undated = directoire.post(&place, &[("version", &version), ("state", "levee")]).await;
    assert_eq!(undated.status, 422);
    assert_eq!(undated.attributes("#state option[selected]", "value"), ["levee"]);
    let lifted = [("version", version.as_str()), ("state", "levee"), ("dated_on", "2025-09-01")];
    assert_eq!(directoire.post(&place, &lifted).await.status, 303);
    assert_eq!(directoire.post(&place, &[("dated_on", "2025-09-02"), lifted[0], lifted[1]]).await.status, 409);
    let page = directoire.get(&at("commitments")).await;
    assert!(page.texts(".subtitle")[0].contains("1 sous condition"));
    assert_eq!(page.texts("#conditions"), ["Conditions : 1 en attente"]);
    assert!(directoire.get("/").await.texts("#moyens + .inbox h3").contains(&"1 condition en attente".to_owned()));
    assert_eq!(journal(&app, "condition").await.len(), 1);
    assert!(directoire.get(&at("conditions/C-H1")).await.texts("[aria-labelledby=historique] li")[0].contains("Levée"));
    // Budget: what is conditional becomes firm with its condition.
    let conditional = [("state", "favorable_sous_condition"), ("condition", "C-M1.1")];
    assert_eq!(
        decide(&directoire, "budget/B3", &[conditional[0], conditional[1], ("reason", "AAP")]).await.status,
        303
    );
    let asides = async || plain(directoire.get(&at("budget")).await.texts(".note li")).join(" ");
    assert!(asides().await.contains("78 000 € sous condition"));
    let version = directoire.get(&at("conditions/C-M1.1")).await.attributes("#dire [name=version]", "value").remove(0);
    let lifted = [("version", version.as_str()), ("state", "levee"), ("dated_on", "2025-09-11")];
    assert_eq!(directoire.post(&at("conditions/C-M1.1/state"), &lifted).await.status, 303);
    assert!(asides().await.contains(" 0 € sous condition"));
    the_document_holds(&app).await;
}

#[sqlx::test(migrations = false)]
async fn a_file_with_steps_and_avis_is_checked_whole(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let bytes = the_document_holds(&app).await;
    let lists = |amendment: &str, opinion: &str| {
        let more = format!("\"amendments\": [{amendment}],\n  \"opinions\": [{opinion}],\n  \"jalons\": [");
        bytes.replacen("\"jalons\": [", &more, 1)
    };
    let step = |subject: &str, code: &str, rest: &str| {
        format!(
            r#"{{"subject":"{subject}","code":"{code}","rank":1,"step":"amendement","dated_on":"2025-09-01"{rest}}}"#
        )
    };
    let opinion = r#"{"subject":"demande","code":"M5.2","rank":1,"author":"finances","dated_on":"2025-09-01","text":"Soutenable."}"#;
    let mut conn = app.app.conn().await.unwrap();
    let act = cpom::journal::model::Act::command("test", app.app.clock.now());
    for (amendment, said) in [
        (step("demande", "M9", r#","request":{"label":"autre"}"#), "la demande « M9 » n’existe pas"),
        (step("demande", "M5.2", ""), "et rien d’autre"),
        (step("demande", "M5.2", r#","post":{"count":1}"#), "et rien d’autre"),
        (step("ligne_budgetaire", "B1", r#","money":{"label":"autre","years":[2031]}"#), "en dehors du contrat"),
        (step("poste", "P01", r#","post":{"count":0}"#), "de 1 à"),
    ] {
        let refused =
            cpom::document::import(&mut conn, &act, lists(&amendment, "").as_bytes(), true).await.unwrap_err();
        let cpom::document::ImportError::Problems(problems) = refused else { panic!("{refused}") };
        assert!(problems.iter().any(|it| it.to_string().contains(said)), "{amendment}: {problems:?}");
    }
    let good = lists(&step("demande", "M5.2", r#","request":{"label":"autre"}"#), opinion);
    assert_eq!(cpom::document::import(&mut conn, &act, good.as_bytes(), true).await.unwrap().changes, 2);
    let exported = the_document_holds(&app).await;
    assert!(exported.contains("\"amendments\"") && exported.contains("Soutenable."));
    // The file without them takes them away, and is exported to the byte.
    cpom::document::import(&mut conn, &act, bytes.as_bytes(), true).await.unwrap();
    assert!(the_document_holds(&app).await == bytes);
}
