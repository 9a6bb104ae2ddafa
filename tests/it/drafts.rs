//! A contract is born in the browser: written by hand through the pages, corrected by its director, signed, exported and
//! imported again; who may do what; what is refused, and how two people meet on one element.

use cpom::accounts::model::Role;
use cpom::document;
use cpom::journal::model::Act;
use cpom::web::Settings;
use cpom::web::request::StatementCounter;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection};
use tracing_subscriber::layer::SubscriberExt;

use crate::support::{Answer, TestApp, Visitor};

const CODE: &str = "uca-iut-2027-2032";
const DRAFT: &str = "/plans/uca-iut-2027-2032/draft";

/// One element as a person types it: its list, its code, its other fields.
type Typed = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// At least one of every kind, parents first.
const ELEMENTS: &[Typed] = &[
    ("sections", "S1", &[("title", "I. Le projet"), ("body", "Un premier paragraphe.\r\n\r\nUn second.")]),
    ("sections", "S2", &[("title", "II. Les moyens"), ("body", "Les moyens.")]),
    (
        "steps",
        "ca",
        &[
            ("label", "Avis favorable"),
            ("body", "Conseil d’administration"),
            ("act", "avis"),
            ("held_on", "2025-04-15"),
            ("reference", "CA 2025-04-15-07"),
            ("vote.in_office", "41"),
            ("vote.in_favour", "23"),
            ("vote.abstentions", "4"),
        ],
    ),
    (
        "steps",
        "signature",
        &[("label", "Signature"), ("body", "Directoire et direction de l’IUT"), ("act", "signature")],
    ),
    ("nodes", "D1", &[("label", "Formation")]),
    ("nodes", "D2", &[("label", "Recherche")]),
    ("nodes", "T1", &[("label", "Réussite"), ("parent", "D1")]),
    (
        "nodes",
        "O1",
        &[("label", "Améliorer la réussite"), ("parent", "T1"), ("statement", "Pourquoi."), ("framework_rows", "C01")],
    ),
    ("nodes", "O2", &[("label", "Ouvrir la formation"), ("parent", "T1")]),
    (
        "indicators",
        "1",
        &[
            ("label", "Taux de réussite"),
            ("node", "O1"),
            ("unit", "%"),
            ("period_kind", "universitaire"),
            ("availability", "quatrieme_trimestre"),
            ("origin", "institut"),
            ("referents", "Scolarité\r\nDirection des études"),
        ],
    ),
    (
        "indicators",
        "2",
        &[
            ("label", "Effectifs"),
            ("node", "O2"),
            ("is_group", "true"),
            ("unit", "Nombre"),
            ("period_kind", "civile"),
            ("availability", "premier_trimestre_suivant"),
            ("origin", "sapcg"),
        ],
    ),
    (
        "measures",
        "1",
        &[
            ("indicator", "1"),
            ("label", "Taux de réussite"),
            ("unit", "%"),
            ("unit_kind", "taux"),
            ("is_quotient", "true"),
            ("reference", "62,5 %"),
            ("target", "70"),
            ("yearly.0.period", "2028-2029"),
            ("yearly.0.value", "65,5"),
            ("nature", "stock"),
            ("direction", "hausse"),
        ],
    ),
    (
        "measures",
        "2.a",
        &[
            ("indicator", "2"),
            ("label", "Étudiants"),
            ("unit", "Nombre"),
            ("unit_kind", "nombre"),
            ("reference", "NR"),
            ("target", "1 250"),
            ("nature", "stock"),
            ("direction", "maintien"),
            ("tolerance", "12,5"),
            ("better_side", "au_dessus"),
        ],
    ),
    (
        "measures",
        "2.b",
        &[("indicator", "2"), ("label", "Apprentis"), ("unit", "Nombre"), ("unit_kind", "nombre"), ("target", "300")],
    ),
    ("jalons", "J1", &[("node", "O1"), ("is_group", "true"), ("label", "Tutorat")]),
    (
        "jalons",
        "J1.a",
        &[
            ("node", "O1"),
            ("parent", "J1"),
            ("label", "Expérimentation"),
            ("precision", "mois"),
            ("due_on", "2028-02-03"),
            ("owners", "Direction des études"),
        ],
    ),
    (
        "jalons",
        "J2",
        &[("node", "O2"), ("label", "Ouverture"), ("precision", "condition"), ("condition", "selon la Région")],
    ),
    ("headings", "V1", &[("title", "Vie étudiante")]),
    ("actions", "A1.1", &[("heading", "V1"), ("label", "Ouvrir une maison de l’étudiant"), ("owner", "Direction")]),
    (
        "requests",
        "M1",
        &[
            ("heading", "V1"),
            ("label", "Deux postes d’animation"),
            ("quantities.0.value", "2"),
            ("quantities.0.unit", "ETP"),
            ("quantities.0.role", "demande"),
            ("quantities.2.printed", "trois ans"),
            ("quantities.2.unit", "durée"),
            ("quantities.2.role", "duree"),
        ],
    ),
    (
        "envelopes",
        "H1",
        &[("request", "M1"), ("label", "Heures de tutorat"), ("ceiling", "4 000"), ("unit", "h éq TD")],
    ),
    ("commitments", "E1", &[("volet", "Emplois"), ("text", "Maintenir les emplois."), ("owner", "RH")]),
    ("conditions", "C1", &[("text", "Selon les finances."), ("scope", "creations")]),
    (
        "budget",
        "B1",
        &[
            ("label", "Équipements"),
            ("nodes", "O1"),
            ("nature", "investissement"),
            ("category", "MATÉRIEL"),
            ("site", "montlucon"),
            ("years", "2028, 2029"),
            ("cost", "12 500,50"),
            ("participation", "2500,5"),
            ("participation_of", "UCA"),
            ("self_financing.0.year", "2028"),
            ("self_financing.0.amount", "10000"),
        ],
    ),
    (
        "posts",
        "P1",
        &[
            ("origin", "vacance"),
            ("year", "2028"),
            ("part", "part_20"),
            ("corps", "MCF"),
            ("count", "2"),
            ("objectives", "O1"),
        ],
    ),
    (
        "potential",
        "EEC",
        &[("family", "EEC"), ("title", "Potentiel 2028-2032"), ("certain", "21"), ("possible", "6,5")],
    ),
];

