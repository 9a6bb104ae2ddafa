//! Accueil: what its template asks.

use std::collections::HashMap;

use askama::Template;
use askama_web::WebTemplate;
use chrono::NaiveDate;

use super::model::{Waiting, Waits};
use crate::access::{DialogueState, Party};
use crate::accounts::model::{Role, User};
use crate::arbitrages::views::decisions::News;
use crate::avenants::model::{Avenant, accord_of};
use crate::contract::views::contract::anchor;
use crate::dialogue::store::Part;
use crate::dialogue::window::window;
use crate::indicators::progress::State;
use crate::indicators::sheet::{Line, provenances};
use crate::indicators::tree::{Branch, hangs, level};
use crate::jalons::model::{Calendar, Jalon, Standing};
use crate::jalons::summary::{Summary, late};
use crate::kernel::period::Period;
use crate::kernel::{clock, date, figure};
use crate::plans::store::{Header, Outline};
use crate::reserves::Reserves;
use crate::reserves::model::TOLD_DAYS;
use crate::web::page::Page;

/// How many contracts with controls in gap are named; the others are counted with them.
const TOLD_MAX: usize = 6;
/// How many settled réserves are told one by one; more are told together.
const SETTLED_MAX: usize = 3;

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

/// How many réserves or controls of a contract wait for someone.
#[derive(Debug, Clone)]
pub struct ToSettle {
    /// Where they are listed.
    pub href: String,
    /// Whose contract.
    pub structure: String,
    /// How many réserves the document caused and nobody settled, or how many controls are in gap.
    pub count: usize,
}

/// Where a contract is, and whose.
#[derive(Debug, Clone)]
pub struct Place {
    /// Address of the plan.
    pub href: String,
    /// Whose contract.
    pub structure: String,
}

impl Place {
    /// That of a plan.
    pub fn of(header: &Header) -> Self {
        Self { href: format!("/plans/{}", header.plan.code), structure: header.structure.label.clone() }
    }
}

/// An avenant that waits for the accord of a party this person is.
#[derive(Debug, Clone)]
pub struct ToAgree {
    href: String,
    structure: String,
    code: String,
    reason: String,
    /// The other party agreed already.
    given: Option<&'static str>,
}

impl ToAgree {
    /// As whom this person is asked: the director of the structure, the directoire.
    pub fn of(user: &User, header: &Header, avenant: &Avenant) -> Vec<Self> {
        let asked = |party: Party, other: Party, may: bool| {
            (may && avenant.waits_for(party)).then(|| Self {
                href: format!("/plans/{}/avenants/{}", header.plan.code, avenant.code),
                structure: header.structure.label.clone(),
                code: avenant.code.to_string(),
                reason: avenant.reason.clone(),
                given: avenant.accord(other).map(|_| accord_of(other)),
            })
        };
        let director = asked(Party::Director, Party::Directoire, user.directs(header.structure_id));
        let directoire = asked(Party::Directoire, Party::Director, user.has(Role::Directoire));
        director.into_iter().chain(directoire).take(1).collect()
    }
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
    /// What the document says in several ways.
    pub reserves: Reserves,
    /// Today, and the dates that the réserves give to jalons.
    pub calendar: Calendar,
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
    /// Those being written that they read.
    pub drafts: Vec<Header>,
    /// Decisions to take, taken lately, or under a condition.
    pub news: News,
    /// Follow-ups and conditional jalons that wait for them.
    pub waits: Waits,
    /// The contracts they read, by database id.
    pub places: HashMap<i64, Place>,
    /// Avenants that wait for their accord.
    pub accords: Vec<ToAgree>,
    /// They read every contract.
    pub reads_all: bool,
    /// Submitted dialogues wait for them.
    pub directoire: bool,
    /// Réserves wait for them, by contract; `None` when they settle none.
    pub to_settle: Option<Vec<ToSettle>>,
    /// Controls in gap, by contract, for those who answer for them; `None` for the others.
    pub in_gap: Option<Vec<ToSettle>>,
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

/// Where a dialogue stands, on a page of its own.
fn dialogue_href(header: &Header, part: &Part) -> String {
    format!("/plans/{}/dialogues/{}", header.plan.code, part.year)
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
        window(part, self.calendar.today)
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
        let first = self.returned(part).into_iter().chain(self.to_submit(part)).chain(self.extension(part));
        let rest = [self.due(part)].into_iter().chain(self.late_jalons()).chain(self.to_explain(part));
        first.chain(rest).chain(self.settled()).collect()
    }

