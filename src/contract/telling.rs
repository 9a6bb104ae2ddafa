//! A journal entry about anything but a cell's answer, told in a reader's terms: which thing, and which of its fields
//! went from what to what. Cells have their own words ([`crate::indicators::telling`]).

use rust_decimal::Decimal;
use serde_json::Value;

use crate::access::DialogueState;
use crate::arbitrages::amendment::{QuantityRole, Step};
use crate::arbitrages::model as arbitrages;
use crate::arbitrages::opinion::Author;
use crate::avenants::telling as avenants;
use crate::budget::model as budget;
use crate::followups::model as followups;
use crate::indicators::model::{Origin, UnitKind};
use crate::indicators::progress::{Direction, Nature, Side};
use crate::jalons::model::{Precision, State};
use crate::journal::model::Entry;
use crate::kernel::period::{Availability, PeriodKind};
use crate::kernel::{date, figure, money};
use crate::plans::model::{Act, Plan, PlanKind};
use crate::posts::model as posts;
use crate::reserves::model as reserves;

/// Longest text shown of a field, in characters: the journal says what changed, the export has it whole.
const SHOWN_MAX: usize = 240;

/// Fields by their names in the document, as read on screen.
const FIELDS: &[(&str, &str)] = &[
    ("abandoned", "abandon"),
    ("about", "à propos de"),
    ("abstentions", "abstentions"),
    ("act", "acte"),
    ("after", "après"),
    ("against", "contre"),
    ("also_printed_in", "imprimé aussi"),
    ("amended", "changé par avenant"),
    ("amount", "montant"),
    ("annexes", "annexes"),
    ("answers", "décision à laquelle elle répond"),
    ("author", "service"),
    ("availability", "disponibilité"),
    ("availability_printed", "disponibilité imprimée"),
    ("avenant", "avenant"),
    ("baseline", "point de départ"),
    ("before", "avant"),
    ("better_side", "bon côté de la cible"),
    ("body", "texte"),
    ("by", "par"),
    ("calculation", "mode de calcul"),
    ("category", "catégorie"),
    ("ceiling", "plafond"),
    ("cells", "cases"),
    ("certain", "départs certains"),
    ("changes", "changements"),
    ("closes_on", "clôture"),
    ("code", "code"),
    ("columns_printed", "colonnes imprimées"),
    ("comment", "commentaire"),
    ("condition", "condition"),
    ("corps", "corps"),
    ("cost", "coût estimé"),
    ("cost_printed", "coût imprimé"),
    ("count", "nombre"),
    ("date_printed", "date imprimée"),
    ("dated_on", "date"),
    ("dates", "dates lues"),
    ("decided_by", "décidé par"),
    ("decided_on", "date de la décision"),
    ("deliberation", "délibération"),
    ("denominator", "dénominateur"),
    ("deviation_threshold", "seuil d’écart à expliquer, en %"),
    ("direction", "sens"),
    ("direction_confirmed", "sens confirmé"),
    ("directoire", "accord du directoire"),
    ("director", "accord de la direction"),
    ("draft", "brouillon"),
    ("due_on", "échéance"),
    ("due_printed", "échéance imprimée"),
    ("evidence", "preuve"),
    ("expected", "situations attendues"),
    ("extended_to", "délai jusqu’au"),
    ("family", "personnels"),
    ("fields", "champs"),
    ("figure", "chiffre"),
    ("first_year", "première année"),
    ("framework_rows", "objectifs déclinés du cadre"),
    ("funding", "financement"),
    ("granted", "accordé, en euros"),
    ("granted_keur", "accordé imprimé, en k€"),
    ("granted_printed", "accordé imprimé"),
    ("granted_printed_keur", "accordé imprimé, en k€"),
    ("heading", "volet"),
    ("held_on", "date"),
    ("in_favour", "pour"),
    ("in_office", "membres en exercice"),
    ("in_use", "lecture en usage"),
    ("indicator", "indicateur"),
    ("is_final", "dernière campagne"),
    ("is_group", "groupe"),
    ("is_quotient", "calculé par numérateur et dénominateur"),
    ("jalon", "jalon"),
    ("kept", "tenue de l’engagement"),
    ("kind", "nature"),
    ("label", "libellé"),
    ("label_printed", "libellé imprimé"),
    ("last_year", "dernière année"),
    ("level", "niveau"),
    ("levels", "niveaux"),
    ("lines", "lignes du document"),
    ("measure", "mesure"),
    ("money", "en argent"),
    ("nature", "nature"),
    ("nature_confirmed", "nature confirmée"),
    ("no_part", "ne prend pas part au vote"),
    ("node", "rattachement"),
    ("nodes", "objectifs servis"),
    ("note", "note"),
    ("notice", "avertissement"),
    ("numerator", "numérateur"),
    ("objective_inherited", "objectif repris de la ligne au-dessus"),
    ("objective_printed", "objectif imprimé"),
    ("objectives", "objectifs servis"),
    ("on", "le"),
    ("opens_on", "ouverture"),
    ("origin", "origine"),
    ("origin_printed", "origine imprimée"),
    ("origins", "origines"),
    ("owner", "responsable"),
    ("owners", "responsables"),
    ("parent", "niveau supérieur"),
    ("part", "part"),
    ("part_printed", "part imprimée"),
    ("participation", "participation demandée"),
    ("participation_of", "service sollicité"),
    ("participation_printed", "participation imprimée"),
    ("parties", "parties"),
    ("period", "période"),
    ("period_kind", "type de période"),
    ("place", "place"),
    ("possible", "départs possibles"),
    ("post", "en postes"),
    ("postponed_to", "nouvelle échéance"),
    ("precision", "précision"),
    ("present", "présents"),
    ("printed", "imprimé"),
    ("provenance", "provenance"),
    ("published_on", "publication"),
    ("qualifier", "précision"),
    ("quantities", "quantités"),
    ("quantity", "quantité"),
    ("rank", "rang"),
    ("reached_on", "date d’atteinte"),
    ("reading", "lecture"),
    ("readings", "lectures"),
    ("realisation", "réalisation"),
    ("reason", "motif"),
    ("redated", "échéances par avenant"),
    ("reference", "référence"),
    ("referents", "référents"),
    ("represented", "représentés"),
    ("request", "demande"),
    ("revision", "révision"),
    ("role", "rôle"),
    ("row", "ligne"),
    ("rows", "lignes"),
    ("said_on", "dit le"),
    ("says", "ce qui est dit"),
    ("schedule", "échéancier et exécution"),
    ("scope", "périmètre"),
    ("self_financing", "autofinancement"),
    ("self_financing_percent", "part d’autofinancement, en %"),
    ("self_financing_percent_printed", "part d’autofinancement imprimée"),
    ("self_financing_printed", "autofinancement imprimé"),
    ("session_on", "date de la séance"),
    ("set_aside", "part écartée"),
    ("settled_by", "réglée par"),
    ("settled_on", "réglée le"),
    ("settlement", "règlement"),
    ("share_20", "20 %"),
    ("share_80", "80 %"),
    ("since", "en vigueur depuis la campagne"),
    ("site", "site"),
    ("source", "source"),
    ("state", "état"),
    ("statement", "exposé"),
    ("status", "réponse"),
    ("step", "étape"),
    ("structuring", "poste structurant"),
    ("subcategory", "sous-catégorie"),
    ("subject", "objet"),
    ("terms", "termes"),
    ("text", "texte"),
    ("title", "titre"),
    ("tolerance", "tolérance"),
    ("total", "total"),
    ("totals", "totaux"),
    ("touches", "porte sur"),
    ("transmitted_on", "transmission au recteur"),
    ("unit", "unité"),
    ("unit_kind", "type d’unité"),
    ("used", "utilisé"),
    ("value", "valeur"),
    ("volet", "volet"),
    ("vote", "vote"),
    ("voters", "votants"),
    ("was", "avant"),
    ("why", "pourquoi cette lecture"),
    ("wording", "formule"),
    ("year", "année"),
    ("year_printed", "année imprimée"),
    ("yearly", "cibles annuelles"),
    ("years", "années"),
    ("years_printed", "années imprimées"),
];