/// Begins the draft of the second contract.
async fn begin(pilotage: &Visitor) {
    let fields = [
        ("structure", "iut"),
        ("kind", "cpom"),
        ("first_year", "2027"),
        ("last_year", "2032"),
        ("title", "CPOM 2027-2032"),
    ];
    let begun = pilotage.post("/admin/plans", &fields).await;
    assert_eq!((begun.status.as_u16(), begun.location()), (303, DRAFT), "{}", begun.texts(".notice").join(" "));
}

async fn add(visitor: &Visitor, (list, code, fields): Typed) -> Answer {
    let mut pairs = vec![("code", code)];
    pairs.extend_from_slice(fields);
    visitor.post(&format!("{DRAFT}/{list}"), &pairs).await
}

async fn fill(pilotage: &Visitor) {
    begin(pilotage).await;
    for typed in ELEMENTS {
        let added = add(pilotage, *typed).await;
        assert_eq!(added.status, 303, "{typed:?}: {:?}", added.texts(".notice li, .error"));
    }
}

/// The fields of a form as it shows them, as a browser would post them.
fn shown(page: &Answer) -> Vec<(String, String)> {
    use scraper::{Html, Selector};
    let html = Html::parse_document(&page.body);
    let every = Selector::parse("main form.form :is(input, select, textarea)").unwrap();
    let option = Selector::parse("option[selected]").unwrap();
    html.select(&every)
        .filter_map(|it| {
            let name = it.attr("name")?.to_owned();
            match it.value().name() {
                "select" => Some((name, it.select(&option).next()?.attr("value")?.to_owned())),
                "textarea" => Some((name, it.text().collect())),
                _ if it.attr("type") == Some("checkbox") && it.attr("checked").is_none() => None,
                _ => Some((name, it.attr("value").unwrap_or_default().to_owned())),
            }
        })
        .collect()
}

/// Opens an element's form, changes some fields, and saves.
async fn edit(visitor: &Visitor, path: &str, changes: &[(&str, &str)]) -> Answer {
    let page = visitor.get(path).await;
    assert_eq!(page.status, 200, "{path}");
    save(visitor, path, shown(&page), changes).await
}

