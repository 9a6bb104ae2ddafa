//! What a person posts about a jalon, as typed, and what it asks: the four acts of docs/regles.md §5.

use chrono::NaiveDate;

use super::model::{At, Calendar, Jalon, Refused, State};
use crate::kernel::typed::plain;
use crate::plans::model::Plan;

/// One of the four acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Reached.
    Closure,
    /// Given up.
    Abandonment,
    /// Put off.
    Postponement,
    /// Begun, or not yet.
    Progress,
}

impl Act {
    /// In the order of the page.
    pub const ALL: [Self; 4] = [Self::Progress, Self::Closure, Self::Postponement, Self::Abandonment];

    /// Last part of its address.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Closure => "closure",
            Self::Abandonment => "abandonment",
            Self::Postponement => "postponement",
            Self::Progress => "progress",
        }
    }
}

/// The fields of all four forms, as shown or as posted back; each form uses its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// The version this person had under their eyes.
    pub version: i32,
    /// À venir or en cours.
    pub state: String,
    /// The comment.
    pub comment: String,
    /// The day it was reached.
    pub reached_on: String,
    /// What proves it.
    pub evidence: String,
    /// The new date.
    pub postponed_to: String,
    /// Why.
    pub reason: String,
}

impl Fields {
    /// What the forms show of a jalon: reasons are asked anew, what is there is not retyped.
    pub fn of(jalon: &Jalon, version: i32) -> Self {
        let begun = jalon.state() == State::InProgress;
        Self {
            version,
            state: if begun { State::InProgress } else { State::ToCome }.word().to_owned(),
            comment: jalon.comment.clone().unwrap_or_default(),
            reached_on: jalon.reached_on.map(|day| day.to_string()).unwrap_or_default(),
            evidence: jalon.evidence.clone().unwrap_or_default(),
            ..Self::default()
        }
    }
}

/// A day as a browser posts it, or as it is written in French: `2023-05-02`, `02/05/2023`. Empty is none.
fn day(text: &str) -> Result<Option<NaiveDate>, ()> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let day = text.parse().or_else(|_| NaiveDate::parse_from_str(text, "%d/%m/%Y"));
    day.map(Some).map_err(|_| ())
}

/// The jalon as this act leaves it.
///
/// # Errors
/// A sentence for each field that does not read or that the rules refuse.
pub fn apply(act: Act, fields: &Fields, jalon: &Jalon, plan: &Plan, calendar: &Calendar) -> Result<Jalon, Refused> {
    let typed = |text: &str, at, otherwise: &dyn Fn(Option<NaiveDate>) -> Result<Jalon, Refused>| {
        let day = day(text);
        let result = otherwise(day.unwrap_or(None));
        if day.is_ok() {
            return result;
        }
        // The other fields are judged all the same: every refusal is told at once.
        let mut refused = Refused(vec![(at, "Une date est attendue, par exemple 02/05/2023.".to_owned())]);
        refused.0.extend(result.err().unwrap_or_default().0.into_iter().filter(|(place, _)| *place != at));
        Err(refused)
    };
    match act {
        Act::Closure => typed(&fields.reached_on, At::ReachedOn, &|reached_on| {
            jalon.close(plan, calendar.today, reached_on, &plain(&fields.evidence))
        }),
        Act::Postponement => typed(&fields.postponed_to, At::PostponedTo, &|to| {
            jalon.postpone(plan, &calendar.dates, to, &plain(&fields.reason))
        }),
        Act::Abandonment => jalon.abandon(&plain(&fields.reason)),
        Act::Progress => jalon.progress(State::from_word(&fields.state), &plain(&fields.comment)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::canonical;
    use crate::reserves::Dates;

    fn signed() -> (Plan, Jalon) {
        let document: serde_json::Value = serde_json::from_str(include_str!("../../demo/contrat-signe.json")).unwrap();
        let all: Vec<Jalon> = canonical::from_text(&document["jalons"].to_string()).unwrap();
        (canonical::from_text(&document["plan"].to_string()).unwrap(), all[2].clone())
    }

    fn calendar() -> Calendar {
        Calendar::new("2025-09-12".parse().unwrap(), Dates::default())
    }

    #[test]
    fn dates_are_read_as_browsers_and_as_people_write_them() {
        let (plan, jalon) = signed();
        for typed in ["2023-05-02", " 02/05/2023 "] {
            let fields = Fields { reached_on: typed.into(), evidence: "Bilan\r\nsigné ".into(), ..Fields::default() };
            let closed = apply(Act::Closure, &fields, &jalon, &plan, &calendar()).unwrap();
            assert_eq!(closed.reached_on, "2023-05-02".parse().ok());
            assert_eq!(closed.evidence.as_deref(), Some("Bilan\nsigné"));
        }
    }

    #[test]
    fn what_does_not_read_is_told_with_the_rest() {
        let (plan, jalon) = signed();
        let fields = Fields { reached_on: "hier".into(), ..Fields::default() };
        let refused = apply(Act::Closure, &fields, &jalon, &plan, &calendar()).unwrap_err();
        assert_eq!(refused.0.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [At::ReachedOn, At::Evidence]);
        assert!(refused.at(At::ReachedOn).unwrap().starts_with("Une date est attendue"));
    }
}
