//! A card for each measure: where it stands, its chart and the reasoning behind its progress.

use crate::indicators::aim;
use crate::indicators::chart::Chart;
use crate::indicators::explanation::{Explanation, explain};
use crate::indicators::progress::State;
use crate::indicators::sheet::Line;
use crate::kernel::figure;

/// A measure with its chart.
pub struct MeasureCard {
    pub(super) code: String,
    pub(super) heading: String,
    pub(super) state: State,
    pub(super) progress: String,
    pub(super) provisional: bool,
    pub(super) chart: Option<Chart>,
    pub(super) explanation: Explanation,
}

pub(super) fn card(line: &Line, several: bool) -> MeasureCard {
    let label = &line.measure.label;
    let code = line.measure.code.to_string();
    MeasureCard {
        heading: if several { format!("{code} {label}") } else { label.clone() },
        state: line.progress.state,
        progress: line
            .progress
            .word(line.measure.direction)
            .into_iter()
            .chain(line.progress.raw.ok().map(|raw| figure::show_percent(raw, 1)))
            .collect::<Vec<_>>()
            .join(", "),
        provisional: line.progress.provisional,
        chart: Chart::of(
            &line.facts,
            line.measure.unit_kind,
            aim::original(&line.targets).and_then(|it| it.figure.answer()),
        ),
        explanation: explain(line),
        code,
    }
}