async fn save(visitor: &Visitor, path: &str, shown: Vec<(String, String)>, changes: &[(&str, &str)]) -> Answer {
    let kept = shown.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    let pairs: Vec<(&str, &str)> =
        kept.map(|(name, value)| (name.as_str(), value.as_str())).chain(changes.iter().copied()).collect();
    visitor.post(path, &pairs).await
}

/// The codes of a list of the workshop, in order.
async fn order(visitor: &Visitor, list: &str) -> Vec<String> {
    visitor.get(DRAFT).await.attributes(&format!("#{list} [data-code]"), "data-code")
}

async fn document(visitor: &Visitor) -> Answer {
    let file = visitor.get(&format!("/plans/{CODE}/document.json")).await;
    assert_eq!(file.status, 200);
    file
}

/// Another database of the same server, with nothing in it, for the time of a walk.
async fn elsewhere<F: Future<Output = ()>>(options: PgConnectOptions, walk: impl FnOnce(TestApp) -> F) {
    // A database's name has 63 letters at most, and sqlx's takes them all.
    let name = format!("bis{}", &options.get_database().unwrap()[..60.min(options.get_database().unwrap().len())]);
    let mut server = options.clone().connect().await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP DATABASE IF EXISTS \"{name}\"")))
        .execute(&mut server)
        .await
        .unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("CREATE DATABASE \"{name}\""))).execute(&mut server).await.unwrap();
    let app = TestApp::empty(options.database(&name)).await;
    let pool = app.pool().clone();
    walk(app).await;
    pool.close().await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP DATABASE \"{name}\""))).execute(&mut server).await.unwrap();
    server.close().await.unwrap();
}

const SIGNATURE: &[(&str, &str)] =
    &[("held_on", "2025-09-01"), ("reference", "Acte 2025-12"), ("body", "Directoire et direction de l’IUT")];

#[sqlx::test(migrations = false)]
async fn a_contract_written_by_hand_exports_what_imports_byte_for_byte(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options.clone()).await;
    let (pilotage, director) = (app.visitor(Role::Pilotage).await, app.visitor(Role::Director).await);
    fill(&pilotage).await;

    // Ordered, one place at a time or before another; a tree moves with its branches.
    assert_eq!(order(&pilotage, "nodes").await, ["D1", "T1", "O1", "O2", "D2"]);
    let moved = pilotage.post(&format!("{DRAFT}/nodes/D2/move"), &[("direction", "up")]).await;
    assert_eq!(moved.location(), format!("{DRAFT}#up-nodes-D2"));
    pilotage.post(&format!("{DRAFT}/nodes/O2/move"), &[("before", "O1")]).await;
    assert_eq!(order(&pilotage, "nodes").await, ["D2", "D1", "T1", "O2", "O1"]);
    director.post(&format!("{DRAFT}/sections/S1/move"), &[("direction", "down")]).await;
    assert_eq!(order(&director, "sections").await, ["S2", "S1"]);

    // Corrected by its director: a text, the plan itself, a code that others mention.
    let corrected = edit(&director, &format!("{DRAFT}/sections/S1"), &[("title", "I. Le projet de l’IUT")]).await;
    assert_eq!(corrected.location(), format!("{DRAFT}#sections-S1"));
    let parties = [("parties.0.label", "Conclu par"), ("parties.0.text", "Le directoire : l’université")];
    assert_eq!(edit(&director, &format!("{DRAFT}/plan/{CODE}"), &parties).await.status, 303);
    assert_eq!(edit(&director, &format!("{DRAFT}/nodes/O1"), &[("code", "O9")]).await.status, 303);

    let signed = pilotage.post(&format!("{DRAFT}/signature"), SIGNATURE).await;
    assert_eq!(signed.location(), format!("/plans/{CODE}#adoption"), "{:?}", signed.texts(".notice li"));

    let file = document(&director).await;
    assert_eq!(file.header("content-type"), "application/json");
    for said in
        ["I. Le projet de l’IUT", "Le directoire : l’université", "\"O9\"", "Acte 2025-12", "\"2028-02-29\"", "12500.5"]
    {
        assert!(file.body.contains(said), "{said}");
    }
    assert!(!file.body.contains("\"O1\"") && !file.body.contains("draft"));
    let parsed = document::model::Document::parse(file.body.as_bytes()).unwrap();
    for kind in document::model::Kind::ALL {
        use document::model::Kind;
        // Situations, decisions, réserves, mentions and what only a paper prints come by other doors.
        let elsewhere = [
            Kind::Cell,
            Kind::Arbitrage,
            Kind::PostTable,
            Kind::BudgetTotals,
            Kind::Reserve,
            Kind::Mention,
            Kind::Amendment,
            Kind::Opinion,
            Kind::Followup,
            // A draft has none.
            Kind::Avenant,
        ];
        let held = parsed.elements().iter().any(|it| it.element.kind() == *kind);
        assert_eq!(held, !elsewhere.contains(kind), "{}", kind.word());
    }

    elsewhere(options, async |fresh| {
        let mut conn = fresh.app.conn().await.unwrap();
        let act = Act::command("test", fresh.app.clock.now());
        document::import(&mut conn, &act, file.body.as_bytes(), false).await.unwrap();
        let (_, again) = document::store::load(&mut conn, CODE).await.unwrap().unwrap();
        assert!(again.to_bytes() == file.body.as_bytes());
    })
    .await;
}