/// A kind of thing that a plan's journal speaks of.
pub struct Kind {
    /// As the journal writes it.
    pub word: &'static str,
    /// As the filter calls it.
    pub label: &'static str,
    one: &'static str,
    many: &'static str,
}

const fn kind(word: &'static str, label: &'static str, one: &'static str, many: &'static str) -> Kind {
    Kind { word, label, one, many }
}

/// All of them, what is looked for most first.
pub const KINDS: &[Kind] = &[
    kind("situation", "Situations", "situation", "situations"),
    kind("jalon", "Jalons", "jalon", "jalons"),
    kind("reserve", "Réserves de lecture", "réserve de lecture", "réserves de lecture"),
    kind("avenant", "Avenants", "avenant", "avenants"),
    kind("mention", "Mentions du document", "mention du document", "mentions du document"),
    kind("cible", "Cibles", "cible", "cibles"),
    kind("mesure", "Mesures", "mesure", "mesures"),
    kind("indicateur", "Indicateurs", "indicateur", "indicateurs"),
    kind("objectif", "Objectifs et niveaux de l’arbre", "niveau de l’arbre", "niveaux de l’arbre"),
    kind("budget", "Lignes budgétaires", "ligne budgétaire", "lignes budgétaires"),
    kind("totaux_budget", "Totaux imprimés du budget", "jeu de totaux imprimés", "jeux de totaux imprimés"),
    kind("arbitrage", "Arbitrages", "arbitrage", "arbitrages"),
    kind("condition", "Conditions", "condition", "conditions"),
    kind("demande", "Demandes", "demande", "demandes"),
    kind("amendement", "Suites de demandes", "étape de demande", "étapes de demandes"),
    kind("avis", "Avis", "avis", "avis"),
    kind("suite", "Suites des dialogues", "suite de dialogue", "suites de dialogues"),
    kind("section", "Textes", "texte", "textes"),
    kind("adoption", "Étapes d’adoption", "étape d’adoption", "étapes d’adoption"),
    kind("contrat", "Contrat", "contrat", "contrats"),
    kind("dialogue", "Dialogues", "dialogue", "dialogues"),
    kind("poste", "Postes", "poste", "postes"),
    kind("tableau_postes", "Tableaux de postes", "tableau de postes", "tableaux de postes"),
    kind("potentiel", "Potentiel de recrutement", "potentiel de recrutement", "potentiels de recrutement"),
];

