//! The dates that the readings of réserves give to jalons: what lateness is read from (docs/regles.md §7).

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;

use super::model::Reserve;
use crate::kernel::ids::Code;

/// What the réserves of a plan say of the dates of its jalons.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dates(HashMap<Code, Said>);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Said {
    settled: Option<NaiveDate>,
    open: BTreeSet<NaiveDate>,
}

impl Dates {
    /// Out of the réserves of a plan.
    pub fn of<'a>(reserves: impl IntoIterator<Item = &'a Reserve>) -> Self {
        let mut dates: HashMap<Code, Said> = HashMap::new();
        for reserve in reserves {
            if reserve.is_open() {
                for read in reserve.readings.iter().flat_map(|it| &it.dates) {
                    dates.entry(read.jalon.clone()).or_default().open.insert(read.due_on);
                }
            } else {
                for read in reserve.reading().into_iter().flat_map(|it| &it.dates) {
                    dates.entry(read.jalon.clone()).or_default().settled = Some(read.due_on);
                }
            }
        }
        Self(dates)
    }

    /// A réserve gives this jalon dates.
    pub fn speaks_of(&self, jalon: &Code) -> bool {
        self.0.contains_key(jalon)
    }

    /// The date of the reading chosen, once a réserve about it is settled.
    pub fn settled(&self, jalon: &Code) -> Option<NaiveDate> {
        self.0.get(jalon)?.settled
    }

    /// The dates of the readings that nobody settled, in order.
    pub fn open(&self, jalon: &Code) -> impl Iterator<Item = NaiveDate> + '_ {
        self.0.get(jalon).into_iter().flat_map(|it| it.open.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reserves::model::tests::{day, settled, signed};

    #[test]
    fn dates_come_from_the_readings_until_one_is_chosen() {
        let jalon = Code::new("J19").unwrap();
        let dates = Dates::of(&signed());
        assert_eq!(dates.settled(&jalon), None);
        assert_eq!(dates.open(&jalon).collect::<Vec<_>>(), [day("2024-12-31"), day("2026-12-31")]);
        let dates = Dates::of([&settled("R02", "a")]);
        assert_eq!((dates.settled(&jalon), dates.open(&jalon).count()), (Some(day("2024-12-31")), 0));
        assert_eq!(Dates::of([]).open(&jalon).count(), 0);
    }
}
