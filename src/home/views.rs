//! Accueil: what its template asks.

use askama::Template;
use askama_web::WebTemplate;
use chrono::NaiveDate;

use super::model::Waiting;
use crate::access::DialogueState;
use crate::arbitrages::views::decisions::News;
use crate::contract::views::contract::anchor;
use crate::dialogue::store::Part;
use crate::dialogue::window::window;
use crate::indicators::progress::State;
use crate::indicators::sheet::{Line, provenances};
use crate::indicators::tree::{Branch, hangs, level};
use crate::jalons::model::Jalon;
use crate::jalons::summary::{Summary, late};
use crate::kernel::period::Period;
use crate::kernel::{clock, date, figure};
use crate::plans::store::{Header, Outline};
use crate::web::page::Page;

/// A contract in the list.
#[derive(Debug, Clone)]
pub struct Contract {
    /// The plan.
    pub header: Header,
    /// Its latest dialogue.
    pub part: Option<Part>,
    /// Saisie is open to this person.
    pub enters: bool,
}

/// The contract this person works in, whole.
pub struct Focus {
    /// The plan.
    pub header: Header,
    /// Its latest dialogue.
    pub part: Option<Part>,
    /// Texts, adoption, tree.
    pub outline: Outline,
    /// Its measures with their figures.
    pub lines: Vec<Line>,
    /// Its jalons.
    pub jalons: Vec<Jalon>,
    /// Those this person may say something of.
    pub own_jalons: Vec<Jalon>,
    /// What waits for this person.
    pub waiting: Waiting,
    /// They direct the structure.
    pub directs: bool,
    /// Today.
    pub today: NaiveDate,
}

/// Accueil.
#[derive(Template, WebTemplate)]
#[template(path = "home/home.html")]
#[expect(clippy::struct_excessive_bools, reason = "a person holds any of the roles, each opens its own section")]
pub struct HomePage {
    /// Frame.
    pub page: Page,
    /// The contract they work in.
    pub focus: Option<Focus>,
    /// The contracts they read, unless the focus says it all.
    pub contracts: Vec<Contract>,
    /// Decisions to take, taken lately, or under a condition.
    pub news: News,
    /// They read every contract.
    pub reads_all: bool,
    /// Submitted dialogues wait for them.
    pub directoire: bool,
    /// Accounts are theirs.
    pub admin: bool,
    /// They read what is published.
    pub reader: bool,
    /// Their role opens contracts, whether or not there are some.
    pub expects_plans: bool,
    /// Today.
    pub today: NaiveDate,
}

/// Something to do, or nothing to do, said.
#[derive(Debug, Default)]
pub struct Item {
    class: &'static str,
    count: usize,
    heading: String,
    quote: Option<String>,
    sentence: String,
    bar: Option<(usize, String)>,
    action: Option<Action>,
}

/// The one button of an item.
#[derive(Debug)]
pub struct Action {
    href: String,
    label: &'static str,
    /// Something else comes first.
    secondary: bool,
    /// The rest of the sentence, for those who hear buttons out of their context.
    rest: String,
}

fn plural<'a>(count: usize, one: &'a str, many: &'a str) -> &'a str {
    if count > 1 { many } else { one }
}

/// The measures of these cells, each once: « 5, 8 et 12 ».
fn measures(places: &[(String, Period)]) -> String {
    let mut codes: Vec<&str> = places.iter().map(|(code, _)| code.as_str()).collect();
    codes.dedup();
    listed(&codes)
}

/// « 5, 8 et 12 ».
fn listed(codes: &[&str]) -> String {
    match codes.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} et {last}", rest.join(", ")),
        Some((last, _)) => (*last).to_owned(),
        None => String::new(),
    }
}

impl Focus {
    fn contract_href(&self) -> String {
        format!("/plans/{}", self.header.plan.code)
    }

    fn window(&self, part: &Part) -> String {
        window(part, self.today)
    }

    fn provenances(&self) -> Vec<&str> {
        provenances(&self.lines)
    }

