//! The cell whose form is open, and how the cells changed.

use crate::access::Verdict;
use crate::indicators::entry::{Back, Key, Posted};
use crate::indicators::sheet::Line;
use crate::indicators::store::KeptCell;
use crate::indicators::telling::{self, Told};
use crate::indicators::views::cell::CellForm;
use crate::journal::model::Entry;

/// How many cells the history card tells when none is open.
const HISTORIES_MAX: usize = 6;

/// The cell whose form is open.
pub struct Open {
    pub(super) form: CellForm,
    pub(super) verdict: String,
    pub(super) editable: bool,
    pub(super) numerator_hint: String,
    pub(super) history: Vec<Told>,
    pub(super) printed: Option<String>,
}

/// Changes of one cell.
pub struct CellHistory {
    pub(super) name: String,
    pub(super) address: String,
    pub(super) told: Vec<Told>,
}

pub(super) fn open_cell(
    line: &Line,
    kept: &KeptCell,
    back: Option<(Posted, Back)>,
    verdict: &Verdict,
    history: &[Entry],
) -> Open {
    Open {
        form: match back {
            Some((posted, back)) => CellForm::back(line, kept, posted, back),
            None => CellForm::kept(line, kept),
        },
        verdict: verdict.sentence(),
        editable: verdict.allowed(),
        numerator_hint: line.measure.calculation.clone().unwrap_or_default(),
        history: told_of(line, kept, history),
        printed: kept.cell.printed.as_ref().and_then(|printed| printed.printed.clone()),
    }
}

/// The cells that changed last, each with its changes.
pub(super) fn histories(lines: &[Line], history: &[Entry], code: &str) -> Vec<CellHistory> {
    let mut seen: Vec<&str> = Vec::new();
    for entry in history {
        if !seen.contains(&entry.code.as_str()) {
            seen.push(&entry.code);
        }
    }
    seen.into_iter()
        .filter_map(|cell| {
            let key = Key::parse(cell)?;
            let line = lines.iter().find(|line| line.measure.code == key.measure)?;
            let kept = line.cell(key.period)?;
            Some(CellHistory {
                name: format!("{}, {}", key.measure, key.period),
                address: format!("/plans/{code}/measures/{}/cells/{}/journal", key.measure, key.period),
                told: told_of(line, kept, history),
            })
        })
        .take(HISTORIES_MAX)
        .collect()
}

fn told_of(line: &Line, kept: &KeptCell, history: &[Entry]) -> Vec<Told> {
    let code = format!("{}/{}", line.measure.code, kept.cell.period);
    history
        .iter()
        .filter(|entry| entry.code == code)
        .map(|entry| telling::told(entry, line.measure.unit_kind))
        .collect()
}