#[sqlx::test(migrations = false)]
async fn a_draft_is_journaled_and_its_replay_is_its_export(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let pilotage = app.visitor(Role::Pilotage).await;
    fill(&pilotage).await;
    pilotage.post(&format!("{DRAFT}/nodes/D2/move"), &[("direction", "up")]).await;
    pilotage.post(&format!("{DRAFT}/measures/2.b/removal"), &[]).await;
    let mut conn = app.app.conn().await.unwrap();
    let (plan_id, kept) = document::store::load(&mut conn, CODE).await.unwrap().unwrap();
    let replayed = document::store::as_of(&mut conn, plan_id, app.app.clock.now()).await.unwrap().unwrap();
    assert!(replayed.to_bytes() == kept.to_bytes());
    let (sources, imports): (Vec<String>, i64) =
        sqlx::query_as("SELECT array_agg(DISTINCT source), count(import_id) FROM journal_entry WHERE plan_id = $1")
            .bind(plan_id)
            .fetch_one(&mut *conn)
            .await
            .unwrap();
    assert_eq!((sources, imports), (vec!["page".to_owned()], 0));
    let journal = pilotage.get(&format!("/plans/{CODE}/journal")).await;
    assert!(journal.texts("tbody td").iter().any(|text| text.contains("déplacement dans la liste")));
}

#[sqlx::test(migrations = false)]
async fn after_its_signature_every_door_is_shut(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let (pilotage, director) = (app.visitor(Role::Pilotage).await, app.visitor(Role::Director).await);
    fill(&pilotage).await;
    assert_eq!(app.visitor(Role::Finance).await.get(&format!("/plans/{CODE}")).await.status, 404);
    assert_eq!(pilotage.post(&format!("{DRAFT}/signature"), SIGNATURE).await.status, 303);
    for visitor in [&pilotage, &director] {
        let mut answers = vec![visitor.get(DRAFT).await, visitor.post(&format!("{DRAFT}/signature"), SIGNATURE).await];
        for typed @ (list, code, _) in ELEMENTS {
            answers.push(visitor.get(&format!("{DRAFT}/{list}/new")).await);
            answers.push(visitor.get(&format!("{DRAFT}/{list}/{code}")).await);
            answers.push(add(visitor, *typed).await);
            answers.push(visitor.post(&format!("{DRAFT}/{list}/{code}"), &[("code", code)]).await);
            answers.push(visitor.post(&format!("{DRAFT}/{list}/{code}/move"), &[("direction", "up")]).await);
            answers.push(visitor.post(&format!("{DRAFT}/{list}/{code}/removal"), &[]).await);
        }
        answers.push(visitor.post(&format!("{DRAFT}/plan/{CODE}"), &[("title", "Autre")]).await);
        for answer in answers {
            assert_eq!(answer.status, 403);
            assert!(answer.body.contains("ne changent que par avenant"), "{}", answer.body);
        }
    }
    // A contract like another: read by those who read contracts, and asked by campaigns.
    assert_eq!(app.visitor(Role::Finance).await.get(&format!("/plans/{CODE}")).await.status, 200);
    assert_eq!(app.visitor(Role::Finance).await.get(DRAFT).await.status, 403);
}