    fn entry(&self, part: &Part, show: &str, label: &'static str, rest: &str) -> Action {
        let href = format!("/plans/{}/entry/{}?show={show}", self.header.plan.code, part.year);
        Action { href, label, secondary: show == "gaps", rest: rest.to_owned() }
    }

    /// What waits, what came back first.
    fn inbox(&self, part: &Part) -> Vec<Item> {
        let returned = self.returned(part).into_iter();
        let rest = [self.due(part)].into_iter().chain(self.late_jalons()).chain(self.to_explain(part));
        returned.chain(rest).collect()
    }

    fn returned(&self, part: &Part) -> Option<Item> {
        if part.state != DialogueState::Returned || !self.directs {
            return None;
        }
        Some(Item {
            class: "is-urgent",
            count: 1,
            heading: format!("dialogue {} retourné par le directoire", part.year),
            quote: part.reason.clone(),
            sentence: format!("retour du {}", date::short(clock::day(part.since))),
            action: Some(self.entry(part, "all", "Reprendre", " la saisie")),
            ..Item::default()
        })
    }

    fn due(&self, part: &Part) -> Item {
        let Waiting { completeness, late, oldest, .. } = &self.waiting;
        let missing = self.waiting.missing();
        let heading = format!("{} à saisir", plural(missing, "situation", "situations"));
        if missing == 0 {
            let sentence = match (completeness.expected, part.state.is_open()) {
                (0, true) => "Aucune situation ne vous est demandée pour ce dialogue.".to_owned(),
                (0, false) => "Le dialogue n’attend plus de saisie.".to_owned(),
                (expected, _) => {
                    format!("{expected} sur {expected} : toutes les situations attendues ont une réponse.")
                }
            };
            return Item { class: "is-done", heading, sentence, ..Item::default() };
        }
        let unknown = completeness.not_provided;
        let owed = if unknown > 0 {
            format!(", dont {unknown} NR qui {} dû", plural(unknown, "reste", "restent"))
        } else {
            String::new()
        };
        let overdue = oldest.map_or_else(String::new, |oldest| {
            let when = date::short(oldest);
            if *late == 1 {
                format!(" 1 était attendue pour le {when}.")
            } else {
                format!(" {late} étaient attendues avant aujourd’hui, la plus ancienne pour le {when}.")
            }
        });
        let sentence = format!("{} sur {} répondues{owed}.{overdue}", completeness.answered(), completeness.expected);
        let percent = completeness.answered_percent();
        Item {
            class: if *late > 0 { "is-late" } else { "" },
            count: missing,
            heading,
            sentence,
            bar: Some((percent, format!("{percent}\u{202f}%"))),
            action: Some(self.entry(part, "due", "Saisir", " les situations attendues")),
            ..Item::default()
        }
    }

    /// Their jalons past their date, the oldest first.
    fn late_jalons(&self) -> Option<Item> {
        let late = late(&self.own_jalons, self.today);
        let oldest = late.first()?;
        let codes: Vec<&str> = late.iter().map(|jalon| jalon.code.as_str()).collect();
        let since = oldest.due().map(date::short).unwrap_or_default();
        let (href, sentence) = match codes.as_slice() {
            [code] => (format!("{}/jalons/{code}", self.contract_href()), format!("{code}, attendu pour le {since}.")),
            _ => (
                format!("{}/jalons", self.contract_href()),
                format!("{} ; le plus ancien était attendu pour le {since}.", listed(&codes)),
            ),
        };
        Some(Item {
            class: "is-late",
            count: codes.len(),
            heading: plural(codes.len(), "jalon échu", "jalons échus").into(),
            sentence,
            action: Some(Action { href, label: "Mettre à jour", secondary: true, rest: " les jalons échus".into() }),
            ..Item::default()
        })
    }

    /// « 2 atteints, 1 en retard », for a theme; empty without jalon.
    fn jalons_of(&self, branch: &Branch<'_>) -> String {
        let below = self.jalons.iter().filter(|jalon| hangs(&self.outline.nodes, &jalon.node, &branch.node.code));
        Summary::of(below, self.today).words()
    }