/// « 78 situations ».
pub fn counted(word: &str, count: usize) -> String {
    let known = KINDS.iter().find(|kind| kind.word == word);
    let name = known.map_or(word, |kind| if count > 1 { kind.many } else { kind.one });
    format!("{count} {name}")
}

/// What is said of a new thing.
pub fn created(word: &str, after: &Value) -> String {
    let said = |field: &str| after.get(field).and_then(Value::as_str).map(|it| text(field, it));
    let words = match word {
        "dialogue" => after
            .get("expected")
            .and_then(Value::as_u64)
            .map(|expected| format!("ouverture, {expected} situations attendues")),
        "arbitrage" => said("state").map(|state| match said("session_on") {
            Some(day) => format!("{state}, séance du {day}"),
            None => state,
        }),
        "amendement" => said("step"),
        "suite" => said("text").map(|text| match said("due_on") {
            Some(day) => format!("« {text} », pour le {day}"),
            None => format!("« {text} »"),
        }),
        "avenant" => said("reason").map(|reason| format!("préparé : {reason}")),
        "cible" => after.get("figure").map(|figure| {
            let since = after.get("since").and_then(Value::as_i64).map(|year| format!(", depuis la campagne {year}"));
            format!("cible {}{}", told("figure", figure), since.unwrap_or_default())
        }),
        "avis" => said("text").map(|text| format!("« {text} »")),
        _ => None,
    };
    words.unwrap_or_else(|| "création".into())
}

/// One field that changed; empty is `""`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Which.
    pub label: String,
    /// What it was.
    pub before: String,
    /// What it is.
    pub after: String,
}

fn label(field: &str) -> String {
    FIELDS.iter().find(|(name, _)| *name == field).map_or_else(|| field.replace('_', " "), |(_, label)| (*label).into())
}

