//! What becomes of a posted cell, given what is kept now.

use std::collections::BTreeMap;

use super::answer::read;
use super::{Choice, Key, Posted};
use crate::indicators::model::{Cell, Measure};

/// Which field a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// The value, or the choice of NR or NA.
    Value,
    /// Numerator.
    Numerator,
    /// Denominator.
    Denominator,
    /// Comment.
    Comment,
}

/// Why a cell is not saved, beside its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The field.
    pub at: At,
    /// A French sentence.
    pub sentence: String,
}

/// What became of a form.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many cells were written.
    pub saved: usize,
    /// Those that were not, and why.
    pub kept_back: BTreeMap<Key, (Posted, Back)>,
}

/// Why a cell comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Back {
    /// Refused, at a field.
    Refused(Refusal),
    /// Somebody else changed it meanwhile.
    Conflict,
}

impl Outcome {
    /// How many cells were refused.
    pub fn refused(&self) -> usize {
        self.kept_back.values().filter(|(_, back)| matches!(back, Back::Refused(_))).count()
    }

    /// How many are in conflict.
    pub fn conflicts(&self) -> usize {
        self.kept_back.len() - self.refused()
    }
}

/// What becomes of a posted cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Nothing to do.
    Unchanged,
    /// To be written over this version.
    Save(Box<Cell>),
    /// Said beside the field; what was typed is kept.
    Refused(Refusal),
    /// Somebody else changed it meanwhile: mine, theirs and the original are shown.
    Conflict,
}

/// Decides, given what is kept now.
pub fn decide(posted: &Posted, measure: &Measure, kept: &Cell, version: i32) -> Decision {
    if posted.choice == Some(Choice::Theirs) || (!posted.changed() && !posted.in_conflict) {
        return Decision::Unchanged;
    }
    let cell = match read(posted, measure, kept) {
        Ok(cell) => cell,
        Err(refusal) => return Decision::Refused(refusal),
    };
    // Both wrote the same thing, or the text says the same figure.
    if cell == *kept {
        return Decision::Unchanged;
    }
    if posted.version != version || (posted.in_conflict && posted.choice.is_none()) {
        return Decision::Conflict;
    }
    Decision::Save(Box::new(cell))
}

#[cfg(test)]
mod tests {
    use super::super::Fields;
    use super::super::sample::{empty, measure, posting, saved, with};
    use super::*;
    use crate::indicators::model::Status;
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    #[test]
    fn an_untouched_cell_is_no_edit_even_when_it_changed_meanwhile() {
        let posted = posting(&with(Status::Value, Some(9)), 1, false, |_| {});
        let decision = decide(&posted, &measure(false), &with(Status::Value, Some(11)), 2);
        assert_eq!(decision, Decision::Unchanged);
    }

    #[test]
    fn the_same_figure_written_otherwise_is_no_edit() {
        let kept = with(Status::Value, Some(1250));
        let posted = posting(&kept, 1, false, |fields| fields.value = "1 250,0".into());
        assert_eq!(decide(&posted, &measure(false), &kept, 1), Decision::Unchanged);
    }

    #[test]
    fn two_people_on_one_cell_conflict_until_a_side_is_chosen() {
        let original = with(Status::Value, Some(9));
        let theirs = with(Status::Value, Some(11));
        let mut posted = posting(&original, 1, false, |fields| fields.value = "10".into());
        assert_eq!(decide(&posted, &measure(false), &theirs, 2), Decision::Conflict);
        // The page came back with their version, and asks.
        posted.version = 2;
        posted.in_conflict = true;
        assert_eq!(decide(&posted, &measure(false), &theirs, 2), Decision::Conflict);
        posted.choice = Some(Choice::Mine);
        assert_eq!(saved(decide(&posted, &measure(false), &theirs, 2)).value, Some(Decimal::from(10)));
        posted.choice = Some(Choice::Theirs);
        assert_eq!(decide(&posted, &measure(false), &theirs, 2), Decision::Unchanged);
    }

    #[test]
    fn two_people_who_wrote_the_same_do_not_conflict() {
        let posted = posting(&empty(), 0, false, |fields| fields.value = "10".into());
        assert_eq!(decide(&posted, &measure(false), &with(Status::Value, Some(10)), 1), Decision::Unchanged);
    }

    proptest! {
        #[test]
        fn nothing_typed_makes_it_panic(
            value in ".*", numerator in ".*", denominator in ".*", comment in ".*", status in "value|NR|NA|.*",
            quotient in any::<bool>(), version in any::<i32>(),
        ) {
            let posted = Posted {
                fields: Fields { status, value, numerator, denominator, comment },
                version,
                ..Posted::default()
            };
            let _ = decide(&posted, &measure(quotient), &empty(), 0);
        }

        #[test]
        fn what_a_form_shows_is_no_edit(value in any::<i32>(), scale in 0_u32..=6) {
            let kept = Cell { value: Some(Decimal::new(value.into(), scale).normalize()), ..with(Status::Value, Some(0)) };
            let mut posted = posting(&kept, 1, false, |_| {});
            posted.in_conflict = true;
            prop_assert_eq!(decide(&posted, &measure(false), &kept, 1), Decision::Unchanged);
        }
    }
}