    /// What waits or was decided outside any campaign.
    fn idle(&self) -> Vec<Item> {
        self.late_jalons().into_iter().chain(self.settled()).collect()
    }

    /// Réserves that pilotage settled lately: the director is told of each.
    fn settled(&self) -> Vec<Item> {
        let told = self.reserves.seen().iter().filter(|kept| self.directs && kept.reserve.is_told(self.calendar.today));
        let mut told: Vec<_> =
            told.filter_map(|kept| Some((&kept.reserve, kept.reserve.settlement.as_ref()?))).collect();
        told.sort_by_key(|(reserve, it)| (std::cmp::Reverse(it.settled_on), reserve.code.clone()));
        if told.len() > SETTLED_MAX {
            let codes: Vec<&str> = told.iter().map(|(reserve, _)| reserve.code.as_str()).collect();
            return vec![Item {
                class: "is-done",
                count: told.len(),
                heading: "réserves de lecture réglées".into(),
                sentence: format!("{}, depuis moins de {TOLD_DAYS} jours.", listed(&codes)),
                action: Some(Action {
                    href: self.reserves.href(),
                    label: "Lire",
                    secondary: true,
                    rest: " les réserves réglées".into(),
                }),
                ..Item::default()
            }];
        }
        told.into_iter()
            .map(|(reserve, it)| Item {
                class: "is-done",
                count: 1,
                heading: format!("Réserve réglée : {}", reserve.label),
                quote: Some(it.reason.clone()),
                sentence: format!(
                    "lecture retenue le {} par {} : {}",
                    date::short(it.settled_on),
                    it.settled_by,
                    reserve.reading().map_or("", |reading| reading.text.as_str())
                ),
                action: Some(Action {
                    href: format!("{}/{}", self.reserves.href(), reserve.code),
                    label: "Lire",
                    secondary: true,
                    rest: format!(" la réserve {}", reserve.code),
                }),
                ..Item::default()
            })
            .collect()
    }

    /// Sent back, or opened again: the reason comes first, until the next submission.
    fn returned(&self, part: &Part) -> Option<Item> {
        if !self.directs || !part.state.is_open() {
            return None;
        }
        let since = date::short(clock::day(part.since));
        let (heading, sentence) = match part.state {
            DialogueState::Returned => ("retourné par le directoire", format!("retour du {since}")),
            _ => ("à reprendre", format!("saisie reprise le {since}")),
        };
        Some(Item {
            class: "is-urgent",
            count: 1,
            heading: format!("dialogue {} {heading}", part.year),
            quote: Some(part.reason.clone()?),
            sentence,
            action: Some(self.entry(part, "all", "Reprendre", " la saisie")),
            ..Item::default()
        })
    }

    /// Every expected cell is answered and explained.
    fn to_submit(&self, part: &Part) -> Option<Item> {
        let Waiting { gaps, not_provided, .. } = &self.waiting;
        let ready = self.waiting.missing() == 0 && gaps.is_empty() && not_provided.is_empty();
        if !self.directs || part.state != DialogueState::Entry || !ready {
            return None;
        }
        Some(Item {
            count: 1,
            heading: format!("dialogue {} à soumettre", part.year),
            sentence: "Chaque situation attendue a sa réponse et son explication.".into(),
            action: Some(Action {
                href: dialogue_href(&self.header, part),
                label: "Relire et soumettre",
                secondary: false,
                rest: format!(" le dialogue {}", part.year),
            }),
            ..Item::default()
        })
    }

