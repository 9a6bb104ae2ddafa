//! Contrôles against a real database: the identities of the real contract, who sees which, what moves them, what they
//! cost.

use std::collections::BTreeMap;

use cpom::accounts::model::Role;
use cpom::controls::{model, store};
use cpom::demo::SIGNED;
use cpom::document::{self, ImportError};
use cpom::journal::model::Act;
use cpom::printed::{Amount, Outcome, Verdict};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::contract::counted;
use crate::support::{Answer, NOW, TestApp};

const PLAN: &str = "/plans/uca-iut-2021-2026";
const PAGE: &str = "/plans/uca-iut-2021-2026/controls";
const B1: &str = "/plans/uca-iut-2021-2026/budget/B1";
/// The identities that the signed document should satisfy, as they were checked on paper: what it prints, what
/// recomputes, and whether that holds.
const CHECKS: &str = include_str!("../documents/checks.json");
/// Most statements a page may make.
const STATEMENTS: u32 = 8;

/// Figures compare without the narrow spaces that typography asks for.
fn plain(text: &str) -> String {
    text.replace(['\u{202f}', '\u{a0}'], " ")
}

/// A figure of a check, in words: a list of numbers in order is its two ends.
fn told(value: &Value) -> String {
    let ends = |list: &[Value]| match list {
        [only] => told(only),
        [first, .., last] => format!("{} à {}", told(first), told(last)),
        [] => String::new(),
    };
    match value {
        Value::Array(list) => ends(list),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The same of a control's figure, rounded as the check's.
fn shown(amount: &Amount, like: &str) -> String {
    let decimals = like.split_once('.').map_or(0, |(_, decimals)| u32::try_from(decimals.len()).unwrap());
    match amount {
        Amount::Count(it) | Amount::Euros(it) | Amount::Keur(it) | Amount::Percent(it) => {
            it.round_dp(decimals).normalize().to_string()
        }
        Amount::Text(text) => plain(text),
        Amount::Unknown => String::new(),
    }
}

async fn signed(options: PgConnectOptions) -> Vec<Outcome> {
    let app = TestApp::empty(options).await;
    let mut conn = app.app.conn().await.unwrap();
    let act = Act::command("test", NOW.parse().unwrap());
    document::import(&mut conn, &act, SIGNED, false).await.unwrap();
    let plan_id: i64 = sqlx::query_scalar("SELECT id FROM plan").fetch_one(&mut *conn).await.unwrap();
    model::outcomes(&store::of_plan(&mut conn, plan_id).await.unwrap())
}

#[sqlx::test(migrations = false)]
async fn every_check_of_the_real_contract_comes_out_the_same(_: PgPoolOptions, options: PgConnectOptions) {
    let outcomes = signed(options).await;
    let checks: Vec<Value> = serde_json::from_str(CHECKS).unwrap();
    assert_eq!(checks.len(), 109);
    let mut failing = Vec::new();
    for check in &checks {
        let (id, code) = (check["id"].as_str().unwrap(), check["control"].as_str().unwrap());
        let found: Vec<&Outcome> = outcomes.iter().filter(|it| it.code == code).collect();
        let [it] = found[..] else { panic!("{id} {code}: {} outcomes", found.len()) };
        let (printed, recomputed) = (told(&check["printed"]), told(&check["recomputed"]));
        let same = |amount: &Amount, wanted: &str| {
            let actual = shown(amount, wanted);
            actual
                .parse::<Decimal>()
                .ok()
                .zip(wanted.parse::<Decimal>().ok())
                .map_or_else(|| actual == wanted, |(a, b)| a == b)
        };
        if !same(&it.printed, &printed) || !same(&it.computed, &recomputed) {
            failing
                .push(format!("{id} {code}: {printed} / {recomputed}, and not {:?} / {:?}", it.printed, it.computed));
        }
        if check["ok"].as_bool().unwrap() != (it.verdict == Verdict::Holds) {
            failing.push(format!("{id} {code}: {:?}", it.verdict));
        }
        // A grant and a request are two things: what the check calls an identity is a comparison here.
        let kind = check["kind"].as_str().unwrap();
        if kind != it.nature.word() && !(code.starts_with("budget.accorde-") && it.nature.word() == "rapprochement") {
            failing.push(format!("{id} {code}: {kind}, and not {}", it.nature.word()));
        }
        if it.lines.is_empty() && !check["lines"].as_array().unwrap().is_empty() {
            failing.push(format!("{id} {code}: nowhere in the document"));
        }
    }
    assert!(failing.is_empty(), "\n{}\n", failing.join("\n"));
}

#[sqlx::test(migrations = false)]
async fn what_fails_in_the_real_contract_is_known(_: PgPoolOptions, options: PgConnectOptions) {
    let outcomes = signed(options).await;
    let of =
        |verdict| outcomes.iter().filter(|it| it.verdict == verdict).map(|it| it.code.as_str()).collect::<Vec<_>>();
    assert_eq!(
        of(Verdict::Gap),
        [
            "postes.part-dynamique",
            "postes.sans-objectif",
            "postes.potentiel-vacances.EEC",
            "postes.potentiel-vacances.BIATSS",
            "postes.potentiel-vacances.ensemble",
            "engagements.par-site.M3.2",
            "engagements.postes.postes-M5.4",
            "indicateurs.colonnes.8",
            "indicateurs.colonnes.9",
            "indicateurs.colonnes.10",
            "indicateurs.colonnes.11",
            "jalons.avant-vote.J16.c",
        ]
    );
    assert_eq!(of(Verdict::Rounding), ["budget.accorde-demande.B1", "budget.accorde-favorables"]);
    let codes: std::collections::BTreeSet<&str> = outcomes.iter().map(|it| it.code.as_str()).collect();
    assert_eq!(codes.len(), outcomes.len());
    // Each control of the catalogue is run by something: those that the real contract gives no matter to are known.
    let idle: Vec<&str> = model::catalogue()
        .iter()
        .map(|(word, ..)| *word)
        .filter(|word| {
            !codes.iter().any(|code| *code == *word || code.strip_prefix(*word).is_some_and(|it| it.starts_with('.')))
        })
        .collect();
    let known =
        ["adoption.presents", "adoption.majorite", "budget.echeancier", "budget.execution", "engagements.enveloppe"];
    assert_eq!(idle, known);
    let j16c = outcomes.iter().find(|it| it.code == "jalons.avant-vote.J16.c").unwrap();
    assert_eq!((j16c.printed.show(), j16c.place()), ("Déc. 2021".into(), "lignes 6, 259, 684 et 856".into()));
}

/// What a page of controls shows: the codes of its rows.
fn rows(page: &Answer) -> Vec<String> {
    page.attributes("tr[id]", "id")
}

#[sqlx::test(migrations = false)]
async fn the_page_shows_what_fails_first_and_explains_it(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let director = app.visitor(Role::Director).await;
    let page = director.get(PAGE).await;
    assert_eq!(page.status, 200);
    let headings: Vec<String> =
        page.texts("h2").into_iter().map(|it| it.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(headings, ["Écart", "Arrondi", "Non", "Tient", "Réserves"]);
    assert_eq!(rows(&page)[0], "postes.part-dynamique");
    let cells =
        |code: &str| -> Vec<String> { page.texts(&format!("tr[id='{code}'] td")).iter().map(|it| plain(it)).collect() };
    assert_eq!(cells("postes.part-dynamique")[..2], ["≥ 20 %", "19,57 %"]);
    assert_eq!(cells("postes.part-dynamique")[4], "lignes 118, 340, 404 et 405");
    let b1 = cells("budget.accorde-demande.B1");
    assert_eq!(b1[..4], ["390 k€", "389 k€", "+1 k€", "1 k€ d’arrondi"]);
    let inside = page.texts("tr[id='budget.accorde-demande.B1'] details");
    assert!(
        plain(&inside[0]).contains("rien n’oblige à accorder ce qui est demandé")
            && plain(&inside[0]).contains("389 280 €")
    );
    let links = page.attributes("tr[id='budget.accorde-demande.B1'] a", "href");
    assert_eq!(links, [B1]);
    assert!(page.attributes("a", "href").contains(&format!("{PLAN}/reserves")));
    assert!(page.texts(".nav--plan [aria-current=page]") == ["Contrôles"]);
    // Every address of a figure leads somewhere.
    let mut seen: Vec<String> = page.attributes("tr[id] a", "href");
    seen.sort();
    seen.dedup();
    for address in seen {
        assert_eq!(director.get(address.split('#').next().unwrap()).await.status, 200, "{address}");
    }
}

#[sqlx::test(migrations = false)]
async fn the_filter_is_in_the_address(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let pilotage = app.visitor(Role::Pilotage).await;
    let all = rows(&pilotage.get(PAGE).await);
    let kept = rows(&pilotage.get(&format!("{PAGE}?family=budget&verdict=arrondi")).await);
    assert_eq!(kept, ["budget.accorde-demande.B1", "budget.accorde-favorables"]);
    let page = pilotage.get(&format!("{PAGE}?family=adoption&verdict=ecart")).await;
    assert_eq!((rows(&page).len(), page.texts(".empty strong").len()), (0, 1));
    assert_eq!(page.attributes("option[selected]", "value"), ["adoption", "ecart"]);
    for nonsense in ["?family=lune", "?verdict=%00", "?family=budget%27--&verdict[]=x", "?x=y"] {
        let page = pilotage.get(&format!("{PAGE}{nonsense}")).await;
        assert_eq!((page.status.as_u16(), rows(&page).len()), (200, all.len()), "{nonsense}");
    }
    assert_eq!(pilotage.get("/plans/inconnu/controls").await.status, 404);
}

#[sqlx::test(migrations = false)]
async fn nobody_sees_a_control_over_what_they_do_not_see(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let mut families: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for role in [Role::Director, Role::Finance, Role::Rh, Role::Contributor] {
        let page = app.visitor(role).await.get(PAGE).await;
        let mut words: Vec<String> = rows(&page).iter().map(|it| it.split('.').next().unwrap().to_owned()).collect();
        words.sort();
        words.dedup();
        families.insert(role.word(), words);
        let unseen = match role {
            Role::Finance => "engagements.postes.postes-M5.4",
            Role::Rh => "budget.cout",
            Role::Contributor => "engagements.volets.engagements",
            _ => "rien",
        };
        assert!(
            !rows(&page).contains(&unseen.to_owned()) && !page.body.contains(&format!("id=\"{unseen}\"")),
            "{role:?}"
        );
    }
    let all = ["adoption", "budget", "engagements", "indicateurs", "jalons", "postes", "texte"];
    let but = |word: &[&str]| all.iter().filter(|it| !word.contains(it)).map(|it| (*it).to_owned()).collect::<Vec<_>>();
    assert_eq!(families[Role::Director.word()], but(&[]));
    assert_eq!(families[Role::Finance.word()], but(&["postes"]));
    assert_eq!(families[Role::Rh.word()], but(&["budget"]));
    assert_eq!(families[Role::Contributor.word()], but(&["budget", "postes", "engagements"]));
}

/// How many controls are in gap, for those who count them on three pages.
async fn gaps(app: &TestApp, role: Role) -> usize {
    rows(&app.visitor(role).await.get(&format!("{PAGE}?verdict=ecart")).await).len()
}

#[sqlx::test(migrations = false)]
async fn the_same_count_is_everywhere(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    for role in [Role::Director, Role::Directoire, Role::Finance, Role::Pilotage] {
        let count = gaps(&app, role).await;
        assert!(count > 3, "{role:?}");
        let visitor = app.visitor(role).await;
        let told = format!("{count} contrôles en écart");
        assert!(visitor.get("/").await.texts(".inbox h3").contains(&told), "{role:?} {told}");
        assert!(
            visitor.get(PLAN).await.texts("section[aria-labelledby=controles] a").contains(&told),
            "{role:?} {told}"
        );
    }
    let rh = app.visitor(Role::Rh).await.get("/").await;
    assert!(rh.texts(".inbox h3").iter().all(|it| !it.contains("en écart")));
    let posts = app.visitor(Role::Rh).await.get(&format!("{PLAN}/posts")).await;
    assert!(
        posts.texts("section[aria-labelledby=controles] p")[0].starts_with("5 en écart"),
        "{:?}",
        posts.texts("section p")
    );
    assert_eq!(posts.texts("section[aria-labelledby=controles] tbody tr").len(), 5);
}

#[sqlx::test(migrations = false)]
async fn an_exact_grant_moves_the_total_and_the_control(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let finance = app.visitor(Role::Finance).await;
    let control = |page: &Answer, code: &str| -> Vec<String> {
        page.texts(&format!("tr[id='{code}'] td")).iter().map(|it| plain(it)).collect()
    };
    let before = finance.get(PAGE).await;
    assert_eq!(control(&before, "budget.accorde-exact.B1")[..2], ["390 k€", "—"]);
    assert!(control(&before, "budget.total-exact")[3].contains("4 accords connus au k€ seulement : B1, B4, B5, B6"));
    let listed = finance.get("/finance").await;
    let counts = |page: &Answer| -> Vec<usize> {
        page.texts("section[aria-labelledby=controles] tbody td").iter().map(|it| it.parse().unwrap()).collect()
    };
    let first = counts(&listed);
    assert_eq!(first[..2], [0, 2]);

    let version = finance.get(B1).await.attributes("form[action$='/arbitrages'] [name=rank]", "value");
    let rank = version.first().cloned().unwrap_or_default();
    let fields = [
        ("rank", rank.as_str()),
        ("state", "favorable"),
        ("granted", "389 280"),
        ("session_on", "2025-07-03"),
        ("decided_by", "Directoire"),
        ("reason", "Montant arrêté en séance"),
    ];
    let answer = finance.post(&format!("{B1}/arbitrages"), &fields).await;
    assert_eq!(answer.status, 303, "{:?}", answer.texts(".error, .notice"));

    let after = finance.get(PAGE).await;
    assert_eq!(control(&after, "budget.accorde-exact.B1")[..4], ["390 k€", "389 k€", "+1 k€", "1 k€ d’arrondi"]);
    let total = control(&after, "budget.total-exact");
    assert_eq!(total[1], "389 280 €");
    assert!(total[3].contains("3 accords connus au k€ seulement : B4, B5, B6"), "{total:?}");
    // What was printed and what the document says of it do not move.
    assert_eq!(control(&after, "budget.accorde-demande.B1"), control(&before, "budget.accorde-demande.B1"));
    let budget = finance.get(&format!("{PLAN}/budget")).await;
    let told: Vec<String> =
        budget.texts("section[aria-labelledby=controles] tbody tr").iter().map(|it| plain(it)).collect();
    assert!(
        told.iter().any(|it| it.contains("accord imprimé et accord exact") && it.contains("1 k€ d’arrondi")),
        "{told:?}"
    );
    let then = counts(&finance.get("/finance").await);
    assert_eq!(then[..2], [0, 3]);
    assert!(then[2] < first[2], "{first:?} {then:?}");
}

#[sqlx::test(migrations = false)]
async fn finance_counts_the_controls_of_what_the_filter_keeps(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::university(options).await;
    let finance = app.visitor(Role::Finance).await;
    let contracts = |page: &Answer| page.texts("section[aria-labelledby=controles] tbody th");
    let all = contracts(&finance.get("/finance").await);
    assert!(all.len() > 1, "{all:?}");
    let kept = contracts(&finance.get("/finance?structure=iut").await);
    assert_eq!(kept.len(), 1);
    assert!(kept[0].starts_with("IUT") && all.contains(&kept[0]), "{kept:?}");
    // Every contract, invented ones included, has a page of controls.
    for page in finance.get("/finance").await.attributes("section[aria-labelledby=controles] tbody a", "href") {
        assert_eq!(finance.get(&page).await.status, 200, "{page}");
    }
}

#[sqlx::test(migrations = false)]
async fn a_plan_without_figures_has_an_empty_page(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    sqlx::query(
        "INSERT INTO plan (code, kind, title, structure_id, first_year, last_year, levels)
         SELECT 'vide', kind, title, structure_id, 2016, 2020, levels FROM plan",
    )
    .execute(app.pool())
    .await
    .unwrap();
    let page = app.visitor(Role::Pilotage).await.get("/plans/vide/controls").await;
    assert_eq!((page.status.as_u16(), page.texts(".empty strong")), (200, vec!["Rien à contrôler.".to_owned()]));
}

#[sqlx::test(migrations = false)]
async fn mentions_that_do_not_hold_together_are_told_with_their_place(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::empty(options).await;
    let mut conn = app.app.conn().await.unwrap();
    let act = Act::command("test", NOW.parse().unwrap());
    let mut file: Value = serde_json::from_slice(SIGNED).unwrap();
    file["mentions"][2]["about"][0]["code"] = "V99".into();
    file["mentions"][3]["lines"][0] = 0.into();
    file["mentions"][4]["code"] = "jalons".into();
    file["mentions"][6].as_object_mut().unwrap().remove("value");
    // A post may be removed by human resources: the document's mention of it stays.
    file["mentions"][15]["about"][1]["code"] = "P99".into();
    let refused = document::import(&mut conn, &act, file.to_string().as_bytes(), false).await.unwrap_err();
    let ImportError::Problems(problems) = refused else { panic!("refused for another reason") };
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    for place in [
        "mentions[2] (engagements).about : volet : « V99 »",
        "mentions[3] (indicateurs).lines",
        "mentions[5] : le code « jalons »",
        "mentions[6] (sommaire-indicateurs).value",
    ] {
        assert!(told.iter().any(|line| line.starts_with(place)), "{place}: {told:?}");
    }
    assert_eq!(told.len(), 4, "{told:?}");
}

#[sqlx::test(migrations = false)]
async fn pages_keep_to_their_statements_however_many_rows(_: PgPoolOptions, options: PgConnectOptions) {
    let app = TestApp::demo(options).await;
    let paths = [PAGE, PLAN, "/plans/uca-iut-2021-2026/budget", "/plans/uca-iut-2021-2026/posts", "/finance"];
    let mut before = Vec::new();
    for path in paths {
        let (answer, count) = counted(&app, Role::Pilotage, path).await;
        assert!(answer.status == 200 && count <= STATEMENTS, "{path}: {count}");
        before.push(count);
    }
    for statement in [
        "INSERT INTO post_line (plan_id, position, code, origin, year, part, corps, count, realisation)
         SELECT plan_id, position + 1000, code || 'x', origin, year, part, corps, count, realisation FROM post_line",
        "INSERT INTO budget_line (plan_id, position, code, nodes, nature, category, label, years, cost, participation,
                                  self_financing, schedule)
         SELECT plan_id, position + 1000, code || 'x', nodes, nature, category, label, years, cost, participation,
                self_financing, schedule FROM budget_line",
        "INSERT INTO mention (plan_id, position, code, says, about, body, value, terms, lines)
         SELECT plan_id, position + 1000, code || 'x', says, about, body, value, terms, lines FROM mention",
        "INSERT INTO jalon (plan_id, position, code, node_id, is_group, precision, due_on, state, label)
         SELECT plan_id, position + 1000, code || 'x', node_id, false, precision, due_on, 'a_venir', label FROM jalon
         WHERE due_on IS NOT NULL",
        "INSERT INTO plan (code, kind, title, structure_id, first_year, last_year, levels)
         SELECT 'double', kind, title, structure_id, first_year - 5, last_year - 5, levels FROM plan",
        "INSERT INTO budget_line (plan_id, position, code, nature, category, label, years, self_financing, schedule)
         SELECT plan.id, position, line.code, nature, category, line.label, '{}', '[]', '[]'
         FROM budget_line line, plan WHERE plan.code = 'double'",
    ] {
        sqlx::query(statement).execute(app.pool()).await.unwrap();
    }
    for (path, before) in paths.into_iter().zip(before) {
        let (answer, count) = counted(&app, Role::Pilotage, path).await;
        assert_eq!((answer.status.as_u16(), count), (200, before), "{path}");
    }
}