/// A word of the document as read on screen, for the fields whose words are not plain French already.
fn word(field: &str, text: &str) -> String {
    let known: Option<&str> = match field {
        "availability" => Availability::from_word(text).map(Availability::label),
        "direction" => Direction::from_word(text).map(Direction::label),
        "nature" => Nature::from_word(text)
            .map(Nature::label)
            .or_else(|| budget::Nature::from_word(text).map(budget::Nature::label)),
        "period_kind" => PeriodKind::from_word(text).map(PeriodKind::label),
        // Five rooms have states, and a word that two share reads the same in both.
        "state" => DialogueState::from_word(text)
            .map(DialogueState::label)
            .or_else(|| State::from_word(text).map(State::label))
            .or_else(|| arbitrages::State::from_word(text).map(arbitrages::State::label))
            .or_else(|| arbitrages::ConditionState::from_word(text).map(arbitrages::ConditionState::label))
            .or_else(|| followups::State::from_word(text).map(followups::State::label)),
        "step" => Step::from_word(text).map(Step::label),
        "author" => Author::from_word(text).map(Author::label),
        "role" => QuantityRole::from_word(text).map(QuantityRole::label),
        "precision" => Precision::from_word(text).map(Precision::label),
        "act" => Act::from_word(text).map(Act::label),
        "kind" => PlanKind::from_word(text)
            .map(PlanKind::label)
            .or_else(|| budget::ScheduleKind::from_word(text).map(budget::ScheduleKind::label)),
        "corps" => posts::Corps::from_word(text).map(posts::Corps::label),
        "part" => posts::Part::from_word(text).map(posts::Part::label),
        "realisation" => posts::Realisation::from_word(text).map(posts::Realisation::label),
        "origin" | "origins" if posts::Origin::from_word(text).is_some() => {
            posts::Origin::from_word(text).map(posts::Origin::label)
        }
        "better_side" => Side::from_word(text).map(Side::label),
        "origin" if reserves::Origin::from_word(text).is_some() => {
            reserves::Origin::from_word(text).map(reserves::Origin::label)
        }
        "origin" => Origin::from_word(text).map(Origin::label),
        "unit_kind" => UnitKind::from_word(text).map(UnitKind::label),
        _ => None,
    };
    known.map_or_else(|| text.to_owned(), str::to_owned)
}

fn text(field: &str, text: &str) -> String {
    if field.ends_with("_on") || field == "on" || matches!(field, "postponed_to" | "extended_to") {
        return text.parse().map_or_else(|_| text.to_owned(), date::short);
    }
    if matches!(
        field,
        "certain"
            | "possible"
            | "share_20"
            | "share_80"
            | "total"
            | "value"
            | "tolerance"
            | "deviation_threshold"
            | "numerator"
            | "denominator"
            | "granted_printed_keur"
    ) {
        return text.parse::<Decimal>().map_or_else(|_| text.to_owned(), figure::show);
    }
    if matches!(field, "amount" | "cost" | "granted" | "participation") {
        return text.parse::<Decimal>().map_or_else(|_| text.to_owned(), money::show_euros);
    }
    let shown = word(field, text);
    match shown.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", &shown[..end]),
        None => shown,
    }
}

/// A value of the document, in words.
fn told(field: &str, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "oui".into(),
        Value::Bool(false) => "non".into(),
        Value::Number(number) => number.to_string(),
        Value::String(it) => text(field, it),
        Value::Array(list) if field == "changes" => list.iter().map(avenants::line_of).collect::<Vec<_>>().join(" ; "),
        Value::Array(list) => {
            let list: Vec<String> = list.iter().map(|item| told(field, item)).collect();
            list.join(", ")
        }
        Value::Object(object) => match (object.get("status").and_then(Value::as_str), object.get("value")) {
            // A figure: its value, or NR, or NA.
            (Some("valeur"), Some(value)) => told("value", value),
            (Some(status), _) => status.to_owned(),
            // An accord, or an abandonment: the day, then who.
            _ if object.contains_key("on") && object.contains_key("by") => {
                let part = |key: &str| object.get(key).map(|value| told(key, value)).unwrap_or_default();
                let why = object.get("reason").map(|reason| format!(" : {}", told("reason", reason)));
                format!("le {}, par {}{}", part("on"), part("by"), why.unwrap_or_default())
            }
            _ => {
                let parts: Vec<String> =
                    object.iter().map(|(key, value)| format!("{} : {}", label(key), told(key, value))).collect();
                parts.join(" ; ")
            }
        },
    }
}

