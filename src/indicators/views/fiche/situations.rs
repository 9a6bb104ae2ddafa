//! The table of situations: what was answered in each period, beside what was printed, and the comments under it.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::access::Verdict;
use crate::indicators::aim;
use crate::indicators::sheet::Line;
use crate::indicators::shown;
use crate::indicators::store::KeptCell;
use crate::kernel::{clock, date, figure};

/// A cell of the table of situations.
pub struct Situation {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) answer: String,
    /// Said instead of an answer: « attendue pour le 31 déc. 2026 ».
    pub(super) due: String,
    pub(super) printed: Option<String>,
    pub(super) editable: bool,
}

/// A line of the table of situations.
pub struct SituationRow {
    pub(super) heading: String,
    pub(super) unit: String,
    pub(super) reference: String,
    pub(super) situations: Vec<Situation>,
    pub(super) target: String,
    /// « avenant 1, 2027 ; origine : 25 »; empty for the contract's own.
    pub(super) aim: String,
    pub(super) progress: Option<Bar>,
}

/// Progress on a bar.
pub struct Bar {
    pub(super) width: String,
    pub(super) label: String,
    pub(super) mark: Option<String>,
    pub(super) mark_label: String,
}

/// A comment under the table.
pub struct Remark {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) by: String,
}

pub(super) fn situations(line: &Line, today: NaiveDate, may: &impl Fn(&Line, &KeptCell) -> Verdict) -> SituationRow {
    let unit = line.measure.unit_kind;
    SituationRow {
        heading: format!("{} {}", line.measure.code, line.measure.label),
        unit: line.measure.unit.to_lowercase(),
        reference: shown::answer(line.facts.reference, unit),
        situations: line
            .cells
            .iter()
            .map(|kept| {
                let period = kept.cell.period;
                let answer = kept.cell.answer();
                let due_on = line.due_on(period);
                let late = due_on < today;
                Situation {
                    key: format!("{}/{period}", line.measure.code),
                    name: format!("{} {period}", line.measure.code),
                    answer: answer.map(|answer| shown::answer(Some(answer), unit)).unwrap_or_default(),
                    due: format!(
                        "{} {}",
                        if late { "attendue depuis le" } else { "attendue pour le" },
                        date::short(due_on)
                    ),
                    printed: printed(line, kept),
                    editable: may(line, kept).allowed(),
                }
            })
            .collect(),
        target: shown::answer(line.facts.target, unit),
        aim: aim::beside(&line.targets, unit).unwrap_or_default(),
        progress: Bar::of(line),
    }
}

/// What the signed document printed, when the cell says something else now.
fn printed(line: &Line, kept: &KeptCell) -> Option<String> {
    let printed = kept.cell.printed.as_ref()?;
    let text = printed.printed.clone()?;
    let same = printed.answer() == kept.cell.answer();
    (!same || !same_text(&text, &shown::answer(printed.answer(), line.measure.unit_kind))).then_some(text)
}

/// « 40 % » and « 40% » say the same: only a difference that a reader would notice is told.
pub(super) fn same_text(one: &str, other: &str) -> bool {
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    bare(one) == bare(other)
}

pub(super) fn remark(line: &Line, kept: &KeptCell) -> Option<Remark> {
    let text = kept.cell.comment.clone()?;
    let by =
        kept.changed.as_ref().map(|(at, who)| format!("{who}, {}", date::short(clock::day(*at)))).unwrap_or_default();
    Some(Remark { name: format!("{}, {}", line.measure.code, kept.cell.period), text, by })
}

/// A width or a place on a bar, with a point for decimals.
fn percent(points: Decimal) -> String {
    figure::round(points, 1).to_string()
}

impl Bar {
    /// The bar of a line; `None` when progress is not computed.
    fn of(line: &Line) -> Option<Self> {
        let progress = &line.progress;
        Some(Self {
            width: percent(progress.clamped()?),
            label: figure::show_percent(progress.raw.ok()?, 1),
            mark: progress.expected_mark().map(percent),
            mark_label: progress
                .expected
                .map(|expected| shown::expected(expected, line.measure.unit_kind))
                .unwrap_or_default(),
        })
    }
}