    fn to_explain(&self, part: &Part) -> Vec<Item> {
        let Waiting { gaps, not_provided, .. } = &self.waiting;
        if gaps.is_empty() && not_provided.is_empty() {
            let heading = "écart ou NR à expliquer".to_owned();
            let sentence = "Chaque écart important et chaque NR a son commentaire.".to_owned();
            return vec![Item { class: "is-done", heading, sentence, ..Item::default() }];
        }
        let mut items = Vec::new();
        if !gaps.is_empty() {
            items.push(Item {
                class: "is-late",
                count: gaps.len(),
                heading: format!("{} à expliquer", plural(gaps.len(), "écart", "écarts")),
                sentence: format!(
                    "Loin de l’attendu (plus de {}\u{202f}% du chemin à parcourir), sans commentaire : {}.",
                    figure::show(self.header.plan.deviation_threshold),
                    measures(gaps)
                ),
                action: Some(self.entry(part, "gaps", "Expliquer", " les écarts")),
                ..Item::default()
            });
        }
        if !not_provided.is_empty() {
            items.push(Item {
                class: "is-late",
                count: not_provided.len(),
                heading: "NR à expliquer".into(),
                sentence: format!("Réponse « non renseigné » sans commentaire : {}.", measures(not_provided)),
                action: Some(self.entry(part, "gaps", "Expliquer", " les réponses NR")),
                ..Item::default()
            });
        }
        items
    }

    /// The level above objectives: few enough to be read at a glance.
    fn themes(&self) -> Vec<Branch<'_>> {
        level(&self.outline.nodes, &self.lines, self.level())
    }

    fn level(&self) -> i32 {
        let deepest = self.outline.nodes.iter().map(|node| node.level).max().unwrap_or(1);
        (deepest - 1).max(1)
    }

    fn level_name(&self) -> &str {
        let place = usize::try_from(self.level()).unwrap_or(1).saturating_sub(1);
        self.header.plan.levels.get(place).map_or("Niveau", String::as_str)
    }

    fn theme_href(&self, branch: &Branch<'_>) -> String {
        format!("/plans/{}#{}", self.header.plan.code, anchor(branch.node.code.as_str()))
    }

    fn mean(branch: &Branch<'_>) -> Option<(String, String)> {
        let mean = branch.summary.mean?;
        Some((figure::round(mean, 1).to_string(), figure::show_percent(mean, 1)))
    }

    fn worst(branch: &Branch<'_>) -> Option<(State, String)> {
        branch.summary.worst().map(|(state, count)| (state, state.counted(count)))
    }
}

impl HomePage {
    /// The year of the latest campaign.
    fn year(&self) -> Option<i32> {
        self.contracts.iter().filter_map(|contract| contract.part.as_ref()).map(|part| part.year).max()
    }

    fn heading(&self) -> String {
        if let Some(focus) = &self.focus {
            return focus.header.structure.label.clone();
        }
        match (self.year(), self.admin) {
            (Some(year), _) => format!("Contrats et dialogues {year}"),
            (None, _) if !self.contracts.is_empty() => "Contrats".into(),
            (None, true) => "Administration".into(),
            (None, false) => "Accueil".into(),
        }
    }

    fn subtitle(&self) -> String {
        let count = self.contracts.len();
        match (&self.focus, count) {
            (Some(_), _) | (None, 0) if self.admin && count == 0 => {
                "Les comptes et leurs droits. Ce rôle n’ouvre aucune donnée de contrat.".into()
            }
            (Some(_), _) | (None, 0) => String::new(),
            (None, _) => format!("{count} {}", plural(count, "contrat", "contrats")),
        }
    }

    fn window(&self, part: &Part) -> String {
        window(part, self.today)
    }

    fn answered(part: &Part) -> String {
        format!("{}\u{202f}%", part.completeness.answered_percent())
    }