#[sqlx::test(migrations = false)]
async fn a_draft_is_seen_by_those_who_write_it_and_asked_by_nobody(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let pilotage = app.visitor(Role::Pilotage).await;
    fill(&pilotage).await;
    for (role, sees, writes) in [
        (Role::Pilotage, true, true),
        (Role::Director, true, true),
        (Role::Directoire, true, false),
        (Role::Finance, false, false),
        (Role::Rh, false, false),
        (Role::Contributor, false, false),
        (Role::Reader, false, false),
        (Role::Admin, false, false),
    ] {
        let visitor = app.visitor(role).await;
        let plan = format!("/plans/{CODE}");
        for path in [
            "",
            "/draft",
            "/jalons",
            "/budget",
            "/posts",
            "/commitments",
            "/journal",
            "/document.json",
            "/indicators/1",
        ] {
            let expected = if sees { 200 } else { 404 };
            assert_eq!(visitor.get(&format!("{plan}{path}")).await.status, expected, "{role:?} {path}");
        }
        let home = visitor.get("/").await;
        assert_eq!(home.body.contains("CPOM 2027-2032") || home.body.contains(CODE), sees, "{role:?}");
        let expected = if writes {
            422
        } else if sees {
            403
        } else {
            404
        };
        assert_eq!(visitor.post(&format!("{DRAFT}/sections"), &[]).await.status, expected, "{role:?}");
        let signs = match role {
            Role::Pilotage => 422,
            _ if sees => 403,
            _ => 404,
        };
        assert_eq!(visitor.post(&format!("{DRAFT}/signature"), &[]).await.status, signs, "{role:?}");
        let page = visitor.get(DRAFT).await;
        assert_eq!(!page.texts(".order-acts").is_empty(), writes, "{role:?}");
    }
    let finance = app.visitor(Role::Finance).await;
    assert!(!finance.get("/finance").await.body.contains(CODE));
    let mut conn = app.app.conn().await.unwrap();
    let act = Act::command("test", app.app.clock.now());
    let campaign = cpom::dialogue::model::Campaign {
        year: 2028,
        opens_on: "2028-09-01".parse().unwrap(),
        closes_on: "2028-09-30".parse().unwrap(),
        deviation_threshold: None,
    };
    cpom::dialogue::store::open_campaign(&mut conn, &act, &campaign, &[], &[]).await.unwrap();
    let asked: Vec<String> = sqlx::query_scalar(
        "SELECT plan.code FROM dialogue JOIN plan ON plan.id = plan_id JOIN campaign ON campaign.id = campaign_id
         WHERE year = 2028",
    )
    .fetch_all(&mut *conn)
    .await
    .unwrap();
    assert_eq!(asked, ["uca-iut-2021-2026"]);
}