    /// More time, while there is some left.
    fn extension(&self, part: &Part) -> Option<Item> {
        let extension = part.extension.as_ref().filter(|it| part.state.is_open() && it.to >= self.calendar.today)?;
        let days = usize::try_from((extension.to - self.calendar.today).num_days()).unwrap_or(0);
        Some(Item {
            count: days,
            heading: format!(
                "{} : délai accordé jusqu’au {}",
                plural(days, "jour restant", "jours restants"),
                date::short(extension.to)
            ),
            quote: Some(extension.reason.clone()),
            sentence: format!("par {}", extension.by),
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
            format!(", dont {unknown} NR qui {}", plural(unknown, "reste dû", "restent dus"))
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
        let late = late(&self.own_jalons, &self.calendar);
        let codes: Vec<&str> = late.iter().map(|(jalon, _)| jalon.code.as_str()).collect();
        let firm = late.iter().filter(|(_, standing)| *standing == Standing::Late).count();
        let by_reading = codes.len() - firm;
        let known = plural(codes.len(), "jalon échu", "jalons échus");
        let heading = match (firm, by_reading) {
            (_, 0) => known.to_owned(),
            (0, _) => format!("{known} selon la lecture"),
            _ => format!("{known}, dont {by_reading} selon la lecture"),
        };
        let href = match codes.as_slice() {
            [code] => format!("{}/jalons/{code}", self.contract_href()),
            _ => format!("{}/jalons", self.contract_href()),
        };
        let since = |jalon: &Jalon| jalon.due(&self.calendar.dates).map(date::short).unwrap_or_default();
        let mut sentence = match (late.first()?, firm) {
            (_, 0) => String::new(),
            ((jalon, _), 1) => format!("{}, attendu pour le {}.", jalon.code, since(jalon)),
            ((jalon, _), _) => {
                format!("{} ; le plus ancien était attendu pour le {}.", listed(&codes[..firm]), since(jalon))
            }
        };
        if by_reading > 0 {
            let told = format!("Selon la lecture du contrat : {}.", listed(&codes[firm..]));
            sentence = if sentence.is_empty() { told } else { format!("{sentence} {told}") };
        }
        Some(Item {
            class: "is-late",
            count: codes.len(),
            heading,
            sentence,
            action: Some(Action { href, label: "Mettre à jour", secondary: true, rest: " les jalons échus".into() }),
            ..Item::default()
        })
    }

    /// « 2 atteints, 1 en retard », for a theme; empty without jalon.
    fn jalons_of(&self, branch: &Branch<'_>) -> String {
        let below = self.jalons.iter().filter(|jalon| hangs(&self.outline.nodes, &jalon.node, &branch.node.code));
        Summary::of(below, &self.calendar).words()
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
                    figure::show(self.waiting.threshold),
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
            let sentence = format!("{}.", News::words(&news.pending));
            let action = to(&news.pending, "Décider", " des moyens demandés", "a-decider");
            Item { class: "is-late", count, heading, sentence, action, ..Item::default() }
        });
        let again = (!news.again.is_empty()).then(|| {
            let count = news.again.len();
            Item {
                count,
                heading: format!("{} à revoir", plural(count, "moyen", "moyens")),
                sentence: format!("À l’ordre du jour du dialogue en cours : {}.", News::words(&news.again)),
                action: to(&news.again, "Revoir", " des moyens laissés à ce dialogue", "a-revoir"),
                ..Item::default()
            }
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
        pending.into_iter().chain(again).chain(recent).chain(conditions).collect()
    }

    /// Conditional jalons and follow-ups that wait for this person, each with its one link.
    fn followed(&self) -> Vec<Item> {
        self.conditional().into_iter().chain(self.followups()).collect()
    }

    /// Where these things are when they are all of one contract; the first one's contract otherwise.
    fn place(&self, plans: &[i64]) -> Option<&Place> {
        self.places.get(plans.first()?)
    }

    /// « (IUT 2, École 1) », for someone who reads several contracts; empty for the others.
    fn told_by_structure(&self, plans: &[i64]) -> String {
        if self.places.len() < 2 {
            return String::new();
        }
        let mut counts: Vec<(i64, usize)> = Vec::new();
        for plan in plans {
            match counts.iter_mut().find(|(known, _)| known == plan) {
                Some((_, count)) => *count += 1,
                None => counts.push((*plan, 1)),
            }
        }
        let told: Vec<String> = counts
            .into_iter()
            .filter_map(|(plan, count)| Some(format!("{} ({count})", self.places.get(&plan)?.structure)))
            .collect();
        format!(" {}.", told.join(", "))
    }

    /// Once a year: what depends on something else than a date.
    fn conditional(&self) -> Option<Item> {
        let jalons = &self.waits.jalons;
        let plans: Vec<i64> = jalons.iter().map(|it| it.plan_id).collect();
        let place = self.place(&plans)?;
        let href = match jalons.as_slice() {
            [only] => format!("{}/jalons/{}", place.href, only.code),
            _ => format!("{}/jalons", place.href),
        };
        let codes: Vec<&str> = jalons.iter().map(|it| it.code.as_str()).collect();
        let said = match jalons.as_slice() {
            [only] if !only.condition.is_empty() => format!("{} : « {} ».", only.code, only.condition),
            _ if self.places.len() < 2 => format!("{}.", listed(&codes)),
            _ => String::new(),
        };
        Some(Item {
            count: jalons.len(),
            heading: format!("{} sous condition", plural(jalons.len(), "jalon", "jalons")),
            sentence: format!("Rien n’en a été dit cette année. {said}{}", self.told_by_structure(&plans)),
            action: Some(Action {
                href,
                label: "Faire le point",
                secondary: true,
                rest: format!(" sur les jalons sous condition : {}", place.structure),
            }),
            ..Item::default()
        })
    }

    /// What the meetings asked, and is still to be done.
    fn followups(&self) -> Option<Item> {
        let all = &self.waits.followups;
        let plans: Vec<i64> = all.iter().map(|it| it.plan_id).collect();
        let (first, place) = (all.first()?, self.place(&plans)?);
        let late = all.iter().filter(|it| it.due_on < self.today).count();
        let href = match all.as_slice() {
            [only] => format!("{}/followups/{}", place.href, only.code),
            _ => "/followups".to_owned(),
        };
        let due = format!(
            "{} : « {} », pour le {}.",
            first.code,
            first.text.trim_end_matches('.'),
            date::short(first.due_on)
        );
        let overdue = match late {
            0 => String::new(),
            late => format!(" {late} en retard."),
        };
        Some(Item {
            class: if late > 0 { "is-late" } else { "" },
            count: all.len(),
            heading: format!("{} à faire", plural(all.len(), "suite de dialogue", "suites de dialogues")),
            sentence: format!("{due}{overdue}{}", self.told_by_structure(&plans)),
            action: Some(Action { href, label: "Suivre", secondary: true, rest: " les suites des dialogues".into() }),
            ..Item::default()
        })
    }

    /// Follow-ups and conditional jalons stand apart from the inbox of a contract when there is none.
    fn followed_apart(&self) -> bool {
        self.focus.as_ref().is_none_or(|focus| focus.part.is_none())
    }

    /// Avenants to agree to, each with its link.
    fn to_agree(&self) -> Vec<Item> {
        self.accords
            .iter()
            .map(|it| Item {
                class: "is-late",
                count: 1,
                heading: format!("avenant à accorder : {}", it.structure),
                quote: Some(it.reason.clone()),
                sentence: match it.given {
                    Some(given) => format!("avenant {}, {given} est donné.", it.code),
                    None => format!("avenant {}.", it.code),
                },
                action: Some(Action {
                    href: it.href.clone(),
                    label: "Lire et accorder",
                    secondary: true,
                    rest: format!(" l’avenant {} : {}", it.code, it.structure),
                }),
                ..Item::default()
            })
            .collect()
    }

    /// Réserves that pilotage has to settle; nothing when no contract has any.
    fn reserves(&self) -> Option<Item> {
        let all = self.to_settle.as_deref()?;
        let first = all.first()?;
        let count: usize = all.iter().map(|it| it.count).sum();
        let told: Vec<String> = all.iter().map(|it| format!("{} ({})", it.structure, it.count)).collect();
        Some(Item {
            count,
            heading: format!("{} à régler", plural(count, "réserve de lecture", "réserves de lecture")),
            sentence: format!("Le document signé se contredit : {}.", told.join(", ")),
            action: Some(Action {
                href: first.href.clone(),
                label: "Régler",
                secondary: true,
                rest: format!(" les réserves : {}", first.structure),
            }),
            ..Item::default()
        })
    }

    /// Controls that do not hold, when there are some: they warn, and the contract with most of them comes first.
    fn controls(&self) -> Option<Item> {
        let all = self.in_gap.as_deref()?;
        let first = all.first()?;
        let count: usize = all.iter().map(|it| it.count).sum();
        let told: Vec<String> =
            all.iter().take(TOLD_MAX).map(|it| format!("{} ({})", it.structure, it.count)).collect();
        let more = if all.len() > TOLD_MAX { "…" } else { "" };
        Some(Item {
            count,
            heading: format!("{} en écart", plural(count, "contrôle", "contrôles")),
            sentence: format!("Ce qui est imprimé et ce qui est calculé diffèrent : {}{more}.", told.join(", ")),
            action: Some(Action {
                href: first.href.clone(),
                label: "Examiner",
                secondary: true,
                rest: format!(" les contrôles : {}", first.structure),
            }),
            ..Item::default()
        })
    }

    /// They stand apart from the inbox of the contract this person works in, when there is none.
    fn reserves_apart(&self) -> bool {
        self.focus.as_ref().is_none_or(|focus| focus.part.is_none())
    }

    /// What the directoire has to do: dialogues to examine, then those under review and those to close.
    fn to_review(&self) -> Vec<Item> {
        let submitted = self.standing(DialogueState::Submitted);
        let none = Item {
            class: "is-done",
            heading: "dialogue soumis à examiner".into(),
            sentence: "Aucune structure n’attend votre lecture.".into(),
            ..Item::default()
        };
        let others = [DialogueState::InReview, DialogueState::Validated];
        [submitted.unwrap_or(none)].into_iter().chain(others.into_iter().filter_map(|it| self.standing(it))).collect()
    }

    /// The latest dialogues that stand somewhere, when there are some.
    fn standing(&self, state: DialogueState) -> Option<Item> {
        let there: Vec<(&Contract, &Part)> = self
            .contracts
            .iter()
            .filter_map(|contract| Some((contract, contract.part.as_ref()?)))
            .filter(|(_, part)| part.state == state)
            .collect();
        let (first, part) = there.first()?;
        let (one, many, verb, label, rest) = match state {
            DialogueState::Submitted => {
                ("dialogue soumis à examiner", "dialogues soumis à examiner", "soumis", "Examiner", " le dialogue : ")
            }
            DialogueState::InReview => {
                ("dialogue en revue", "dialogues en revue", "en revue depuis", "Poursuivre", " la revue : ")
            }
            _ => ("dialogue validé à clore", "dialogues validés à clore", "validé", "Clore", " le dialogue : "),
        };
        let told: Vec<String> = there
            .iter()
            .map(|(contract, part)| {
                format!(
                    "{}, {verb} le {} ({} sur {})",
                    contract.header.structure.label,
                    date::short(clock::day(part.since)),
                    part.completeness.answered(),
                    part.completeness.expected
                )
            })
            .collect();
        Some(Item {
            class: if state == DialogueState::Submitted { "is-urgent" } else { "" },
            count: there.len(),
            heading: plural(there.len(), one, many).into(),
            sentence: format!("{}.", told.join(" ; ")),
            action: Some(Action {
                href: dialogue_href(&first.header, part),
                label,
                secondary: state != DialogueState::Submitted,
                rest: format!("{rest}{}", first.header.structure.label),
            }),
            ..Item::default()
        })
    }

    /// No role opens anything here.
    fn has_nothing(&self) -> bool {
        !self.admin && !self.reader && !self.expects_plans
    }

    fn has_no_plan(&self) -> bool {
        self.expects_plans && self.focus.is_none() && self.contracts.is_empty() && self.drafts.is_empty()
    }
}
