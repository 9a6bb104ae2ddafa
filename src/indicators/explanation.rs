//! Where a progress comes from, in words: the formula with its figures, the origin of each, or why there is none.

use crate::indicators::aim;
use crate::indicators::progress::{Direction, Nature};
use crate::indicators::sheet::Line;
use crate::indicators::shown;
use crate::kernel::{clock, date, figure};

/// What the page folds under « D’où vient 109 % ? ».
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The question.
    pub question: String,
    /// « (571 − 438) ÷ (560 − 438) = 133 ÷ 122 = », empty when nothing is computed.
    pub formula: String,
    /// Its result, or why there is none.
    pub result: String,
    /// The inputs and their origin.
    pub inputs: Vec<String>,
}

/// Explains the progress of a line.
pub fn explain(line: &Line) -> Explanation {
    let (question, formula, result) = match line.progress.raw {
        Ok(raw) => {
            let percent = figure::show_percent(raw, 1);
            (format!("D’où vient {percent} ?"), formula(line), percent)
        }
        Err(why) => {
            ("Pourquoi pas d’avancement ?".to_owned(), String::new(), format!("Avancement non calculable : {why}."))
        }
    };
    Explanation { question, formula, result, inputs: inputs(line) }
}

fn formula(line: &Line) -> String {
    let progress = &line.progress;
    let (Some((_, value)), Some(from), Some(to)) = (progress.current, progress.from, progress.to) else {
        return String::new();
    };
    let show = figure::show;
    let operand = |value: rust_decimal::Decimal| {
        if value.is_sign_negative() && !value.is_zero() { format!("({})", show(value)) } else { show(value) }
    };
    let rounded = |value| figure::round(value, 2);
    format!(
        "({} − {}) ÷ ({} − {}) = {} ÷ {} =",
        show(rounded(value)),
        operand(rounded(from)),
        show(rounded(to)),
        operand(rounded(from)),
        show(rounded(value - from)),
        operand(rounded(to - from)),
    )
}

fn inputs(line: &Line) -> Vec<String> {
    let unit = line.measure.unit_kind;
    let mut inputs = Vec::new();
    match line.progress.current {
        Some((period, value)) => {
            let shown = shown::value(value, unit);
            let entered = line.cell(period).and_then(|kept| {
                let mark = kept.cell.provenance.as_ref().map(|mark| format!(", {mark}")).unwrap_or_default();
                let (at, who) = kept.changed.as_ref()?;
                Some(format!(" ({who}, {}{mark})", date::short(clock::day(*at))))
            });
            let of = if line.measure.nature == Nature::Cumulative {
                format!("Valeur : {shown}, somme des périodes jusqu’à {period}")
            } else {
                format!("Valeur : {shown}, {period}")
            };
            inputs.push(format!("{of}{}.", entered.unwrap_or_default()));
        }
        None => inputs.push("Valeur : aucune pour l’instant.".into()),
    }
    if line.measure.nature == Nature::Cumulative {
        inputs.push(format!(
            "Référence : 0, un cumul part de zéro ({} en {}, avant le contrat).",
            shown::answer(line.facts.reference, unit),
            line.facts.reference_period
        ));
    } else {
        inputs.push(format!(
            "Référence : {}, {}, au contrat signé.",
            shown::answer(line.facts.reference, unit),
            line.facts.reference_period
        ));
    }
    inputs.push(match line.target() {
        Some(_) => format!(
            "Cible : {} en {}, {}.",
            shown::answer(line.facts.target, unit),
            line.facts.last_period,
            aim::which(&line.targets, unit)
        ),
        None => "Cible : aucune.".into(),
    });
    if let (Some((period, _)), Some(expected)) = (line.progress.current, line.progress.expected) {
        let how = if line.facts.yearly.iter().any(|(at, _)| *at == period) {
            "cible de cette année"
        } else {
            "sur la droite de la référence à la cible"
        };
        inputs.push(format!("Attendu en {period} : {}, {how}.", shown::expected(expected, unit)));
    }
    // Only of a maintien: a target equal to its reference may also be one to climb back to.
    if line.measure.direction == Direction::Hold
        && let (Some((_, value)), Some(to)) = (line.progress.current, line.progress.to)
    {
        let kept = if line.progress.reached == Some(true) { "maintenu" } else { "non maintenu" };
        inputs.push(format!("Maintien : {kept}, écart {}.", shown::gap(value - to, unit)));
    }
    inputs.extend(provisional(line));
    inputs
}

/// What pilotage has still to say, as long as the progress is provisional.
fn provisional(line: &Line) -> Option<String> {
    let measure = &line.measure;
    let direction = match measure.direction {
        Direction::ToChoose => Some("le sens reste à choisir".to_owned()),
        direction if !measure.direction_confirmed => {
            Some(format!("le sens « {} » est proposé d’après la cible, à confirmer", direction.label()))
        }
        _ => None,
    };
    let nature = (!measure.nature_confirmed).then(|| "la nature (stock, flux ou cumul) est à confirmer".to_owned());
    let told: Vec<String> = direction.into_iter().chain(nature).collect();
    (!told.is_empty()).then(|| format!("Provisoire : {}.", told.join(" ; ")))
}