#[sqlx::test(migrations = false)]
async fn what_does_not_hold_is_refused_beside_its_field(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let pilotage = app.visitor(Role::Pilotage).await;
    fill(&pilotage).await;
    let error = |page: &Answer, field: &str| page.texts(&format!("[id='{field}-error']")).join(" ");

    let page = add(&pilotage, ("nodes", "T1", &[("label", "Encore"), ("parent", "O1")])).await;
    assert_eq!(page.status, 422);
    assert!(error(&page, "code").contains("déjà pris"), "{:?}", page.texts(".error"));
    assert_eq!(page.attributes("#label", "value"), ["Encore"]);
    assert_eq!(page.attributes("#parent option[selected]", "value"), ["O1"]);

    let fields = &[("label", "X"), ("node", "O1"), ("precision", "mois"), ("due_on", "2058-01-01")];
    let page = add(&pilotage, ("jalons", "J9", fields)).await;
    assert!(error(&page, "due_on").contains("trop loin"), "{:?}", page.texts(".error"));

    let fields = &[("label", "X"), ("nature", "investissement"), ("category", "X"), ("cost", "beaucoup")];
    let page = add(&pilotage, ("budget", "B9", fields)).await;
    assert!(error(&page, "cost").contains("Un nombre"), "{:?}", page.texts(".error"));
    assert_eq!(page.attributes("#cost", "value"), ["beaucoup"]);
    assert_eq!(page.texts(".notice li").len(), 1);

    let fields = &[("label", "X"), ("quantities.1.value", "2"), ("quantities.1.role", "demande")];
    let page = add(&pilotage, ("requests", "M9", fields)).await;
    assert!(error(&page, "quantities.0.unit").contains("obligatoire"), "{:?}", page.texts(".error"));
    assert_eq!(page.attributes("[name='quantities.0.value']", "value"), ["2"]);

    assert_eq!(add(&pilotage, ("sections", "new", &[("title", "T"), ("body", "B")])).await.status, 422);

    // What something hangs from stays, and says what hangs.
    let page = pilotage.post(&format!("{DRAFT}/nodes/O1/removal"), &[]).await;
    assert_eq!(page.status, 422);
    let told = page.texts("[role=alert]").join(" ");
    for name in ["Indicateur 1", "Jalon J1", "Ligne budgétaire B1", "Poste P1"] {
        assert!(told.contains(name), "{name}: {told}");
    }
    // A measure goes with its target; then its indicator is one measure short, which only the signature minds.
    assert_eq!(pilotage.post(&format!("{DRAFT}/measures/1/removal"), &[]).await.status, 303);
    let page = pilotage.post(&format!("{DRAFT}/signature"), SIGNATURE).await;
    assert_eq!(page.status, 422);
    assert!(page.texts(".notice li").iter().any(|it| it.contains("L’indicateur 1 n’a pas de mesure")));
    let tomorrow = [("held_on", "2025-09-13"), ("reference", "R"), ("body", "Tous")];
    let page = pilotage.post(&format!("{DRAFT}/signature"), &tomorrow).await;
    assert!(error(&page, "held_on").contains("pas encore eu lieu"));
    for path in ["nulle-part/new", "sections/inconnu", "plan/new", "measures/1"] {
        assert_eq!(pilotage.get(&format!("{DRAFT}/{path}")).await.status, 404, "{path}");
    }
}

#[sqlx::test(migrations = false)]
async fn two_people_meet_on_one_element_and_not_on_two(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let (pilotage, director) = (app.visitor(Role::Pilotage).await, app.visitor(Role::Director).await);
    fill(&pilotage).await;
    let (s1, s2) = (format!("{DRAFT}/sections/S1"), format!("{DRAFT}/sections/S2"));
    let (mine, other) = (shown(&director.get(&s1).await), shown(&director.get(&s2).await));

    assert_eq!(edit(&pilotage, &s1, &[("title", "Titre du pilotage")]).await.status, 303);
    // Another element, and a move, are in nobody's way.
    pilotage.post(&format!("{s2}/move"), &[("direction", "up")]).await;
    assert_eq!(save(&director, &s2, other, &[("title", "Les moyens")]).await.status, 303);

    let page = save(&director, &s1, mine, &[("title", "Titre de la direction")]).await;
    assert_eq!(page.status, 409);
    assert_eq!(
        page.texts(".conflict .side p:last-child"),
        ["Titre de la direction", "Titre du pilotage", "I. Le projet"]
    );
    assert!(page.texts(".conflict").join(" ").contains("SAPCG — pilotage"));
    assert_eq!(page.attributes("#title", "value"), ["Titre de la direction"]);
    // Saved again, knowingly.
    assert_eq!(save(&director, &s1, shown(&page), &[]).await.status, 303);
    assert_eq!(pilotage.get(&s1).await.attributes("#title", "value"), ["Titre de la direction"]);

    // Taken away meanwhile: what was typed may be added again.
    let mine = shown(&director.get(&s1).await);
    assert_eq!(pilotage.post(&format!("{s1}/removal"), &[]).await.status, 303);
    let page = save(&director, &s1, mine, &[("title", "Encore")]).await;
    assert_eq!(page.status, 409);
    assert!(page.texts(".conflict").join(" ").contains("Retiré pendant votre saisie"));
    assert_eq!(page.attributes("main form.form", "action"), [format!("{DRAFT}/sections")]);
    assert_eq!(save(&director, &format!("{DRAFT}/sections"), shown(&page), &[]).await.status, 303);
    assert_eq!(order(&pilotage, "sections").await, ["S2", "S1"]);
}