/// One side of a change; the document leaves « non » out.
fn side(field: &str, value: Option<&Value>, other: Option<&Value>) -> String {
    match (value, other) {
        (Some(value), _) => told(field, value),
        (None, Some(Value::Bool(true))) => "non".into(),
        (None, _) => String::new(),
    }
}

/// A list of records told by those that only this side has: one amount more is one line, not two whole schedules. `None`
/// when it is something else, or when only its order changed.
fn records(value: Option<&Value>, other: Option<&Value>) -> Option<Vec<Value>> {
    let (Some(Value::Array(list)), Some(Value::Array(others))) = (value, other) else { return None };
    let own =
        |of: &[Value], than: &[Value]| -> Vec<Value> { of.iter().filter(|it| !than.contains(it)).cloned().collect() };
    let told = list.iter().chain(others).all(Value::is_object) && !list.is_empty() && !others.is_empty();
    let kept = own(list, others);
    (told && !(kept.is_empty() && own(others, list).is_empty())).then_some(kept)
}

/// A field that differs.
fn change(key: &str, before: Option<&Value>, after: Option<&Value>) -> FieldChange {
    if let (Some(was), Some(is)) = (records(before, after), records(after, before)) {
        let shown = |list: Vec<Value>| if list.is_empty() { "—".into() } else { told(key, &Value::Array(list)) };
        return FieldChange { label: format!("{}, ce qui change", label(key)), before: shown(was), after: shown(is) };
    }
    FieldChange { label: label(key), before: side(key, before, after), after: side(key, after, before) }
}

/// The fields that differ, in the document's order.
pub fn changes(entry: &Entry) -> Vec<FieldChange> {
    let empty = serde_json::Map::new();
    let fields = |state: Option<&'_ Value>| state.and_then(Value::as_object).cloned().unwrap_or_else(|| empty.clone());
    let (before, after) = (fields(entry.before.as_ref()), fields(entry.after.as_ref()));
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    after
        .keys()
        .chain(gone)
        .filter(|key| before.get(*key) != after.get(*key))
        .map(|key| change(key, before.get(key), after.get(key)))
        .collect()
}

/// What a thing calls itself: its label, its title, or nothing.
pub fn name(entry: &Entry) -> String {
    let state = entry.after.as_ref().or(entry.before.as_ref());
    ["label", "title"]
        .iter()
        .find_map(|key| state?.get(key)?.as_str())
        .map(|name| text("label", name))
        .unwrap_or_default()
}

/// Which thing: « Mesure 13.a », « Thématique T1.2 », « Dialogue 2025 ».
pub fn thing(entry: &Entry, plan: &Plan) -> String {
    let code = &entry.code;
    match entry.kind.as_str() {
        "contrat" => plan.kind.short().into(),
        "section" => "Texte".into(),
        "adoption" => "Étape d’adoption".into(),
        "indicateur" => format!("Indicateur {code}"),
        "mesure" => format!("Mesure {code}"),
        "dialogue" => format!("Dialogue {code}"),
        "poste" => format!("Poste {code}"),
        "tableau_postes" => "Tableau de postes".into(),
        "potentiel" => format!("Potentiel de recrutement, {code}"),
        "jalon" => format!("Jalon {code}"),
        "reserve" => format!("Réserve {code}"),
        "avenant" => format!("Avenant {code}"),
        "mention" => format!("Mention {code}"),
        "situation" => match code.split_once('/') {
            Some((measure, period)) => format!("{}, {period}", measured(measure)),
            None => format!("Situation {code}"),
        },
        "cible" => match code.split_once('/') {
            Some((measure, "0")) => format!("Cible, {}", measured(measure).to_lowercase()),
            Some((measure, rank)) => {
                let state = entry.after.as_ref().or(entry.before.as_ref());
                let avenant = state.and_then(|state| state.get("avenant")?.as_str()).unwrap_or(rank);
                format!("Cible, {}, avenant {avenant}", measured(measure).to_lowercase())
            }
            None => format!("Cible {code}"),
        },
        "budget" => format!("Ligne budgétaire {code}"),
        "totaux_budget" => "Totaux imprimés du budget".into(),
        "arbitrage" => decided(code),
        "amendement" => about("Suite de la demande", code),
        "avis" => about("Avis", code),
        "suite" => format!("Suite {code}"),
        "demande" => format!("Demande {code}"),
        "volet" => format!("Volet {code}"),
        "condition" => format!("Condition {code}"),
        "engagement" => format!("Engagement {code}"),
        "objectif" => {
            let level = entry.after.as_ref().or(entry.before.as_ref()).and_then(|state| state.get("level")?.as_u64());
            let level = level
                .and_then(|level| usize::try_from(level).ok()?.checked_sub(1))
                .and_then(|level| plan.levels.get(level))
                .map_or("Objectif", String::as_str);
            format!("{level} {code}")
        }
        kind => format!("{kind} {code}"),
    }
}

