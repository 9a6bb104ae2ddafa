//! People of the tests, and the cell they all look at.

use chrono::NaiveDate;

use super::{Asking, Thing};
use crate::accounts::model::{Grant, Role, Scope, User};

pub const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();

pub fn user(role: Role, scope: Scope) -> User {
    let grants = vec![Grant { role, scope, starts_on: None, ends_on: None }];
    User { account_id: 1, email: "a@demo.invalid".into(), function: "Fonction".into(), grants }
}

pub fn director() -> User {
    user(Role::Director, Scope::Structure { id: 7, code: "iut".into() })
}

/// Someone with this role and no other: over the structure for its director, over everything for the others.
pub fn with(role: Role) -> User {
    if role == Role::Director { director() } else { user(role, Scope::Establishment) }
}

pub fn cell(by_pilotage: bool, asking: Option<Asking>) -> Thing<'static> {
    Thing::Cell { plan_id: 3, structure_id: 7, indicator: "13", measure: "13.a", by_pilotage, asking, closed: None }
}