#[sqlx::test(migrations = false)]
async fn a_draft_takes_the_shape_of_the_signed_contract(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let pilotage = app.visitor(Role::Pilotage).await;
    let fields = [
        ("structure", "iut"),
        ("kind", "cpom"),
        ("first_year", "2027"),
        ("last_year", "2032"),
        ("title", "CPOM 2027-2032"),
        ("shape", "uca-iut-2021-2026"),
    ];
    assert_eq!(pilotage.post("/admin/plans", &fields).await.status, 303);
    let page = pilotage.get(DRAFT).await;
    for (list, count) in
        [("nodes", 20), ("indicators", 19), ("measures", 22), ("jalons", 26), ("budget", 8), ("posts", 0)]
    {
        assert_eq!(page.attributes(&format!("#{list} [data-code]"), "data-code").len(), count, "{list}");
    }
    // Every form of what was taken saves as it is shown.
    for list in
        ["plan", "sections", "steps", "nodes", "indicators", "measures", "jalons", "actions", "requests", "budget"]
    {
        let code = match list {
            "plan" => CODE.to_owned(),
            _ => page.attributes(&format!("#{list} [data-code]"), "data-code").remove(0),
        };
        let saved = edit(&pilotage, &format!("{DRAFT}/{list}/{code}"), &[]).await;
        assert_eq!(saved.status, 303, "{list} {code}: {:?}", saved.texts(".notice li"));
    }
    let refused = pilotage.post("/admin/plans", &fields).await;
    assert_eq!(refused.status, 422);
    assert!(refused.texts("[id='code-error']").join(" ").contains("existe déjà"));
}

#[sqlx::test(migrations = false)]
async fn an_import_does_not_make_a_draft_of_a_contract(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let mut conn = app.app.conn().await.unwrap();
    let act = Act::command("test", app.app.clock.now());
    let mut file: serde_json::Value = serde_json::from_slice(cpom::demo::SIGNED).unwrap();
    file["plan"]["draft"] = true.into();
    let refused = document::import(&mut conn, &act, file.to_string().as_bytes(), true).await.unwrap_err();
    let document::ImportError::Problems(problems) = refused else { panic!("{refused}") };
    assert!(problems.iter().any(|it| it.place == "plan.draft"), "{problems:?}");
}

#[sqlx::test(migrations = false)]
async fn pages_keep_to_their_statements_when_rows_double(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let app = app.with(Settings { timing: true, ..Settings::default() });
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(StatementCounter));
    let pilotage = app.visitor(Role::Pilotage).await;
    fill(&pilotage).await;
    let mut paths = vec![
        DRAFT.to_owned(),
        format!("{DRAFT}/plan/{CODE}"),
        "/admin/plans".into(),
        "/admin/plans/new".into(),
        "/admin/structures".into(),
        "/admin/structures/iut".into(),
        "/admin/framework".into(),
        "/admin/framework/C01".into(),
        "/admin/establishment".into(),
    ];
    for (list, code, _) in ELEMENTS {
        paths.extend([format!("{DRAFT}/{list}/new"), format!("{DRAFT}/{list}/{code}")]);
    }
    let mut before = Vec::new();
    for path in &paths {
        let page = pilotage.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        before.push(statements(&page));
    }
    assert!(before.iter().all(|count| (1..=9).contains(count)), "{before:?}");
    for (list, code, fields) in ELEMENTS.iter().filter(|(list, ..)| !["potential", "measures"].contains(list)) {
        let mut pairs = fields.to_vec();
        let copy = format!("{code}-bis");
        pairs.push(("code", &copy));
        let added = pilotage.post(&format!("{DRAFT}/{list}"), &pairs).await;
        assert_eq!(added.status, 303, "{list} {code}: {:?}", added.texts(".notice li"));
    }
    for (path, before) in paths.iter().zip(before) {
        assert_eq!(statements(&pilotage.get(path).await), before, "{path}");
    }
}

fn statements(answer: &Answer) -> u32 {
    let timing = answer.header("server-timing");
    timing.split("desc=\"").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap()
}
