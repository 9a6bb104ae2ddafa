//! The jalons of the signed contract, for the tests, and the days on which they are looked at.

use chrono::NaiveDate;

use super::{Calendar, Jalon};
use crate::kernel::canonical;
use crate::plans::model::Plan;
use crate::reserves::Dates;
use crate::reserves::model::tests as reserves;

pub const TODAY: &str = "2025-09-12";

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn document() -> serde_json::Value {
    serde_json::from_str(include_str!("../../../demo/contrat-signe.json")).unwrap()
}

pub fn plan() -> Plan {
    canonical::from_text(&document()["plan"].to_string()).unwrap()
}

pub fn all() -> Vec<Jalon> {
    canonical::from_text(&document()["jalons"].to_string()).unwrap()
}

pub fn calendar(today: &str) -> Calendar {
    Calendar::new(day(today), Dates::default())
}

/// On a day, with the réserves of the signed contract.
pub fn read(today: &str) -> Calendar {
    Calendar::new(day(today), Dates::of(&reserves::signed()))
}

/// The same once pilotage chose a reading.
pub fn settled(today: &str, reserve: &str, reading: &str) -> Calendar {
    let mut all = reserves::signed();
    let it = all.iter_mut().find(|it| it.code.as_str() == reserve).unwrap();
    *it = it.settle(reading, "Vérifié", day(today), "SAPCG").unwrap();
    Calendar::new(day(today), Dates::of(&all))
}

pub fn jalon(code: &str) -> Jalon {
    all().into_iter().find(|it| it.code.as_str() == code).unwrap()
}