    /// What is to be decided, what was decided lately, what waits on a condition: each with its one link.
    fn means(&self) -> Vec<Item> {
        let news = &self.news;
        let to = |items: &[crate::arbitrages::views::decisions::Item], label, rest: &str, anchor: &str| {
            let href = match items {
                [only] => only.href.clone(),
                _ => format!("/decisions#{anchor}"),
            };
            Some(Action { href, label, secondary: true, rest: rest.to_owned() })
        };
        let pending = news.decides.then(|| {
            let count = news.pending.len();
            let heading = format!("{} à décider", plural(count, "moyen", "moyens"));
            if count == 0 {
                let sentence = "Chaque moyen demandé a sa décision.".to_owned();
                return Item { class: "is-done", heading, sentence, ..Item::default() };
            }
            let sentence = format!("{}.", news.pending_words());
            let action = to(&news.pending, "Décider", " des moyens demandés", "a-decider");
            Item { class: "is-late", count, heading, sentence, action, ..Item::default() }
        });
        let recent = (!news.recent.is_empty()).then(|| {
            let count = news.recent.len();
            let told: Vec<String> = news
                .recent
                .iter()
                .take(3)
                .map(|it| {
                    let session = if it.session.is_empty() { String::new() } else { format!(", {}", it.session) };
                    format!("{} {} : {}{session}", it.subject.label(), it.code, it.state.to_lowercase())
                })
                .collect();
            Item {
                count,
                heading: plural(count, "décision récente", "décisions récentes").into(),
                sentence: format!("{}{}", told.join(" ; "), if count > told.len() { "…" } else { "." }),
                action: to(&news.recent, "Voir", " les décisions récentes", "recentes"),
                ..Item::default()
            }
        });
        let conditions = (news.keeps_conditions && !news.conditions.is_empty()).then(|| {
            let count = news.conditions.len();
            let codes: Vec<&str> = news.conditions.iter().map(|it| it.code.as_str()).collect();
            Item {
                count,
                heading: format!("{} en attente", plural(count, "condition", "conditions")),
                sentence: format!("Des décisions en dépendent : {}.", listed(&codes)),
                action: Some(Action {
                    href: "/decisions#conditions".into(),
                    label: "Suivre",
                    secondary: true,
                    rest: " les conditions en attente".into(),
                }),
                ..Item::default()
            }
        });
        pending.into_iter().chain(recent).chain(conditions).collect()
    }

    /// Dialogues that the directoire has to read.
    fn submitted(&self) -> Item {
        let submitted: Vec<(&Contract, &Part)> = self
            .contracts
            .iter()
            .filter_map(|contract| Some((contract, contract.part.as_ref()?)))
            .filter(|(_, part)| part.state == DialogueState::Submitted)
            .collect();
        let count = submitted.len();
        let heading = format!("{} à relire", plural(count, "dialogue soumis", "dialogues soumis"));
        let told: Vec<String> = submitted
            .iter()
            .map(|(contract, part)| {
                format!(
                    "{}, soumis le {} ({} sur {})",
                    contract.header.structure.label,
                    date::short(clock::day(part.since)),
                    part.completeness.answered(),
                    part.completeness.expected
                )
            })
            .collect();
        match submitted.first() {
            None => Item {
                class: "is-done",
                heading,
                sentence: "Aucune structure n’attend votre lecture.".into(),
                ..Item::default()
            },
            Some((first, _)) => Item {
                class: "is-urgent",
                count,
                heading,
                sentence: format!("{}.", told.join(" ; ")),
                action: Some(Action {
                    href: format!("/plans/{}", first.header.plan.code),
                    label: "Relire",
                    secondary: false,
                    rest: format!(" le dialogue : {}", first.header.structure.label),
                }),
                ..Item::default()
            },
        }
    }

    /// No role opens anything here.
    fn has_nothing(&self) -> bool {
        !self.admin && !self.reader && !self.expects_plans
    }

    fn has_no_plan(&self) -> bool {
        self.expects_plans && self.focus.is_none() && self.contracts.is_empty()
    }
}
