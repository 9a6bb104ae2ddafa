//! Which target a figure is compared with, in words: the contract's, or that of an avenant with the original beside it.

use serde_json::Value;

use super::model::{Amended, Figure, Origin, Target, UnitKind};
use super::progress::{Direction, Nature, Side};
use super::shown;
use crate::kernel::canonical::{Canonical, Reader};
use crate::kernel::period::Availability;

/// The target in force of a ledger, when an avenant gave it; `None` for the contract's own.
fn amended(targets: &[Target]) -> Option<&Target> {
    targets.last().filter(|it| it.rank > 0)
}

/// The original of a ledger that an avenant changed; `None` when it is still in force, or when there was none.
pub fn original(targets: &[Target]) -> Option<&Target> {
    amended(targets)?;
    targets.first().filter(|it| it.rank == 0)
}

/// « avenant 1 », or by its rank for one that a document says without its avenant.
fn avenant(target: &Target) -> String {
    match &target.avenant {
        Some(code) => format!("avenant {code}"),
        None => format!("avenant n°\u{a0}{}", target.rank),
    }
}

fn origin(targets: &[Target], unit: UnitKind) -> String {
    original(targets).map_or_else(
        || "sans cible d’origine".into(),
        |it| format!("origine : {}", shown::answer(it.figure.answer(), unit)),
    )
}

/// « cible de l’avenant 1, en vigueur depuis la campagne 2027 ; origine : 25 », « cible du contrat signé ».
pub fn which(targets: &[Target], unit: UnitKind) -> String {
    match (amended(targets), targets.is_empty()) {
        (Some(target), _) => {
            let since = target.since.map(|year| format!(", en vigueur depuis la campagne {year}")).unwrap_or_default();
            format!("cible de l’{}{since} ; {}", avenant(target), origin(targets, unit))
        }
        (None, false) => "cible du contrat signé".into(),
        (None, true) => "sans cible".into(),
    }
}

/// « avenant 1, 2027 ; origine : 25 », beside a figure in a table; `None` for the contract's own.
pub fn beside(targets: &[Target], unit: UnitKind) -> Option<String> {
    let target = amended(targets)?;
    let since = target.since.map(|year| format!(", {year}")).unwrap_or_default();
    Some(format!("{}{since} ; {}", avenant(target), origin(targets, unit)))
}

/// Where one entry of a ledger comes from: « contrat signé », « avenant 1, en vigueur depuis la campagne 2027 ».
pub fn source(target: &Target) -> String {
    if target.rank == 0 {
        return "contrat signé".into();
    }
    let since = target.since.map(|year| format!(", en vigueur depuis la campagne {year}")).unwrap_or_default();
    format!("{}{since}", avenant(target))
}

/// The fields of a definition that avenants change, as read on screen.
const FIELDS: &[(&str, &str)] = &[
    ("label", "libellé"),
    ("unit", "unité"),
    ("unit_kind", "type d’unité"),
    ("scope", "périmètre"),
    ("calculation", "mode de calcul"),
    ("source", "source"),
    ("availability", "disponibilité"),
    ("origin", "origine"),
    ("referents", "référents"),
    ("comment", "commentaire de la fiche"),
    ("reference", "référence"),
    ("nature", "nature"),
    ("direction", "sens"),
    ("tolerance", "tolérance"),
    ("better_side", "bon côté de la cible"),
];

/// A value of a definition, in words.
fn said(field: &str, value: &Value) -> String {
    let known = |text: &str| match field {
        "availability" => Availability::from_word(text).map(Availability::label),
        "origin" => Origin::from_word(text).map(Origin::label),
        "unit_kind" => UnitKind::from_word(text).map(UnitKind::label),
        "nature" => Nature::from_word(text).map(Nature::label),
        "direction" => Direction::from_word(text).map(Direction::label),
        "better_side" => Side::from_word(text).map(Side::label),
        _ => None,
    };
    match value {
        Value::String(text) => known(text).unwrap_or(text).to_owned(),
        Value::Array(list) => list.iter().map(|it| said(field, it)).collect::<Vec<_>>().join(", "),
        Value::Object(_) => Figure::read(value, &mut Reader::default())
            .map_or_else(String::new, |it| shown::answer(it.answer(), UnitKind::Count)),
        other => other.to_string(),
    }
}

/// What avenants changed of a definition, one sentence each: the avenant, then each field with what it said before.
pub fn definition(amended: &[Amended]) -> Vec<(String, String)> {
    amended
        .iter()
        .map(|it| {
            let told: Vec<String> = it
                .fields
                .iter()
                .map(|field| {
                    let name = FIELDS.iter().find(|(known, _)| known == field).map_or(field.as_str(), |(_, name)| name);
                    let was = it.was.0.get(field).map(|value| said(field, value)).unwrap_or_default();
                    if was.is_empty() {
                        format!("{name}, non dit avant")
                    } else {
                        format!("{name}, avant : « {was} »")
                    }
                })
                .collect();
            (format!("Avenant {}", it.avenant), format!("depuis la campagne {} : {}", it.since, told.join(" ; ")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::model::{Figure, Status};
    use crate::kernel::ids::Code;

    fn target(rank: i32, value: i64) -> Target {
        Target {
            measure: Code::new("4").unwrap(),
            rank,
            figure: Figure { status: Status::Value, value: Some(value.into()), printed: None },
            yearly: Vec::new(),
            decided_on: None,
            reason: None,
            avenant: (rank > 0).then(|| Code::new("1").unwrap()),
            since: (rank > 0).then_some(2027),
        }
    }

    #[test]
    fn a_definition_says_what_it_said_before() {
        let was = serde_json::json!({"label": "Alternants", "direction": "hausse", "reference": {"status": "NR"}});
        let amended = Amended {
            avenant: Code::new("2").unwrap(),
            since: 2027,
            fields: ["label", "direction", "scope", "reference"].map(str::to_owned).to_vec(),
            was: crate::kernel::canonical::Fields(was.as_object().unwrap().clone()),
        };
        let told = definition(&[amended]);
        assert_eq!(told[0].0, "Avenant 2");
        assert_eq!(
            told[0].1,
            "depuis la campagne 2027 : libellé, avant : « Alternants » ; sens, avant : « à la hausse » ; périmètre, non dit \
             avant ; référence, avant : « NR »"
        );
    }

    #[test]
    fn the_target_in_force_names_its_avenant_and_the_original() {
        let unit = UnitKind::Count;
        let ledger = [target(0, 25), target(1, 30)];
        assert_eq!(which(&ledger, unit), "cible de l’avenant 1, en vigueur depuis la campagne 2027 ; origine : 25");
        assert_eq!(beside(&ledger, unit).as_deref(), Some("avenant 1, 2027 ; origine : 25"));
        assert_eq!(original(&ledger), Some(&ledger[0]));
        assert_eq!(which(&ledger[..1], unit), "cible du contrat signé");
        assert_eq!((beside(&ledger[..1], unit), original(&ledger[..1])), (None, None));
        assert_eq!(which(&[], unit), "sans cible");
        assert!(which(&ledger[1..], unit).ends_with("; sans cible d’origine"));
        assert_eq!(source(&Target { avenant: None, since: None, ..target(2, 1) }), "avenant n°\u{a0}2");
    }
}
