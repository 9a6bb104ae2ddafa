//! « À faire »: what waits for a person in the contract they work in, what came back first.

use super::dialogue_href;
use super::focus::Focus;
use super::item::{Action, Item, listed, plural};
use crate::access::DialogueState;
use crate::dialogue::store::Part;
use crate::home::model::Waiting;
use crate::jalons::model::{Jalon, Standing};
use crate::jalons::summary::late;
use crate::kernel::period::Period;
use crate::kernel::{clock, date, figure};
use crate::reserves::model::TOLD_DAYS;

/// How many settled réserves are told one by one; more are told together.
const SETTLED_MAX: usize = 3;

/// The measures of these cells, each once: « 5, 8 et 12 ».
fn measures(places: &[(String, Period)]) -> String {
    let mut codes: Vec<&str> = places.iter().map(|(code, _)| code.as_str()).collect();
    codes.dedup();
    listed(&codes)
}

impl Focus {
    /// What waits, what came back first.
    pub(super) fn inbox(&self, part: &Part) -> Vec<Item> {
        let first = self.returned(part).into_iter().chain(self.to_submit(part)).chain(self.extension(part));
        let rest = [self.due(part)].into_iter().chain(self.late_jalons()).chain(self.to_explain(part));
        first.chain(rest).chain(self.settled()).collect()
    }

    /// What waits or was decided outside any campaign.
    pub(super) fn idle(&self) -> Vec<Item> {
        self.late_jalons().into_iter().chain(self.settled()).collect()
    }

    fn entry(&self, part: &Part, show: &str, label: &'static str, rest: &str) -> Action {
        let href = format!("/plans/{}/entry/{}?show={show}", self.header.plan.code, part.year);
        Action { href, label, secondary: show == "gaps", rest: rest.to_owned() }
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
}