/// « Avis n° 1, demande M5.2 ».
fn about(what: &str, key: &str) -> String {
    let mut parts = key.split('/');
    match (parts.next().and_then(arbitrages::Subject::from_word), parts.next(), parts.next()) {
        (Some(subject), Some(code), Some(rank)) => {
            format!("{what} n°\u{a0}{rank}, {} {code}", subject.label().to_lowercase())
        }
        _ => format!("{what} {key}"),
    }
}

/// « Arbitrage, ligne budgétaire B1 », « Arbitrage, poste P3, révision 2 ».
fn decided(key: &str) -> String {
    let mut parts = key.split('/');
    let (Some(subject), Some(code), Some(rank)) = (parts.next(), parts.next(), parts.next()) else {
        return format!("Arbitrage {key}");
    };
    let subject = match arbitrages::Subject::from_word(subject) {
        Some(arbitrages::Subject::BudgetLine) => "ligne budgétaire",
        _ => subject,
    };
    if rank == "0" {
        format!("Arbitrage, {subject} {code}")
    } else {
        format!("Arbitrage, {subject} {code}, révision {rank}")
    }
}

/// « Mesure 17.b », « Indicateur 4 »: a measure with a letter is one of several of its indicator.
pub fn measured(code: &str) -> String {
    if code.contains('.') { format!("Mesure {code}") } else { format!("Indicateur {code}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::model::Source;
    use serde_json::json;

    fn entry(kind: &str, code: &str, before: Option<Value>, after: Option<Value>) -> Entry {
        Entry {
            id: 1,
            kind: kind.into(),
            code: code.into(),
            version: 2,
            before,
            after,
            at: chrono::DateTime::UNIX_EPOCH,
            actor: "SAPCG".into(),
            source: Source::Page,
            import_id: None,
            reason: None,
        }
    }

    fn change(label: &str, before: &str, after: &str) -> FieldChange {
        FieldChange { label: label.into(), before: before.into(), after: after.into() }
    }

    #[test]
    fn only_the_fields_that_differ_are_told_in_words() {
        let before = json!({"code": "13.b", "direction": "a_choisir", "scope": "BUT", "tolerance": "1.5"});
        let after = json!({"code": "13.b", "direction": "hausse", "direction_confirmed": true, "tolerance": "1.5"});
        assert_eq!(
            changes(&entry("mesure", "13.b", Some(before), Some(after))),
            [
                change("sens", "à choisir", "à la hausse"),
                change("sens confirmé", "non", "oui"),
                change("périmètre", "BUT", "")
            ]
        );
    }

    #[test]
    fn figures_dates_and_lists_are_read_as_on_paper() {
        let before = json!({"figure": {"status": "NR"}, "decided_on": "2024-04-15"});
        let after = json!({"figure": {"status": "valeur", "value": "1250.5"}, "vote": {"in_favour": 23, "against": 1}});
        assert_eq!(
            changes(&entry("cible", "13.b/1", Some(before), Some(after))),
            [
                change("chiffre", "NR", "1\u{202f}250,5"),
                change("vote", "", "pour : 23 ; contre : 1"),
                change("date de la décision", "15 avr. 2024", "")
            ]
        );
    }

    #[test]
    fn of_a_list_of_records_only_those_that_change_are_told() {
        let year = |year: u16, amount: &str| json!({ "year": year, "amount": amount });
        let schedule = |lines: &[Value]| Some(json!({ "schedule": lines }));
        let (first, second, third) = (year(2023, "100"), year(2024, "200"), year(2024, "250"));
        let said =
            |before: &[Value], after: &[Value]| changes(&entry("budget", "B1", schedule(before), schedule(after)));
        let told = |before, after| vec![change("échéancier et exécution, ce qui change", before, after)];
        let (old, new) = ("année : 2024 ; montant : 200\u{202f}€", "année : 2024 ; montant : 250\u{202f}€");
        assert_eq!(said(std::slice::from_ref(&first), &[first.clone(), second.clone()]), told("—", old));
        assert_eq!(said(&[first.clone(), second.clone()], &[first.clone(), third]), told(old, new));
        // The first of all, or only another order: the whole list.
        assert_eq!(said(&[], std::slice::from_ref(&second)), [change("échéancier et exécution", "", old)]);
        assert_eq!(said(&[first.clone(), second.clone()], &[second, first]).len(), 1);
    }

    #[test]
    fn an_avenant_is_told_by_its_accords_and_its_changes() {
        let before = json!({"code": "1", "reason": "x"});
        let after = json!({"code": "1", "reason": "x", "director": {"on": "2026-06-20", "by": "Direction de l’IUT"},
            "changes": [{"kind": "cible", "code": "4", "before": {"figure": {"status": "valeur", "value": "25"}},
                         "after": {"figure": {"status": "valeur", "value": "30"}}}], "since": 2027});
        assert_eq!(
            changes(&entry("avenant", "1", Some(before), Some(after))),
            [
                change("accord de la direction", "", "le 20 juin 2026, par Direction de l’IUT"),
                change("changements", "", "Cible de la mesure 4 : cible 25 → 30"),
                change("en vigueur depuis la campagne", "", "2027")
            ]
        );
        assert_eq!(created("avenant", &json!({"reason": "Nouveau parcours"})), "préparé : Nouveau parcours");
        let target = json!({"figure": {"status": "valeur", "value": "30"}, "since": 2027});
        assert_eq!(created("cible", &target), "cible 30, depuis la campagne 2027");
    }

    #[test]
    fn what_becomes_of_a_demand_is_named_by_its_thing() {
        assert_eq!(about("Avis", "demande/M5.2/1"), "Avis n°\u{a0}1, demande M5.2");
        assert_eq!(
            about("Suite de la demande", "ligne_budgetaire/B1/2"),
            "Suite de la demande n°\u{a0}2, ligne budgétaire B1"
        );
    }

    #[test]
    fn things_have_a_french_name() {
        let plan: Plan = crate::kernel::canonical::from_text(
            r#"{"code": "p", "kind": "cpom", "title": "Contrat", "first_year": 2021, "last_year": 2026,
                "levels": ["Domaine", "Thématique", "Objectif"], "parties": [], "annexes": [],
                "deviation_threshold": "10"}"#,
        )
        .unwrap();
        let named = |kind, code| thing(&entry(kind, code, None, Some(json!({"level": 2}))), &plan);
        assert_eq!(named("situation", "4/2022-2023"), "Indicateur 4, 2022-2023");
        assert_eq!(named("situation", "17.b/2022-2023"), "Mesure 17.b, 2022-2023");
        assert_eq!(named("cible", "4/0"), "Cible, indicateur 4");
        assert_eq!(named("cible", "17.b/1"), "Cible, mesure 17.b, avenant 1");
        assert_eq!(named("objectif", "T1.2"), "Thématique T1.2");
        assert_eq!(named("dialogue", "2025"), "Dialogue 2025");
        assert_eq!(named("budget", "B1"), "Ligne budgétaire B1");
        assert_eq!(named("reserve", "R02"), "Réserve R02");
        assert_eq!(named("avenant", "2"), "Avenant 2");
        assert_eq!(named("arbitrage", "ligne_budgetaire/B1/0"), "Arbitrage, ligne budgétaire B1");
        assert_eq!(named("arbitrage", "poste/P3/2"), "Arbitrage, poste P3, révision 2");
    }

    #[test]
    fn kinds_are_counted_in_french() {
        assert_eq!(
            [counted("situation", 78), counted("adoption", 1), counted("jalon", 2), counted("poste", 2)],
            ["78 situations", "1 étape d’adoption", "2 jalons", "2 postes"]
        );
        assert_eq!(created("dialogue", &json!({"expected": 67})), "ouverture, 67 situations attendues");
        assert_eq!(created("mesure", &json!({})), "création");
    }

    #[test]
    fn the_table_of_fields_is_sorted_and_has_no_double() {
        assert!(FIELDS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
