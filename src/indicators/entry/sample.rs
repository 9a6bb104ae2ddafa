//! Cells, and what a form posts for them, as the tests write them.

use rust_decimal::Decimal;

use super::{Decision, Fields, Posted};
use crate::indicators::model::{Cell, Measure, Status, UnitKind};
use crate::indicators::progress::{Direction, Nature};
use crate::kernel::ids::Code;
use crate::kernel::period::Period;

pub fn measure(is_quotient: bool) -> Measure {
    Measure {
        code: Code::new("13.a").unwrap(),
        indicator: Code::new("13").unwrap(),
        label: "Mesure".into(),
        unit: "Nombre".into(),
        unit_kind: if is_quotient { UnitKind::Rate } else { UnitKind::Count },
        is_quotient,
        scope: None,
        calculation: None,
        nature: Nature::Stock,
        nature_confirmed: true,
        direction: Direction::Up,
        direction_confirmed: true,
        tolerance: None,
        better_side: None,
        reference: None,
        amended: Vec::new(),
    }
}

pub fn empty() -> Cell {
    Cell::empty(Code::new("13.a").unwrap(), Period::academic(2023))
}

pub fn with(status: Status, value: Option<i64>) -> Cell {
    Cell { status: Some(status), value: value.map(Decimal::from), ..empty() }
}

/// What a form that showed `cell` posts after `typing`.
pub fn posting(cell: &Cell, version: i32, is_quotient: bool, typing: impl FnOnce(&mut Fields)) -> Posted {
    let shown = Fields::of(cell, is_quotient);
    let mut fields = shown.clone();
    typing(&mut fields);
    Posted { was: shown.answer(), was_comment: shown.comment, fields, version, ..Posted::default() }
}

pub fn saved(decision: Decision) -> Cell {
    match decision {
        Decision::Save(cell) => *cell,
        other => panic!("not saved: {other:?}"),
    }
}
