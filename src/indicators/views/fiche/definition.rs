//! « Définition » and « Cible »: what an indicator is, what its targets were, and what an avenant may change of them.

use chrono::NaiveDate;

use super::situations::same_text;
use crate::access::{self, Thing, Who};
use crate::accounts::CurrentUser;
use crate::indicators::aim;
use crate::indicators::model::{Indicator, Target};
use crate::indicators::progress::{Direction, Nature};
use crate::indicators::sheet::Line;
use crate::indicators::shown;
use crate::plans::store::Header;

/// A line of a definition list.
pub struct Fact {
    pub(super) label: String,
    pub(super) text: String,
}

/// What an avenant may change of the fiche.
pub struct Amends {
    pub(super) href: String,
    pub(super) label: String,
}

pub(super) fn definition(indicator: &Indicator, lines: &[Line]) -> Vec<Fact> {
    let several = lines.len() > 1;
    let mut facts: Vec<Fact> = Vec::new();
    let mut add = |label: &str, text: Option<String>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            facts.push(Fact { label: label.to_owned(), text });
        }
    };
    add("Périmètre", indicator.scope.clone());
    for line in lines {
        let of = if several { format!(" {}", line.measure.code) } else { String::new() };
        add(&format!("Périmètre{of}"), line.measure.scope.clone());
    }
    if several {
        for line in lines {
            add(&format!("Calcul {}", line.measure.code), line.measure.calculation.clone());
        }
    } else {
        add("Calcul", lines[0].measure.calculation.clone().or_else(|| indicator.calculation.clone()));
    }
    add("Source", indicator.source.clone());
    add("Origine", indicator.origin_printed.clone());
    add("Référents", Some(indicator.referents.join(" · ")));
    add("Disponible", indicator.availability_printed.clone());
    let confirmed = |confirmed: bool| if confirmed { " (confirmé par le pilotage)" } else { ", à confirmer" };
    shared_or_each(&mut add, "Nature", lines, |line| match (line.measure.nature, line.measure.nature_confirmed) {
        (Nature::ToConfirm, false) => Nature::ToConfirm.label().to_owned(),
        (nature, is_confirmed) => format!("{}{}", nature.label(), confirmed(is_confirmed)),
    });
    shared_or_each(&mut add, "Sens", lines, |line| match (line.measure.direction, line.measure.direction_confirmed) {
        (Direction::ToChoose, false) => Direction::ToChoose.label().to_owned(),
        (direction, false) => format!("{}, proposé d’après la cible, à confirmer", direction.label()),
        (direction, true) => format!("{}{}", direction.label(), confirmed(true)),
    });
    let amended = aim::definition(&indicator.amended).into_iter().map(|(label, text)| Fact { label, text });
    facts.extend(amended);
    for line in lines {
        let of = |label: String| if several { format!("{label}, {}", line.measure.code) } else { label };
        let amended = aim::definition(&line.measure.amended).into_iter();
        facts.extend(amended.map(|(label, text)| Fact { label: of(label), text }));
    }
    facts
}

/// What all the measures of a group share is said once.
fn shared_or_each(
    add: &mut impl FnMut(&str, Option<String>),
    label: &str,
    lines: &[Line],
    tell: impl Fn(&Line) -> String,
) {
    let told: Vec<String> = lines.iter().map(tell).collect();
    if told.iter().all(|text| *text == told[0]) {
        add(label, told.into_iter().next());
    } else {
        for (line, text) in lines.iter().zip(told) {
            add(&format!("{label} {}", line.measure.code), Some(text));
        }
    }
}

pub(super) fn target_fact(line: &Line, target: &Target) -> Fact {
    let shown = shown::answer(target.figure.answer(), line.measure.unit_kind);
    let origin = aim::source(target);
    let printed = target
        .figure
        .printed
        .as_ref()
        .filter(|printed| !same_text(printed, &shown))
        .map(|printed| format!(", imprimé « {printed} »"))
        .unwrap_or_default();
    let reason = target.reason.as_ref().map(|reason| format!(", {reason}")).unwrap_or_default();
    let text = format!("{shown} en {}, {origin}{printed}{reason}", line.facts.last_period);
    Fact { label: line.measure.code.to_string(), text }
}

/// What may be changed by an avenant from here, for those who prepare them.
pub(super) fn amends(user: &CurrentUser, header: &Header, lines: &[Line], today: NaiveDate) -> Vec<Amends> {
    let thing = Thing::Avenant { closed: header.closed };
    if header.plan.draft || !access::may_edit(Who::User(user), &thing, today).allowed() {
        return Vec::new();
    }
    let link = |element: String, label: String| Amends {
        href: format!("/plans/{}/avenants/new?element={element}", header.plan.code),
        label,
    };
    let indicator = &lines[0].indicator.code;
    let targets = lines.iter().map(|it| &it.measure.code);
    let measures = targets.clone();
    targets
        .map(|code| link(format!("cible/{code}"), format!("Cible de la mesure {code}")))
        .chain(measures.map(|code| link(format!("mesure/{code}"), format!("Définition de la mesure {code}"))))
        .chain([link(format!("indicateur/{indicator}"), format!("Définition de l’indicateur {indicator}"))])
        .collect()
}
