//! The dialogue of a plan, said in a few words.

use chrono::NaiveDate;

use super::store::Part;
use crate::access::DialogueState;
use crate::kernel::{clock, date};

/// What stands beside the state's pill: « campagne ouverte jusqu’au 30 sept. 2025, dans 18 jours ».
pub fn window(part: &Part, today: NaiveDate) -> String {
    let until = part.until();
    match part.state {
        DialogueState::Entry | DialogueState::Returned if today < part.opens_on => {
            format!("campagne ouverte à partir du {}", date::short(part.opens_on))
        }
        DialogueState::Entry | DialogueState::Returned if today <= until => {
            let what = if part.extension.is_some() { "délai accordé" } else { "campagne ouverte" };
            format!("{what} jusqu’au {}, {}", date::short(until), date::relative(until, today))
        }
        DialogueState::Entry | DialogueState::Returned => {
            format!("campagne close le {}, la saisie reste possible", date::short(until))
        }
        DialogueState::ToOpen => format!("ouverture le {}", date::short(part.opens_on)),
        _ => format!("depuis le {}", date::short(clock::day(part.since))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::model::Completeness;
    use crate::dialogue::store::Extension;

    #[test]
    fn a_dialogue_says_until_when_or_since_when() {
        let mut part = Part {
            dialogue_id: 1,
            version: 1,
            plan_id: 1,
            year: 2025,
            opens_on: "2025-09-01".parse().unwrap(),
            closes_on: "2025-09-30".parse().unwrap(),
            extension: None,
            threshold: None,
            is_final: false,
            state: DialogueState::Entry,
            since: "2025-09-10T08:00:00Z".parse().unwrap(),
            reason: None,
            session_on: None,
            completeness: Completeness::default(),
            received_jalons: Vec::new(),
            received_actions: Vec::new(),
        };
        let on = |part: &Part, day: &str| window(part, day.parse().unwrap());
        assert_eq!(on(&part, "2025-08-31"), "campagne ouverte à partir du 1er sept. 2025");
        assert_eq!(on(&part, "2025-09-12"), "campagne ouverte jusqu’au 30 sept. 2025, dans 18 jours");
        assert_eq!(on(&part, "2025-10-01"), "campagne close le 30 sept. 2025, la saisie reste possible");
        let extension = Extension { to: "2025-10-31".parse().unwrap(), reason: "grève".into(), by: "SAPCG".into() };
        part.extension = Some(extension);
        assert_eq!(on(&part, "2025-10-30"), "délai accordé jusqu’au 31 oct. 2025, demain");
        part.state = DialogueState::Submitted;
        assert_eq!(on(&part, "2025-10-01"), "depuis le 10 sept. 2025");
    }
}
